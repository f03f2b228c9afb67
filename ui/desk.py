"""What every page works with: the wired product, and the little that a web process remembers between two clicks.

Nothing is kept that another process could not rebuild: a forgotten proposal is read back from the record.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from copilot.errors import AccessDenied
from copilot.pipeline import Line
from copilot.records import ConversationStore, RecordStore, User, UserStore
from copilot.settings import Settings
from copilot.types import Proposal

REMEMBERED = 512
"""Conversations whose newest proposal is kept in memory."""


class DeskApp(Protocol):
    """The wired product, as the desk uses it (`copilot.wiring.App`)."""

    @property
    def settings(self) -> Settings:
        """The settings in use."""
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
    def users(self) -> UserStore:
        """Users and sign-ins."""
        ...

    @property
    def conversations(self) -> ConversationStore:
        """The advisors' conversations."""
        ...

    def clock(self) -> datetime:
        """The time."""
        ...

    def status(self) -> Mapping[str, str]:
        """What the header shows: model, model_detail, knowledge, rules."""
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
    deciding: threading.Lock = field(default_factory=threading.Lock)


HOMES: Mapping[str, str] = {
    "advisor": "/advisor",
    "compliance": "/compliance",
    "trainer": "/trainer",
    "admin": "/trainer",
}
"""Where each role lands after sign-in."""
ALLOWED: Mapping[str, frozenset[str]] = {
    "advisor": frozenset({"advisor"}),
    "compliance": frozenset({"compliance"}),
    "trainer": frozenset({"trainer", "admin"}),
}
"""Which roles may open which page."""


def admitted(desk: Desk, token: str | None, page: str) -> User:
    """The signed-in user, if this page is his business; else AccessDenied."""
    user = desk.app.users.whose(token)
    if user is None:
        raise AccessDenied("signed out: sign in again")
    if user.role not in ALLOWED[page]:
        raise AccessDenied(f"the {page} page is not for the role {user.role}")
    return user
