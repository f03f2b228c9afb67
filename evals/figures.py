"""Figures with their n and interval, and the measures behind them: what each case adds, so that runs can be compared case by case."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

RESAMPLES, SEED = 2000, 17
Floats = NDArray[np.float64]
Fold = Callable[[Floats], Floats]
"""From sums over cases, along the last axis, to a figure."""


@dataclass(frozen=True)
class Figure:
    """A measured number. `low`/`high` is a 95 % interval: Wilson's of a share, bootstrapped over cases of anything else."""

    suite: str
    name: str
    value: float
    n: int
    low: float | None = None
    high: float | None = None
    unit: str = ""


@dataclass(frozen=True)
class Measure:
    """A figure before it is summed: a row of numbers a case.

    `ratio` is hits over tries, `fold` any function of the sums over cases, `percentile` the `q`-th of the one column.
    """

    suite: str
    name: str
    kind: Literal["ratio", "fold", "percentile"]
    cases: tuple[str, ...]
    terms: Floats
    fold: Fold
    n: int
    unit: str = ""
    q: float = 95

    def value(self) -> float:
        """The figure."""
        if self.kind == "percentile":
            return percentile(self.terms[:, 0].tolist(), self.q)
        return float(self.fold(self.terms.sum(axis=0)))

    def resampled(self, drawn: NDArray[np.int64]) -> Floats:
        """The figure over each resample; a row of `drawn` holds places of cases, some twice and some not."""
        if self.kind == "percentile":
            place = max(0, math.ceil(drawn.shape[1] * self.q / 100) - 1)
            return np.asarray(np.sort(self.terms[:, 0][drawn], axis=1)[:, place], dtype=np.float64)
        return self.fold(counted(drawn, len(self.cases)) @ self.terms)

    def figure(self) -> Figure:
        """The figure with its interval."""
        value = self.value()
        if self.kind == "ratio":
            hits, tries = self.terms.sum(axis=0).tolist()
            return Figure(self.suite, self.name, value, self.n, *wilson(hits, tries))
        low, high = between(self.resampled(draws(len(self.cases))))
        return Figure(self.suite, self.name, value, self.n, low, high, self.unit)


def draws(n: int) -> NDArray[np.int64]:
    """Resamples of `n` cases with replacement (B. Efron 1979), the same each time."""
    return np.random.default_rng(SEED).integers(0, n, (RESAMPLES, n))


def counted(drawn: NDArray[np.int64], n: int) -> Floats:
    """How often each of `n` cases stands in each resample."""
    flat = drawn + np.arange(len(drawn))[:, None] * n
    return np.bincount(flat.ravel(), minlength=len(drawn) * n).reshape(len(drawn), n).astype(np.float64)


def between(values: Floats) -> tuple[float, float]:
    """The middle 95 % of resampled figures."""
    low, high = np.percentile(values, (2.5, 97.5))
    return float(low), float(high)


def _quotient(sums: Floats) -> Floats:
    return sums[..., 0] / np.maximum(sums[..., 1], 1e-12)


def share(suite: str, name: str, hits: Mapping[str, bool]) -> list[Measure]:
    """The share of cases that hit; nothing when there are none."""
    return ratio(suite, name, {case: (float(hit), 1.0) for case, hit in hits.items()})


def ratio(suite: str, name: str, parts: Mapping[str, tuple[float, float]]) -> list[Measure]:
    """Hits over tries, several a case; nothing when there were no tries."""
    terms = _terms(parts, 2)
    tries = round(terms[:, 1].sum())
    return [Measure(suite, name, "ratio", tuple(parts), terms, _quotient, tries)] if tries else []


def mean(suite: str, name: str, values: Mapping[str, float]) -> list[Measure]:
    """The mean over cases; of paired differences, their mean difference."""
    return fold(suite, name, {case: (value, 1.0) for case, value in values.items()}, _quotient)


def fold(suite: str, name: str, parts: Mapping[str, Sequence[float]], of: Fold, n: int | None = None) -> list[Measure]:
    """A function of sums over cases, such as F1; `n` when it is not the number of cases."""
    if not parts or n == 0:
        return []
    width = len(next(iter(parts.values())))
    return [Measure(suite, name, "fold", tuple(parts), _terms(parts, width), of, len(parts) if n is None else n)]


def slowest(suite: str, name: str, times: Mapping[str, float], q: float = 95) -> list[Measure]:
    """The 95th percentile of milliseconds, or another one."""
    terms = _terms({case: (ms,) for case, ms in times.items()}, 1)
    return [Measure(suite, name, "percentile", tuple(times), terms, _quotient, len(times), "ms", q)] if times else []


def _terms(parts: Mapping[str, Sequence[float]], width: int) -> Floats:
    return np.asarray(list(parts.values()), dtype=np.float64).reshape(-1, width)


def f1_terms(wanted: str, got: str, labels: Sequence[str]) -> list[float]:
    """What one case adds to `macro_f1`: hits, wanted and said, by label."""
    return [
        *(float(label == wanted == got) for label in labels),
        *(float(label == wanted) for label in labels),
        *(float(label == got) for label in labels),
    ]


def macro_f1(sums: Floats) -> Floats:
    """Mean F1 over the labels that were wanted at least once."""
    hits, wanted, got = np.split(sums, 3, axis=-1)
    scores = 2 * hits / np.maximum(wanted + got, 1e-12)
    there = wanted > 0
    return np.asarray((scores * there).sum(axis=-1) / np.maximum(there.sum(axis=-1), 1))


BINS = 10


def calibration_terms(confidence: float, hit: bool) -> list[float]:
    """What one case adds to `calibration_error`: confidence and hits by bin, and itself."""
    place = min(int(confidence * BINS), BINS - 1)
    return [
        *(confidence * (i == place) for i in range(BINS)),
        *(float(hit and i == place) for i in range(BINS)),
        1.0,
    ]


def calibration_error(sums: Floats) -> Floats:
    """Expected calibration error over equal-width bins (Naeini et al. 2015)."""
    gap = np.abs(sums[..., :BINS] - sums[..., BINS : 2 * BINS]).sum(axis=-1)
    return np.asarray(gap / np.maximum(sums[..., 2 * BINS], 1))


def wilson(hits: float, n: float, z: float = 1.959964) -> tuple[float, float]:
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


def figure_json(figure: Figure) -> dict[str, Any]:
    """A figure as its line in a results file."""
    return {"line": "figure", **{k: v for k, v in figure.__dict__.items()}}
