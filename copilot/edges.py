"""The edge: JSON of the command-line contract in, frozen values out, and back. Unknown keys are refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from copilot.errors import InputError
from copilot.types import (
    Channel,
    Conversation,
    Customer,
    GuardContext,
    Holding,
    Kind,
    LifeEvent,
    Product,
    ProductType,
    Source,
    Turn,
)

LONGEST_TEXT = 20_000
"""Characters of one text; a longer one is refused."""

Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
CustomerLevel = Literal["C1", "C2", "C3", "C4", "C5"]
ProductLevel = Literal["R1", "R2", "R3", "R4", "R5"]


def _moment(value: Any) -> Any:
    """A bare date is midnight of that day; a time zone is dropped: the bank's clock is local."""
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value).replace(tzinfo=None)
        except ValueError:
            return value
    return value


_FIRST, _LAST = 1900, 2199
"""Years a day may lie in: beyond them is a slip, and no three years more can be counted from it."""
_TOLD = 60
"""Characters of a key or an id that an error repeats."""


def _real_day(value: date) -> date:
    if not _FIRST <= value.year <= _LAST:
        raise ValueError(f"the year must lie between {_FIRST} and {_LAST}")
    return value


def _local(value: datetime) -> datetime:
    """A number of seconds, which counts from Greenwich, by the clock of this machine."""
    _real_day(value)
    return value.astimezone().replace(tzinfo=None) if value.tzinfo is not None else value


Day = Annotated[date, AfterValidator(_real_day)]
Moment = Annotated[datetime, BeforeValidator(_moment), AfterValidator(_local)]
Amount = Annotated[float, Field(allow_inf_nan=False)]


class Edge(BaseModel):
    """A JSON object of the contract."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TurnIn(Edge):
    """One message of the history."""

    role: Literal["customer", "advisor"]
    text: Text
    at: Moment | None = None


class HoldingIn(Edge):
    """A holding on the customer's card."""

    name: Text
    product: str | None = None
    risk_level: ProductLevel | None = None
    amount: Amount | None = None
    maturity: date | None = None


class EventIn(Edge):
    """A dated remark on the card."""

    at: Moment
    text: Text


class CustomerIn(Edge):
    """The customer's card."""

    name: Text = ""
    risk_level: CustomerLevel | None = None
    assessed_on: Day | None = None
    age: int | None = Field(None, ge=0, le=130)
    aum: Amount | None = None
    tags: tuple[Text, ...] = ()
    holdings: tuple[HoldingIn, ...] = ()
    events: tuple[EventIn, ...] = ()

    def value(self) -> Customer:
        """The frozen card."""
        holdings = tuple(Holding(h.name, h.product, h.risk_level, h.amount, h.maturity) for h in self.holdings)
        events = tuple(LifeEvent(e.at.date(), e.text) for e in self.events)
        return Customer(self.name, self.risk_level, self.assessed_on, self.age, self.aum, self.tags, holdings, events)


class ProductIn(Edge):
    """A product of the caller's own list."""

    id: str
    name: Text
    type: ProductType = "other"
    risk_level: ProductLevel | None = None
    status: Literal["on_sale", "closed", "matured", "upcoming"] = "on_sale"

    def value(self) -> Product:
        """The frozen product."""
        return Product(self.id, self.name, self.type, self.status, self.risk_level)


class SourceIn(Edge):
    """A text figures may come from."""

    id: str = ""
    product: str | None = None
    text: Text


class CheckIn(Edge):
    """A line of `check`."""

    id: Any = None
    text: Text
    history: tuple[TurnIn, ...] = ()
    at: Moment | None = None
    product_type: ProductType | None = None
    products: tuple[ProductIn, ...] | tuple[str, ...] | None = None
    customer: CustomerIn | None = None
    sources: tuple[SourceIn, ...] | tuple[Text, ...] | None = None
    channel: Channel = "one_to_one"
    material: str | None = None

    def context(self, lookup: Callable[[str], Product | None]) -> GuardContext:
        """The guard's context; a product id the catalogue does not know is an InputError."""
        products: tuple[Product, ...] | None = None
        if self.products is not None:
            products = tuple(_product(p, lookup) for p in self.products)
        sources: tuple[Source, ...] | None = None
        if self.sources is not None:
            sources = tuple(Source(s) if isinstance(s, str) else Source(s.text, s.id, s.product) for s in self.sources)
        customer = self.customer.value() if self.customer else None
        return GuardContext(
            turns(self.history), self.at, self.product_type, products, customer, sources, self.channel, self.material
        )


class ClassifyIn(Edge):
    """A line of `classify`."""

    id: Any = None
    text: Text
    history: tuple[TurnIn, ...] = ()
    at: Moment | None = None


class SearchIn(Edge):
    """A line of `search`."""

    id: Any = None
    query: Text
    history: tuple[TurnIn, ...] = ()
    top_k: int = Field(6, ge=1, le=50)
    kind: Kind | None = None
    on: Day | None = None
    customer: CustomerIn | None = None


class DraftIn(Edge):
    """A line of `draft`."""

    id: Any = None
    message: Text
    history: tuple[TurnIn, ...] = ()
    at: Moment | None = None
    customer: CustomerIn | None = None

    def conversation(self, now: datetime) -> Conversation:
        """The conversation that ends with the message."""
        at = self.at or now
        customer = self.customer.value() if self.customer else None
        return Conversation((*turns(self.history), Turn("customer", self.message, at)), customer, at)


def turns(history: Sequence[TurnIn]) -> tuple[Turn, ...]:
    """Frozen turns."""
    return tuple(Turn(t.role, t.text, t.at) for t in history)


def _product(item: ProductIn | str, lookup: Callable[[str], Product | None]) -> Product:
    if isinstance(item, ProductIn):
        return item.value()
    found = lookup(item)
    if found is None:
        raise InputError(f"products: no product {item[:_TOLD]!r} in the catalogue; give its id, or an object")
    return found


T = TypeVar("T", bound=Edge)


def parse(model: type[T], data: Mapping[str, Any]) -> T:
    """Validate one JSON object; InputError says which field and why, in one line."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = " ".join(".".join(str(part) for part in first["loc"]).split())[:_TOLD] or "line"
        raise InputError(f"{where}: {first['msg']}") from error
