"""The record: an append-only hash chain, and beside it what the desk must remember (users, sessions, conversations)."""

from copilot.records.chain import Verification, verify
from copilot.records.conversations import ConversationStore
from copilot.records.database import open_database
from copilot.records.ledger import RecordStore
from copilot.records.users import Session, User, UserStore

__all__ = [
    "ConversationStore",
    "RecordStore",
    "Session",
    "User",
    "UserStore",
    "Verification",
    "open_database",
    "verify",
]
