"""What a suite gives back: figures with their n and interval, and the cases worth reading."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Figure:
    """A measured share or number. `low`/`high` is the 95 % Wilson interval of a share, None for other numbers."""

    suite: str
    name: str
    value: float
    n: int
    low: float | None = None
    high: float | None = None
    unit: str = ""


@dataclass(frozen=True)
class Outcome:
    """What a suite gave: figures, failures worth reading, and rows for the report's table of cases."""

    figures: tuple[Figure, ...]
    failures: tuple[Mapping[str, Any], ...] = ()
    cases: tuple[Mapping[str, Any], ...] = field(default=())


def share(suite: str, name: str, hits: int, n: int) -> Figure:
    """A share with its Wilson interval."""
    low, high = wilson(hits, n)
    return Figure(suite, name, hits / n if n else float("nan"), n, low, high)


def wilson(hits: int, n: int, z: float = 1.959964) -> tuple[float, float]:
    """Wilson's 95 % score interval of a share (E. B. Wilson 1927)."""
    if n == 0:
        return 0.0, 1.0
    p = hits / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def percentile(values: Iterable[float], q: float) -> float:
    """The q-th percentile, nearest rank."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * q / 100) - 1)] if ordered else float("nan")
