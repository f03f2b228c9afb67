"""The advisor's conversations: list, open, begin, paste, and the customer's card."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any

from copilot.edges import LONGEST_TEXT, CustomerIn, parse
from copilot.errors import InputError
from copilot.pasted import read_chat
from copilot.records import User
from copilot.records.conversations import StoredConversation, StoredMessage
from copilot.types import Conversation, Customer, Library, Turn
from copilot.written import plain
from ui.desk import Desk
from ui.handlers.rights import only
from ui.handlers.views import Row, Talk

MOST_MESSAGES = 500
CALLED = "called"
"""Where a conversation keeps what the pasted chat called her: a nickname is no way to address her, so it is no part of her card."""
"""Messages of one paste; a longer one is refused."""
_MINE = ("我", "顾问", "me", "advisor")
_AMOUNT = re.compile(r"^([\d,]+(?:\.\d+)?)(亿|万)?元?$")
_UNITS = {None: 1.0, "万": 1e4, "亿": 1e8}


@only("advisor")
def rows(desk: Desk, user: User, opened: str) -> tuple[Row, ...]:
    """The advisor's conversations, newest first."""
    found = []
    for stored in desk.app.conversations.of(user.name):
        last = stored.messages[-1] if stored.messages else None
        found.append(
            Row(
                stored.id,
                called(stored),
                last.text if last else "",
                stored.updated,
                stored.id == opened,
                _since(stored.messages),
            )
        )
    return tuple(found)


def _since(messages: Sequence[StoredMessage]) -> datetime | None:
    """When the first of her messages after the advisor's last one was written."""
    hers = list(takewhile(lambda m: m.role == "customer", reversed(messages)))
    return hers[-1].at if hers else None


@only("advisor")
def newest(desk: Desk, user: User) -> str:
    """The conversation to open first, "" when there is none."""
    found = desk.app.conversations.of(user.name, limit=1)
    return found[0].id if found else ""


@only("advisor")
def talk(desk: Desk, user: User, conversation: str) -> Talk:
    """One's own conversation, as shown; an empty one when none is open."""
    if not conversation:
        return Talk()
    stored = desk.app.conversations.get(conversation, user.name)
    return Talk(stored.id, card_of(stored), stored.messages)


@only("advisor")
def begin(desk: Desk, user: User) -> str:
    """A new, empty conversation; an empty one that is already there is used again."""
    for stored in desk.app.conversations.of(user.name, limit=20):
        if not stored.messages and not stored.customer:
            return stored.id
    made = secrets.token_hex(8)
    desk.app.conversations.save(made, user.name, {}, desk.app.clock())
    return made


@only("advisor")
def say(desk: Desk, user: User, conversation: str, pasted: str) -> str:
    """Add pasted messages to a conversation (a new one when none is open); returns its id. Older suggestions are void."""
    new = read_paste(pasted, desk.app.clock())
    opened = conversation or begin(desk, user)
    if new:
        desk.app.conversations.add(opened, user.name, new)
        desk.outdate(user, opened)
    return opened


def read_paste(pasted: str, at: datetime) -> tuple[StoredMessage, ...]:
    """Messages of a paste.

    Without prefixes every line is a message of the customer. With `客户:` and `我:` a line without a prefix goes on with
    the message before it, so that the advisor's own words are never taken for the customer's. A chat that names its
    speakers otherwise goes by `ui.handlers.importing`.
    """
    if len(pasted) > LONGEST_TEXT:
        raise InputError(f"the pasted text is longer than {LONGEST_TEXT} characters: paste less at a time")
    messages = tuple(
        StoredMessage("advisor" if said.speaker.lower() in _MINE else "customer", said.text, said.at or at)
        for said in read_chat(pasted, at).said
    )
    if len(messages) > MOST_MESSAGES:
        raise InputError(f"longer than {MOST_MESSAGES} messages in one paste: paste less at a time")
    return messages


