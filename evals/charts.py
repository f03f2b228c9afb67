"""Small SVG charts for a run's page: bars with intervals, a grid of labels, how sure against how right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from evals.figures import BINS, Figure, wilson
from evals.plot import COLOURS

_NAME, _BAR, _ROW, _VALUE = 320, 440, 22, 240
_CELL, _LABEL = 30, 195
_SIDE, _EDGE = 320, 44


def _svg(wide: float, high: float, parts: Sequence[str], title: str) -> str:
    size = f'viewBox="0 0 {wide:.0f} {high:.0f}" width="{wide:.0f}" height="{high:.0f}"'
    return f'<svg {size} role="img" aria-label="{escape(title)}">{"".join(parts)}</svg>'


def whole(svg: str) -> str:
    """A chart as a file of its own."""
    return svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" font-size="12" ', 1)


def bars(figures: Sequence[Figure], title: str, most: float = 1.0) -> str:
    """A bar a figure from nought to `most`, its interval as a line across the end."""
    parts: list[str] = []
    for number, figure in enumerate(figures):
        parts += _bar(figure, number * _ROW, most)
    return _svg(_NAME + _BAR + _VALUE, len(figures) * _ROW + 4, parts, title)


def _bar(figure: Figure, top: float, most: float) -> Iterator[str]:
    def at(value: float) -> float:
        return _NAME + min(max(value / most, 0.0), 1.0) * _BAR

    middle = top + _ROW / 2
    yield f'<text x="{_NAME - 8}" y="{middle + 4:.1f}" text-anchor="end">{escape(figure.name.replace("_", " "))}</text>'
    yield f'<rect x="{_NAME}" y="{top + 4:.1f}" width="{_BAR}" height="{_ROW - 8}" fill="#eee"/>'
    wide = at(figure.value) - _NAME
    yield f'<rect x="{_NAME}" y="{top + 4:.1f}" width="{wide:.1f}" height="{_ROW - 8}" fill="{COLOURS[0]}"/>'
    said = f"{figure.value:.3f}{f' {figure.unit}' if figure.unit else ''}"
    if figure.low is not None and figure.high is not None:
        low, high = at(figure.low), at(figure.high)
        yield f'<path d="M{low:.1f} {middle:.1f}H{high:.1f}M{low:.1f} {middle - 4:.1f}v8M{high:.1f} {middle - 4:.1f}v8" stroke="#222"/>'
        said += f"  [{figure.low:.3f}, {figure.high:.3f}]"
    yield f'<text x="{_NAME + _BAR + 10}" y="{middle + 4:.1f}">{said}  n {figure.n:,}</text>'


def confusion(counts: Mapping[tuple[str, str], int], title: str) -> str:
    """Wanted labels from top to bottom, said ones from left to right; darker is a larger share of the wanted."""
    labels = sorted({label for pair in counts for label in pair})
    side = len(labels) * _CELL
    parts: list[str] = []
    for row, wanted in enumerate(labels):
        y = _LABEL + row * _CELL
        total = sum(n for (want, _), n in counts.items() if want == wanted)
        parts.append(f'<text x="{_LABEL - 6}" y="{y + 19}" text-anchor="end">{escape(wanted)} ({total})</text>')
        x = _LABEL + row * _CELL + 19
        parts.append(f'<text transform="translate({x} {_LABEL - 6}) rotate(-90)">{escape(wanted)}</text>')
        for column, said in enumerate(labels):
            n = counts.get((wanted, said), 0)
            share = n / total if total else 0.0
            colour = COLOURS[0] if wanted == said else COLOURS[1]
            place = f'x="{_LABEL + column * _CELL}" y="{y}" width="{_CELL}" height="{_CELL}"'
            parts.append(f'<rect {place} fill="{colour}" fill-opacity="{share:.2f}" stroke="#ddd"/>')
            if n:
                ink = "#fff" if share > 0.55 else "#222"
                centre = _LABEL + column * _CELL + _CELL / 2
                parts.append(f'<text x="{centre}" y="{y + 19}" text-anchor="middle" fill="{ink}">{n}</text>')
    return _svg(_LABEL + side + 4, _LABEL + side + 4, parts, title)


_POINT, _TREND_TOP, _TREND_HIGH, _TREND_EDGE, _TREND_LEAST = 64, 36, 240, 52, 460


def trend(names: Sequence[str], lines: Mapping[str, Sequence[float | None]], title: str) -> str:
    """Figures over runs from left to right, the title above: between nought and one, or up to a round number over the largest.

    A run without a figure has no point.
    """
    apart = max(_POINT, (_TREND_LEAST - _TREND_EDGE * 2) // max(len(names) - 1, 1))
    wide = _TREND_EDGE * 2 + apart * max(len(names) - 1, 1)
    most = _round_over(max((v for values in lines.values() for v in values if v is not None), default=1.0))

    def place(number: int, value: float) -> tuple[float, float]:
        return _TREND_EDGE + number * apart, _TREND_TOP + (1 - min(max(value / most, 0.0), 1.0)) * _TREND_HIGH

    parts = [f'<text x="6" y="16" font-weight="bold">{escape(title)}</text>']
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = place(0, share * most)[1]
        parts.append(f'<path d="M{_TREND_EDGE} {y:.0f}H{wide - _TREND_EDGE}" stroke="#ddd"/>')
        parts.append(f'<text x="{_TREND_EDGE - 6}" y="{y + 4:.0f}" text-anchor="end">{share * most:g}</text>')
    bottom = _TREND_TOP + _TREND_HIGH
    for number, name in enumerate(names):
        x = place(number, 0)[0]
        parts.append(
            f'<text x="{x}" y="{bottom + 18}" text-anchor="middle">{escape(f"{name[4:6]}-{name[6:8]}")}</text>'
        )
    for row, (name, values) in enumerate(lines.items()):
        colour = COLOURS[row % len(COLOURS)]
        points = [place(i, v) for i, v in enumerate(values) if v is not None]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in points]
        y = bottom + 40 + row * 18
        parts.append(f'<rect x="{_TREND_EDGE}" y="{y - 9}" width="12" height="10" fill="{colour}"/>')
        parts.append(f'<text x="{_TREND_EDGE + 18}" y="{y}">{escape(name.replace("_", " "))}</text>')
    high = bottom + 40 + len(lines) * 18
    return _svg(max(wide, _TREND_LEAST), high, parts, title)


def _round_over(most: float) -> float:
    """The end of a scale: one for shares, else the next of 2, 5, 10, 20, 50 and so on."""
    step = 1.0
    while True:
        for end in (step, 2 * step, 5 * step):
            if most <= end:
                return end
        step *= 10


def calibration(pairs: Sequence[tuple[float, bool]], title: str) -> str:
    """How often right, by how sure it was: points with intervals in ten bins; on the line it is as good as it says."""

    def x(value: float) -> float:
        return _EDGE + value * _SIDE

    def y(value: float) -> float:
        return 10 + (1 - value) * _SIDE

    parts = [f'<rect x="{_EDGE}" y="10" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#bbb"/>']
    parts.append(f'<path d="M{x(0)} {y(0)}L{x(1)} {y(1)}" stroke="#bbb" stroke-dasharray="4 4"/>')
    for tick in (0, 0.25, 0.5, 0.75, 1):
        parts.append(f'<text x="{x(tick):.0f}" y="{y(0) + 16:.0f}" text-anchor="middle">{tick:g}</text>')
        parts.append(f'<text x="{_EDGE - 6}" y="{y(tick) + 4:.0f}" text-anchor="end">{tick:g}</text>')
    for bin_ in range(BINS):
        inside = [(sure, hit) for sure, hit in pairs if min(int(sure * BINS), BINS - 1) == bin_]
        if inside:
            sure, hits = sum(s for s, _ in inside) / len(inside), sum(h for _, h in inside)
            low, high = wilson(hits, len(inside))
            parts.append(f'<path d="M{x(sure):.1f} {y(low):.1f}V{y(high):.1f}" stroke="{COLOURS[0]}"/>')
            parts.append(
                f'<circle cx="{x(sure):.1f}" cy="{y(hits / len(inside)):.1f}" r="4" fill="{COLOURS[0]}"><title>n {len(inside)}</title></circle>'
            )
    parts.append(
        f'<text x="{x(0.5)}" y="{y(0) + 34:.0f}" text-anchor="middle">how sure it was (bars: 95 % of how often right)</text>'
    )
    return _svg(_EDGE + _SIDE + 12, _SIDE + 52, parts, title)
