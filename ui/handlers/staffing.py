"""The administrator's page: who may sign in, how each account stands, what was done with it, and the acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from copilot.accounts import CONSOLE
from copilot.errors import AccountRefused
from copilot.records import Account
from copilot.records.people import User
from ui.desk import Desk
from ui.handlers.rights import only

Standing = Literal["open", "closed", "locked", "one_time", "one_time_over"]
ACTS = ("role", "close", "reopen", "unlock", "password", "sign_out")


@dataclass(frozen=True)
class Person:
    """One account of the list. `standing` is what stands in the way first; `until` the end of a lock."""

    name: str
    display: str
    role: str
    standing: Standing
    until: datetime | None
    last: datetime | None
    failures: int
    elsewhere: bool
    own: bool


@dataclass(frozen=True)
class Deed:
    """What was done with an account, and by whom: a name, `console:…`, or `oidc`."""

    at: datetime
    by: str
    what: str
    told: Mapping[str, object]


@dataclass(frozen=True)
class Opened:
    """One account with what may be done with it."""

    person: Person
    running: int
    deeds: tuple[Deed, ...]
    acts: frozenset[str]


@only("admin")
def people(desk: Desk, user: User, wanted: str = "") -> tuple[Person, ...]:
    """The accounts whose name or display holds what is looked for: the open ones first."""
    look = wanted.strip().casefold()
    found = [_person(desk, user, account) for account in desk.app.users.accounts()]
    fitting = [p for p in found if look in p.name.casefold() or look in p.display.casefold()]
    return tuple(sorted(fitting, key=lambda p: (p.standing == "closed", p.name)))


@only("admin")
def opened(desk: Desk, user: User, name: str) -> Opened:
    """One account; AccountRefused when there is none."""
    account = desk.app.users.account(name)
    if account is None:
        raise AccountRefused("unknown", name)
    person = _person(desk, user, account)
    deeds = tuple(_deed(desk, e.at, e.actor, dict(e.payload or {})) for e in desk.app.accounts.history(name))
    return Opened(person, desk.app.sessions.running(name), deeds, _acts(person))


@only("admin")
def add(desk: Desk, user: User, name: str, display: str, role: str) -> str:
    """A new account; its one-time password."""
    return desk.app.accounts.add(user, name.strip(), role, display.strip())


@only("admin")
def act(desk: Desk, user: User, what: str, name: str, role: str = "") -> str:
    """One of ACTS on an account; the one-time password where the act makes one, else ""."""
    accounts = desk.app.accounts
    if what == "password":
        return accounts.new_password(user, name)
    if what == "role":
        accounts.set_role(user, name, role)
    elif what in ("close", "reopen", "unlock"):
        {"close": accounts.close, "reopen": accounts.reopen, "unlock": accounts.unlock}[what](user, name)
    else:
        accounts.end_sessions(user, name)
    return ""


def _acts(person: Person) -> frozenset[str]:
    if person.own:
        return frozenset()
    shut = person.standing == "closed"
    found = {"reopen" if shut else "close", "role"}
    found |= {"unlock"} if person.standing == "locked" or person.failures else set()
    found |= set() if person.elsewhere or shut else {"password"}
    found |= set() if shut else {"sign_out"}
    return frozenset(found)


def _person(desk: Desk, user: User, account: Account) -> Person:
    now = desk.app.users.now()
    standing: Standing = "open"
    if not account.user.active:
        standing = "closed"
    elif account.locked_until > now:
        standing = "locked"
    elif account.one_time_until:
        standing = "one_time" if account.one_time_until > now else "one_time_over"
    until = datetime.fromtimestamp(account.locked_until) if standing == "locked" else None
    last = datetime.fromtimestamp(account.signed_in) if account.signed_in else None
    who = account.user
    own, elsewhere = who.name == user.name, account.subject is not None
    return Person(who.name, who.display, who.role, standing, until, last, account.failures, elsewhere, own)


def _deed(desk: Desk, at: datetime, actor: str, told: dict[str, object]) -> Deed:
    by = "oidc" if told.get("by") == "oidc" else actor
    if by not in ("oidc",) and not by.startswith(CONSOLE):
        account = desk.app.users.account(by)
        by = account.user.display if account else by
    return Deed(at, by, str(told.get("act", "")), told)
