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
    Column("locks", Integer, nullable=False, default=0),
    Column("one_time_until", Float, nullable=False, default=0.0),
    Column("subject", String(512), nullable=True),
    Column("signed_in", Float, nullable=False, default=0.0),
    Index("users_subject", "subject", unique=True),
)
"""Who signs in. `password` is "" for a person of the bank's own sign-in, whose issuer and number there are `subject`;
`locks` counts locks since the last success; `one_time_until` is 0 for a password that its owner chose."""

sessions = Table(
    "sessions",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("user", String(64), ForeignKey("users.name"), nullable=False),
    Column("expires", Float, nullable=False),
    Column("seen", Float, nullable=False, default=0.0),
)
"""Sign-ins. `seen` is when the person last did something. `token` is the SHA-256 of what the browser holds, so that a stolen database opens no session."""

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

cases = Table(
    "cases",
    metadata,
    Column("referral", Integer, primary_key=True, autoincrement=False),
    Column("conversation", String(64), nullable=False),
    Column("author", String(128), nullable=False),
    Column("at", String(32), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("checks", Text, nullable=False),
    Column("rules", Text, nullable=False),
    Column("holder", String(128), nullable=False),
    Column("held_at", String(32), nullable=False),
    Column("escalated_by", String(128), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("decision", Integer, nullable=False),
    Column("sent", Integer, nullable=False),
    Column("follows", Integer, nullable=False),
    Column("followed", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Index("cases_waiting", "outcome", "rank", "referral"),
    Index("cases_author", "author", "referral"),
    Index("cases_conversation", "conversation", "referral"),
    Index("cases_decision", "decision"),
)
"""Where each referral stands: no more than the record says, kept so that it need not be read from its first entry."""

cases_through = Table(
    "cases_through",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("sequence", Integer, nullable=False),
)
"""One row: the last entry that `cases` knows. When the record is ahead of it, `cases` is made again from the record."""

drafts = Table(
    "drafts",
    metadata,
    Column("conversation", String(64), primary_key=True),
    Column("advisor", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("candidate", Integer, nullable=False),
    Column("proposal", Integer, nullable=False),
    Column("at", String(32), nullable=False),
)
"""Replies written and not sent. `candidate` is the suggestion of `proposal` that a text came from, -1 for none."""

marks = Table(
    "marks",
    metadata,
    Column("person", String(64), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("value", String(64), nullable=False),
)
"""Small things one person told the desk: a notice read, the name under which he writes in a chat program."""

practices = Table(
    "practices",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("person", String(64), nullable=False),
    Column("customer", String(64), nullable=False),
    Column("seed", Integer, nullable=False),
    Column("opening", Text, nullable=False),
    Column("begun", String(32), nullable=False),
    Index("practices_person", "person", "begun"),
    Index("practices_begun", "begun"),
)
"""Talks with customers of practice: nobody real is in them but the advisor. Rows are only ever added, here and in the two below."""

practice_lines = Table(
    "practice_lines",
    metadata,
    Column("practice", String(64), ForeignKey("practices.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),
    Column("at", String(32), nullable=False),
)
"""What was said and answered, and how it was heard. The key lets no two windows write one turn."""

practice_ends = Table(
    "practice_ends",
    metadata,
    Column("practice", String(64), ForeignKey("practices.id"), primary_key=True),
    Column("ended", String(8), nullable=False),
    Column("scores", Text, nullable=False),
    Column("at", String(32), nullable=False),
)
"""How a talk ended and what it was worth."""
