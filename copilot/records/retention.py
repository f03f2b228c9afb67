"""Retention and legal hold: customers' words leave after the bank's time, unless they are held; the chain stays provable."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Engine, delete, exists, func, select
from sqlalchemy.exc import SQLAlchemyError

from copilot.errors import InputError, RecordError
from copilot.records.cases import forget
from copilot.records.chain import REDACTIONS
from copilot.records.database import lock_head, reading, why
from copilot.records.holds import Hold, held_in
from copilot.records.ledger import append_in
from copilot.records.tables import conversations, drafts, entries, messages, payloads
from copilot.types import Entry

_STAYS = ("import", "hold", "rules", "script", *REDACTIONS)
"""Kinds that carry no customer's words; the rules in force and the published scripts are read from them."""


@dataclass(frozen=True)
class Retained:
    """What a run removed, or would remove; `held` counts the payloads that a hold kept."""

    before: str
    payloads: int
    messages: int
    held: int


class Retention:
    """Removes what is older than the bank keeps, and holds what a court or an auditor wants kept."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = datetime.now) -> None:
        self._engine = engine
        self._clock = clock

    def hold(self, conversation: str, actor: str, reason: str) -> Entry:
        """Put a conversation under hold. InputError when it is unknown or held already."""
        with self._engine.begin() as connection:
            lock_head(connection)
            if not _known(connection, conversation):
                raise InputError(f"no conversation {conversation!r} in the record")
            if conversation in held_in(connection):
                raise InputError(f"{conversation} is under hold already")
            return self._note(connection, conversation, actor, "added", reason)

    def lift(self, conversation: str, actor: str, reason: str) -> Entry:
        """End a hold. InputError when there is none."""
        with self._engine.begin() as connection:
            lock_head(connection)
            if conversation not in held_in(connection):
                raise InputError(f"{conversation} is not under hold; see `advisor-copilot audit hold list`")
            return self._note(connection, conversation, actor, "removed", reason)

    def holds(self) -> Mapping[str, Hold]:
        """The holds that stand, by conversation."""
        with reading(self._engine) as connection:
            return held_in(connection)

    def retain(self, days: int, actor: str, *, dry_run: bool = False) -> Retained:
        """Remove customers' words older than `days` and not under hold, in one transaction with the entry that says so.

        The desk's own copy of the words goes with them. What carries no customer's words stays.
        """
        now = self._clock()
        before = (now - timedelta(days=days)).isoformat(timespec="milliseconds")
        try:
            if dry_run:
                with reading(self._engine) as connection:
                    return _Old(connection, before).counted
            with self._engine.begin() as connection:
                lock_head(connection)  # a hold that is asked for meanwhile waits
                old = _Old(connection, before)
                if old.counted.payloads or old.counted.messages:
                    said = {"before": before, "entries": ranges(old.due), "messages": old.counted.messages}
                    append_in(connection, "retention", actor, "", said, now)
                    old.remove()
                    forget(connection)
                return old.counted
        except SQLAlchemyError as error:
            raise RecordError(f"nothing was removed: {why(error)}") from error

    def _note(self, connection: Connection, conversation: str, actor: str, outcome: str, reason: str) -> Entry:
        if not reason.strip():
            raise InputError("a hold needs a reason")
        said = {"outcome": outcome, "reason": reason.strip()}
        return append_in(connection, "hold", actor, conversation, said, self._clock())


class _Old:
    """What is older than a moment and not held, as one transaction sees it."""

    def __init__(self, connection: Connection, before: str) -> None:
        self._connection = connection
        self._before = before
        self._held = held = held_in(connection)
        rows = connection.execute(
            select(entries.c.sequence, entries.c.conversation)
            .join_from(entries, payloads, entries.c.sequence == payloads.c.sequence)
            .where(entries.c.at < before, entries.c.kind.not_in(_STAYS))
            .order_by(entries.c.sequence)
        ).fetchall()
        self.due = [r.sequence for r in rows if r.conversation not in held]
        self._said = self._old_messages(held)
        words = connection.execute(select(func.count()).select_from(messages).where(*self._said)).scalar_one()
        self.counted = Retained(before, len(self.due), words, len(rows) - len(self.due))

    def remove(self) -> None:
        for first, last in ranges(self.due):
            self._connection.execute(delete(payloads).where(payloads.c.sequence.between(first, last)))
        emptied = select(messages.c.conversation).where(*self._said)
        names = [r.conversation for r in self._connection.execute(emptied.distinct())]
        self._connection.execute(delete(messages).where(*self._said))
        unsent = (drafts.c.at < self._before, drafts.c.conversation.not_in(list(self._held)))
        self._connection.execute(delete(drafts).where(*unsent))
        for name in names:
            left = exists().where(messages.c.conversation == conversations.c.id)
            self._connection.execute(
                delete(conversations).where(conversations.c.id == name, conversations.c.updated < self._before, ~left)
            )

    def _old_messages(self, held: Collection[str]) -> Sequence[ColumnElement[bool]]:
        return (messages.c.at < self._before, messages.c.conversation.not_in(list(held)))


def ranges(numbers: Iterable[int]) -> list[list[int]]:
    """Ascending numbers as first and last of each unbroken run."""
    found: list[list[int]] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return found


def _known(connection: Connection, conversation: str) -> bool:
    recorded = select(entries.c.sequence).where(entries.c.conversation == conversation).limit(1)
    on_desk = select(conversations.c.id).where(conversations.c.id == conversation)
    return connection.execute(recorded).first() is not None or connection.execute(on_desk).first() is not None
