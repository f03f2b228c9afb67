"""The Protocols through which the stages of the line meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from copilot.types.drafting import Draft, DraftRequest, Entry
from copilot.types.guarding import GuardContext, Verdict
from copilot.types.inputs import Conversation, Customer, Kind, Turn
from copilot.types.knowledge import Fact, Occasion, Product, Script, SearchResult
from copilot.types.understanding import IntentGuess, Understanding


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

    def intent_of(self, document: str) -> str:
        """The intent a FAQ entry answers, `""` for other documents."""
        ...

    def holiday(self, on: date, named: Sequence[str] = ()) -> Sequence[Fact]:
        """Facts 假期 休市 最后申购 恢复 of the holiday running or next after `on`, of those `named` if any; () if unknown."""
        ...

    def scripts(self, intent: str) -> Sequence[Script]:
        """Approved scripts of an intent."""
        ...

    def occasions(self, message: str) -> Sequence[Occasion]:
        """What a customer's turn speaks of, of the matters that have scripts of their own."""
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
