"""Notices to an advisor: a case of his that somebody took up, and what compliance decided. Which he has read, the server keeps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from copilot.errors import CopilotError
from copilot.records import Standing, User
from ui.desk import Desk
from ui.handlers.queueing import names_of
from ui.handlers.rights import only
from ui.handlers.talking import called

What = Literal["claimed", "approved", "returned", "rejected"]
KIND = "notice"
SHOWN = 12


@dataclass(frozen=True)
class Notice:
    """One thing that happened to a case of one's own. `entry` is the record's entry that says so."""

    entry: int
    referral: int
    what: What
    who: str
    at: datetime
    customer: str
    text: str
    reason: str
    read: bool
    already: bool
    conversation: str = ""


@only("advisor")
def notices(desk: Desk, user: User) -> tuple[Notice, ...]:
    """The newest notices, unread ones first."""
    happened = [(entry, case) for case in desk.app.cases.of(user.name, SHOWN) if (entry := _entry(case))]
    newest = sorted(happened, key=lambda pair: -pair[0])
    read, names = desk.app.desk.marks(user.name, KIND), names_of(desk)
    found = [n for entry, case in newest if (n := _notice(desk, user, entry, case, str(entry) in read, names))]
    unread = [n for n in found if not n.read]
    return tuple((unread + [n for n in found if n.read])[: max(SHOWN, len(unread))])


@only("advisor")
def unread(desk: Desk, user: User) -> dict[str, int]:
    """How many unread notices each of one's own conversations has."""
    return Counter(n.conversation for n in notices(desk, user) if not n.read)


@only("advisor")
def mark_read(desk: Desk, user: User, numbers: Iterable[int]) -> None:
    """Note that one's own notices were read; numbers that are none of one's own do nothing."""
    own = {n.entry for n in notices(desk, user)}
    desk.app.desk.mark(user.name, KIND, {str(n): "read" for n in numbers if n in own})


@only("advisor")
def place_of(desk: Desk, user: User, entry: int) -> str:
    """The conversation a notice is about, "" when it is none of one's own."""
    about = next((n.referral for n in notices(desk, user) if n.entry == entry), 0)
    case = desk.app.cases.get(about) if about else None
    return case.conversation if case is not None else ""


def _entry(case: Standing) -> int:
    """The entry that a notice of this case stands for: its decision, else that somebody holds it."""
    return case.decision or (case.last if case.holder else 0)


def _notice(desk: Desk, user: User, entry: int, case: Standing, read: bool, names: dict[str, str]) -> Notice | None:
    said, asked = desk.app.record.get(entry), desk.app.record.get(case.referral)
    if said is None or asked is None or asked.payload is None:
        return None
    what: What = "claimed"
    for outcome in ("approved", "returned", "rejected"):
        if case.outcome == outcome:
            what = outcome
    who = case.holder if what == "claimed" else said.actor
    try:
        customer = called(desk.app.conversations.get(case.conversation, user.name))
    except CopilotError:
        customer = ""
    reason = str((said.payload or {}).get("reason", ""))
    text, already = str(asked.payload.get("text", "")), bool(asked.payload.get("sent"))
    who, about = names.get(who, who), case.conversation
    return Notice(entry, case.referral, what, who, said.at, customer, text, reason, read, already, about)
