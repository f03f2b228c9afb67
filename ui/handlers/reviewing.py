"""Compliance: the queue of referrals, one case, and the decision on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import TypeAdapter

from copilot.errors import AccessDenied, InputError, ReleaseRefused
from copilot.records import User
from copilot.types import Customer, Entry, Provenance, Turn, Verdict
from ui.desk import Desk
from ui.handlers.sending import decision_on

Decided = Literal["approved", "returned", "rejected"]
DECISIONS: tuple[Decided, ...] = ("approved", "returned", "rejected")
_LOOKED_AT = 1000


@dataclass(frozen=True)
class Waiting:
    """One referral of the queue."""

    entry: int
    at: datetime
    advisor: str
    outcome: str
    rules: tuple[str, ...]
    text: str
    minutes: int
    decision: str = ""


@dataclass(frozen=True)
class Case:
    """One referral, opened."""

    entry: int
    at: datetime
    advisor: str
    customer: Customer | None
    turns: tuple[Turn, ...]
    shown: str | None
    text: str
    disclosure: str | None
    remark: str
    verdict: Verdict
    provenance: Provenance | None
    decision: str = ""
    reason: str = ""
    decided_by: str = ""
    own: bool = False

    @property
    def approvable(self) -> bool:
        """Only what is held for review may be approved; a block may not, in this version."""
        return not self.decision and not self.own and self.verdict.outcome in ("review", "warn", "pass")


def queue(desk: Desk, decided: bool = False) -> tuple[Waiting, ...]:
    """Referrals that wait for a decision, oldest first; with `decided` those that have one, newest first."""
    entries = _entries(desk)
    now = desk.app.clock()
    found = []
    for entry in entries:
        if entry.kind != "referral" or entry.payload is None:
            continue
        decision = decision_on(entry.sequence, entries)
        if (decision is not None) != decided:
            continue
        verdict = _verdict(entry)
        found.append(
            Waiting(
                entry.sequence,
                entry.at,
                entry.actor,
                verdict.outcome,
                tuple(dict.fromkeys(f.check for f in verdict.findings if f.severity != "warn")),
                str(entry.payload["text"]),
                max(0, int((now - entry.at).total_seconds() // 60)),
                str((decision.payload or {}).get("outcome", "")) if decision else "",
            )
        )
    return tuple(reversed(found))[:50] if decided else tuple(found)


def case(desk: Desk, user: User, entry: int) -> Case:
    """One referral with its conversation; InputError when there is none."""
    entries = _entries(desk)
    found = next((e for e in entries if e.sequence == entry and e.kind == "referral"), None)
    if found is None or found.payload is None:
        raise InputError(f"no referral {entry}")
    payload = found.payload
    opening = _opening(desk, payload)
    decision = decision_on(entry, entries)
    said: Mapping[str, object] = (decision.payload or {}) if decision else {}
    return Case(
        entry,
        found.at,
        found.actor,
        TypeAdapter(Customer | None).validate_python(opening.get("customer")),
        TypeAdapter(tuple[Turn, ...]).validate_python(opening.get("turns", ())),
        str(payload["shown"]) if payload.get("shown") else None,
        str(payload["text"]),
        str(payload["disclosure"]) if payload.get("disclosure") else None,
        str(payload.get("remark", "")),
        _verdict(found),
        TypeAdapter(Provenance | None).validate_python(payload.get("provenance")),
        str(said.get("outcome", "")),
        str(said.get("reason", "")),
        decision.actor if decision else "",
        found.actor == user.name,
    )


def decide(desk: Desk, user: User, entry: int, outcome: str, reason: str) -> Case:
    """Record a decision. Nobody decides his own; a block is not approved; a decided case stays decided."""
    if outcome not in DECISIONS:
        raise InputError(f"{outcome!r} is not a decision")
    if not reason.strip():
        raise InputError("a decision needs a reason")
    with desk.deciding:
        opened = case(desk, user, entry)
        if opened.own:
            raise AccessDenied("nobody decides his own referral")
        if opened.decision:
            raise InputError("this case has been decided")
        if outcome == "approved" and not opened.approvable:
            raise ReleaseRefused("a blocked text cannot be approved here")
        found = desk.app.record.get(entry)
        payload = {"referral": entry, "outcome": outcome, "reason": reason.strip(), "text": opened.text}
        conversation = found.conversation if found else ""
        desk.app.record.append("decision", user.name, conversation, payload, desk.app.clock())
    return case(desk, user, entry)


def _entries(desk: Desk) -> Sequence[Entry]:
    return desk.app.record.read(kinds=("referral", "decision"), newest=_LOOKED_AT)


def _opening(desk: Desk, payload: Mapping[str, object]) -> Mapping[str, object]:
    """The payload of the proposal a referral belongs to."""
    sequence = payload.get("proposal")
    opening = desk.app.record.get(sequence) if isinstance(sequence, int) else None
    return opening.payload if opening is not None and opening.payload is not None else {}


def _verdict(entry: Entry) -> Verdict:
    payload = entry.payload or {}
    return TypeAdapter(Verdict).validate_python(payload["verdict"])
