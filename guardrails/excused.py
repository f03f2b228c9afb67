"""Words a rule knows that were let stand, and why: the other half of what the engine decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import chain

from copilot.types import Finding, GuardContext
from guardrails import engine as deciding
from guardrails.engine import Engine
from guardrails.message import Message, message
from guardrails.polarity import excuse, refused, surroundings
from guardrails.rule import Hit, Rule

SAID = {
    "negated": "the clause denies it",
    "denied": "what follows denies it",
    "question": "it is asked, not claimed",
    "explanation": "the words are being explained",
    "wish": "it is what the customer wishes",
    "warning": "the message warns of it",
    "others": "it is told of somebody else",
    "quotation": "the customer is quoted",
}
"""What the reasons of `guardrails.polarity` mean; one that is not listed is shown as it is."""


@dataclass(frozen=True)
class Excused:
    """A place where a rule's words stand without counting. `quote == text[start:end]` of the original."""

    rule: str
    start: int
    end: int
    quote: str
    why: str


def excused(engine: Engine, text: str, context: GuardContext) -> tuple[Excused, ...]:
    """Every hit of a pattern or sound that is no finding, in order, each place once for a rule."""
    read_message = message(text, context, engine.catalogue, engine.meaning)
    today = (context.at.date() if context.at else None) or date.today()
    found = engine.check(text, context).findings
    kept: dict[tuple[str, int, int], Excused] = {}
    for index, hit in chain(engine._matches(read_message), engine._homophones(read_message)):
        rule = engine._rules[index]
        why = _outside(engine, rule, read_message, today) or _why(rule, read_message, hit)
        start, end = read_message.reading.span(hit.start, hit.end)
        if why and not _within(rule, start, end, found):
            kept.setdefault((rule.id, start, end), Excused(rule.id, start, end, text[start:end], why))
    return tuple(sorted(kept.values(), key=lambda e: (e.start, e.end, e.rule)))


def _within(rule: Rule, start: int, end: int, findings: tuple[Finding, ...]) -> bool:
    """Whether the rule finds the same place by other words."""
    return any(f.rule == rule.id and f.start <= start and end <= f.end for f in findings)


def _outside(engine: Engine, rule: Rule, read_message: Message, today: date) -> str | None:
    """Why a rule does not apply to a message at all; None when it does. The engine decides, this only names the reason."""
    if engine._applies(rule, read_message, today):
        return None
    scope, channel = rule.scope, read_message.context.channel
    stands = [p.pattern for p in rule.unless_text if p.search(read_message.text)]
    reasons: tuple[tuple[Callable[[], bool], str], ...] = (
        (lambda: not rule.in_force(today), "the rule is not in force that day"),
        (lambda: bool(scope.channels) and channel not in scope.channels, f"the rule is not for the channel {channel}"),
        (
            lambda: scope.marketing and channel == "one_to_one",
            "the rule is for marketing, and this chat is not counted",
        ),
        (lambda: bool(stands), f"the message as a whole excuses it: {_cut(stands[0]) if stands else ''}"),
        (
            lambda: bool(rule.when_text) and not any(p.search(read_message.text) for p in rule.when_text),
            "the message lacks what the rule asks to stand beside it",
        ),
        (lambda: bool(scope.types or scope.not_records), "the rule is not for this type of product"),
    )
    return next((said for holds, said in reasons if holds()), "the rule does not apply to this message")


def _why(rule: Rule, read_message: Message, hit: Hit) -> str | None:
    """Why the engine lets a hit stand; None when it does not."""
    if not deciding._excused(rule, read_message, hit):
        return None
    text = read_message.text
    place = surroundings(text, hit.start, hit.end)
    near = text[max(place.sentence, place.clause - 16) : min(place.sentence_end, place.clause_end + 18)]
    for pattern in rule.unless:
        beside = pattern.search(near)
        if beside:
            return f"the rule's own exception stands beside it: {_cut(beside.group())}"
    if rule.scope.not_types and deciding._of_type(rule, read_message, text[place.clause : place.clause_end]):
        return f"it is said of {' or '.join(rule.scope.not_types)}, which the rule leaves alone"
    read = {"claim": excuse, "request": refused}.get(rule.stance)
    reason = read(text, hit.start, hit.end) if read else None
    return SAID.get(reason, reason) if reason else "the engine excuses it"


def _cut(words: str) -> str:
    return words if len(words) <= 40 else words[:39] + "…"
