"""A plot as SVG text: lines on logarithmic axes, beside one another. Enough for the pages in docs, without a plotting library."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#555555")
"""Told apart by every eye (M. Okabe, K. Ito 2008)."""
_WIDE, _HIGH = 520, 380
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 36, 40, 44
_LEGEND = 17
_NEARLY = 0.02
"""How far, in powers of ten, a point may stand outside the axes: 999 needs none that begins at 100."""


@dataclass(frozen=True)
class Line:
    """A named line of (x, y), both above zero; lines of one colour belong together."""

    name: str
    points: Sequence[tuple[float, float]]
    colour: str
    dashed: bool = False


@dataclass(frozen=True)
class Panel:
    """Lines over common axes."""

    title: str
    lines: Sequence[Line]


@dataclass(frozen=True)
class _Scale:
    """A logarithmic axis from power of ten to power of ten, drawn from `start` to `end`."""

    low: int
    high: int
    start: float
    end: float

    def at(self, value: float) -> float:
        return self.start + (math.log10(value) - self.low) / (self.high - self.low) * (self.end - self.start)

    @property
    def ticks(self) -> list[int]:
        return list(range(self.low, self.high + 1))


def plot(panels: Sequence[Panel], across: str) -> str:
    """The panels side by side; `across` names what all of them have from left to right."""
    rows = max(len(panel.lines) for panel in panels)
    high = _HIGH + rows * _LEGEND
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE * len(panels)} {high}" '
        'font-family="sans-serif" font-size="12" fill="#222">',
        f'<rect width="{_WIDE * len(panels)}" height="{high}" fill="#fff"/>',
    ]
    for number, panel in enumerate(panels):
        parts += [f'<g transform="translate({number * _WIDE} 0)">', *_panel(panel, across), "</g>"]
    return "\n".join([*parts, "</svg>", ""])


def _panel(panel: Panel, across: str) -> Iterator[str]:
    xs = [x for line in panel.lines for x, _ in line.points]
    ys = [y for line in panel.lines for _, y in line.points]
    wide, high = _scale(xs, _LEFT, _WIDE - _RIGHT), _scale(ys, _HIGH - _BOTTOM, _TOP)
    yield f'<text x="{_LEFT}" y="24" font-size="14" font-weight="bold">{escape(panel.title)}</text>'
    for tick in wide.ticks:
        x = wide.at(10**tick)
        yield f'<line x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{_HIGH - _BOTTOM}" stroke="#ddd"/>'
        yield f'<text x="{x:.1f}" y="{_HIGH - _BOTTOM + 17}" text-anchor="middle">{10**tick:,}</text>'
    for tick in high.ticks:
        y = high.at(10**tick)
        yield f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{_WIDE - _RIGHT}" y2="{y:.1f}" stroke="#ddd"/>'
        yield f'<text x="{_LEFT - 7}" y="{y + 4:.1f}" text-anchor="end">{10**tick:,g}</text>'
    yield f'<text x="{(_LEFT + _WIDE - _RIGHT) / 2}" y="{_HIGH - 8}" text-anchor="middle">{escape(across)}</text>'
    for number, line in enumerate(panel.lines):
        yield from _line(line, wide, high, _HIGH + 8 + number * _LEGEND)


def _line(line: Line, wide: _Scale, high: _Scale, legend: float) -> Iterator[str]:
    """The line, its points, and its name below the panel."""
    dash = ' stroke-dasharray="5 4"' if line.dashed else ""
    places = [(wide.at(x), high.at(y)) for x, y in line.points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    yield f'<polyline points="{path}" fill="none" stroke="{line.colour}" stroke-width="2"{dash}/>'
    for x, y in places:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{line.colour}"/>'
    yield f'<line x1="{_LEFT}" y1="{legend - 4}" x2="{_LEFT + 28}" y2="{legend - 4}" stroke="{line.colour}" stroke-width="2"{dash}/>'
    yield f'<text x="{_LEFT + 36}" y="{legend}">{escape(line.name)}</text>'


def _scale(values: Sequence[float], start: float, end: float) -> _Scale:
    low, high = math.floor(math.log10(min(values)) + _NEARLY), math.ceil(math.log10(max(values)) - _NEARLY)
    return _Scale(low, max(high, low + 1), start, end)
