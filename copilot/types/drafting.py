"""What is drafted, shown, edited, released and recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Event

from copilot.types.guarding import Finding, Source, Verdict
from copilot.types.inputs import Conversation, Move, Origin, Tone
from copilot.types.knowledge import Passage, Product
from copilot.types.understanding import PlannedMove, Understanding


@dataclass(frozen=True)
class Reference:
    """A name a draft may use and what it renders to, e.g. name `甲.期限`, value `182天`."""

    name: str
    value: str
    document: str
    start: int
    end: int
    product: str | None = None
    working: str = ""


@dataclass(frozen=True)
class Citation:
    """A reference that was rendered, with its place in its document."""

    reference: str
    value: str
    document: str
    start: int
    end: int


@dataclass(frozen=True)
class Candidate:
    """A reply, already read by the guard. `disclosure` is the approved text sent in a bubble of its own."""

    move: Move
    text: str
    origin: Origin
    verdict: Verdict
    reason: str = ""
    disclosure: str | None = None
    citations: tuple[Citation, ...] = ()
    template: str = ""
    product: str | None = None
    script: str | None = None


@dataclass(frozen=True)
class Provenance:
    """What made a proposal: enough to reconstruct it."""

    model: str
    model_sha256: str
    prompt: str
    rules: str
    knowledge: str
    classifier: str = ""
    fallback: str = ""  # why the script answered, "" when the model did


@dataclass(frozen=True)
class Proposal:
    """Everything the advisor sees for one customer turn."""

    conversation: Conversation
    understanding: Understanding
    passages: tuple[Passage, ...]
    found: bool
    candidates: tuple[Candidate, ...]
    provenance: Provenance
    moves: tuple[PlannedMove, ...] = ()
    sources: tuple[Source, ...] = ()
    """What figures in a reply to this turn may come from."""
    entry: int = 0
    """Sequence number of the record's entry that opened this proposal."""
    quarantined: tuple[Finding, ...] = ()
    """What in the customer's words or card looks like orders to the system, and was kept from the model."""
    instructed: bool = False
    """Whether the advisor typed what the drafts should say."""


@dataclass(frozen=True)
class Edit:
    """What the advisor wants to send. `candidate` is the index it came from, None when written freely."""

    text: str
    by: str
    candidate: int | None = None
    disclosure: str | None = None


@dataclass(frozen=True)
class Release:
    """The outcome of asking to release: `released` is False when the guard holds the text."""

    released: bool
    text: str
    disclosure: str | None
    verdict: Verdict
    entry: int
    """Sequence number of the record's entry."""
    case: str | None = None
    """Id of the review case, when the text was sent to compliance."""


@dataclass(frozen=True)
class Prompt:
    """Messages for a chat model, constant text first, and the grammar of the answer."""

    system: str
    user: str
    grammar: str
    prompt_id: str
    max_tokens: int = 160


@dataclass(frozen=True)
class DraftRequest:
    """What the drafting stage needs for all candidates of a request."""

    conversation: Conversation
    understanding: Understanding
    passages: tuple[Passage, ...]
    moves: tuple[PlannedMove, ...]
    references: tuple[Reference, ...]
    products: Mapping[str, Product]
    """Handle (甲, 乙) to product."""
    roles: Mapping[str, str]
    """Handle to how it stands: asked, held, offer."""
    tone: Tone = "warm"
    instruction: str = ""
    cancel: Event | None = None
    """Set when nobody waits for the drafts any more."""


@dataclass(frozen=True)
class Draft:
    """A reply before guard: `template` with references, `text` rendered."""

    move: Move
    template: str
    text: str
    origin: Origin
    citations: tuple[Citation, ...] = ()
    reason: str = ""
    disclosure: str | None = None
    product: str | None = None
    script: str | None = None
    note: str = ""


@dataclass(frozen=True)
class Entry:
    """One entry of the record, as read back. `payload` is None once redacted."""

    sequence: int
    kind: str
    at: datetime
    actor: str
    conversation: str
    payload: Mapping[str, object] | None
    digest: str
    previous: str


@dataclass(frozen=True)
class ModelInfo:
    """The model that answers."""

    name: str
    path: str
    sha256: str
    context: int
    ready: bool
    detail: str = ""
