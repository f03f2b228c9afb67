"""A case to ask and the row that its answer becomes. Figures are made from rows alone, so a stopped run goes on and two runs compare."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from typing import Any, Literal

from copilot.wiring import App
from evals.figures import Measure

Split = Literal["development", "heldout", "own"]
"""Cases that people look at while building; cases that are only scored; a bank's own."""


@dataclass(frozen=True)
class Case:
    """One thing to ask of a suite. `body` is what the suite's asker reads; `group` tells kinds of cases in one suite apart."""

    suite: str
    id: str
    split: Split
    body: Any
    group: str = ""

    def row(self, outcome: Mapping[str, Any], good: bool, ms: float, shown: Mapping[str, Any] | None = None) -> Row:
        """The row of an answer; what a person would read is kept of cases that may be read."""
        told = {} if self.split == "heldout" else dict(shown or {})
        return Row(self.suite, self.id, self.split, self.group, outcome, good, round(ms, 3), told)


@dataclass(frozen=True)
class Row:
    """What the product made of one case. `good`: nothing to complain of. `shown` is empty for held-out cases."""

    suite: str
    case: str
    split: Split
    group: str
    outcome: Mapping[str, Any]
    good: bool
    ms: float
    shown: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The row as its line in a results file."""
        return {"line": "case", **asdict(self)}


Ask = Callable[[Case], Row]


@dataclass(frozen=True)
class Suite:
    """A suite: its cases, who asks them, and what is measured on the rows."""

    name: str
    cases: Callable[[], Sequence[Case]]
    asker: Callable[[App], Ask]
    of: Callable[[Sequence[Row]], list[Measure]]
    apart: bool = False
    """Whether several processes may ask its cases at once: nothing is recorded, no drafting model is asked, no time is the point."""

    def measures(self, rows: Sequence[Row]) -> list[Measure]:
        """Measures over the shipped cases, then the same over a bank's own under `own_…`."""
        shipped = self.of([r for r in rows if r.split != "own"])
        own = self.of([r for r in rows if r.split == "own"])
        return shipped + [replace(m, name=f"own_{m.name}") for m in own]


def numbered(cases: Sequence[Case]) -> list[Case]:
    """The same cases, ids told apart where two would be alike."""
    seen: dict[str, int] = {}
    found = []
    for case in cases:
        times = seen[case.id] = seen.get(case.id, 0) + 1
        found.append(case if times == 1 else replace(case, id=f"{case.id}.{times}"))
    return found


def hashed(prefix: str, *texts: object) -> str:
    """An id from what a case asks: it survives reordering and says nothing of a held-out text."""
    return f"{prefix}:{sha256('␟'.join(map(str, texts)).encode()).hexdigest()[:12]}"
