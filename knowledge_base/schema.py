"""What a content file may hold. Unknown keys are refused; every model is frozen."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from copilot.types import INTENTS, MOVES, ProductType, State, Tone
from knowledge_base.fields import PRODUCT_FIELDS


def _field_name(value: str) -> str:
    if value not in PRODUCT_FIELDS:
        raise ValueError(f"{value} is no field of docs/references.md")
    return value


def _pattern(value: str) -> str:
    """A pattern in which nothing is repeated that repeats itself: it is run over every message. Whether it compiles, the checks see."""
    if _REPEATED.search(value):
        raise ValueError(f"{value} repeats what repeats itself; write it without")
    return value


_REPEATED = re.compile(r"[*+}][*+]|\([^)]*[*+][^)]*\)(?:[*+]|\{[0-9]*,\})")
WISHES = ("borrowed", "on_credit", "alone")
"""What a script may wait for that code hears (`copilot.reading.wishes`)."""
FieldName = Annotated[str, AfterValidator(_field_name)]
Words = Annotated[str, Field(min_length=1)]
HearingPattern = Annotated[str, Field(min_length=1, max_length=600), AfterValidator(_pattern)]
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=64)]
Status = Literal["on_sale", "closed", "matured", "upcoming"]
RiskLevel = Literal["R1", "R2", "R3", "R4", "R5"]


class Entry(BaseModel):
    """Base of all content."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Benchmark(Entry):
    """A performance benchmark with what must be said with it."""

    text: Words
    reason: Words
    basis: Words
    method: Words


class Section(Entry):
    """A titled piece of a product's description."""

    title: Words
    text: Words


class ProductEntry(Entry):
    """One product of the catalogue."""

    id: Id
    name: Words
    full_name: str = ""
    aliases: tuple[Words, ...] = ()
    code: str = ""
    type: ProductType
    subtype: str = ""
    issuer: str = ""
    agency: bool | None = None
    """Whether the bank sells it for another, False for its own; None where that is not told."""
    risk_level: RiskLevel | None = None
    status: Status = "on_sale"
    version: int = Field(1, ge=1)
    effective_from: date
    effective_to: date | None = None
    sale_from: date | None = None
    sale_to: datetime | None = None
    value_date: date | None = None
    maturity_date: date | None = None
    term_days: int | None = Field(None, ge=1)
    minimum: float | None = Field(None, ge=0)
    tags: tuple[Words, ...] = ()
    facts: dict[FieldName, Words]
    as_of: dict[FieldName, date] = {}
    benchmark: Benchmark | None = None
    disclosure: str = ""
    sections: tuple[Section, ...] = Field(min_length=1)


class FaqEntry(Entry):
    """A question customers ask, and the bank's answer."""

    id: Id
    question: Words
    variants: tuple[Words, ...] = ()
    intent: str
    product_type: ProductType | None = None
    answer: Words
    short: Annotated[str, Field(min_length=1, max_length=60)]
    effective_from: date
    effective_to: date | None = None

    @field_validator("intent")
    @classmethod
    def _known_intent(cls, value: str) -> str:
        return _intent(value)


class ComplianceEntry(Entry):
    """What a rule asks, told for advisors, with one sentence for the customer."""

    id: Id
    title: Words
    regulation: Words
    article: str = ""
    in_force_from: date
    in_force_to: date | None = None
    status: Literal["verified", "secondary"]
    checks: tuple[Annotated[str, Field(pattern=r"^G\d{2}$")], ...] = ()
    text: Words
    point: Words
    tags: tuple[Words, ...] = ()


class GlossaryEntry(Entry):
    """A word of the trade, told for customers, with one sentence that may be said as it stands."""

    id: Id
    term: Words
    names: tuple[Words, ...] = ()
    text: Words
    point: Annotated[str, Field(min_length=1, max_length=80)]


class MarketEntry(Entry):
    """A dated market note."""

    id: Id
    title: Words
    as_of: date
    topic: str = ""
    point: Words
    text: Words
    source: Words
    expires: date | None = None


class ScriptEntry(Entry):
    """An approved reply; figures stand as references."""

    id: Id
    intent: str
    move: str
    text: Words
    needs: tuple[Words, ...] = ()
    state: State | None = None
    tone: Tone = "warm"
    asks: tuple[FieldName, ...] = ()
    when: str = ""
    """One of WISHES, or the id of an occasion."""

    @field_validator("intent")
    @classmethod
    def _known_intent(cls, value: str) -> str:
        return _intent(value)

    @field_validator("move")
    @classmethod
    def _known_move(cls, value: str) -> str:
        if value not in MOVES:
            raise ValueError(f"{value} is no move; one of {', '.join(MOVES)}")
        return value


class OccasionEntry(Entry):
    """A concrete matter, the patterns that hear it in plain words (`copilot.reading.plain`), and messages that prove them."""

    id: Id
    name: Annotated[str, Field(min_length=2, max_length=12)]
    intents: tuple[str, ...] = Field(min_length=1)
    heard: tuple[HearingPattern, ...] = Field(min_length=1)
    unless: tuple[HearingPattern, ...] = ()
    says: tuple[Words, ...] = Field(min_length=3)
    """Messages that speak of it."""
    near: tuple[Words, ...] = Field(min_length=2)
    """Messages that come close and mean something else."""

    @field_validator("intents")
    @classmethod
    def _known_intents(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_intent(value) for value in values)


class HolidayEntry(Entry):
    """A public holiday as the bank and the markets keep it."""

    name: Words
    off_from: date
    off_to: date
    workdays: tuple[date, ...] = ()
    last_subscription: datetime
    resume: date
    note: str = ""

    @field_validator("last_subscription", mode="before")
    @classmethod
    def _minutes(cls, value: object) -> object:
        return value.replace(" ", "T", 1) if isinstance(value, str) else value


class Branch(Entry):
    """One of the bank's branches."""

    name: Words
    address: Words
    hours: Words
    phone: Words


class BankEntry(Entry):
    """The bank's own particulars."""

    name: Words
    hotline: Words
    complaint: Words
    complaint_short: str = ""
    hours: Words
    hours_short: str = ""
    wealth_issuer: str = ""
    helpline: str = "全国心理援助热线12356，紧急时拨打120或110"
    branches: tuple[Branch, ...] = ()


class FaqFile(Entry):
    """A file of questions."""

    faq: tuple[FaqEntry, ...]


class ComplianceFile(Entry):
    """A file of rules."""

    compliance: tuple[ComplianceEntry, ...]


class GlossaryFile(Entry):
    """A file of words."""

    glossary: tuple[GlossaryEntry, ...]


class ScriptFile(Entry):
    """A file of approved replies."""

    scripts: tuple[ScriptEntry, ...]


class OccasionFile(Entry):
    """A file of occasions."""

    occasions: tuple[OccasionEntry, ...]


class CalendarFile(Entry):
    """The bank's calendar."""

    holidays: tuple[HolidayEntry, ...]


def _intent(value: str) -> str:
    if value not in INTENTS:
        raise ValueError(f"{value} is no intent of docs/intents.md")
    return value
