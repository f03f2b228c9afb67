"""The rule workbench: changes in a draft, tried on the archive, published by two people, in force without a restart, taken back in the same way.

The record is where all of it stands (entries of kind `rules`); each process reads from it what is in force.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from copilot.errors import AccessDenied, ContentError, InputError, OwnText, RecordError
from copilot.records import RecordStore, User
from copilot.settings import GuardSettings
from copilot.types import Entry
from guardrails.amending import NOTHING, Amendment, amendment_of
from guardrails.loading import RuleSet, load_rules

KEEPERS = ("compliance", "admin")
KIND = "rules"
LONGEST_REMARK = 1000
KEPT = 6
"""Sets of rules kept as they were read: a page looks at the same two again and again."""


@dataclass(frozen=True)
class Publication:
    """Changes that came into force: proposed by one person, published by another."""

    entry: int
    at: datetime
    amendment: Amendment
    proposed_by: str
    published_by: str
    remark: str = ""


@dataclass(frozen=True)
class Proposed:
    """Changes that wait for a second person. `hands` are those who made them: none of them may publish."""

    entry: int
    at: datetime
    amendment: Amendment
    by: str
    hands: frozenset[str]
    remark: str
    trial: str = ""


@dataclass(frozen=True)
class Bench:
    """The workbench as it stands. `draft` is None while nobody changes anything."""

    published: tuple[Publication, ...] = ()
    draft: Amendment | None = None
    hands: frozenset[str] = frozenset()
    proposed: Proposed | None = None
    last: int = 0

    @property
    def in_force(self) -> Amendment:
        """The changes in force."""
        return self.published[-1].amendment if self.published else NOTHING


@dataclass(frozen=True)
class Rulebook:
    """Those who change the rules."""

    record: RecordStore
    settings: GuardSettings
    clock: Callable[[], datetime]
    _loaded: dict[str, RuleSet] = field(default_factory=dict, repr=False, compare=False)

    def load(self, amendment: Amendment) -> RuleSet:
        """The rules with these changes, the last few kept; InputError when they do not fit together."""
        key = json.dumps(amendment.as_json(), sort_keys=True)
        known = self._loaded.get(key)
        if known is None:
            try:
                known = load_rules(self.settings, amendment)
            except ContentError as error:
                raise InputError(f"these changes do not fit the rules: {error.what}") from error
            while len(self._loaded) >= KEPT:
                self._loaded.pop(next(iter(self._loaded)), None)
            self._loaded[key] = known
        return known

    def bench(self) -> Bench:
        """The workbench, from the record."""
        bench = Bench()
        for entry in self.record.read(kinds=(KIND,)):
            bench = _after(bench, entry)
        return bench

    def newest(self) -> int:
        """The last entry about rules: another number means another look."""
        found = self.record.read(kinds=(KIND,), newest=1)
        return found[0].sequence if found else 0

    def edit(self, user: User, change: Callable[[Amendment], Amendment]) -> Amendment:
        """Change the draft, begun from what is in force. InputError for a change that cannot be, or while one waits for its second person."""
        _keeper(user)
        bench = self.bench()
        if bench.proposed is not None:
            raise InputError("a change waits for its second person; publish or refuse it first")
        changed = change(bench.draft if bench.draft is not None else bench.in_force)
        self.load(changed)
        self._write(user, {"act": "draft", "amendment": changed.as_json()}, bench.last)
        return changed

    def discard(self, user: User) -> None:
        """Drop the draft."""
        _keeper(user)
        bench = self.bench()
        if bench.draft is not None:
            self._write(user, {"act": "discard"}, bench.last)

    def restore(self, user: User, publication: int) -> Amendment:
        """Begin a draft that takes a publication back: what was in force before it."""
        published = self.bench().published
        place = next((i for i, p in enumerate(published) if p.entry == publication), None)
        if place is None:
            raise InputError("no such publication")
        return self.edit(user, lambda _: published[place - 1].amendment if place else NOTHING)

    def propose(self, user: User, remark: str, trial: str = "") -> None:
        """Ask a second person to publish the draft."""
        _keeper(user)
        bench = self.bench()
        if bench.draft is None or bench.draft == bench.in_force:
            raise InputError("the draft changes nothing")
        told = {"act": "propose", "amendment": bench.draft.as_json(), "remark": _remark(remark), "trial": trial}
        self._write(user, told, bench.last)

    def publish(self, user: User, proposal: int, remark: str = "") -> Amendment:
        """Put proposed changes in force. OwnText for whoever had a hand in them."""
        bench, proposed = self._waiting(user, proposal)
        if user.name in proposed.hands:
            raise OwnText("whoever changed the rules does not publish the change")
        self.load(proposed.amendment)
        told = {"act": "publish", "proposal": proposal, "remark": remark.strip()[:LONGEST_REMARK]}
        self._write(user, told, bench.last)
        return proposed.amendment

    def refuse(self, user: User, proposal: int, remark: str) -> None:
        """Give proposed changes back to the draft, with a reason."""
        bench, _ = self._waiting(user, proposal)
        self._write(user, {"act": "refuse", "proposal": proposal, "remark": _remark(remark)}, bench.last)

    def _waiting(self, user: User, proposal: int) -> tuple[Bench, Proposed]:
        _keeper(user)
        bench = self.bench()
        if bench.proposed is None or bench.proposed.entry != proposal:
            raise InputError("this change no longer waits; look again")
        return bench, bench.proposed

    def _write(self, user: User, told: dict[str, Any], seen: int) -> None:
        def unchanged(_: object) -> None:
            if self.newest() != seen:
                raise InputError("somebody has changed the draft meanwhile; look again")

        self.record.append(KIND, user.name, "", told, self.clock(), unchanged)


def _after(bench: Bench, entry: Entry) -> Bench:
    told: Any = entry.payload
    if told is None:
        raise RecordError(f"entry {entry.sequence}: a change of rules was taken out of the record; restore a backup")
    bench = replace(bench, last=entry.sequence)
    act, proposed = told["act"], bench.proposed
    if act == "draft":
        changed = amendment_of(told["amendment"])
        return replace(bench, draft=changed, hands=bench.hands | {entry.actor})
    if act == "discard":
        return replace(bench, draft=None, hands=frozenset())
    if act == "propose":
        changed = amendment_of(told["amendment"])
        hands = bench.hands | {entry.actor}
        asked = Proposed(entry.sequence, entry.at, changed, entry.actor, hands, told["remark"], told.get("trial", ""))
        return replace(bench, proposed=asked)
    if proposed is None:
        return bench
    if act == "refuse":
        return replace(bench, proposed=None)
    done = Publication(entry.sequence, entry.at, proposed.amendment, proposed.by, entry.actor, proposed.remark)
    return Bench((*bench.published, done), last=entry.sequence)


def _keeper(user: User) -> None:
    if user.role not in KEEPERS:
        raise AccessDenied(f"rules are not changed by the role {user.role}")


def _remark(text: str) -> str:
    if not text.strip():
        raise InputError("a reason is needed")
    return text.strip()[:LONGEST_REMARK]
