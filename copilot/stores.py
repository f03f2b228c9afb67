"""What lies in the record's database, and those who act on it: the record, cases, people, conversations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy import Engine

from copilot.accounts import Accounts
from copilot.casework import Casework
from copilot.identity import Provider
from copilot.meter import SILENT, Meter
from copilot.metered import MeteredRecord
from copilot.records import (
    CaseStore,
    ConversationStore,
    DeskStore,
    PracticeStore,
    RecordStore,
    SessionStore,
    UserStore,
    open_database,
)
from copilot.settings import Settings


class Stores:
    """The stores of one database, each made when it is first needed."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime], meter: Meter) -> None:
        self.settings = settings
        self.clock = clock
        self.meter = meter

    @cached_property
    def engine(self) -> Engine:
        """The record's database."""
        return open_database(self.settings.record_url)

    @cached_property
    def record(self) -> RecordStore:
        """The append-only record."""
        return RecordStore(self.engine) if self.meter is SILENT else MeteredRecord(self.engine, self.meter)

    @cached_property
    def cases(self) -> CaseStore:
        """Where compliance's cases stand."""
        return CaseStore(self.engine)

    @cached_property
    def casework(self) -> Casework:
        """What compliance does with them."""
        patience = timedelta(minutes=self.settings.serve.review_minutes)
        return Casework(self.record, self.cases, self.users.list, self.clock, patience)

    @cached_property
    def users(self) -> UserStore:
        """Who may sign in."""
        return UserStore(self.engine)

    @cached_property
    def sessions(self) -> SessionStore:
        """Who is signed in."""
        serve = self.settings.serve
        return SessionStore(self.engine, hours=serve.session_hours, idle_minutes=serve.idle_minutes)

    @cached_property
    def accounts(self) -> Accounts:
        """What is done with accounts."""
        return Accounts(self.record, self.users, self.sessions, self.clock)

    @cached_property
    def provider(self) -> Provider | None:
        """The bank's own sign-in; None when none is set."""
        return Provider(self.settings.serve.oidc) if self.settings.serve.oidc.issuer else None

    @cached_property
    def conversations(self) -> ConversationStore:
        """The advisors' conversations."""
        return ConversationStore(self.engine)

    @cached_property
    def desk(self) -> DeskStore:
        """Their unsent replies and marks."""
        return DeskStore(self.engine)

    @cached_property
    def practices(self) -> PracticeStore:
        """Talks of practice."""
        return PracticeStore(self.engine)

    def close(self) -> None:
        """Close the database."""
        if "engine" in self.__dict__:
            self.engine.dispose()
