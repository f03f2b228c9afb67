"""The advisor's conversations as HTML: the list, the customer's card, what was said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from copilot.records.conversations import StoredMessage
from copilot.suitability import assessed
from copilot.types import Customer, Holding
from ui.handlers.views import Row
from ui.present.base import el, safe, waited
from ui.text import Words


def rows(words: Words, found: Sequence[Row], now: datetime, unread: Mapping[str, int] | None = None) -> str:
    """The list of conversations. `unread` counts what happened to each one's cases and was not read yet."""
    if not found:
        return el("p", "empty", safe(words("no_talks")))
    return el("div", "rows", *(_row(words, row, now, (unread or {}).get(row.id, 0)) for row in found))


def _row(words: Words, row: Row, now: datetime, unread: int) -> str:
    name = row.name or words("nameless")
    dot = el("span", "dot is-wait", "●", title=words("unanswered")) if row.waiting else el("span", "dot", "○")
    if row.since is not None:
        minutes = max(0, int((now - row.since).total_seconds() // 60))
        told = words("waits_row", age=waited(words, minutes)) if minutes else words("just_now")
        when = el("span", "quiet small", safe(told))
    else:
        when = el("span", "quiet small", safe(ago(words, row.at, now)))
    news = el("span", "notice-count", str(unread), title=words("unread", n=unread)) if unread else ""
    head = el("span", "row-head", dot, el("b", "row-name", safe(name)), news, when)
    last = el("span", "row-last", safe(row.last.replace("\n", " ")[:40] or words("empty_talk")))
    css = "act row is-open" if row.open else "act row"
    return f'<button type="button" class="{css} do-open-{safe(row.id)}">{head}{last}</button>'


def ago(words: Words, at: datetime, now: datetime) -> str:
    """How long ago, in a word."""
    minutes = int((now - at).total_seconds() // 60)
    if minutes < 1:
        return words("just_now")
    if minutes < 60:
        return words("minutes", n=minutes)
    if at.date() == now.date():
        return f"{at:%H:%M}"
    return words("yesterday") if (now.date() - at.date()).days == 1 else f"{at:%m-%d}"


def card_line(words: Words, customer: Customer | None) -> str:
    """The folded card's one line, as plain text."""
    if customer is None:
        return words("card_empty")
    parts = [customer.name or words("nameless"), customer.risk_level or words("unknown_level")]
    if customer.assessed_on:
        parts.append(words("assessed", on=customer.assessed_on.isoformat()))
    if customer.age is not None:
        parts.append(words("years", n=customer.age))
    parts += customer.tags[:2]
    for holding in maturing(customer)[:1]:
        parts.append(_held(holding))
        if holding.maturity:
            parts.append(words("matures", on=f"{holding.maturity:%m-%d}"))
    return " · ".join(parts)


def maturing(customer: Customer) -> list[Holding]:
    """What she holds, what matures first before the rest."""
    return sorted(customer.holdings, key=lambda h: h.maturity or date.max)


def _held(holding: Holding) -> str:
    return f"{holding.name} {holding.amount / 1e4:g}万" if holding.amount else holding.name


def card_facts(words: Words, customer: Customer | None, today: date, valid_days: int) -> str:
    """What an advisor needs in sight while writing: level and assessment, what matures when, what happened lately."""
    if customer is None:
        return ""
    on = customer.assessed_on.isoformat() if customer.assessed_on else ""
    if assessed(customer, today, valid_days):
        chips = [el("span", "chip", safe(f"{customer.risk_level} · {words('valid_card', on=on)}"))]
    else:
        told = words("expired_card", on=on) if on else words("never_assessed")
        level = customer.risk_level or words("unknown_level")
        chips = [el("span", "chip is-warn", "! ", safe(f"{level} · {told}"))]
    if customer.aum is not None:
        chips.append(el("span", "chip", safe(words("aum", n=f"{customer.aum / 1e4:g}万"))))
    chips += [el("span", "chip", safe(tag)) for tag in customer.tags]
    lines = [_due(words, holding, today) for holding in maturing(customer)]
    newest = sorted(customer.events, key=lambda e: e.at, reverse=True)
    lines += [el("p", "small quiet", safe(f"{event.at:%Y-%m-%d} {event.text}")) for event in newest]
    return el("div", "card-facts", el("p", "chips", *chips), *lines)


def _due(words: Words, holding: Holding, today: date) -> str:
    level = f" {holding.risk_level}" if holding.risk_level else ""
    if holding.maturity is None:
        return el("p", "small", safe(_held(holding) + level))
    days = (holding.maturity - today).days
    left = words("due_today") if days == 0 else words("due_in", n=days) if days > 0 else words("due_past")
    due = el("b", "", safe(words("matures", on=f"{holding.maturity:%Y-%m-%d}")))
    return el("p", "small", due, safe(f" {left} · {_held(holding)}{level}"))


def chat(words: Words, messages: Sequence[StoredMessage], customer: Customer | None) -> str:
    """What was said, oldest first."""
    if not messages:
        return el(
            "div", "empty", el("p", "", safe(words("chat_empty"))), el("p", "quiet", safe(words("chat_empty_more")))
        )
    name = (customer.name if customer else "") or words("customer")
    return el("div", "chat", *(_message(words, m, name) for m in messages))


def _message(words: Words, message: StoredMessage, customer: str) -> str:
    hers = message.role == "customer"
    who = el("p", "quiet small", safe(f"{customer if hers else words('me')} {message.at:%H:%M}"))
    return el("div", f"said {'hers' if hers else 'mine'}", who, el("p", "bubble", safe(message.text)))