def conversation_of(stored: StoredConversation) -> Conversation:
    """The stored conversation as the line takes it."""
    turns = tuple(Turn("customer" if m.role == "customer" else "advisor", m.text, m.at) for m in stored.messages)
    return Conversation(turns, card_of(stored), None, stored.id)


def card_of(stored: StoredConversation) -> Customer | None:
    """The customer's card, None while nothing is known."""
    known = {k: v for k, v in stored.customer.items() if k != CALLED}
    return parse(CustomerIn, known).value() if known else None


def called(stored: StoredConversation) -> str:
    """What a list names a conversation by: the card's name, else what the pasted chat called her."""
    return str(stored.customer.get("name") or stored.customer.get(CALLED) or "")


@only("advisor")
def save_card(desk: Desk, user: User, conversation: str, fields: Mapping[str, str]) -> str:
    """Write the card from the form's texts; returns the conversation's id. Suggestions made for the old card are void."""
    opened = conversation or begin(desk, user)
    before = dict(desk.app.conversations.get(opened, user.name).customer)
    nick = before.pop(CALLED, "")
    card: dict[str, Any] = {**before, **_filled(fields)}
    for name in ("name", "risk_level", "assessed_on", "age"):
        if not fields.get(name, "").strip():
            card.pop(name, None)
    card["holdings"] = [
        _holding(line, desk.app.line.library) for line in fields.get("holdings", "").splitlines() if line.strip()
    ]
    card["tags"] = [tag for tag in re.split(r"[、，,\s]+", fields.get("tags", "")) if tag]
    card["events"] = [_event(line) for line in fields.get("events", "").splitlines() if line.strip()]
    value = parse(CustomerIn, card).value()
    desk.app.conversations.save(opened, user.name, {**_slim(plain(value)), **_slim({CALLED: nick})}, desk.app.clock())
    desk.outdate(user, opened)
    return opened


def holding_line(name: str, risk_level: str | None, amount: float | None, maturity: str) -> str:
    """A holding as one line of the form."""
    money = f"{amount / 1e4:g}万" if amount and amount >= 1e4 else f"{amount:g}元" if amount else ""
    return " ".join(part for part in (name, risk_level or "", money, maturity) if part)


def _filled(fields: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("name", "risk_level", "assessed_on"):
        if fields.get(name, "").strip():
            found[name] = fields[name].strip()
    age = fields.get("age", "").strip()
    if age:
        if not age.isdecimal():
            raise InputError("age: a whole number")
        found["age"] = int(age)
    return found


def _event(line: str) -> dict[str, Any]:
    """`2026-11-02 女儿考上大学`: a day, then what happened."""
    day, _, text = line.strip().partition(" ")
    if not re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}", day) or not text.strip():
        raise InputError("events: a day such as 2026-11-02, then what happened")
    return {"at": "-".join(p.zfill(2) for p in day.split("-")), "text": text.strip()}


def _holding(line: str, library: Library) -> dict[str, Any]:
    """`稳健半年 R2 30万 2026-11-27`: a name, then what can be told apart by its form."""
    found: dict[str, Any] = {}
    names: list[str] = []
    for part in re.split(r"[\s，;；、|]+|,(?!\d{3})", line.strip()):
        amount = _AMOUNT.match(part)
        if re.fullmatch(r"[Rr][1-5]", part):
            found["risk_level"] = part.upper()
        elif re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}", part):
            found["maturity"] = "-".join(p.zfill(2) for p in part.split("-"))
        elif amount and names:
            found["amount"] = float(amount.group(1).replace(",", "")) * _UNITS[amount.group(2)]
        elif part:
            names.append(part)
    found["name"] = " ".join(names) or line.strip()
    named = library.named(found["name"])
    if named:
        found["product"] = named[0][0].id
    return found


def _slim(card: Mapping[str, Any]) -> dict[str, Any]:
    """The card without its empty fields: `{}` means nothing is known."""
    return {
        key: [_slim(v) if isinstance(v, dict) else v for v in value] if isinstance(value, list) else value
        for key, value in card.items()
        if value not in (None, "", [], ())
    }
