"""The people who sign in: their names, roles and passwords, and who is locked."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, insert, select, update

from copilot.errors import AccountRefused
from copilot.records.database import in_words, lock_head, reading
from copilot.records.passwords import demand_good, generated, hashed
from copilot.records.people import ROLES, Account, User, account_of
from copilot.records.sessions import end_in
from copilot.records.tables import users

ONE_TIME_HOURS = 72
"""How long a password that somebody else made may be used to sign in and choose one's own."""
_NAME = re.compile(r"[\w.@-]{1,64}")


@in_words
class UserStore:
    """Users in the record's database. Acts of a person on another's account go through `copilot.accounts`, which records them."""

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._clock = clock

    def list(self) -> list[User]:
        """All users by name."""
        return [account.user for account in self.accounts()]

    def accounts(self) -> tuple[Account, ...]:
        """All accounts by name."""
        with reading(self._engine) as connection:
            return tuple(account_of(row) for row in connection.execute(select(users).order_by(users.c.name)))

    def account(self, name: str) -> Account | None:
        """One account."""
        with reading(self._engine) as connection:
            row = connection.execute(select(users).where(users.c.name == name)).first()
        return account_of(row) if row else None

    def of_subject(self, subject: str) -> Account | None:
        """The account of a person of the bank's own sign-in."""
        with reading(self._engine) as connection:
            row = connection.execute(select(users).where(users.c.subject == subject)).first()
        return account_of(row) if row else None

    def add(self, name: str, role: str, display: str = "", password: str | None = None) -> str:
        """Add a user; returns the password: a one-time one when none is given. AccountRefused for a taken name or a bad role."""
        with_own = password is not None
        chosen = password if password is not None else generated()
        until = 0.0 if with_own else self.one_time_until()
        kept = hashed_for(chosen, name, demanded=with_own)
        with self._engine.begin() as connection:
            add_in(connection, name, role, display, kept, until)
        return chosen

    def set_password(self, name: str, password: str | None = None) -> str:
        """Change a password and end the user's sessions; returns it: a one-time one when none is given."""
        chosen = password if password is not None else generated()
        kept = hashed_for(chosen, name, demanded=password is not None)
        with self._engine.begin() as connection:
            keep_password_in(connection, name, kept, 0.0 if password is not None else self.one_time_until())
        return chosen

    def deactivate(self, name: str) -> None:
        """Close an account and its sessions; the record keeps its name."""
        with self._engine.begin() as connection:
            change_in(connection, name, active=0)
            end_in(connection, name)

    def make_first(self) -> dict[str, tuple[str, str]]:
        """On an empty store, one user a role: name to (role, one-time password). Else nothing."""
        if self.list():
            return {}
        display = {"advisor": "李经理", "compliance": "合规专员", "trainer": "培训师", "admin": "管理员"}
        return {role: (role, self.add(role, role, display[role])) for role in ROLES}

    def now(self) -> float:
        """The time that locks and one-time passwords go by."""
        return self._clock()

    def one_time_until(self) -> float:
        """When a one-time password made now is worth nothing."""
        return self._clock() + ONE_TIME_HOURS * 3600


def hashed_for(password: str, name: str, *, demanded: bool) -> str:
    """What is kept of a password; one that a person chose must be good."""
    if demanded:
        demand_good(password, name)
    return hashed(password)


def row_in(connection: Connection, name: str) -> Row[Any]:
    """A user's row, held until the transaction ends; AccountRefused when there is none."""
    row = connection.execute(select(users).where(users.c.name == name).with_for_update()).first()
    if row is None:
        raise AccountRefused("unknown", name)
    return row


def add_in(
    connection: Connection, name: str, role: str, display: str, kept: str, one_time_until: float, subject: str = ""
) -> None:
    """Add a user within a transaction."""
    if not _NAME.fullmatch(name):
        raise AccountRefused("name", name)
    if role not in ROLES:
        raise AccountRefused("role", role)
    lock_head(connection)
    if connection.execute(select(users.c.name).where(users.c.name == name)).first():
        raise AccountRefused("taken", name)
    row = {"name": name, "role": role, "display": (display.strip() or name)[:64], "password": kept}
    connection.execute(insert(users).values(**row, one_time_until=one_time_until, subject=subject or None))


def change_in(connection: Connection, name: str, **values: object) -> None:
    """Change columns of a user within a transaction; AccountRefused when there is none."""
    if connection.execute(update(users).where(users.c.name == name).values(**values)).rowcount == 0:
        raise AccountRefused("unknown", name)


def keep_password_in(connection: Connection, name: str, kept: str, one_time_until: float) -> None:
    """Put a new password in place, take every lock off, and end the user's sessions."""
    unlocked = {"failures": 0, "locks": 0, "locked_until": 0.0}
    change_in(connection, name, password=kept, one_time_until=one_time_until, **unlocked)
    end_in(connection, name)


def other_admins_in(connection: Connection, name: str) -> int:
    """How many active administrators there are beside one."""
    wanted = (users.c.role == "admin") & (users.c.active == 1) & (users.c.name != name)
    return connection.execute(select(func.count()).select_from(users).where(wanted)).scalar_one()
