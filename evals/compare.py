"""Two runs beside each other, over the cases that both have: what changed, how surely, and which cases."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from copilot.errors import InputError
from evals.figures import Measure, between, draws, wilson
from evals.rows import Row
from evals.runs import CASES_OF, Run
from evals.suites import SUITES


@dataclass(frozen=True)
class Change:
    """One figure in both runs. `p` is McNemar's exact one of a share, None of others."""

    suite: str
    name: str
    before: float
    after: float
    n: int
    low: float
    high: float
    p: float | None = None

    @property
    def clear(self) -> bool:
        """Whether chance alone is a poor explanation: by McNemar of a share, else by an interval without nought."""
        return self.p < 0.05 if self.p is not None else self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Turned:
    """Cases of a suite that were good in one run alone. Held-out ones are counted and not named."""

    suite: str
    worse: tuple[Row, ...]
    better: tuple[Row, ...]
    worse_held: int
    better_held: int


@dataclass(frozen=True)
class Comparison:
    """Run `a` and then run `b`."""

    a: Run
    b: Run
    provenance: tuple[tuple[str, str, str], ...]
    changes: tuple[Change, ...]
    turned: tuple[Turned, ...]
    unshared: int
    """Cases that only one of them has."""


def compare(a: Run, b: Run) -> Comparison:
    """What changed from `a` to `b`."""
    suites = [s for s in SUITES if s in a.header.suites and s in b.header.suites]
    if not suites:
        raise InputError(f"{a.name} and {b.name} have no suite in common")
    changes: list[Change] = []
    turned: list[Turned] = []
    unshared = 0
    for suite in suites:
        before, after = ({r.case: r for r in run.of(suite)} for run in (a, b))
        both = [case for case in before if case in after]
        unshared += len(before) + len(after) - 2 * len(both)
        ours, theirs = [before[c] for c in both], [after[c] for c in both]
        later = {m.name: m for m in SUITES[suite].measures(theirs)}
        changes += [c for m in SUITES[suite].measures(ours) if m.name in later for c in changed(m, later[m.name])]
        turned.append(_turned(suite, ours, theirs))
    return Comparison(a, b, tuple(_otherwise(a, b, suites)), tuple(changes), tuple(turned), unshared)


