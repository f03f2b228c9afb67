"""Frozen values and the Protocols of the line's stages. No I/O, no ids made, no storage.

Offsets (`start`, `end`) count code points of the original text, end exclusive. Money is in yuan
unless a unit says otherwise. Dates are `datetime.date`, moments are `datetime.datetime`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from threading import Event
from typing import Literal, Protocol

Role = Literal["customer", "advisor"]
Severity = Literal["warn", "review", "block"]
Outcome = Literal["pass", "warn", "review", "block"]
Move = Literal["situation", "problem", "implication", "need", "answer", "soothe", "safety", "decline", "find_out"]
Origin = Literal["model", "script"]
Channel = Literal["one_to_one", "group", "mass"]
ProductType = Literal[
    "wealth", "cash", "deposit", "structured_deposit", "treasury", "fund", "insurance", "gold", "pension", "other"
]
State = Literal["calm", "upset", "grief", "confused", "minor", "fraud", "hurried"]
Tone = Literal["warm", "brief", "formal"]
EntityType = Literal["amount", "term", "date", "product", "rate", "person", "institution", "purpose"]
Kind = Literal["product", "faq", "compliance", "script", "market", "calendar"]
Spin = Literal["S", "P", "I", "N"]

INTENTS: tuple[str, ...] = (
    "maturity_reinvest",
    "product_inquiry",
    "performance_concern",
    "liquidity_need",
    "recommendation_request",
    "comparison_competitor",
    "risk_concern",
    "deposit_rate",
    "transaction_help",
    "holiday_arrangement",
    "fee_inquiry",
    "risk_assessment",
    "insurance_pension",
    "market_view",
    "loan_credit",
    "benefits_activity",
    "complaint",
    "outflow_churn",
    "life_planning",
    "objection_hesitation",
    "greeting_smalltalk",
    "fraud_security",
    "other_unclear",
)
"""The closed set of intent labels; their meaning is in `copilot.intent.labels`."""

MOVES: tuple[Move, ...] = (
    "situation",
    "problem",
    "implication",
    "need",
    "answer",
    "soothe",
    "safety",
    "decline",
    "find_out",
)


# --- what comes in -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Turn:
    """One message of a conversation."""

    role: Role
    text: str
    at: datetime | None = None


@dataclass(frozen=True)
class Holding:
    """What the customer holds. `product` is a catalogue id where known; `amount` in yuan."""

    name: str
    product: str | None = None
    risk_level: str | None = None
    amount: float | None = None
    maturity: date | None = None


@dataclass(frozen=True)
class LifeEvent:
    """A dated remark on the customer's card."""

    at: date
    text: str


@dataclass(frozen=True)
class Customer:
    """The customer's card as the bank keeps it."""

    name: str = ""
    risk_level: str | None = None
    assessed_on: date | None = None
    age: int | None = None
    aum: float | None = None
    tags: tuple[str, ...] = ()
    holdings: tuple[Holding, ...] = ()
    events: tuple[LifeEvent, ...] = ()


@dataclass(frozen=True)
class Conversation:
    """The history, oldest first, ending with the customer's message to be answered."""

    turns: tuple[Turn, ...]
    customer: Customer | None = None
    at: datetime | None = None
    id: str = ""

    @property
    def message(self) -> str:
        """The customer's turn to be answered: all her messages sent in a row at the end, joined by newlines."""
        tail: list[str] = []
        for turn in reversed(self.turns):
            if turn.role != "customer":
                break
            tail.append(turn.text)
        return "\n".join(reversed(tail))

    @property
    def history(self) -> tuple[Turn, ...]:
        """Everything before `message`."""
        n = len(self.turns)
        while n and self.turns[n - 1].role == "customer":
            n -= 1
        return self.turns[:n]


# --- what the bank knows -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fact:
    """A published value. `field` is a name of docs/references.md; `start`/`end` lie in `document`'s text."""

    field: str
    value: str
    document: str
    start: int
    end: int
    product: str | None = None
    unit: str = ""
    as_of: date | None = None
    working: str = ""


