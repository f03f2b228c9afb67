"""A record with a story in it, written by the line itself: held, sent to compliance, decided, released."""

from __future__ import annotations

from copilot.pipeline import Line, refer, release, stream
from copilot.types import Edit, Entry, Finding, GuardContext, Proposal, Verdict
from tests.copilot.fakes import Memory, line, said

RULES = {
    "涨": ("G04-market", "review"),
    "稳": ("G20-selling", "review"),
    "保本": ("G01-capital", "block"),
    "呀": ("G21-x", "warn"),
}


class Holding:
    """Finds the words of `RULES`, each by its rule."""

    version = "rules-test"

    def check(self, text: str, context: GuardContext) -> Verdict:
        found = tuple(
            Finding(rule, rule[:3], severity, text.index(word), text.index(word) + len(word), word, "", "")
            for word, (rule, severity) in RULES.items()
            if word in text
        )
        order = ("pass", "warn", "review", "block")
        return Verdict(max((f.severity for f in found), key=order.index, default="pass"), found)


def opened(record: Memory, guard: object | None = None, text: str = "还能涨吗") -> tuple[Line, Proposal]:
    """A line with this record, and a proposal on it."""
    own = line(guard=guard or Holding(), record=record)  # type: ignore[arg-type]
    return own, next(iter(stream(own, said(text))))


def sent(record: Memory, text: str, outcome: str | None = None) -> Entry:
    """A text that is held, sent to compliance and, where an outcome is given, decided."""
    own, proposal = opened(record)
    edit = Edit(text, "zhao")
    assert not release(own, proposal, edit).released
    entry = refer(own, proposal, edit, "请看").entry
    if outcome:
        payload = {"referral": entry, "outcome": outcome, "reason": "可以", "text": text}
        record.append("decision", "qian", proposal.conversation.id, payload)
    return record.entries[entry - 1]
