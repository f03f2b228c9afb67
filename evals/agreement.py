"""How often the scorers of drafts agree with a person who marked the same drafts before any scorer saw them.

python -m evals.agreement
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from copilot.types import Conversation, Library
from copilot.wiring import build
from evals.cases import conversations
from evals.draft_scorers import ABOUT_THE_WORDS
from evals.drafted import Mark, draft_cases, marked, marks
from evals.drafting import scored

WHOLE = "sendable"


@dataclass(frozen=True)
class Agreement:
    """One scorer beside the person: faults that both saw, that one of them saw, and drafts that both let pass."""

    name: str
    both: int
    person: int
    scorer: int
    neither: int

    @property
    def n(self) -> int:
        """Drafts read by both."""
        return self.both + self.person + self.scorer + self.neither

    @property
    def agreed(self) -> float:
        """The share on which they say the same."""
        return (self.both + self.neither) / self.n

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa (J. Cohen 1960); None where neither ever saw a fault, for then there is nothing to agree about."""
        mine, its = (self.both + self.person) / self.n, (self.both + self.scorer) / self.n
        chance = mine * its + (1 - mine) * (1 - its)
        return None if chance == 1 else (self.agreed - chance) / (1 - chance)


def inputs() -> dict[str, Conversation]:
    """The conversations that the marked drafts answer."""
    now = datetime(2026, 11, 22, 10)
    read = {c.id: c.input for c in conversations()} | {c.id: c.input for c in draft_cases()}
    return {name: asked.conversation(now) for name, asked in read.items()}


def agreements(library: Library, read: Sequence[Mark] | None = None) -> list[Agreement]:
    """Each scorer beside the person; and whether any of them complains, beside whether the person would send it."""
    talks = inputs()
    pairs = [(m, scored(marked(m, talks), library)) for m in (marks() if read is None else read)]
    found = [
        tallied(name, [(name in mark.faults, scores[name] is False) for mark, scores in pairs])
        for name in ABOUT_THE_WORDS
    ]
    whole = [(WHOLE in mark.faults, any(scores[n] is False for n in ABOUT_THE_WORDS)) for mark, scores in pairs]
    return [*found, tallied(f"{WHOLE} / without_fault", whole)]


def tallied(name: str, faults: Sequence[tuple[bool, bool]]) -> Agreement:
    """Counts of (fault by the person, fault by the scorer)."""
    count: Mapping[tuple[bool, bool], int] = {
        pair: faults.count(pair) for pair in ((True, True), (True, False), (False, True), (False, False))
    }
    return Agreement(name, count[True, True], count[True, False], count[False, True], count[False, False])


def table(found: Sequence[Agreement]) -> str:
    """The agreements as Markdown."""
    lines = [
        "| scorer | n | faults seen by both | person alone | scorer alone | agree | kappa |",
        "|---|---|---|---|---|---|---|",
    ]
    for a in found:
        kappa = "–" if a.kappa is None else f"{a.kappa:.2f}"
        lines.append(f"| `{a.name}` | {a.n} | {a.both} | {a.person} | {a.scorer} | {a.agreed:.3f} | {kappa} |")
    return "\n".join(lines)


def main() -> int:
    """Print the table."""
    product = build()
    try:
        print(table(agreements(product.library)))
    finally:
        product.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
