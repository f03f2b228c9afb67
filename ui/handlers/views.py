"""The frozen values the advisor's page is drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from copilot.errors import (
    AccessDenied,
    CopilotError,
    GuardError,
    IndexMissing,
    InputError,
    ModelError,
    RecordError,
    ReleaseRefused,
    TooMany,
)
from copilot.records.conversations import StoredMessage
from copilot.types import Candidate, Customer, Proposal, Verdict

Stage = Literal["nothing", "waiting", "reading", "drafting", "done", "failed"]
Failure = Literal["", "guard", "record", "model", "index", "input", "access", "busy", "remark", "other"]


@dataclass(frozen=True)
class Row:
    """One conversation of the list."""

    id: str
    name: str
    last: str
    at: datetime
    open: bool
    since: datetime | None = None
    """When she wrote the first message that nobody has answered, None when none waits."""

    @property
    def waiting(self) -> bool:
        """Whether she waits for an answer."""
        return self.since is not None


@dataclass(frozen=True)
class Talk:
    """The open conversation: the card and what was said."""

    id: str = ""
    customer: Customer | None = None
    messages: tuple[StoredMessage, ...] = ()


@dataclass(frozen=True)
class Quoted:
    """A figure's place in its source: the value that was put in, and the text around it."""

    value: str
    title: str
    before: str
    quote: str
    after: str
    working: str = ""


@dataclass(frozen=True)
class Card:
    """One guarded candidate with its sources."""

    index: int
    candidate: Candidate
    quoted: tuple[Quoted, ...] = ()
    liked: bool | None = None


@dataclass(frozen=True)
class Suggestion:
    """The right side of the desk."""

    stage: Stage = "nothing"
    proposal: Proposal | None = None
    cards: tuple[Card, ...] = ()
    planned: int = 0
    failure: Failure = ""
    detail: str = ""


@dataclass(frozen=True)
class Editing:
    """The editor: the text, the guard's word on it and what may be done with it."""

    text: str = ""
    candidate: int | None = None
    disclosure: str | None = None
    verdict: Verdict | None = None
    stale: bool = False
    ready: bool = False
    failure: Failure = ""
    before: str | None = None
    """The suggestion that the text came from, None for one written freely."""

    @property
    def releasable(self) -> bool:
        """Whether the release button is open."""
        usable = self.ready and not self.stale and not self.failure and bool(self.text.strip())
        return usable and self.verdict is not None and self.verdict.releasable

    @property
    def referable(self) -> bool:
        """Whether the text may be sent to compliance."""
        usable = self.ready and not self.stale and not self.failure and bool(self.text.strip())
        return usable and self.verdict is not None and not self.verdict.releasable


@dataclass(frozen=True)
class Sent:
    """What became of a release or a referral."""

    what: Literal["", "released", "held", "referred", "stale", "failed"] = ""
    text: str = ""
    disclosure: str | None = None
    entry: int = 0
    failure: Failure = ""
    noted: bool = True
    verdict: Verdict | None = None
    """Why a text was held, by its last reading."""
    holding: int | None = None
    """The candidate that may be sent while a text waits for compliance."""
    holding_text: str = ""


@dataclass(frozen=True)
class Outcome:
    """One of the advisor's own referrals and what compliance said."""

    referral: int
    customer: str
    text: str
    at: datetime
    decision: str = ""
    reason: str = ""
    sent: bool = False
    by: str = ""
    revisable: bool = False
    already: bool = False
    """Whether the text had gone out before anybody looked."""

    @property
    def settled(self) -> bool:
        """Whether nobody has anything left to do."""
        waits = self.revisable or (self.decision == "approved" and not self.sent)
        return bool(self.decision) and not waits


def failure_of(error: CopilotError) -> Failure:
    """The kind of an error, for the words on the screen."""
    kinds: tuple[tuple[type[CopilotError], Failure], ...] = (
        (GuardError, "guard"),
        (RecordError, "record"),
        (ModelError, "model"),
        (IndexMissing, "index"),
        (AccessDenied, "access"),
        (InputError, "input"),
        (ReleaseRefused, "input"),
        (TooMany, "busy"),
    )
    return next((name for kind, name in kinds if isinstance(error, kind)), "other")