def _otherwise(a: Run, b: Run, suites: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """What else differs, without the cases of suites that only one of them ran."""
    for key in dict.fromkeys((*a.header.provenance, *b.header.provenance)):
        before, after = (run.header.provenance.get(key, "") for run in (a, b))
        apart = key.startswith(CASES_OF) and key.removeprefix(CASES_OF) not in suites
        if before != after and not apart:
            yield key, before, after


def changed(a: Measure, b: Measure) -> list[Change]:
    """The difference of a figure over the cases that it counts in both runs; nothing when there are none."""
    places = {case: i for i, case in enumerate(b.cases)}
    both = [(i, places[case]) for i, case in enumerate(a.cases) if case in places]
    if not both:
        return []
    mine, theirs = ([i for i, _ in both], [j for _, j in both])
    names = tuple(a.cases[i] for i in mine)
    a, b = replace(a, cases=names, terms=a.terms[mine]), replace(b, cases=names, terms=b.terms[theirs])
    if a.kind == "ratio" and bool((a.terms[:, 1] == 1).all() and (b.terms[:, 1] == 1).all()):
        return [_share(a, b)]
    if a.kind == "ratio" and not (a.terms[:, 1].any() and b.terms[:, 1].any()):
        return []
    drawn = draws(len(names))
    low, high = between(b.resampled(drawn) - a.resampled(drawn))
    return [Change(a.suite, a.name, a.value(), b.value(), len(names), low, high)]


def _share(a: Measure, b: Measure) -> Change:
    before, after = a.terms[:, 0] > 0, b.terms[:, 0] > 0
    cells = tuple(int(np.sum((before == x) & (after == y))) for x in (True, False) for y in (True, False))
    low, high = newcombe(*cells)
    return Change(a.suite, a.name, a.value(), b.value(), len(a.cases), low, high, mcnemar(cells[1], cells[2]))


def mcnemar(lost: int, won: int) -> float:
    """The exact two-sided p of McNemar's test (Q. McNemar 1947): the discordant cases against a fair coin."""
    n = lost + won
    tail = sum(math.comb(n, k) for k in range(min(lost, won) + 1))
    return float(min(1.0, 2 * tail / 2**n))


def newcombe(both: int, lost: int, won: int, neither: int) -> tuple[float, float]:
    """95 % interval of a difference of paired shares (R. Newcombe 1998, method 10)."""
    n = both + lost + won + neither
    a, b = (both + lost) / n, (both + won) / n
    (la, ua), (lb, ub) = wilson(both + lost, n), wilson(both + won, n)
    margins = (both + lost) * (won + neither) * (both + won) * (lost + neither)
    phi = 0.0
    if margins:
        top = both * neither - lost * won
        phi = (max(top - n / 2, 0) if top > 0 else top) / math.sqrt(margins)
    down = math.sqrt(max(0.0, (b - lb) ** 2 - 2 * phi * (b - lb) * (ua - a) + (ua - a) ** 2))
    up = math.sqrt(max(0.0, (ub - b) ** 2 - 2 * phi * (ub - b) * (a - la) + (a - la) ** 2))
    return b - a - down, b - a + up


def _turned(suite: str, before: Sequence[Row], after: Sequence[Row]) -> Turned:
    pairs = list(zip(before, after, strict=True))
    worse, better = [y for x, y in pairs if x.good > y.good], [y for x, y in pairs if x.good < y.good]
    return Turned(
        suite,
        tuple(r for r in worse if r.split != "heldout"),
        tuple(r for r in better if r.split != "heldout"),
        sum(r.split == "heldout" for r in worse),
        sum(r.split == "heldout" for r in better),
    )


def as_markdown(found: Comparison, *, everything: bool = False) -> str:
    """The comparison as a page; figures that did not change at all are left out unless everything is wanted."""
    parts = [f"# {found.a.name} → {found.b.name}", ""]
    parts += [f"- {key}: `{before or '-'}` → `{after or '-'}`" for key, before, after in found.provenance]
    if found.unshared:
        parts.append(f"- {found.unshared} cases stand in one of the runs alone and are left out")
    moved = [c for c in found.changes if everything or c.before != c.after]
    parts += [
        "",
        f"{len(moved)} of {len(found.changes)} figures changed; * where chance alone is a poor explanation.",
        "",
    ]
    parts += ["| suite | figure | before | after | difference | 95 % | p | n |", "|---|---|---|---|---|---|---|---|"]
    for c in moved:
        p = "" if c.p is None else "< 0.001" if c.p < 0.001 else f"{c.p:.3f}"
        parts.append(
            f"| {c.suite} | {c.name.replace('_', ' ')} | {c.before:.3f} | {c.after:.3f} | {c.after - c.before:+.3f}{' *' if c.clear else ''}"
            f" | {c.low:+.3f} … {c.high:+.3f} | {p} | {c.n} |"
        )
    for turned in found.turned:
        parts += _cases(turned)
    return "\n".join([*parts, ""])


def _cases(turned: Turned) -> list[str]:
    parts = []
    for word, rows, held in (("worse", turned.worse, turned.worse_held), ("better", turned.better, turned.better_held)):
        if rows or held:
            parts += ["", f"## {turned.suite}: {len(rows) + held} cases got {word}, {held} of them held out", ""]
            parts += [f"- {row.case} {_asked(row)}" for row in rows]
    return parts


def _asked(row: Row) -> str:
    return str(next((row.shown[k] for k in ("message", "question", "text") if k in row.shown), ""))
