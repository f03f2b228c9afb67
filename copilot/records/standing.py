"""Where a case stands, as the record's entries say one after another. Pure: no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from copilot.types import Entry

CASE_KINDS = ("referral", "decision", "case")
"""Kinds of entry that open a case or move it. A `release` moves one too when it names a referral."""
GONE = "redacted"
"""The outcome of a case whose text was taken out of the record: there is nothing left to decide."""
RANKS: Mapping[str, int] = {"pass": 0, "warn": 1, "review": 2, "block": 3}


@dataclass(frozen=True)
class Standing:
    """One referral and what became of it. `last` is the newest entry about it, and so its version."""

    referral: int
    conversation: str
    author: str
    at: datetime
    rank: int
    checks: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    holder: str = ""
    held_at: datetime | None = None
    escalated_by: str = ""
    outcome: str = ""
    decision: int = 0
    sent: int = 0
    follows: int = 0
    followed: int = 0
    last: int = 0

    @property
    def severity(self) -> str:
        """The guard's word on the text when it was referred."""
        return next(name for name, rank in RANKS.items() if rank == self.rank)


def about(entry: Entry) -> int:
    """The referral an entry is about, 0 for none."""
    if entry.kind == "referral":
        return entry.sequence
    number = (entry.payload or {}).get("referral")
    return number if isinstance(number, int) else 0


def opened(entry: Entry) -> Standing:
    """A referral that just came in. A text that had gone out before (`sent`) is looked at, and never sent or sent again."""
    payload: Any = entry.payload
    if payload is None:
        begun = Standing(entry.sequence, entry.conversation, entry.actor, entry.at, 0, outcome=GONE)
        return replace(begun, last=entry.sequence)
    verdict = payload.get("verdict") or {}
    held = [f for f in verdict.get("findings", ()) if f["severity"] != "warn"]
    gone = entry.sequence if payload.get("sent") else 0
    return Standing(
        entry.sequence,
        entry.conversation,
        entry.actor,
        entry.at,
        RANKS.get(verdict.get("outcome", "review"), 2),
        tuple(dict.fromkeys(f["check"] for f in held)),
        tuple(dict.fromkeys(f["rule"] for f in held)),
        sent=gone,
        follows=int(payload.get("follows") or 0),
        followed=gone,
        last=entry.sequence,
    )


def moved(standing: Standing, entry: Entry) -> Standing:
    """The case after one more entry. What is decided stays decided, and a text leaves once."""
    payload: Any = entry.payload or {}
    if entry.kind == "release":
        return standing if standing.sent else replace(standing, sent=entry.sequence, last=entry.sequence)
    if entry.kind == "referral":
        return replace(standing, followed=entry.sequence, last=entry.sequence)
    if standing.outcome:
        return standing
    if entry.kind == "decision":
        decided = replace(standing, outcome=str(payload["outcome"]), decision=entry.sequence)
        return replace(decided, holder="", held_at=None, last=entry.sequence)
    act = payload.get("act")
    if act == "escalate":
        return replace(standing, escalated_by=entry.actor, holder="", held_at=None, last=entry.sequence)
    if act == "release":
        return replace(standing, holder="", held_at=None, last=entry.sequence)
    return replace(standing, holder=str(payload.get("to", "")), held_at=entry.at, last=entry.sequence)


def changed(entry: Entry, known: Mapping[int, Standing]) -> tuple[Standing, ...]:
    """The cases an entry opens or moves, as they stand after it; `known` are those it names."""
    found: list[Standing] = []
    if entry.kind == "referral":
        begun = opened(entry)
        before = known.get(begun.follows)
        found.append(begun)
        if before is not None:
            found.append(moved(before, entry))
    elif (standing := known.get(about(entry))) is not None:
        found.append(moved(standing, entry))
    return tuple(found)


def folded(entries: Iterable[Entry]) -> dict[int, Standing]:
    """Every case of a record, from its entries in order."""
    known: dict[int, Standing] = {}
    for entry in entries:
        known.update((s.referral, s) for s in changed(entry, known))
    return known
