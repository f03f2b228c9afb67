"""What the bank knows: facts, products, passages, scripts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Literal

from copilot.types.inputs import Kind, Move, ProductType, State, Tone


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

    @property
    def kind(self) -> str:
        """How the catalogue describes it, its fact 类型; "" without one."""
        return next((f.value for f in self.facts if f.field == "类型"), "")


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
    page: int | None = None  # of the file it came from; a sheet's row


@dataclass(frozen=True)
class Script:
    """An approved reply. `needs` are the references `text` uses beyond those always at hand; `asks` the fields of 甲 that
    she must have asked for, whatever else she wants; `when` what else her words must be: a wish that no
    advisor may fulfil (`borrowed`, `on_credit`), to be left `alone`, or an occasion by its id."""

    id: str
    intent: str
    move: Move
    text: str
    needs: tuple[str, ...] = ()
    state: State | None = None
    tone: Tone = "warm"
    asks: tuple[str, ...] = ()
    when: str = ""


@dataclass(frozen=True)
class Occasion:
    """A concrete matter that customers come with (改受益人, 卡被吞了), heard in the words of a turn made plain."""

    id: str
    name: str
    intents: frozenset[str]
    """Intents under which it comes."""
    heard: str
    """A pattern, compiled when it is first needed: a bank has a thousand of them."""
    unless: str = ""
    says: tuple[str, ...] = ()
    """Messages that speak of it."""
    near: tuple[str, ...] = ()
    """Messages that come close and mean something else."""

    def called(self, words: str) -> bool:
        """Whether plain words speak of it."""
        heard, unless = self.ready()
        return heard.search(words) is not None and (unless is None or unless.search(words) is None)

    def ready(self) -> tuple[re.Pattern[str], re.Pattern[str] | None]:
        """Both patterns, compiled once a process. re.error when one is none."""
        return _compiled(self.heard), _compiled(self.unless) if self.unless else None


@lru_cache(maxsize=8192)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@dataclass(frozen=True)
class SearchResult:
    """What a search gave. `found` is False when nothing answers the question."""

    found: bool
    passages: tuple[Passage, ...]
