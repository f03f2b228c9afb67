"""The queue of compliance: every undecided case, the gravest and the oldest first, filtered and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from copilot.casework import OFFICERS
from copilot.records import Standing, User
from copilot.records.standing import RANKS
from ui.desk import Desk
from ui.handlers.rights import only

PAGE = 100
"""Cases drawn at once; the rest is counted and a click away."""
DECIDED_SHOWN = 20
HOLDERS = ("mine", "nobody", "escalated")
AGES = ("over", "half")


@dataclass(frozen=True)
class Filter:
    """What of the queue is looked at; "" is everything. `age` and `holder` are of the closed sets above."""

    check: str = ""
    severity: str = ""
    advisor: str = ""
    age: str = ""
    holder: str = ""
    shown: int = PAGE

    def toggled(self, name: str, value: str) -> Filter:
        """With one more condition, or without it when it was there."""
        if name not in {f.name for f in fields(self)} - {"shown"}:
            return self
        chosen = "" if getattr(self, name) == value else value
        return filter_of(urlencode({**dict(parse_qsl(self.written())), name: chosen, "shown": PAGE}))

    @property
    def active(self) -> bool:
        """Whether anything is left out."""
        return replace(self, shown=PAGE) != Filter()

    def written(self) -> str:
        """As the browser holds it."""
        return urlencode({f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name)})


def filter_of(text: str | None) -> Filter:
    """What the browser holds, read back; what is not a filter is none."""
    held = dict(parse_qsl(text or ""))
    check, severity, advisor, age, holder, shown = (held.get(f.name, "")[:128] for f in fields(Filter))
    most = max(PAGE, int(shown)) if shown.isdecimal() and len(shown) < 6 else PAGE
    return Filter(check, severity, advisor, age, holder, most)


@dataclass(frozen=True)
class Row:
    """One case of the queue. `over` says that it waits longer than the target time."""

    entry: int
    advisor: str
    outcome: str
    checks: tuple[str, ...]
    why: str
    text: str
    minutes: int
    over: bool = False
    holder: str = ""
    mine: bool = False
    own: bool = False
    escalated: bool = False
    again: bool = False
    decision: str = ""


@dataclass(frozen=True)
class Counted:
    """A value of a filter and how many cases have it."""

    value: str
    shown: str
    n: int


@dataclass(frozen=True)
class Queue:
    """The queue as one officer sees it. Counts are of the whole queue, `matching` of what the filter leaves."""

    rows: tuple[Row, ...] = ()
    matching: int = 0
    waiting: int = 0
    mine: int = 0
    nobodys: int = 0
    over: int = 0
    half: int = 0
    escalated: int = 0
    oldest: int = 0
    severities: tuple[Counted, ...] = ()
    checks: tuple[Counted, ...] = ()
    advisors: tuple[Counted, ...] = ()
    decided: tuple[Row, ...] = ()


@only(*OFFICERS)
def queue(desk: Desk, user: User, chosen: Filter | None = None) -> Queue:
    """Every undecided case, filtered; counts are of all. AccessDenied for whom it is not."""
    wanted = chosen or Filter()
    now, target = desk.app.clock(), desk.app.settings.serve.review_minutes
    names = names_of(desk)
    cases = desk.app.cases.waiting()

    def has(case: Standing, name: str) -> bool:
        return _holds(case, name, user, now, target)

    matching = [c for c in cases if _matches(c, wanted, has)]
    return Queue(
        tuple(_row(desk, user, c, names, now, target) for c in matching[: wanted.shown]),
        len(matching),
        len(cases),
        sum(has(c, "mine") for c in cases),
        sum(has(c, "nobody") for c in cases),
        sum(has(c, "over") for c in cases),
        sum(has(c, "half") for c in cases),
        sum(has(c, "escalated") for c in cases),
        max((minutes(c.at, now) for c in cases), default=0),
        tuple(sorted(_counted([c.severity for c in cases]), key=lambda c: -RANKS[c.value])),
        _counted([check for c in cases for check in c.checks]),
        _counted([c.author for c in cases], names),
        tuple(_row(desk, user, c, names, now, target) for c in desk.app.cases.decided(DECIDED_SHOWN)),
    )


@only(*OFFICERS)
def following(desk: Desk, user: User, chosen: Filter, entry: int, step: int) -> int:
    """The case before or after one in the queue as filtered; the first when that one has gone; 0 for none."""
    entries = [row.entry for row in queue(desk, user, chosen).rows]
    if not entries:
        return 0
    if entry not in entries:
        return entries[0]
    return entries[min(max(entries.index(entry) + step, 0), len(entries) - 1)]


def names_of(desk: Desk) -> dict[str, str]:
    """How people are called, by the name they sign in with."""
    return {person.name: person.display for person in desk.app.users.list()}


def minutes(since: datetime, now: datetime) -> int:
    """Whole minutes between two moments, never less than none."""
    return max(0, int((now - since).total_seconds() // 60))


def _holds(case: Standing, name: str, user: User, now: datetime, target: int) -> bool:
    waited = minutes(case.at, now)
    return {
        "mine": case.holder == user.name,
        "nobody": not case.holder,
        "escalated": bool(case.escalated_by),
        "over": waited > target,
        "half": 2 * waited > target,
    }.get(name, False)


def _matches(case: Standing, wanted: Filter, has: Callable[[Standing, str], bool]) -> bool:
    return (
        (not wanted.check or wanted.check in case.checks)
        and wanted.severity in ("", case.severity)
        and wanted.advisor in ("", case.author)
        and (not wanted.age or has(case, wanted.age))
        and (not wanted.holder or has(case, wanted.holder))
    )


def _counted(values: Sequence[str], names: dict[str, str] | None = None) -> tuple[Counted, ...]:
    called = names or {}
    return tuple(Counted(value, called.get(value, value), n) for value, n in sorted(Counter(values).items()))


def _row(desk: Desk, user: User, case: Standing, names: dict[str, str], now: datetime, target: int) -> Row:
    entry = desk.app.record.get(case.referral)
    waited = minutes(case.at, now)
    payload: Any = entry.payload if entry is not None and entry.payload is not None else {}
    findings = payload.get("verdict", {}).get("findings", ())
    return Row(
        case.referral,
        names.get(case.author, case.author),
        case.severity,
        case.checks,
        next((str(f["reason"]) for f in findings if f["severity"] != "warn"), ""),
        str(payload.get("text", "")),
        waited,
        not case.outcome and waited > target,
        names.get(case.holder, case.holder),
        case.holder == user.name,
        case.author == user.name,
        bool(case.escalated_by),
        bool(case.follows),
        case.outcome,
    )
