"""The advisor's conversations: what the desk shows on the left, kept across reloads and processes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, delete, desc, insert, select, update

from copilot.errors import AccessDenied, InputError
from copilot.records.database import in_words, reading
from copilot.records.tables import conversations, messages


@dataclass(frozen=True)
class StoredMessage:
    """One message of a conversation."""

    role: str
    text: str
    at: datetime


@dataclass(frozen=True)
class StoredConversation:
    """A conversation of one advisor. `customer` is the card as JSON of the command-line contract."""

    id: str
    advisor: str
    customer: Mapping[str, Any]
    updated: datetime
    messages: tuple[StoredMessage, ...] = ()


@in_words
class ConversationStore:
    """Conversations by advisor. Nobody reads another advisor's."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(self, conversation: str, advisor: str, customer: Mapping[str, Any], at: datetime) -> None:
        """Add a conversation or change its card."""
        body = json.dumps(dict(customer), ensure_ascii=False)
        with self._engine.begin() as connection:
            owner = connection.execute(
                select(conversations.c.advisor).where(conversations.c.id == conversation)
            ).scalar()
            if owner is None:
                connection.execute(
                    insert(conversations).values(
                        id=conversation, advisor=advisor, customer=body, updated=at.isoformat()
                    )
                )
            elif owner != advisor:
                raise AccessDenied("this conversation belongs to another advisor")
            else:
                connection.execute(
                    update(conversations)
                    .where(conversations.c.id == conversation)
                    .values(customer=body, updated=at.isoformat())
                )

    def add(self, conversation: str, advisor: str, new: Sequence[StoredMessage]) -> None:
        """Append messages to one's own conversation."""
        if not new:
            return
        self.get(conversation, advisor)
        with self._engine.begin() as connection:
            connection.execute(
                insert(messages),
                [
                    {"conversation": conversation, "role": m.role, "text": _storable(m.text), "at": m.at.isoformat()}
                    for m in new
                ],
            )
            connection.execute(
                update(conversations)
                .where(conversations.c.id == conversation)
                .values(updated=max(m.at for m in new).isoformat())
            )

    def rewrite(self, conversation: str, advisor: str, said: Sequence[StoredMessage], at: datetime) -> None:
        """Put down one's own conversation afresh, in this order: a pasted chat knows better what was said, and when.

        The record keeps what was shown and released; this is the desk's working copy.
        """
        self.get(conversation, advisor)
        rows = [{"conversation": conversation, "role": m.role, "text": m.text, "at": m.at.isoformat()} for m in said]
        with self._engine.begin() as connection:
            connection.execute(delete(messages).where(messages.c.conversation == conversation))
            if rows:
                connection.execute(insert(messages), rows)
            changed = update(conversations).where(conversations.c.id == conversation)
            connection.execute(changed.values(updated=at.isoformat()))

    def get(self, conversation: str, advisor: str) -> StoredConversation:
        """One's own conversation with its messages; InputError when unknown, AccessDenied when another's."""
        with reading(self._engine) as connection:
            row = connection.execute(select(conversations).where(conversations.c.id == conversation)).first()
            if row is None:
                raise InputError(f"no conversation {conversation!r}")
            if row.advisor != advisor:
                raise AccessDenied("this conversation belongs to another advisor")
            found = connection.execute(
                select(messages).where(messages.c.conversation == conversation).order_by(messages.c.id)
            ).fetchall()
        said = tuple(StoredMessage(m.role, m.text, datetime.fromisoformat(m.at)) for m in found)
        return StoredConversation(
            row.id, row.advisor, json.loads(row.customer), datetime.fromisoformat(row.updated), said
        )

    def of(self, advisor: str, limit: int = 200) -> list[StoredConversation]:
        """One's own conversations, newest first, each with its last message only."""
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(conversations)
                .where(conversations.c.advisor == advisor)
                .order_by(desc(conversations.c.updated))
                .limit(limit)
            ).fetchall()
            found = []
            for row in rows:
                last = connection.execute(
                    select(messages).where(messages.c.conversation == row.id).order_by(desc(messages.c.id)).limit(1)
                ).first()
                said = (StoredMessage(last.role, last.text, datetime.fromisoformat(last.at)),) if last else ()
                found.append(
                    StoredConversation(
                        row.id, row.advisor, json.loads(row.customer), datetime.fromisoformat(row.updated), said
                    )
                )
        return found


def _storable(text: str) -> str:
    """A text as every database takes it: without NUL, and without halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
