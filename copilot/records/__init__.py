"""The record: an append-only hash chain, and beside it what the desk must remember (users, sessions, conversations)."""

from copilot.records.cases import Backlog, CaseStore
from copilot.records.chain import Verification, verify
from copilot.records.conversations import ConversationStore
from copilot.records.database import open_database
from copilot.records.desk import DeskStore
from copilot.records.ledger import RecordStore
from copilot.records.people import Account, User
from copilot.records.practice import PracticeStore
from copilot.records.sessions import Session, SessionStore
from copilot.records.standing import Standing
from copilot.records.users import UserStore

__all__ = [
    "Account",
    "Backlog",
    "CaseStore",
    "ConversationStore",
    "DeskStore",
    "PracticeStore",
    "RecordStore",
    "Session",
    "SessionStore",
    "Standing",
    "User",
    "UserStore",
    "Verification",
    "open_database",
    "verify",
]
