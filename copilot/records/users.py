"""Users, roles, passwords and sign-ins."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal, cast

from pwdlib import PasswordHash
from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from copilot.errors import AccessDenied, InputError
from copilot.records.database import reading
from copilot.records.tables import sessions, users

UserRole = Literal["advisor", "compliance", "trainer", "admin"]
ROLES: tuple[UserRole, ...] = ("advisor", "compliance", "trainer", "admin")
MAX_FAILURES = 5
LOCK_SECONDS = 15 * 60
SHORTEST_PASSWORD = 10
_ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


@dataclass(frozen=True)
class User:
    """A person who signs in."""

    name: str
    role: UserRole
    display: str
    active: bool = True


@dataclass(frozen=True)
class Session:
    """A sign-in. `token` is what the browser holds; the store keeps its digest only."""

    token: str
    user: User
    expires: float


class UserStore:
    """Users and sessions in the record's database."""

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._clock = clock
        self._hasher = PasswordHash.recommended()

    def add(self, name: str, role: str, display: str = "", password: str | None = None) -> str:
        """Add a user; returns the password, generated when none is given. InputError for a taken name or a bad role."""
        if role not in ROLES:
            raise InputError(f"role {role!r}: choose one of {', '.join(ROLES)}")
        if not name.isidentifier() and not name.replace("-", "").replace(".", "").isalnum():
            raise InputError(f"name {name!r}: use letters, digits, dot and hyphen")
        chosen = self._checked(password) if password is not None else generate_password()
        try:
            with self._engine.begin() as connection:
                connection.execute(
                    insert(users).values(
                        name=name,
                        role=role,
                        display=display or name,
                        password=self._hasher.hash(chosen),
                        failures=0,
                        locked_until=0.0,
                        active=1,
                    )
                )
        except IntegrityError as error:
            raise InputError(f"user {name!r} exists; use `advisor-copilot user passwd {name}`") from error
        return chosen

    def set_password(self, name: str, password: str | None = None) -> str:
        """Change a password and end the user's sessions; returns it, generated when none is given."""
        chosen = self._checked(password) if password is not None else generate_password()
        with self._engine.begin() as connection:
            changed = connection.execute(
                update(users)
                .where(users.c.name == name)
                .values(password=self._hasher.hash(chosen), failures=0, locked_until=0.0)
            )
            connection.execute(delete(sessions).where(sessions.c.user == name))
        if changed.rowcount == 0:
            raise InputError(f"no user {name!r}; see `advisor-copilot user list`")
        return chosen

    def list(self) -> list[User]:
        """All users by name."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(users).order_by(users.c.name)).fetchall()
        return [User(r.name, cast(UserRole, r.role), r.display, bool(r.active)) for r in rows]

    def deactivate(self, name: str) -> None:
        """Close an account and its sessions; the record keeps its name."""
        with self._engine.begin() as connection:
            changed = connection.execute(update(users).where(users.c.name == name).values(active=0))
            connection.execute(delete(sessions).where(sessions.c.user == name))
        if changed.rowcount == 0:
            raise InputError(f"no user {name!r}; see `advisor-copilot user list`")

    def sign_in(self, name: str, password: str, hours: float = 10) -> Session:
        """A new session, or AccessDenied. Five failures lock the account for a quarter of an hour."""
        now = self._clock()
        with self._engine.begin() as connection:
            row = connection.execute(select(users).where(users.c.name == name)).first()
            if row is None or not row.active:
                self._hasher.verify(password, _DECOY)  # an unknown name takes as long as a known one
                raise AccessDenied("wrong name or password")
            if row.locked_until > now:
                raise AccessDenied(
                    f"locked after {MAX_FAILURES} failures; try again in {_minutes(row.locked_until - now)}"
                )
            good = self._hasher.verify(password, row.password)
            failures = 0 if good else row.failures + 1
            locked = now + LOCK_SECONDS if failures >= MAX_FAILURES else 0.0
            connection.execute(
                update(users)
                .where(users.c.name == name)
                .values(failures=0 if locked else failures, locked_until=locked)
            )
            token, expires = secrets.token_urlsafe(32), now + hours * 3600
            if good:
                connection.execute(delete(sessions).where(sessions.c.expires < now))
                connection.execute(insert(sessions).values(token=_digest(token), user=name, expires=expires))
        if not good:
            raise AccessDenied("wrong name or password")
        return Session(token, User(row.name, cast(UserRole, row.role), row.display), expires)

    def whose(self, token: str | None) -> User | None:
        """The user of a running session, or None."""
        if not token:
            return None
        query = (
            select(users)
            .join(sessions, sessions.c.user == users.c.name)
            .where(sessions.c.token == _digest(token), sessions.c.expires > self._clock(), users.c.active == 1)
        )
        with reading(self._engine) as connection:
            row = connection.execute(query).first()
        return User(row.name, cast(UserRole, row.role), row.display) if row else None

    def sign_out(self, token: str | None) -> None:
        """End a session."""
        if token:
            with self._engine.begin() as connection:
                connection.execute(delete(sessions).where(sessions.c.token == _digest(token)))

    def make_first(self) -> dict[str, tuple[str, str]]:
        """On an empty store, one user a role: name to (role, generated password). Else nothing."""
        if self.list():
            return {}
        display = {"advisor": "李经理", "compliance": "合规专员", "trainer": "培训师", "admin": "管理员"}
        return {role: (role, self.add(role, role, display[role])) for role in ROLES}

    def _checked(self, password: str) -> str:
        if len(password) < SHORTEST_PASSWORD:
            raise InputError(f"password: at least {SHORTEST_PASSWORD} characters")
        return password


def generate_password() -> str:
    """Sixteen characters that are not mistaken for one another."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(16))


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _minutes(seconds: float) -> str:
    return f"{max(1, round(seconds / 60))} min"


# An argon2 hash of a random password nobody holds: verified against when the name is unknown.
_DECOY = "$argon2id$v=19$m=65536,t=3,p=4$MIIRqgvgQbgj220jfp0MPA$YfwJSVjtjSU0zzV/P3S9nnQ/USre2wvJMjfCIjrTQbg"
