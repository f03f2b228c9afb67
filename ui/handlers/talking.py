"""The advisor's conversations: list, open, begin, paste, and the customer's card."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from copilot.edges import LONGEST_TEXT, CustomerIn, parse
from copilot.errors import InputError
from copilot.records import User
from copilot.records.conversations import StoredConversation, StoredMessage
from copilot.types import Conversation, Customer, Library, Turn
from copilot.written import plain
from ui.desk import Desk
from ui.handlers.views import Row, Talk

MOST_MESSAGES = 200
"""Messages of one paste; a longer one is refused."""
_WHO = re.compile(r"^\s*(客户|我|顾问|customer|client|me|advisor)\s*[:：]\s*", re.IGNORECASE)
_CUSTOMER = {"客户", "customer", "client"}
_AMOUNT = re.compile(r"^([\d,]+(?:\.\d+)?)(亿|万)?元?$")
_UNITS = {None: 1.0, "万": 1e4, "亿": 1e8}


def rows(desk: Desk, user: User, opened: str) -> tuple[Row, ...]:
    """The advisor's conversations, newest first."""
    found = []
    for stored in desk.app.conversations.of(user.name):
        last = stored.messages[-1] if stored.messages else None
        found.append(
            Row(
                stored.id,
                str(stored.customer.get("name") or ""),
                last.text if last else "",
                stored.updated,
                stored.id == opened,
                last is not None and last.role == "customer",
            )
        )
    return tuple(found)


def newest(desk: Desk, user: User) -> str:
    """The conversation to open first, "" when there is none."""
    found = desk.app.conversations.of(user.name, limit=1)
    return found[0].id if found else ""


def talk(desk: Desk, user: User, conversation: str) -> Talk:
    """One's own conversation, as shown; an empty one when none is open."""
    if not conversation:
        return Talk()
    stored = desk.app.conversations.get(conversation, user.name)
    return Talk(stored.id, card_of(stored), stored.messages)


def begin(desk: Desk, user: User) -> str:
    """A new, empty conversation; an empty one that is already there is used again."""
    for stored in desk.app.conversations.of(user.name, limit=20):
        if not stored.messages and not stored.customer:
            return stored.id
    made = secrets.token_hex(8)
    desk.app.conversations.save(made, user.name, {}, desk.app.clock())
    return made


def say(desk: Desk, user: User, conversation: str, pasted: str) -> str:
    """Add pasted messages to a conversation (a new one when none is open); returns its id. Older suggestions are void."""
    new = read_paste(pasted, desk.app.clock())
    opened = conversation or begin(desk, user)
    if new:
        desk.app.conversations.add(opened, user.name, new)
        desk.workspaces.outdate(opened)
    return opened


def read_paste(pasted: str, at: datetime) -> tuple[StoredMessage, ...]:
    """Messages of a paste.

    Without prefixes every line is a message of the customer. With `客户:` and `我:` a line without a prefix goes on with
    the message before it, so that the advisor's own words are never taken for the customer's.
    """
    if len(pasted) > LONGEST_TEXT:
        raise InputError(f"the pasted text is longer than {LONGEST_TEXT} characters: paste less at a time")
    lines = [line.strip() for line in pasted.splitlines() if line.strip()]
    named = any(_WHO.match(line) for line in lines)
    said: list[tuple[str, str]] = []
    for line in lines:
        who = _WHO.match(line)
        if who:
            role = "customer" if who.group(1).lower() in _CUSTOMER else "advisor"
            said.append((role, line[who.end() :]))
        elif named and said:
            said[-1] = (said[-1][0], f"{said[-1][1]}\n{line}".strip())
        else:
            said.append(("customer", line))
    messages = tuple(StoredMessage(role, text, at) for role, text in said if text.strip())
    if len(messages) > MOST_MESSAGES:
        raise InputError(f"more than {MOST_MESSAGES} messages in one paste: paste less at a time")
    return messages


def conversation_of(stored: StoredConversation) -> Conversation:
    """The stored conversation as the line takes it."""
    turns = tuple(Turn("customer" if m.role == "customer" else "advisor", m.text, m.at) for m in stored.messages)
    return Conversation(turns, card_of(stored), None, stored.id)


def card_of(stored: StoredConversation) -> Customer | None:
    """The customer's card, None while nothing is known."""
    return parse(CustomerIn, stored.customer).value() if stored.customer else None


def save_card(desk: Desk, user: User, conversation: str, fields: Mapping[str, str]) -> str:
    """Write the card from the form's texts; returns the conversation's id. Suggestions made for the old card are void."""
    opened = conversation or begin(desk, user)
    before = desk.app.conversations.get(opened, user.name).customer
    card: dict[str, Any] = {**before, **_filled(fields)}
    for name in ("name", "risk_level", "assessed_on", "age"):
        if not fields.get(name, "").strip():
            card.pop(name, None)
    card["holdings"] = [
        _holding(line, desk.app.line.library) for line in fields.get("holdings", "").splitlines() if line.strip()
    ]
    value = parse(CustomerIn, card).value()
    desk.app.conversations.save(opened, user.name, _slim(plain(value)), desk.app.clock())
    desk.workspaces.outdate(opened)
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
