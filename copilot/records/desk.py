"""What the desk keeps for one person across reloads, restarts and processes: unsent replies and small marks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, delete, insert, select

from copilot.records.database import in_words, reading
from copilot.records.tables import drafts, marks

KEYS = 64
"""Characters of a mark's key or value; what is longer is cut."""


@dataclass(frozen=True)
class StoredDraft:
    """A reply as it was left. `candidate` is the suggestion of `proposal` that it came from, None for none."""

    text: str
    candidate: int | None
    proposal: int


@in_words
class DeskStore:
    """Drafts by conversation, marks by person. Who may see a conversation is asked before."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, conversation: str, advisor: str, draft: StoredDraft, at: datetime) -> None:
        """Keep an unsent reply in place of the one before; an empty one is forgotten."""
        row = {
            "conversation": conversation,
            "advisor": advisor,
            "text": draft.text,
            "candidate": -1 if draft.candidate is None else draft.candidate,
            "proposal": draft.proposal,
            "at": at.isoformat(),
        }
        with self._engine.begin() as connection:
            connection.execute(delete(drafts).where(drafts.c.conversation == conversation))
            if draft.text.strip():
                connection.execute(insert(drafts).values(**row))

    def draft(self, conversation: str, advisor: str) -> StoredDraft | None:
        """The reply left in a conversation of one's own."""
        query = select(drafts).where(drafts.c.conversation == conversation, drafts.c.advisor == advisor)
        with reading(self._engine) as connection:
            row = connection.execute(query).first()
        return StoredDraft(row.text, None if row.candidate < 0 else row.candidate, row.proposal) if row else None

    def mark(self, person: str, kind: str, values: Mapping[str, str]) -> None:
        """Set marks of one kind; those not named stay."""
        rows = [
            {"person": person, "kind": kind, "key": k[:KEYS], "value": v[:KEYS]}
            for k, v in {k[:KEYS]: v for k, v in values.items()}.items()
        ]
        if not rows:
            return
        keys = [row["key"] for row in rows]
        with self._engine.begin() as connection:
            connection.execute(
                delete(marks).where(marks.c.person == person, marks.c.kind == kind, marks.c.key.in_(keys))
            )
            connection.execute(insert(marks), rows)

    def marks(self, person: str, kind: str) -> dict[str, str]:
        """A person's marks of one kind."""
        query = select(marks.c.key, marks.c.value).where(marks.c.person == person, marks.c.kind == kind)
        with reading(self._engine) as connection:
            return {row.key: row.value for row in connection.execute(query)}

    def unmark(self, person: str, kind: str, keys: Collection[str]) -> None:
        """Take marks away."""
        with self._engine.begin() as connection:
            connection.execute(
                delete(marks).where(marks.c.person == person, marks.c.kind == kind, marks.c.key.in_(list(keys)))
            )
