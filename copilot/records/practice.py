"""Talks of practice, kept as they were said: begun, a line at a time, ended. Nothing of them is ever overwritten."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Select, desc, insert, select
from sqlalchemy.exc import IntegrityError

from copilot.errors import InputError
from copilot.records.database import in_words, reading
from copilot.records.tables import practice_ends, practice_lines, practices


@dataclass(frozen=True)
class StoredPractice:
    """A talk as it is kept. `scores` are None while it goes on; `lines` are read only where one talk is."""

    id: str
    person: str
    customer: str
    seed: int
    opening: str
    begun: datetime
    lines: tuple[Mapping[str, Any], ...] = ()
    ended: str = ""
    over: datetime | None = None
    scores: Mapping[str, Any] | None = None


@in_words
class PracticeStore:
    """Appends to talks of practice and reads them. Who may see whose is asked before."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, person: str, customer: str, seed: int, opening: str, at: datetime) -> str:
        """Keep a new talk; returns its id."""
        name = uuid.uuid4().hex
        row = {"id": name, "person": person, "customer": customer, "seed": seed, "opening": opening, "begun": _told(at)}
        with self._engine.begin() as connection:
            connection.execute(insert(practices).values(**row))
        return name

    def append(self, practice: str, number: int, body: Mapping[str, Any], at: datetime) -> None:
        """Keep the `number`-th line with its answer. InputError when another window was faster."""
        row = {"practice": practice, "number": number, "body": _json(body), "at": _told(at)}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(practice_lines).values(**row))
        except IntegrityError as error:
            raise InputError("this talk went on in another window; look at it again") from error

    def end(self, practice: str, ended: str, scores: Mapping[str, Any], at: datetime) -> None:
        """Keep how a talk ended and what it was worth. InputError when it had ended."""
        row = {"practice": practice, "ended": ended, "scores": _json(scores), "at": _told(at)}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(practice_ends).values(**row))
        except IntegrityError as error:
            raise InputError("this talk has ended; begin another") from error

    def get(self, practice: str) -> StoredPractice | None:
        """One talk whole, or None."""
        lines = select(practice_lines.c.body).where(practice_lines.c.practice == practice)
        with reading(self._engine) as connection:
            row = connection.execute(_joined().where(practices.c.id == practice)).first()
            said = connection.execute(lines.order_by(practice_lines.c.number)).scalars().all() if row else ()
        return _stored(row, tuple(json.loads(body) for body in said)) if row else None

    def newest(self, person: str = "", most: int = 200) -> Sequence[StoredPractice]:
        """The newest talks, of one person or of all, newest first, without their lines."""
        query = _joined().order_by(desc(practices.c.begun), desc(practices.c.id)).limit(most)
        query = query.where(practices.c.person == person) if person else query
        with reading(self._engine) as connection:
            return [_stored(row) for row in connection.execute(query)]


def _joined() -> Select[Any]:
    ends = (practice_ends.c.ended, practice_ends.c.scores, practice_ends.c.at)
    return select(practices, *ends).join_from(
        practices, practice_ends, practices.c.id == practice_ends.c.practice, isouter=True
    )


def _stored(row: Any, lines: tuple[Mapping[str, Any], ...] = ()) -> StoredPractice:
    over = datetime.fromisoformat(row.at) if row.at else None
    scores = json.loads(row.scores) if row.scores else None
    begun = datetime.fromisoformat(row.begun)
    ended = row.ended or ""
    return StoredPractice(row.id, row.person, row.customer, row.seed, row.opening, begun, lines, ended, over, scores)


def _told(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")


def _json(body: Mapping[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False)