@dataclass(frozen=True)
class Product:
    """A product of the catalogue, as suitability, guard and drafting see it."""

    id: str
    name: str
    type: ProductType
    status: Literal["on_sale", "closed", "matured", "upcoming"] = "on_sale"
    risk_level: str | None = None
    full_name: str = ""
    aliases: tuple[str, ...] = ()
    code: str = ""
    term_days: int | None = None
    sale_to: datetime | None = None
    document: str = ""
    disclosure: str = ""
    facts: tuple[Fact, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Passage:
    """A found piece of a document; `text == document_text[start:end]`. `product` is a catalogue id or None."""

    id: str
    document: str
    kind: Kind
    title: str
    text: str
    score: float
    start: int
    end: int
    product: str | None = None
    note: str = ""  # why it is shown though marked: "held", "superseded"


@dataclass(frozen=True)
class Script:
    """An approved reply. `needs` are the references `text` uses beyond those always at hand."""

    id: str
    intent: str
    move: Move
    text: str
    needs: tuple[str, ...] = ()
    state: State | None = None
    tone: Tone = "warm"


@dataclass(frozen=True)
class SearchResult:
    """What a search gave. `found` is False when nothing answers the question."""

    found: bool
    passages: tuple[Passage, ...]


# --- what was understood -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entity:
    """A normalised mention. `value`: yuan for amounts, days for terms, ISO text for dates, percent for rates, catalogue id for products."""

    type: EntityType
    text: str
    value: float | str
    start: int
    end: int
    unit: str = ""


@dataclass(frozen=True)
class Evidence:
    """A quotation from the customer's own messages; `turn` is its index in `Conversation.turns`."""

    quote: str
    turn: int


@dataclass(frozen=True)
class Ledger:
    """What the customer has revealed so far, by letter of SPIN."""

    S: tuple[Evidence, ...] = ()
    P: tuple[Evidence, ...] = ()
    I: tuple[Evidence, ...] = ()  # noqa: E741 - the letters are the method's own
    N: tuple[Evidence, ...] = ()

    def letter(self, spin: Spin) -> tuple[Evidence, ...]:
        """The evidence under one letter."""
        found: tuple[Evidence, ...] = getattr(self, spin)
        return found

    @property
    def present(self) -> tuple[Spin, ...]:
        """The letters with evidence."""
        letters: tuple[Spin, ...] = ("S", "P", "I", "N")
        return tuple(s for s in letters if self.letter(s))

    @property
    def missing(self) -> tuple[Spin, ...]:
        """The letters without evidence."""
        letters: tuple[Spin, ...] = ("S", "P", "I", "N")
        return tuple(s for s in letters if not self.letter(s))


@dataclass(frozen=True)
class IntentGuess:
    """What the classifier says. `ranked` holds (label, probability), best first."""

    intent: str
    confidence: float
    secondary: tuple[str, ...]
    ranked: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Understanding:
    """One customer turn, understood."""

    intent: str
    confidence: float
    secondary: tuple[str, ...]
    ranked: tuple[tuple[str, float], ...]
    entities: tuple[Entity, ...]
    state: State
    selling: bool
    ledger: Ledger
    version: str = ""


@dataclass(frozen=True)
class PlannedMove:
    """A move worth making and the reason an advisor can read (Chinese)."""

    move: Move
    reason: str


# --- what the guard says -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Finding:
    """One violation in a text. `quote == text[start:end]` of the original; a missing line has start == end == len(text)."""

    rule: str
    check: str
    severity: Severity
    start: int
    end: int
    quote: str
    reason: str
    basis: str
    replacement: str | None = None
    insert: str | None = None


@dataclass(frozen=True)
class Verdict:
    """The guard's word on one text."""

    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    not_checked: tuple[str, ...] = ()
    rules_version: str = ""

    @property
    def releasable(self) -> bool:
        """Whether a person may release the text without compliance."""
        return self.outcome in ("pass", "warn")


@dataclass(frozen=True)
class Source:
    """A text a figure may come from."""

    text: str
    id: str = ""
    product: str | None = None


@dataclass(frozen=True)
class GuardContext:
    """The records a check may use. `None` means not given: that part of a † check is `not_checked`; an empty tuple means none."""

    history: tuple[Turn, ...] = ()
    at: datetime | None = None
    product_type: ProductType | None = None
    products: tuple[Product, ...] | None = None
    customer: Customer | None = None
    sources: tuple[Source, ...] | None = None
    channel: Channel = "one_to_one"
    material: str | None = None


# --- what is drafted -----------------------------------------------------------------------------------------------


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


# --- the stages ----------------------------------------------------------------------------------------------------


class IntentClassifier(Protocol):
    """Names the intent of a customer turn."""

    @property
    def version(self) -> str: ...

    def classify(self, text: str, history: Sequence[Turn] = ()) -> IntentGuess: ...


class Catalogue(Protocol):
    """The bank's products as known today."""

    @property
    def version(self) -> str: ...

    def products(self) -> Sequence[Product]: ...

    def get(self, product_id: str) -> Product | None: ...

    def named(self, text: str) -> Sequence[tuple[Product, int, int]]:
        """Products named in a text by name, alias or code, with offsets."""
        ...


class Library(Catalogue, Protocol):
    """The bank's knowledge beyond search: documents, their facts, scripts, calendar."""

    def text(self, document: str) -> str:
        """The full text of a document, `""` when unknown."""
        ...

    def facts(self, document: str) -> Sequence[Fact]:
        """Facts of one document: a product's fields, a FAQ entry's `答`, a compliance or market note's `要点`, `bank`'s fields."""
        ...

    def holiday(self, on: date) -> Sequence[Fact]:
        """Facts 假期 休市 最后申购 恢复 of the public holiday running or next after `on`, if it is known."""
        ...

    def scripts(self, intent: str) -> Sequence[Script]:
        """Approved scripts of an intent."""
        ...


class Understand(Protocol):
    """message → intent, entities, state, ledger."""

    def __call__(self, conversation: Conversation) -> Understanding: ...


class Retrieve(Protocol):
    """A question in the conversation's context → passages, best first."""

    def __call__(
        self,
        query: str,
        *,
        history: Sequence[Turn] = (),
        top_k: int = 6,
        kind: Kind | None = None,
        on: date | None = None,
        customer: Customer | None = None,
    ) -> SearchResult: ...


class Drafter(Protocol):
    """A request → drafts, one per move, as they are finished."""

    def __call__(self, request: DraftRequest) -> Iterator[Draft]: ...


class Guard(Protocol):
    """Reads a whole text against the rules; never raises for a text, raises GuardError when it cannot work."""

    @property
    def version(self) -> str: ...

    def check(self, text: str, context: GuardContext) -> Verdict: ...


class Record(Protocol):
    """The append-only record."""

    def append(
        self, kind: str, actor: str, conversation: str, payload: Mapping[str, object], at: datetime | None = None
    ) -> Entry: ...


class Clock(Protocol):
    """Tells the time; a test's clock stands still."""

    def __call__(self) -> datetime: ...


@dataclass(frozen=True)
class Usage:
    """Latency of the stages of one proposal, in milliseconds."""

    ms: Mapping[str, float] = field(default_factory=dict)
