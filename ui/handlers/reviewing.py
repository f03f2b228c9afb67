"""Compliance: one case with all it takes to decide it, and the acts on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from copilot.casework import DECISIONS, OFFICERS
from copilot.errors import CaseRefused, CopilotError, InputError
from copilot.records import Standing, User
from copilot.suitability import may_pitch
from copilot.types import Candidate, Customer, Entry, Product, Provenance, Turn, Verdict
from ui.desk import Desk
from ui.handlers.alike import Alike, alike
from ui.handlers.queueing import minutes, names_of
from ui.handlers.rights import only

__all__ = ["DECISIONS", "Case", "Done", "Named", "Round", "Step", "act", "case", "decide"]


@dataclass(frozen=True)
class Step:
    """One thing that happened to a case: `what` is referred, claim, release, assign, escalate, a decision or sent."""

    at: datetime
    who: str
    what: str
    to: str = ""
    remark: str = ""


@dataclass(frozen=True)
class Round:
    """An earlier text of the same case, and what compliance said to it."""

    entry: int
    text: str
    outcome: str
    by: str
    reason: str


@dataclass(frozen=True)
class Named:
    """A product the text names or was drafted for; `fits` is whether it may be offered to this customer."""

    product: Product
    fits: bool


@dataclass(frozen=True)
class Gone:
    """That a text had gone out before anybody looked: changed after the release of that number, or never released (0)."""

    how: str
    release: int
    at: datetime | None


@dataclass(frozen=True)
class Case:
    """One referral, opened."""

    entry: int
    seen: int
    at: datetime
    minutes: int
    over: bool
    advisor: str
    customer: Customer | None
    turns: tuple[Turn, ...]
    candidate: Candidate | None
    shown: str | None
    text: str
    disclosure: str | None
    remark: str
    verdict: Verdict
    provenance: Provenance | None
    products: tuple[Named, ...] = ()
    earlier: tuple[Round, ...] = ()
    steps: tuple[Step, ...] = ()
    like: tuple[Alike, ...] = ()
    eligible: tuple[tuple[str, str], ...] = ()
    rules_now: str = ""
    knowledge_now: str = ""
    decision: str = ""
    reason: str = ""
    decided_by: str = ""
    holder: str = ""
    mine: bool = False
    own: bool = False
    escalated_by: str = ""
    barred: str = ""
    """Why this person may not act on it now: a reason of CaseRefused, or "own"; "" when he may."""
    sent: Gone | None = None

    @property
    def approvable(self) -> bool:
        """Only what is held for review may be approved; a block may not, in this version."""
        return not self.barred and self.verdict.outcome in ("review", "warn", "pass")


@only(*OFFICERS)
def case(desk: Desk, user: User, entry: int) -> Case:
    """One referral with everything around it; InputError when there is none."""
    standing, found = desk.app.cases.get(entry), desk.app.record.get(entry)
    if standing is None or found is None or found.payload is None:
        raise InputError(f"no referral {entry}")
    payload, opening, names = found.payload, _opening(desk, found.payload), names_of(desk)
    decided = desk.app.record.get(standing.decision) if standing.decision else None
    said: Mapping[str, object] = (decided.payload or {}) if decided else {}
    customer: Customer | None = TypeAdapter(Customer | None).validate_python(opening.get("customer"))
    candidate, now = _candidate(desk, found), desk.app.clock()
    barred = _barred(desk, user, standing)
    waited = minutes(found.at, now)
    return Case(
        entry,
        standing.last,
        found.at,
        waited,
        not standing.outcome and waited > desk.app.settings.serve.review_minutes,
        names.get(found.actor, found.actor),
        customer,
        TypeAdapter(tuple[Turn, ...]).validate_python(opening.get("turns", ())),
        candidate,
        str(payload["shown"]) if payload.get("shown") else None,
        str(payload["text"]),
        str(payload["disclosure"]) if payload.get("disclosure") else None,
        str(payload.get("remark", "")),
        TypeAdapter(Verdict).validate_python(payload["verdict"]),
        TypeAdapter(Provenance | None).validate_python(payload.get("provenance")),
        _products(desk, str(payload["text"]), candidate, customer),
        _earlier(desk, standing, names),
        _steps(desk, standing, names),
        () if barred else alike(desk, user, standing),
        tuple((p.name, p.display) for p in desk.app.casework.eligible(standing) if p.name != standing.holder),
        desk.app.line.guard.version,
        desk.app.line.library.version,
        standing.outcome,
        str(said.get("reason", "")),
        names.get(decided.actor, decided.actor) if decided else "",
        names.get(standing.holder, standing.holder),
        standing.holder == user.name,
        found.actor == user.name,
        names.get(standing.escalated_by, standing.escalated_by),
        barred,
        TypeAdapter(Gone | None).validate_python(payload.get("sent")),
    )


@dataclass(frozen=True)
class Done:
    """How many cases a decision closed, and how many alike ones had changed meanwhile."""

    closed: int
    missed: int = 0


@only(*OFFICERS)
def decide(
    desk: Desk,
    user: User,
    entry: int,
    outcome: str,
    reason: str,
    seen: int | None = None,
    others: Mapping[int, int] | None = None,
) -> Done:
    """Record a decision, and the same for `others` (case to version seen) as far as they are alike and unchanged."""
    opened, standing = case(desk, user, entry), desk.app.cases.get(entry)
    like = {a.entry for a in alike(desk, user, standing)} if standing is not None and others else set()
    desk.app.casework.decide(user, entry, outcome, reason, opened.text, seen)
    closed, missed = 1, 0
    for other, version in (others or {}).items():
        try:
            if other not in like:
                raise CaseRefused("changed")
            text = case(desk, user, other).text
            desk.app.casework.decide(user, other, outcome, reason, text, version, entry)
            closed += 1
        except CaseRefused:
            missed += 1
    return Done(closed, missed)


@only(*OFFICERS)
def act(desk: Desk, user: User, what: str, entry: int, seen: int | None = None, to: str = "", remark: str = "") -> None:
    """Claim, release, assign or escalate."""
    work = desk.app.casework
    if what == "claim":
        work.claim(user, entry, seen)
    elif what == "release":
        work.release(user, entry, seen)
    elif what == "assign":
        work.assign(user, entry, to, remark, seen)
    elif what == "escalate":
        work.escalate(user, entry, remark, seen)
    else:
        raise InputError(f"{what!r} is nothing one does with a case")


def _barred(desk: Desk, user: User, standing: Standing) -> str:
    try:
        desk.app.casework.open_to(user, standing)
    except CaseRefused as error:
        return error.why
    except CopilotError:
        return "own"
    return ""


def _opening(desk: Desk, payload: Mapping[str, object]) -> Mapping[str, object]:
    """Conversation and customer of a referral: its own, where it was pasted later, else those of its proposal."""
    if payload.get("sent"):
        return payload
    sequence = payload.get("proposal")
    opening = desk.app.record.get(sequence) if isinstance(sequence, int) else None
    return opening.payload if opening is not None and opening.payload is not None else {}


def _candidate(desk: Desk, referral: Entry) -> Candidate | None:
    """The suggestion the text came from."""
    payload = referral.payload or {}
    if payload.get("candidate") is None:
        return None
    for entry in desk.app.record.read(conversation=referral.conversation, kinds=("candidate",)):
        told: Any = entry.payload or {}
        if (told.get("proposal"), told.get("index")) == (payload.get("proposal"), payload["candidate"]):
            return TypeAdapter(Candidate).validate_python(told["candidate"])
    return None


def _products(desk: Desk, text: str, candidate: Candidate | None, customer: Customer | None) -> tuple[Named, ...]:
    library, today = desk.app.line.library, desk.app.clock().date()
    found = {product.id: product for product, _, _ in library.named(text)}
    drafted = library.get(candidate.product) if candidate is not None and candidate.product else None
    if drafted is not None:
        found.setdefault(drafted.id, drafted)
    days = desk.app.settings.assessment_valid_days
    return tuple(Named(p, may_pitch(p, customer, today, days).allowed) for p in found.values())


def _earlier(desk: Desk, standing: Standing, names: Mapping[str, str]) -> tuple[Round, ...]:
    """The texts before this one, newest first."""
    rounds: list[Round] = []
    before = desk.app.cases.get(standing.follows) if standing.follows else None
    while before is not None:
        entry, decided = desk.app.record.get(before.referral), desk.app.record.get(before.decision)
        text = str((entry.payload or {}).get("text", "")) if entry else ""
        by = names.get(decided.actor, decided.actor) if decided else ""
        reason = str((decided.payload or {}).get("reason", "")) if decided else ""
        rounds.append(Round(before.referral, text, before.outcome, by, reason))
        before = desk.app.cases.get(before.follows) if before.follows else None
    return tuple(rounds)


def _steps(desk: Desk, standing: Standing, names: Mapping[str, str]) -> tuple[Step, ...]:
    found = []
    kinds = ("referral", "case", "decision", "release")
    for entry in desk.app.record.read(conversation=standing.conversation, kinds=kinds):
        told = entry.payload or {}
        who = names.get(entry.actor, entry.actor)
        if entry.sequence == standing.referral:
            found.append(Step(entry.at, who, "referred"))
        elif told.get("referral") == standing.referral:
            what = str(told.get("act") or told.get("outcome") or "sent")
            to = str(told.get("to", ""))
            remark = str(told.get("remark") or told.get("reason") or "")
            found.append(Step(entry.at, who, what, names.get(to, to), remark))
    return tuple(found)
