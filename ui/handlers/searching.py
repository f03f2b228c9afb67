"""Compliance: the record searched, one message in full, and samples of what went out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import islice
from typing import Any

from pydantic import TypeAdapter

from copilot.archive import Found, Wanted
from copilot.casework import OFFICERS
from copilot.errors import InputError
from copilot.papers import day_of
from copilot.records import User
from copilot.sampling import Draw, Sampled
from copilot.types import Turn, Verdict
from ui.desk import Desk
from ui.handlers.queueing import names_of
from ui.handlers.rights import only

SHOWN = 100


@dataclass(frozen=True)
class Search:
    """What was found; `more` when there is more than is shown. `asked` is False before anything was looked for."""

    rows: tuple[Found, ...] = ()
    more: bool = False
    asked: bool = False
    names: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Message:
    """One text with what it was about. `sampled` is set where it was drawn for review."""

    found: Found
    by: str
    turns: tuple[Turn, ...]
    shown: str | None
    verdict: Verdict
    sampled: Sampled | None
    judged_by: str
    judgeable: bool


@dataclass(frozen=True)
class Samples:
    """What was drawn: the messages that wait, and those judged last; and how they were judged, by advisor."""

    waiting: tuple[tuple[Sampled, Found], ...]
    judged: tuple[tuple[Sampled, Found], ...]
    tally: tuple[tuple[str, int, int], ...]
    """Advisor, good, poor."""
    names: Mapping[str, str]


def wanted_of(told: Mapping[str, str]) -> Wanted:
    """What is looked for, as the browser says it; an advisor by the name he signs in with."""
    text, customer, advisor, rule, kind = (
        told.get(k, "").strip() for k in ("text", "customer", "advisor", "rule", "kind")
    )
    return Wanted(text, customer, advisor, rule, kind, day_of(told.get("since")), day_of(told.get("until")))


@only(*OFFICERS)
def search(desk: Desk, user: User, told: Mapping[str, str]) -> Search:
    """The newest that match."""
    if not told.get("asked"):
        return Search()
    names = names_of(desk)
    wanted = _by_name(desk, wanted_of(told))
    found = tuple(islice(desk.app.office.archive.find(user, wanted), SHOWN + 1))
    return Search(found[:SHOWN], len(found) > SHOWN, True, names)


@only(*OFFICERS)
def export(desk: Desk, user: User, told: Mapping[str, str], form: str) -> str:
    """All that match, as a file."""
    return desk.app.office.archive.export(user, _by_name(desk, wanted_of(told)), form, desk.app.clock())


@only(*OFFICERS)
def evidence(desk: Desk, user: User, number: int) -> bytes:
    """The evidence pack of the message an entry belongs to."""
    return desk.app.office.archive.evidence(user, number, desk.app.clock())


@only(*OFFICERS)
def message(desk: Desk, user: User, number: int) -> Message:
    """One text in full."""
    found = _found(desk, user, number)
    entry = desk.app.record.get(number)
    told: Any = (entry.payload or {}) if entry is not None else {}
    opening = desk.app.record.get(told["proposal"]) if isinstance(told.get("proposal"), int) else None
    turns = (opening.payload or {}).get("turns", ()) if opening is not None else ()
    sampled = next((s for s in desk.app.office.sampling.drawn() if s.release == number), None)
    open_one = sampled is not None and not sampled.outcome and found.advisor != user.name
    names = names_of(desk)
    return Message(
        found,
        names.get(found.advisor, found.advisor),
        TypeAdapter(tuple[Turn, ...]).validate_python(turns),
        told.get("shown"),
        TypeAdapter(Verdict).validate_python(told["verdict"]),
        sampled,
        names.get(sampled.by, sampled.by) if sampled else "",
        open_one,
    )


@only(*OFFICERS)
def samples(desk: Desk, user: User) -> Samples:
    """What was drawn, and what was said of it."""
    drawn = desk.app.office.sampling.drawn()
    told = [(s, f) for s in drawn if (f := _maybe(desk, user, s.release)) is not None]
    tally: dict[str, list[int]] = {}
    for sampled, found in told:
        if sampled.outcome:
            tally.setdefault(found.advisor, [0, 0])[sampled.outcome == "poor"] += 1
    return Samples(
        tuple((s, f) for s, f in told if not s.outcome)[:SHOWN],
        tuple((s, f) for s, f in reversed(told) if s.outcome)[:SHOWN],
        tuple((advisor, good, poor) for advisor, (good, poor) in sorted(tally.items())),
        names_of(desk),
    )


@only(*OFFICERS)
def draw(desk: Desk, user: User, told: Mapping[str, str]) -> int:
    """Draw a sample; how many messages it holds."""
    try:
        percent = float(told.get("percent", "").rstrip("%％"))
    except ValueError as error:
        raise InputError("a share lies between 0 and 100 percent") from error
    advisor = _advisor(desk, told.get("of_advisor", ""))
    wanted = Draw(percent, advisor, told.get("of_rule", ""), day_of(told.get("from")), day_of(told.get("to")))
    return len(desk.app.office.sampling.draw(user, wanted))


@only(*OFFICERS)
def judge(desk: Desk, user: User, number: int, outcome: str, remark: str) -> int:
    """Say what a message is worth; the next that waits, 0 for none."""
    desk.app.office.sampling.judge(user, number, outcome, remark)
    waiting = [s.release for s, f in samples(desk, user).waiting if f.advisor != user.name]
    return next((n for n in waiting if n > number), waiting[0] if waiting else 0)


def _by_name(desk: Desk, wanted: Wanted) -> Wanted:
    values = {f.name: getattr(wanted, f.name) for f in fields(Wanted)}
    return Wanted(**{**values, "advisor": _advisor(desk, wanted.advisor)})


def _advisor(desk: Desk, said: str) -> str:
    """An advisor by either of his names; InputError for nobody's."""
    if not said.strip():
        return ""
    for person in desk.app.users.list():
        if said.strip() in (person.name, person.display):
            return person.name
    raise InputError(f"nobody is called {said.strip()}")


def _found(desk: Desk, user: User, number: int) -> Found:
    found = _maybe(desk, user, number)
    if found is None:
        raise InputError(f"no text {number} in the record")
    return found


def _maybe(desk: Desk, user: User, number: int) -> Found | None:
    return desk.app.office.archive.get(user, number)
