"""How often a rule holds what compliance then lets go: its false alarms, counted from the record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from copilot.types import Entry
from guardrails.entries import decisions, holding_rules, verdict_of, whole_text


@dataclass(frozen=True)
class Alarm:
    """One rule's tally: texts it held, those sent to compliance, those decided, those released after all."""

    rule: str
    held: int
    referred: int
    decided: int
    released: int

    @property
    def share(self) -> float | None:
        """Released of decided; None while nothing is decided."""
        return self.released / self.decided if self.decided else None

    def over(self, budget: float) -> bool:
        """Whether more of its alarms are false than the bank allows itself."""
        return self.share is not None and self.share > budget


def alarms(entries: Sequence[Entry], since: date) -> tuple[Alarm, ...]:
    """The tally of every rule that held a text since a day, the worst share first.

    A text that is held and then sent to compliance is one text; a decision counts for the day of its referral.
    """
    decided = decisions(entries)
    held: dict[str, set[tuple[str, str]]] = {}
    referred, settled, released = Counter[str](), Counter[str](), Counter[str]()
    for entry in entries:
        if entry.kind not in ("held", "referral") or entry.payload is None or entry.at.date() < since:
            continue
        decision = decided.get(entry.sequence) if entry.kind == "referral" else None
        outcome = (decision.payload or {}).get("outcome") if decision else None
        for rule in holding_rules(verdict_of(entry)):
            held.setdefault(rule, set()).add((entry.conversation, whole_text(entry)))
            referred[rule] += entry.kind == "referral"
            settled[rule] += outcome is not None
            released[rule] += outcome == "approved"
    found = [Alarm(rule, len(texts), referred[rule], settled[rule], released[rule]) for rule, texts in held.items()]
    return tuple(sorted(found, key=lambda a: (-(a.share or 0.0), -a.held, a.rule)))
