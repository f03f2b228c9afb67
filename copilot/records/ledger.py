"""The append-only record over SQLAlchemy."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Engine, Row, Select, desc, insert, select
from sqlalchemy.exc import SQLAlchemyError

from copilot.errors import RecordError
from copilot.records.cases import file, forget
from copilot.records.chain import (
    GENESIS,
    Link,
    Verification,
    canonical,
    digest_entry,
    digest_payload,
    verify,
)
from copilot.records.database import lock_head, reading, why
from copilot.records.holds import held_in
from copilot.records.tables import entries, payloads
from copilot.types import Entry

_BATCH = 1000


class RecordStore:
    """Appends and reads entries. An append returns only after the commit is on disk."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def append(
        self,
        kind: str,
        actor: str,
        conversation: str,
        payload: Mapping[str, object],
        at: datetime | None = None,
        check: Callable[[Connection], None] | None = None,
    ) -> Entry:
        """Append one entry and commit. Raises RecordError when it could not be written: the text must be held.

        `check` is asked under the lock, before anything is written; what it raises leaves the record as it was.
        """
        try:
            with self._engine.begin() as connection:
                if check is not None:
                    lock_head(connection)
                    check(connection)
                return append_in(connection, kind, actor, conversation, payload, at or datetime.now())
        except (SQLAlchemyError, ValueError) as error:  # a damaged row is a ValueError of whoever reads it
            raise RecordError(f"the record could not be written, so the text is held: {why(error)}") from error

    def verify(self) -> Verification:
        """Read the whole chain."""
        return verify(self.links())

    def links(self, first: int | None = None, last: int | None = None) -> Iterator[Link]:
        """Entries in order of their sequence, as stored; from `first` to `last` when given."""
        query = self._joined().order_by(entries.c.sequence).limit(_BATCH)
        query = query if first is None else query.where(entries.c.sequence >= first)
        query = query if last is None else query.where(entries.c.sequence <= last)
        following, reached = query, None
        while True:
            rows = self._rows(following)
            if not rows:
                return
            if reached is not None and rows[-1].sequence <= reached:  # a damaged index can lead in a circle
                raise RecordError(f"the record is damaged after entry {reached}; restore a backup")
            reached = rows[-1].sequence
            for row in rows:
                yield Link(*cast(tuple[Any, ...], row))  # the columns of entries, then salt and body
            following = query.where(entries.c.sequence > reached)

    def read(
        self,
        *,
        conversation: str | None = None,
        kinds: Sequence[str] = (),
        newest: int | None = None,
        since: int = 0,
    ) -> list[Entry]:
        """Entries in order, after the number `since`; the last `newest` of them when given."""
        query = self._joined()
        if since:
            query = query.where(entries.c.sequence > since)
        if conversation is not None:
            query = query.where(entries.c.conversation == conversation)
        if kinds:
            query = query.where(entries.c.kind.in_(kinds))
        if newest is not None:
            return [_entry(r) for r in reversed(self._rows(query.order_by(desc(entries.c.sequence)).limit(newest)))]
        return [_entry(r) for r in self._rows(query.order_by(entries.c.sequence))]

    def newest_first(
        self,
        kinds: Sequence[str],
        actor: str = "",
        since: datetime | None = None,
        before: datetime | None = None,
        holding: Sequence[str] = (),
    ) -> Iterator[Entry]:
        """Entries of some kinds that are not redacted, newest first, read as they are asked for.

        `holding` are words that stand in the payload's JSON: the caller looks where.
        """
        query = self._joined().where(entries.c.kind.in_(kinds), payloads.c.body.is_not(None))
        query = query.where(entries.c.actor == actor) if actor else query
        query = query.where(entries.c.at >= since.isoformat(timespec="milliseconds")) if since else query
        query = query.where(entries.c.at < before.isoformat(timespec="milliseconds")) if before else query
        for words in holding:
            query = query.where(payloads.c.body.contains(json.dumps(words, ensure_ascii=False)[1:-1], autoescape=True))
        query = query.order_by(desc(entries.c.sequence)).limit(_BATCH)
        rows = self._rows(query)
        while rows:
            yield from map(_entry, rows)
            rows = self._rows(query.where(entries.c.sequence < rows[-1].sequence))

    def get(self, sequence: int) -> Entry | None:
        """One entry, or None."""
        rows = self._rows(self._joined().where(entries.c.sequence == sequence))
        return _entry(rows[0]) if rows else None

    def redact(self, sequence: int, actor: str, reason: str) -> Entry:
        """Remove one payload on request, unless it is under legal hold; the chain stays provable and says who and why."""
        found = self.get(sequence)
        if found is None:
            raise RecordError(f"entry {sequence}: no such entry")
        try:
            with self._engine.begin() as connection:
                noted = append_in(
                    connection, "redaction", actor, "", {"entry": sequence, "reason": reason}, datetime.now()
                )
                if found.conversation in held_in(connection):
                    raise RecordError(f"entry {sequence}: conversation {found.conversation} is under legal hold")
                connection.execute(payloads.delete().where(payloads.c.sequence == sequence))
                forget(connection)
        except SQLAlchemyError as error:
            raise RecordError(f"entry {sequence} could not be redacted: {why(error)}") from error
        return noted

    def _joined(self) -> Select[tuple[object, ...]]:
        return select(entries, payloads.c.salt, payloads.c.body).join_from(
            entries, payloads, entries.c.sequence == payloads.c.sequence, isouter=True
        )

    def _rows(self, query: Select[tuple[object, ...]]) -> Sequence[Row[tuple[object, ...]]]:
        try:
            with reading(self._engine) as connection:
                return connection.execute(query).fetchall()
        except (SQLAlchemyError, UnicodeError) as error:  # a damaged file may break even the driver's own message
            raise RecordError(f"the record could not be read: {why(error)}") from error


def append_in(
    connection: Connection, kind: str, actor: str, conversation: str, payload: Mapping[str, object], moment: datetime
) -> Entry:
    """Append one entry within a transaction, so that what it tells of happens with it or not at all."""
    salt = secrets.token_hex(16)
    try:
        body = canonical(payload)
        digest = digest_payload(salt, body)
    except (TypeError, ValueError) as error:
        raise RecordError(f"the entry cannot be written as JSON: {error}") from error
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)  # as it is read back
    lock_head(connection)
    newest = select(entries.c.sequence, entries.c.hash).order_by(desc(entries.c.sequence)).limit(1)
    head = connection.execute(newest).first()
    previous = head.hash if head else GENESIS
    sequence = head.sequence + 1 if head else 1
    stamp = moment.isoformat(timespec="milliseconds")
    hashed = digest_entry(previous, sequence, kind, stamp, actor, conversation, digest)
    connection.execute(
        insert(entries).values(
            sequence=sequence,
            kind=kind,
            at=stamp,
            actor=actor,
            conversation=conversation,
            payload_digest=digest,
            previous=previous,
            hash=hashed,
        )
    )
    connection.execute(insert(payloads).values(sequence=sequence, salt=salt, body=body))
    entry = Entry(sequence, kind, moment, actor, conversation, dict(payload), hashed, previous)
    file(connection, replace(entry, payload=json.loads(body)))
    return entry


def _entry(row: Row[tuple[object, ...]]) -> Entry:
    try:
        payload = json.loads(row.body) if row.body is not None else None
        moment = datetime.fromisoformat(row.at)
    except (TypeError, ValueError) as error:
        raise RecordError(f"entry {row.sequence} is damaged; run `advisor-copilot audit verify`") from error
    return Entry(row.sequence, row.kind, moment, row.actor, row.conversation, payload, row.hash, row.previous)
