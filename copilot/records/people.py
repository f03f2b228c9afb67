"""The people who sign in, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, cast

from sqlalchemy import Row

UserRole = Literal["advisor", "compliance", "trainer", "admin"]
ROLES: tuple[UserRole, ...] = ("advisor", "compliance", "trainer", "admin")


@dataclass(frozen=True)
class User:
    """A person who signs in. `must_change`: with a one-time password, good for nothing but choosing another."""

    name: str
    role: UserRole
    display: str
    active: bool = True
    must_change: bool = False


@dataclass(frozen=True)
class Account:
    """A user as an administrator sees him. The times are seconds since 1970, 0 for never."""

    user: User
    failures: int
    locked_until: float
    one_time_until: float
    signed_in: float
    subject: str | None


def user_of(row: Row[Any]) -> User:
    """The person of a row."""
    return User(row.name, cast(UserRole, row.role), row.display, bool(row.active), bool(row.one_time_until))


def account_of(row: Row[Any]) -> Account:
    """The account of a row."""
    return Account(user_of(row), row.failures, row.locked_until, row.one_time_until, row.signed_in, row.subject)
