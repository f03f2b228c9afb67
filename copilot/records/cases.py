"""The cases of compliance: a small table beside the record, changed in the same transaction, made again when it disagrees."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Engine, Row, case, delete, func, insert, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from copilot.errors import CaseRefused, InputError, RecordError
from copilot.records.database import in_words, lock_head, reading, why
from copilot.records.standing import CASE_KINDS, Standing, changed, folded
from copilot.records.tables import cases, cases_through, entries, payloads
from copilot.types import Entry

_BATCH = 500
T = TypeVar("T")
Allowed = Callable[[Standing], None]
"""Raises when the case, as it stands, is not for this person or this act."""


@dataclass(frozen=True)
class Backlog:
    """How much waits for compliance. `oldest` is when the first of it was referred."""

    waiting: int = 0
    unclaimed: int = 0
    oldest: datetime | None = None


@in_words
class CaseStore:
    """Reads the cases. They are written by the record's own appends (`file`)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._compared = False

    def waiting(self) -> list[Standing]:
        """Every undecided case: the gravest first, the oldest first among equals."""
        return self._read(cases.c.outcome == "", cases.c.rank.desc(), cases.c.referral)

    def backlog(self) -> Backlog:
        """The undecided cases, counted and not read."""
        unclaimed = func.sum(case((cases.c.holder == "", 1), else_=0))
        counted = select(func.count(), unclaimed, func.min(cases.c.at)).where(cases.c.outcome == "")
        waiting, nobodys, oldest = self._agreed(lambda connection: connection.execute(counted).one())
        return Backlog(waiting, nobodys or 0, datetime.fromisoformat(oldest) if oldest else None)

    def decided(self, limit: int) -> list[Standing]:
        """The cases decided last, newest first."""
        return self._read(cases.c.decision > 0, cases.c.decision.desc(), limit=limit)

    def of(self, author: str, limit: int) -> list[Standing]:
        """An advisor's referrals: all that wait for him or for compliance, oldest first, then the newest others."""
        open_ones = or_(
            cases.c.outcome == "",
            (cases.c.outcome == "approved") & (cases.c.sent == 0),
            (cases.c.outcome == "returned") & (cases.c.followed == 0),
        )
        mine = self._read((cases.c.author == author) & open_ones, cases.c.referral)
        rest = self._read((cases.c.author == author) & ~open_ones, cases.c.referral.desc(), limit=limit)
        return mine + rest

    def within(self, conversation: str) -> list[Standing]:
        """The cases of one conversation, oldest first."""
        return self._read(cases.c.conversation == conversation, cases.c.referral)

    def get(self, referral: int) -> Standing | None:
        """One case."""
        found = self._read(cases.c.referral == referral, cases.c.referral)
        return found[0] if found else None

    def check(self, referral: int, seen: int | None, allowed: Allowed) -> Callable[[Connection], None]:
        """What an append asks under the lock: the case is as it was seen, and this act is allowed. Nothing is written otherwise."""

        def under_lock(connection: Connection) -> None:
            _catch_up(connection)
            standing = next(iter(_select(connection, cases.c.referral == referral, cases.c.referral)), None)
            if standing is None:
                raise InputError(f"no case {referral}")
            if seen is not None and standing.last != seen:
                allowed(standing)  # says who has it or decided it, where that is why
                raise CaseRefused("changed")
            allowed(standing)

        return under_lock

    def compare(self) -> bool:
        """Whether the table agreed with the whole record; when not, it does now."""
        try:
            with reading(self._engine) as connection:
                if _select(connection, None, cases.c.referral) == list(_from_record(connection).values()):
                    return True
            with self._engine.begin() as connection:
                lock_head(connection)
                _rebuild(connection)
        except SQLAlchemyError as error:
            raise RecordError(f"the cases could not be read: {why(error)}") from error
        return False

    def _read(self, where: ColumnElement[bool], *order: Any, limit: int | None = None) -> list[Standing]:
        return self._agreed(lambda connection: _select(connection, where, *order, limit=limit))

    def _agreed(self, read: Callable[[Connection], T]) -> T:
        """What is read of a table that agrees with the record up to its newest entry."""
        with self._lock:
            if not self._compared:
                self.compare()
                self._compared = True
        try:
            with reading(self._engine) as connection:
                if _current(connection):
                    return read(connection)
            with self._engine.begin() as connection:
                lock_head(connection)
                _catch_up(connection)
                return read(connection)
        except SQLAlchemyError as error:
            raise RecordError(f"the cases could not be read: {why(error)}") from error


