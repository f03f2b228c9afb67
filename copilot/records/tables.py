"""The tables. Migrations under `migrations/` make them; a test holds that both agree."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

entries = Table(
    "entries",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(32), nullable=False),
    Column("at", String(32), nullable=False),
    Column("actor", String(128), nullable=False),
    Column("conversation", String(64), nullable=False),
    Column("payload_digest", String(64), nullable=False),
    Column("previous", String(64), nullable=False, unique=True),
    Column("hash", String(64), nullable=False, unique=True),
    Index("entries_conversation", "conversation", "sequence"),
    Index("entries_kind", "kind", "sequence"),
)
"""The chain: no words of any person, only digests. `previous` is unique, so the chain cannot fork."""

payloads = Table(
    "payloads",
    metadata,
    Column("sequence", Integer, ForeignKey("entries.sequence"), primary_key=True, autoincrement=False),
    Column("salt", String(32), nullable=False),
    Column("body", Text, nullable=False),
)
"""What was said and shown. A row can be redacted: the chain still proves the rest."""

users = Table(
    "users",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("display", String(64), nullable=False),
    Column("password", String(256), nullable=False),
    Column("failures", Integer, nullable=False, default=0),
    Column("locked_until", Float, nullable=False, default=0.0),
    Column("active", Integer, nullable=False, default=1),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("user", String(64), ForeignKey("users.name"), nullable=False),
    Column("expires", Float, nullable=False),
)
"""Sign-ins. `token` is the SHA-256 of what the browser holds, so that a stolen database opens no session."""

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("advisor", String(64), nullable=False),
    Column("customer", Text, nullable=False),
    Column("updated", String(32), nullable=False),
    Index("conversations_advisor", "advisor", "updated"),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("conversation", String(64), ForeignKey("conversations.id"), nullable=False),
    Column("role", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", String(32), nullable=False),
    Index("messages_conversation", "conversation", "id"),
)
