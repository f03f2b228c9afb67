"""Quality review: some of the messages that went out are drawn by chance and read by an officer. The draw and each word on it stand in the record."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil
from typing import Any

from copilot.errors import AccessDenied, InputError, OwnText
from copilot.records import RecordStore, User
from copilot.types import Entry

OFFICERS = ("compliance", "admin")
OUTCOMES = ("good", "poor")
LONGEST_REMARK = 1000


@dataclass(frozen=True)
class Draw:
    """What to draw from: a share of each advisor's messages, so that nobody goes unread. "" and None leave nothing out."""

    percent: float
    advisor: str = ""
    rule: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Sampled:
    """One message that was drawn, and what was said of it: "" while nobody has read it."""

    release: int
    sample: int
    outcome: str = ""
    remark: str = ""
    by: str = ""


@dataclass(frozen=True)
class Sampling:
    """Draws samples and takes what officers say of them. `seed` makes a draw's own chance; it is recorded, so that it can be repeated."""

    record: RecordStore
    clock: Callable[[], datetime]
    seed: Callable[[], int] = lambda: secrets.randbits(32)

    def draw(self, user: User, wanted: Draw) -> tuple[int, ...]:
        """Draw messages that were not drawn before; their numbers. InputError when there are none."""
        _officer(user)
        if not 0 < wanted.percent <= 100:
            raise InputError("a share lies between 0 and 100 percent")
        before = {s.release for s in self.drawn()}
        by_advisor: dict[str, list[int]] = {}
        for entry in self.record.newest_first(("release",), wanted.advisor):
            if entry.sequence not in before and entry.actor != user.name and _fits(entry, wanted):
                by_advisor.setdefault(entry.actor, []).append(entry.sequence)
        if not by_advisor:
            raise InputError("no released message is left to draw from")
        seed = self.seed()
        chance = random.Random(seed)
        drawn: list[int] = []
        for advisor in sorted(by_advisor):
            those = sorted(by_advisor[advisor])
            drawn += chance.sample(those, ceil(len(those) * wanted.percent / 100))
        told = {
            "percent": wanted.percent,
            "advisor": wanted.advisor,
            "rule": wanted.rule,
            "since": wanted.since.isoformat() if wanted.since else "",
            "until": wanted.until.isoformat() if wanted.until else "",
            "of": sum(map(len, by_advisor.values())),
            "seed": seed,
            "drawn": sorted(drawn),
        }
        self.record.append("sample", user.name, "", told, self.clock())
        return tuple(sorted(drawn))

    def judge(self, user: User, release: int, outcome: str, remark: str) -> None:
        """Say what a drawn message is worth, once. A poor one needs a remark; nobody judges his own."""
        _officer(user)
        if outcome not in OUTCOMES:
            raise InputError(f"{outcome!r} is no judgement; good or poor")
        if outcome == "poor" and not remark.strip():
            raise InputError("a reason is needed")
        entry = self.record.get(release)
        if entry is None or entry.kind != "release":
            raise InputError(f"no released message {release}")
        if entry.actor == user.name:
            raise OwnText("nobody judges a message of his own")

        def still_open(_: object) -> None:
            found = next((s for s in self.drawn() if s.release == release), None)
            if found is None or found.outcome:
                raise InputError("this message was not drawn, or has been judged meanwhile")

        told = {"release": release, "outcome": outcome, "remark": remark.strip()[:LONGEST_REMARK]}
        self.record.append("quality", user.name, entry.conversation, told, self.clock(), still_open)

    def drawn(self) -> tuple[Sampled, ...]:
        """Everything that was ever drawn, in order of the draws."""
        found: dict[int, Sampled] = {}
        for entry in self.record.read(kinds=("sample", "quality")):
            payload: Any = entry.payload
            if payload is None:
                continue
            if entry.kind == "sample":
                for number in payload["drawn"]:
                    found.setdefault(number, Sampled(number, entry.sequence))
            elif (known := found.get(payload["release"])) is not None and not known.outcome:
                found[known.release] = _judged(known, entry, payload)
        return tuple(found.values())


def _judged(known: Sampled, entry: Entry, payload: Mapping[str, Any]) -> Sampled:
    return Sampled(known.release, known.sample, payload["outcome"], payload["remark"], entry.actor)


def _fits(entry: Entry, wanted: Draw) -> bool:
    day = entry.at.date()
    if (wanted.since and day < wanted.since) or (wanted.until and day > wanted.until):
        return False
    payload: Any = entry.payload or {}
    rules = {str(f["rule"]) for f in (payload.get("verdict") or {}).get("findings", ())}
    return not wanted.rule or any(r == wanted.rule or r.startswith(f"{wanted.rule}-") for r in rules)


def _officer(user: User) -> None:
    if user.role not in OFFICERS:
        raise AccessDenied(f"samples are not for the role {user.role}")
