"""The append-only record over SQLAlchemy."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Engine, Row, Select, desc, insert, select
from sqlalchemy.exc import SQLAlchemyError

from copilot.errors import RecordError
from copilot.records.chain import (
    GENESIS,
    Link,
    Verification,
    canonical,
    digest_entry,
    digest_payload,
    fields_of,
    verify,
)
from copilot.records.database import lock_head, reading
from copilot.records.tables import entries, payloads
from copilot.types import Entry

_BATCH = 1000


class RecordStore:
    """Appends and reads entries. An append returns only after the commit is on disk."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def append(
        self, kind: str, actor: str, conversation: str, payload: Mapping[str, object], at: datetime | None = None
    ) -> Entry:
        """Append one entry and commit. Raises RecordError when it could not be written: the text must be held."""
        moment = at or datetime.now()
        try:
            body = canonical(payload)
        except (TypeError, ValueError) as error:
            raise RecordError(f"the entry cannot be written as JSON: {error}") from error
        salt = secrets.token_hex(16)
        digest = digest_payload(salt, body)
        try:
            with self._engine.begin() as connection:
                lock_head(connection)
                head = connection.execute(
                    select(entries.c.sequence, entries.c.hash).order_by(desc(entries.c.sequence)).limit(1)
                ).first()
                previous = head.hash if head else GENESIS
                sequence = head.sequence + 1 if head else 1
                stamp = moment.isoformat(timespec="milliseconds")
                fields = fields_of(sequence, kind, stamp, actor, conversation, digest)
                hashed = digest_entry(previous, fields)
                connection.execute(insert(entries).values(**fields, previous=previous, hash=hashed))
                connection.execute(insert(payloads).values(sequence=sequence, salt=salt, body=body))
        except SQLAlchemyError as error:
            raise RecordError(f"the record could not be written, so the text is held: {_first(error)}") from error
        return Entry(sequence, kind, moment, actor, conversation, dict(payload), hashed, previous)

    def verify(self) -> Verification:
        """Read the whole chain."""
        return verify(self.links())

    def links(self) -> Iterator[Link]:
        """All entries in order of their sequence, as stored."""
        last = -(2**62)
        while True:
            query = self._joined().where(entries.c.sequence > last).order_by(entries.c.sequence).limit(_BATCH)
            rows = self._rows(query)
            if not rows:
                return
            for row in rows:
                yield Link(
                    row.sequence,
                    row.kind,
                    row.at,
                    row.actor,
                    row.conversation,
                    row.payload_digest,
                    row.previous,
                    row.hash,
                    row.salt,
                    row.body,
                )
            last = rows[-1].sequence

    def read(
        self, *, conversation: str | None = None, kinds: Sequence[str] = (), newest: int | None = None
    ) -> list[Entry]:
        """Entries in order; the last `newest` of them when given."""
        query = self._joined()
        if conversation is not None:
            query = query.where(entries.c.conversation == conversation)
        if kinds:
            query = query.where(entries.c.kind.in_(kinds))
        if newest is not None:
            return [_entry(r) for r in reversed(self._rows(query.order_by(desc(entries.c.sequence)).limit(newest)))]
        return [_entry(r) for r in self._rows(query.order_by(entries.c.sequence))]

    def get(self, sequence: int) -> Entry | None:
        """One entry, or None."""
        rows = self._rows(self._joined().where(entries.c.sequence == sequence))
        return _entry(rows[0]) if rows else None

    def redact(self, sequence: int, actor: str, reason: str) -> Entry:
        """Remove one payload on request; the chain stays provable and says who did it and why."""
        if self.get(sequence) is None:
            raise RecordError(f"entry {sequence}: no such entry")
        noted = self.append("redaction", actor, "", {"entry": sequence, "reason": reason})
        try:
            with self._engine.begin() as connection:
                connection.execute(payloads.delete().where(payloads.c.sequence == sequence))
        except SQLAlchemyError as error:
            raise RecordError(f"entry {sequence} could not be redacted: {_first(error)}") from error
        return noted

    def _joined(self) -> Select[tuple[object, ...]]:
        return select(entries, payloads.c.salt, payloads.c.body).join_from(
            entries, payloads, entries.c.sequence == payloads.c.sequence, isouter=True
        )

    def _rows(self, query: Select[tuple[object, ...]]) -> Sequence[Row[tuple[object, ...]]]:
        try:
            with reading(self._engine) as connection:
                return connection.execute(query).fetchall()
        except SQLAlchemyError as error:
            raise RecordError(f"the record could not be read: {_first(error)}") from error


def _entry(row: Row[tuple[object, ...]]) -> Entry:
    payload = json.loads(row.body) if row.body is not None else None
    return Entry(
        row.sequence,
        row.kind,
        datetime.fromisoformat(row.at),
        row.actor,
        row.conversation,
        payload,
        row.hash,
        row.previous,
    )


def _first(error: Exception) -> str:
    return str(error).splitlines()[0]
