"""What every page works with: the wired product, and the little that a web process remembers between two clicks.

Nothing is kept that another process could not rebuild: a forgotten proposal is read back from the record.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Protocol

from copilot.accounts import Accounts
from copilot.casework import Casework
from copilot.clerk import Clerk
from copilot.errors import AccessDenied
from copilot.identity import Provider
from copilot.meter import Meter
from copilot.models.base import CopilotChat
from copilot.office import Office
from copilot.papers import Papers
from copilot.pipeline import Line
from copilot.records import (
    CaseStore,
    ConversationStore,
    DeskStore,
    PracticeStore,
    RecordStore,
    SessionStore,
    User,
    UserStore,
)
from copilot.records.desk import StoredDraft
from copilot.renewal import Renewal
from copilot.settings import Settings
from copilot.types import Proposal
from ui.pace import Pace
from ui.uses import Uses

REMEMBERED = 512
"""Conversations whose newest proposal is kept in memory."""


class DeskApp(Protocol):
    """The wired product, as the desk uses it (`copilot.wiring.App`)."""

    @property
    def settings(self) -> Settings:
        """The settings in use."""
        ...

    @property
    def meter(self) -> Meter:
        """Who counts what happens."""
        ...

    @property
    def line(self) -> Line:
        """The line."""
        ...

    @property
    def record(self) -> RecordStore:
        """The append-only record."""
        ...

    @property
    def cases(self) -> CaseStore:
        """Where compliance's cases stand."""
        ...

    @property
    def casework(self) -> Casework:
        """What compliance does with them."""
        ...

    @property
    def users(self) -> UserStore:
        """Who may sign in."""
        ...

    @property
    def sessions(self) -> SessionStore:
        """Who is signed in."""
        ...

    @property
    def accounts(self) -> Accounts:
        """What is done with accounts."""
        ...

    @property
    def provider(self) -> Provider | None:
        """The bank's own sign-in, where one is set."""
        ...

    @property
    def conversations(self) -> ConversationStore:
        """The advisors' conversations."""
        ...

    @property
    def desk(self) -> DeskStore:
        """Unsent replies and marks of each person."""
        ...

    @property
    def practices(self) -> PracticeStore:
        """Talks of practice."""
        ...

    @property
    def larger(self) -> CopilotChat | None:
        """A larger model, where one is set."""
        ...

    @property
    def papers(self) -> Papers:
        """The shelf of the bank's own papers."""
        ...

    @property
    def clerk(self) -> Clerk:
        """Who works through the files that came over the web."""
        ...

    @property
    def renewal(self) -> Renewal:
        """Keeps the index up with the shelf."""
        ...

    @property
    def office(self) -> Office:
        """The record searched, samples, the rule workbench, new scripts."""
        ...

    def clock(self) -> datetime:
        """The time."""
        ...

    def status(self) -> Mapping[str, str]:
        """What the header shows: model, model_detail, knowledge, rules, index."""
        ...


@dataclass(frozen=True)
class Workspace:
    """What is on the table for one conversation."""

    generation: int = 0
    working: bool = False
    proposal: Proposal | None = None
    text: str = ""
    candidate: int | None = None
    cancel: threading.Event = field(default_factory=threading.Event)
    """Set when the generation became stale, so that the model stops writing for nobody."""


class Workspaces:
    """Workspaces by conversation, the most recently used ones. Safe to use from several threads."""

    def __init__(self, size: int = REMEMBERED) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Workspace] = OrderedDict()
        self._generations = 0

    def get(self, conversation: str) -> Workspace:
        """The workspace of a conversation; an empty one when nothing is remembered."""
        with self._lock:
            return self._kept.get(conversation, Workspace())

    def begin(self, conversation: str) -> Workspace:
        """Clear the table for a new generation; older generations are stale from here on."""
        with self._lock:
            kept = self._stop(conversation)
            begun = Workspace(self._generations, True, None, kept.text, None)
            self._put(conversation, begun)
            return begun

    def hold(self, conversation: str, generation: int, proposal: Proposal) -> bool:
        """Lay a proposal on the table; False when a newer generation has begun: it must not be shown."""
        with self._lock:
            kept = self._kept.get(conversation, Workspace())
            if kept.generation != generation:
                return False
            self._put(conversation, replace(kept, proposal=proposal))
            return True

    def finish(self, conversation: str, generation: int) -> bool:
        """Note that a generation ended; False when it is stale."""
        with self._lock:
            kept = self._kept.get(conversation, Workspace())
            if kept.generation != generation:
                return False
            self._put(conversation, replace(kept, working=False))
            return True

    def restore(self, conversation: str, proposal: Proposal) -> None:
        """Put back a proposal read from the record, unless something newer lies there."""
        with self._lock:
            kept = self._kept.get(conversation, Workspace())
            if kept.proposal is None and not kept.working:
                self._put(conversation, replace(kept, proposal=proposal))

    def write(self, conversation: str, text: str, candidate: int | None) -> None:
        """Remember the advisor's unsent text, so that a reload loses nothing."""
        with self._lock:
            kept = self._kept.get(conversation, Workspace())
            self._put(conversation, replace(kept, text=text, candidate=candidate))

    def clear(self, conversation: str) -> None:
        """Empty the table: the reply went out. A running generation becomes stale."""
        with self._lock:
            self._stop(conversation)
            self._put(conversation, Workspace(self._generations))

    def outdate(self, conversation: str) -> None:
        """Take the proposal off the table: the customer wrote again, or her card changed.

        What the advisor wrote stays; a candidate he only took up goes with the proposal.
        """
        with self._lock:
            kept = self._stop(conversation)
            taken = {c.text for c in kept.proposal.candidates} if kept.proposal else set()
            self._put(conversation, Workspace(self._generations, text="" if kept.text in taken else kept.text))

    def _stop(self, conversation: str) -> Workspace:
        """End the running generation and count on; returns what lay on the table."""
        self._generations += 1
        kept = self._kept.get(conversation, Workspace())
        kept.cancel.set()
        return kept

    def _put(self, conversation: str, workspace: Workspace) -> None:
        self._kept[conversation] = workspace
        self._kept.move_to_end(conversation)
        while len(self._kept) > self._size:
            self._kept.popitem(last=False)


