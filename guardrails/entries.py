"""What the record's entries say to the guard: verdicts, conversations, decisions, out of their plain payloads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from copilot.errors import RecordError
from copilot.types import Customer, Entry, GuardContext, Source, Turn, Verdict
from guardrails.reread import Text

KINDS = ("proposal", "release", "held", "referral", "decision")
"""Kinds of entry this module reads."""
REFUSED = ("returned", "rejected")
"""Decisions that keep a text from the customer."""
_VERDICT = TypeAdapter(Verdict)
_TURNS = TypeAdapter(tuple[Turn, ...])
_CUSTOMER: TypeAdapter[Customer | None] = TypeAdapter(Customer | None)
_MOMENT: TypeAdapter[datetime | None] = TypeAdapter(datetime | None)


def verdict_of(entry: Entry) -> Verdict:
    """The verdict written into an entry; RecordError when it holds none."""
    return _read(_VERDICT, entry, "verdict")  # type: ignore[no-any-return]  # as the adapter says


def whole_text(entry: Entry) -> str:
    """What the guard read of an entry: the text, then its disclosure."""
    payload = entry.payload or {}
    text, disclosure = str(payload.get("text", "")), payload.get("disclosure")
    return f"{text}\n{disclosure}" if disclosure else text


def holding_rules(verdict: Verdict) -> tuple[str, ...]:
    """Rules whose findings held a text; a warning holds none."""
    return tuple(dict.fromkeys(f.rule for f in verdict.findings if f.severity != "warn"))


def decisions(entries: Iterable[Entry]) -> dict[int, Entry]:
    """The decision on each referral by the referral's number; the first one counts."""
    found: dict[int, Entry] = {}
    for entry in entries:
        if entry.kind == "decision" and entry.payload is not None:
            referral = entry.payload.get("referral")
            if isinstance(referral, int):
                found.setdefault(referral, entry)
    return found


def openings(entries: Iterable[Entry]) -> dict[int, Entry]:
    """The entries that opened a proposal, by their number."""
    return {e.sequence: e for e in entries if e.kind == "proposal" and e.payload is not None}


def opening_of(entry: Entry, opened: Mapping[int, Entry]) -> Entry | None:
    """The entry that opened the proposal an entry closes."""
    number = (entry.payload or {}).get("proposal")
    return opened.get(number) if isinstance(number, int) else None


def customer_of(opening: Entry | None) -> Customer | None:
    """The customer's card as it was that day."""
    return _read(_CUSTOMER, opening, "customer") if opening is not None else None


def released_texts(entries: Sequence[Entry]) -> tuple[Text, ...]:
    """Every text that went out, with its conversation, its day, and the verdict it was released with.

    What its figures came from that day is not in the record: they are taken as sourced, as the guard found them then.
    """
    opened = openings(entries)
    return tuple(
        Text(
            "records",
            f"entry {entry.sequence}, {entry.at:%Y-%m-%d}",
            whole_text(entry),
            _context(entry, opening_of(entry, opened)),
            verdict_of(entry),
        )
        for entry in entries
        if entry.kind == "release" and entry.payload is not None
    )


def refused_texts(entries: Sequence[Entry]) -> tuple[Text, ...]:
    """Every text that compliance sent back or rejected: rules that let one go contradict a verdict of people."""
    opened, decided = openings(entries), decisions(entries)
    return tuple(
        Text(
            "refused",
            f"entry {entry.sequence}, {entry.at:%Y-%m-%d}",
            whole_text(entry),
            _context(entry, opening_of(entry, opened)),
            verdict_of(entry),
        )
        for entry in entries
        if entry.kind == "referral" and entry.payload is not None and _outcome(decided, entry) in REFUSED
    )


def verdicts_on(entries: Sequence[Entry], rule: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What compliance said of texts this rule held, the newest first: those it held rightly, and those let go after all."""
    decided = decisions(entries)
    rightly: list[str] = []
    wrongly: list[str] = []
    for entry in entries:
        if entry.kind != "referral" or entry.payload is None or rule not in holding_rules(verdict_of(entry)):
            continue
        outcome = _outcome(decided, entry)
        if outcome in REFUSED:
            rightly.insert(0, whole_text(entry))
        elif outcome == "approved":
            wrongly.insert(0, whole_text(entry))
    return tuple(rightly), tuple(wrongly)


def _outcome(decided: Mapping[int, Entry], referral: Entry) -> object:
    decision = decided.get(referral.sequence)
    return (decision.payload or {}).get("outcome") if decision is not None else None


def _context(entry: Entry, opening: Entry | None) -> GuardContext:
    history = _read(_TURNS, opening, "turns") if opening is not None else ()
    moment = (_read(_MOMENT, opening, "at") if opening is not None else None) or entry.at
    return GuardContext(
        history=history,
        at=moment,
        products=(),
        customer=customer_of(opening),
        sources=(Source(whole_text(entry)),),
    )


def _read(adapter: TypeAdapter[Any], entry: Entry, field: str) -> Any:
    try:
        return adapter.validate_python((entry.payload or {}).get(field))
    except ValidationError as error:
        raise RecordError(
            f"entry {entry.sequence}: its {field} cannot be read; look at it with `advisor-copilot audit export`"
        ) from error