def file(connection: Connection, entry: Entry) -> None:
    """Enter one appended entry into the table, in the append's own transaction. A table that is behind is left to `_catch_up`."""
    if entry.kind != "release" and entry.kind not in CASE_KINDS:
        return
    payload: Mapping[str, Any] = entry.payload or {}
    named = [n for n in (payload.get("referral"), payload.get("follows")) if isinstance(n, int) and n]
    if entry.kind == "release" and not named:
        return
    if not _current(connection, before=entry.sequence):
        return
    known = {s.referral: s for s in _select(connection, cases.c.referral.in_(named), cases.c.referral)} if named else {}
    for standing in changed(entry, known):
        connection.execute(delete(cases).where(cases.c.referral == standing.referral))
        connection.execute(insert(cases).values(**_row(standing)))
    if entry.kind in CASE_KINDS:
        _mark(connection, entry.sequence)


def forget(connection: Connection) -> None:
    """Drop the table's content: it is made again from the record, such as after a redaction."""
    connection.execute(delete(cases))
    _mark(connection, -1)


def _current(connection: Connection, before: int | None = None) -> bool:
    through = connection.execute(select(cases_through.c.sequence)).scalar()
    return (through or 0) == _newest(connection, before)


def _newest(connection: Connection, before: int | None = None) -> int:
    """The newest entry of the cases' kinds, by one look into the index for each kind."""
    found = 0
    for kind in CASE_KINDS:
        query = select(func.max(entries.c.sequence)).where(entries.c.kind == kind)
        if before is not None:
            query = query.where(entries.c.sequence < before)
        found = max(found, connection.execute(query).scalar() or 0)
    return found


def _catch_up(connection: Connection) -> None:
    if not _current(connection):
        _rebuild(connection)


def _rebuild(connection: Connection) -> None:
    connection.execute(delete(cases))
    rows = [_row(s) for s in _from_record(connection).values()]
    for start in range(0, len(rows), _BATCH):
        connection.execute(insert(cases), rows[start : start + _BATCH])
    _mark(connection, _newest(connection))


def _from_record(connection: Connection) -> dict[int, Standing]:
    """The cases as the record has them. Of the releases only those of a conversation with a referral are read."""
    referred = select(entries.c.conversation).where(entries.c.kind == "referral")
    wanted = or_(entries.c.kind.in_(CASE_KINDS), (entries.c.kind == "release") & entries.c.conversation.in_(referred))
    query = (
        select(entries, payloads.c.body)
        .join_from(entries, payloads, entries.c.sequence == payloads.c.sequence, isouter=True)
        .where(wanted)
        .order_by(entries.c.sequence)
    )
    return folded(_entry(row) for row in connection.execute(query))


def _entry(row: Row[Any]) -> Entry:
    body = json.loads(row.body) if row.body is not None else None
    at = datetime.fromisoformat(row.at)
    return Entry(row.sequence, row.kind, at, row.actor, row.conversation, body, row.hash, row.previous)


def _mark(connection: Connection, sequence: int) -> None:
    if not connection.execute(update(cases_through).values(sequence=sequence)).rowcount:
        connection.execute(insert(cases_through).values(id=1, sequence=sequence))


def _select(
    connection: Connection, where: ColumnElement[bool] | None, *order: Any, limit: int | None = None
) -> list[Standing]:
    query = select(cases).order_by(*order)
    if where is not None:
        query = query.where(where)
    if limit is not None:
        query = query.limit(limit)
    return [_standing(row) for row in connection.execute(query)]


def _standing(row: Row[Any]) -> Standing:
    return Standing(
        row.referral,
        row.conversation,
        row.author,
        datetime.fromisoformat(row.at),
        row.rank,
        tuple(row.checks.split()),
        tuple(row.rules.split()),
        row.holder,
        datetime.fromisoformat(row.held_at) if row.held_at else None,
        row.escalated_by,
        row.outcome,
        row.decision,
        row.sent,
        row.follows,
        row.followed,
        row.last,
    )


def _row(standing: Standing) -> dict[str, Any]:
    row = dict(vars(standing))
    row["at"] = standing.at.isoformat()
    row["held_at"] = standing.held_at.isoformat() if standing.held_at else ""
    row["checks"], row["rules"] = " ".join(standing.checks), " ".join(standing.rules)
    return row