@dataclass(frozen=True)
class Desk:
    """The product and the tables of its advisors: what every handler is given."""

    app: DeskApp
    workspaces: Workspaces = field(default_factory=Workspaces)
    uses: Uses = field(default_factory=Uses)

    def keep(self, user: User, conversation: str, text: str, candidate: int | None) -> None:
        """Remember an unsent reply, here and in the database: a reload, a restart or another process loses nothing."""
        self.workspaces.write(conversation, text, candidate)
        proposal = self.workspaces.get(conversation).proposal
        draft = StoredDraft(text, candidate, proposal.entry if proposal is not None else 0)
        self.app.desk.keep(conversation, user.name, draft, self.app.clock())

    def left(self, user: User, conversation: str) -> StoredDraft:
        """The reply as it was left; its candidate counts only while that proposal lies on the table."""
        draft = self.app.desk.draft(conversation, user.name) or StoredDraft("", None, 0)
        proposal = self.workspaces.get(conversation).proposal
        same = proposal is not None and proposal.entry == draft.proposal
        return draft if same else StoredDraft(draft.text, None, 0)

    def outdate(self, user: User, conversation: str) -> None:
        """The customer wrote again, or her card changed: older suggestions go, what the advisor wrote himself stays."""
        left = self.left(user, conversation)
        self.workspaces.write(conversation, left.text, left.candidate)
        self.workspaces.outdate(conversation)
        self.keep(user, conversation, self.workspaces.get(conversation).text, None)

    def clear(self, user: User, conversation: str) -> None:
        """The reply went out."""
        self.workspaces.clear(conversation)
        self.keep(user, conversation, "", None)

    @cached_property
    def actions(self) -> Pace:
        """How often one user may do anything."""
        return Pace(self.app.settings.serve.actions_a_minute)

    @cached_property
    def asking(self) -> Pace:
        """How often one user may ask for a suggestion."""
        return Pace(self.app.settings.serve.suggestions_a_minute)


HOMES: Mapping[str, str] = {
    "advisor": "/advisor",
    "compliance": "/compliance",
    "trainer": "/trainer",
    "admin": "/admin",
}
"""Where each role lands after sign-in."""
ALLOWED: Mapping[str, frozenset[str]] = {
    "advisor": frozenset({"advisor"}),
    "compliance": frozenset({"compliance", "admin"}),
    "archive": frozenset({"compliance", "admin"}),
    "rulebook": frozenset({"compliance", "admin"}),
    "trainer": frozenset({"trainer", "admin"}),
    "practice": frozenset({"advisor"}),
    "knowledge": frozenset({"advisor", "compliance", "trainer", "admin"}),
    "admin": frozenset({"admin"}),
}
"""Which roles may open which page."""


def pages_beside(user: User, page: str) -> tuple[str, ...]:
    """The other pages a user may open."""
    return tuple(other for other, roles in ALLOWED.items() if user.role in roles and other != page)


def admitted(desk: Desk, token: str | None, page: str) -> User:
    """The signed-in user, if this page is his business; else AccessDenied."""
    user = desk.app.sessions.whose(token)
    if user is None:
        raise AccessDenied("signed out: sign in again")
    if user.must_change:
        raise AccessDenied("a one-time password: choose another first")
    if user.role not in ALLOWED[page]:
        raise AccessDenied(f"the {page} page is not for the role {user.role}")
    return user
