"""What compliance does with a case, and who may. Every act is recorded before it takes effect, under one lock with its check."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from copilot.errors import AccessDenied, CaseRefused, InputError, OwnText, ReleaseRefused
from copilot.records import CaseStore, RecordStore, Standing, User

OFFICERS = ("compliance", "admin")
"""Roles that work on cases; an administrator on escalated ones only."""
DECISIONS = ("approved", "returned", "rejected")
LONGEST_WORD = 1000
"""Characters of a reason or a remark."""


@dataclass(frozen=True)
class Casework:
    """The acts on a case. `seen` is the case's version on the officer's screen; None where nobody looked.

    `patience` is the target time: a case somebody claimed longer ago than that may be taken over.
    """

    record: RecordStore
    cases: CaseStore
    people: Callable[[], Sequence[User]]
    clock: Callable[[], datetime]
    patience: timedelta

    def claim(self, user: User, referral: int, seen: int | None = None) -> None:
        """Take a case: one nobody has, or one whose holder let the target time pass."""

        def allowed(case: Standing) -> None:
            self.open_to(user, case)
            if case.holder == user.name:
                raise CaseRefused("yours")

        self._act(user, referral, seen, {"act": "claim", "to": user.name}, allowed)

    def release(self, user: User, referral: int, seen: int | None = None) -> None:
        """Put one's own case back."""

        def allowed(case: Standing) -> None:
            self.open_to(user, case)
            if case.holder != user.name:
                raise CaseRefused("not_yours")

        self._act(user, referral, seen, {"act": "release"}, allowed)

    def assign(self, user: User, referral: int, to: str, remark: str = "", seen: int | None = None) -> None:
        """Hand a case to another officer."""

        def allowed(case: Standing) -> None:
            self.open_to(user, case)
            if to == case.holder or to not in {p.name for p in self.eligible(case)}:
                raise CaseRefused("not_for", to)

        self._act(user, referral, seen, {"act": "assign", "to": to, "remark": _word(remark, "")}, allowed)

    def escalate(self, user: User, referral: int, remark: str, seen: int | None = None) -> None:
        """Mark a case for a senior: an administrator, or an officer other than this one."""

        def allowed(case: Standing) -> None:
            self.open_to(user, case)
            if case.escalated_by:
                raise CaseRefused("escalated", case.escalated_by)

        said = _word(remark, "an escalation needs a reason")
        self._act(user, referral, seen, {"act": "escalate", "remark": said}, allowed)

    def decide(
        self, user: User, referral: int, outcome: str, reason: str, text: str, seen: int | None = None, first: int = 0
    ) -> None:
        """Approve, return or reject. `first` is the case that an alike one was decided with."""
        if outcome not in DECISIONS:
            raise InputError(f"{outcome!r} is not a decision")
        said = _word(reason, "a decision needs a reason")

        def allowed(case: Standing) -> None:
            self.open_to(user, case)
            if outcome == "approved" and case.severity == "block":
                raise ReleaseRefused("a blocked text cannot be approved here")

        payload: dict[str, object] = {"outcome": outcome, "reason": said, "text": text}
        if first:
            payload["with"] = first
        self._write("decision", user, referral, seen, payload, allowed)

    def open_to(self, user: User, case: Standing) -> None:
        """Raise when this case is not this person's to act on now."""
        if user.role not in OFFICERS:
            raise AccessDenied(f"cases are not for the role {user.role}")
        if case.author == user.name:
            raise OwnText("nobody decides his own referral")
        if case.outcome:
            raise CaseRefused("decided")
        if user.role == "admin" and not case.escalated_by:
            raise CaseRefused("ordinary")
        if case.escalated_by == user.name:
            raise CaseRefused("escalated", user.name)
        if case.holder not in ("", user.name) and not self.lapsed(case):
            raise CaseRefused("taken", case.holder)

    def lapsed(self, case: Standing) -> bool:
        """Whether its holder let the target time pass."""
        return case.held_at is not None and self.clock() - case.held_at > self.patience

    def eligible(self, case: Standing) -> tuple[User, ...]:
        """Who may be given a case."""
        roles = OFFICERS if case.escalated_by else OFFICERS[:1]
        barred = (case.author, case.escalated_by)
        return tuple(p for p in self.people() if p.active and p.role in roles and p.name not in barred)

    def _act(
        self,
        user: User,
        referral: int,
        seen: int | None,
        payload: Mapping[str, object],
        allowed: Callable[[Standing], None],
    ) -> None:
        self._write("case", user, referral, seen, payload, allowed)

    def _write(
        self,
        kind: str,
        user: User,
        referral: int,
        seen: int | None,
        payload: Mapping[str, object],
        allowed: Callable[[Standing], None],
    ) -> None:
        if user.role not in OFFICERS:
            raise AccessDenied(f"cases are not for the role {user.role}")
        standing = self.cases.get(referral)
        if standing is None:
            raise InputError(f"no case {referral}")
        check = self.cases.check(referral, seen, allowed)
        whole = {"referral": referral, **payload}
        self.record.append(kind, user.name, standing.conversation, whole, self.clock(), check)


def _word(said: str, missing: str) -> str:
    """A reason or remark as it is recorded; InputError when one is needed and none is there."""
    if missing and not said.strip():
        raise InputError(missing)
    return said.strip()[:LONGEST_WORD]
