"""Sign-ins: proven, counted, locked when guessed at, and ended by time, by idleness or by a person."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, delete, func, insert, select, update

from copilot.errors import AccessDenied
from copilot.records.database import in_words, reading
from copilot.records.ledger import append_in
from copilot.records.passwords import proven
from copilot.records.people import User, user_of
from copilot.records.tables import sessions, users

MAX_FAILURES = 5
LOCK_SECONDS, LONGEST_LOCK = 15 * 60, 24 * 3600
"""The first lock, and the longest: each lock is twice the one before until somebody signs in."""
TOUCH_SECONDS = 30
REFUSED = "wrong name or password, or the account is locked or closed"
"""The one answer to a sign-in that fails, whatever the reason: it does not say whether the name exists."""


@dataclass(frozen=True)
class Session:
    """A sign-in. `token` is what the browser holds; the store keeps its digest only."""

    token: str
    user: User
    expires: float


@in_words
class SessionStore:
    """Sessions in the record's database. One ends `hours` after its sign-in, or `idle_minutes` after its person's last act."""

    def __init__(
        self, engine: Engine, clock: Callable[[], float] = time.time, hours: float = 10, idle_minutes: float = 60
    ) -> None:
        self._engine = engine
        self._clock = clock
        self.hours, self.idle_minutes = hours, idle_minutes

    def sign_in(self, name: str, password: str) -> Session:
        """A new session, or AccessDenied with REFUSED. Five failures lock the account, each time for longer."""
        if not self.proves(name, password):
            raise AccessDenied(REFUSED)
        return self.open(name)

    def proves(self, name: str, password: str) -> bool:
        """Whether this is the password of an open account. Each try is counted before it is read, so that many at once gain nothing."""
        now = self._clock()
        counted = self._count(name, now)
        if counted is None:
            return proven(password, "")
        good = proven(password, counted.password)
        with self._engine.begin() as connection:
            if good:
                free = {"failures": 0, "locks": 0, "locked_until": 0.0}
                connection.execute(update(users).where(users.c.name == name).values(**free))
            elif counted.failures + 1 >= MAX_FAILURES:
                told = {"act": "locked", "user": name, "minutes": round(lock_seconds(counted.locks) / 60)}
                append_in(connection, "account", name, "", told, datetime.fromtimestamp(now))
        return good

    def open(self, name: str) -> Session:
        """A new session for somebody who has proven who he is; its token was never anybody's before."""
        now, token = self._clock(), secrets.token_urlsafe(32)
        expires = now + self.hours * 3600
        with self._engine.begin() as connection:
            connection.execute(delete(sessions).where(~self._running(now)))
            connection.execute(update(users).where(users.c.name == name).values(signed_in=now))
            connection.execute(insert(sessions).values(token=digest(token), user=name, expires=expires, seen=now))
        user = self.whose(token)
        if user is None:
            raise AccessDenied(REFUSED)
        return Session(token, user, expires)

    def whose(self, token: str | None) -> User | None:
        """The user of a running session, or None."""
        if not token:
            return None
        running = self._running(self._clock()) & (users.c.active == 1)
        query = select(users).join(sessions, sessions.c.user == users.c.name)
        with reading(self._engine) as connection:
            row = connection.execute(query.where(sessions.c.token == digest(token), running)).first()
        return user_of(row) if row else None

    def touch(self, token: str | None) -> bool:
        """Note that its person did something; False when the session is over."""
        now = self._clock()
        if self.whose(token) is None or not token:
            return False
        stale = (sessions.c.token == digest(token)) & (sessions.c.seen < now - TOUCH_SECONDS)
        with self._engine.begin() as connection:
            connection.execute(update(sessions).where(stale, self._running(now)).values(seen=now))
        return True

    def end(self, token: str | None) -> None:
        """End a session."""
        if token:
            with self._engine.begin() as connection:
                connection.execute(delete(sessions).where(sessions.c.token == digest(token)))

    def end_others(self, name: str, token: str | None) -> int:
        """End a user's sessions but one; how many there were."""
        with self._engine.begin() as connection:
            return end_in(connection, name, token)

    def running(self, name: str) -> int:
        """How many sessions of a user are running."""
        query = select(func.count()).select_from(sessions)
        with reading(self._engine) as connection:
            return connection.execute(query.where(sessions.c.user == name, self._running(self._clock()))).scalar_one()

    def _count(self, name: str, now: float) -> Row[Any] | None:
        """Count a try as a failure before it is read; the row as it was, or None when it may not be read at all."""
        with self._engine.begin() as connection:
            row = connection.execute(select(users).where(users.c.name == name).with_for_update()).first()
            if row is None or not row.active or not row.password or row.locked_until > now:
                return None
            if row.one_time_until and row.one_time_until <= now:
                return None
            last = row.failures + 1 >= MAX_FAILURES
            locked = {"failures": 0, "locks": row.locks + 1, "locked_until": now + lock_seconds(row.locks)}
            counted = locked if last else {"failures": row.failures + 1}
            connection.execute(update(users).where(users.c.name == name).values(**counted))
            return row

    def _running(self, now: float) -> ColumnElement[bool]:
        return (sessions.c.expires > now) & (sessions.c.seen > now - self.idle_minutes * 60)


def lock_seconds(locks: int) -> int:
    """How long the next lock lasts, after so many."""
    return min(LOCK_SECONDS << min(locks, 10), LONGEST_LOCK)


def end_in(connection: Connection, name: str, but: str | None = None) -> int:
    """End a user's sessions within a transaction, but for one; how many."""
    others = sessions.c.user == name
    if but:
        others &= sessions.c.token != digest(but)
    return connection.execute(delete(sessions).where(others)).rowcount


def digest(token: str) -> str:
    """What the store keeps of a token."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
