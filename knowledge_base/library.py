"""The bank's knowledge in memory: products, documents, facts, holidays and approved scripts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from copilot.errors import SettingsError
from copilot.reading.plain import plain
from copilot.settings import FRESH_DAYS
from copilot.types import Fact, Move, Occasion, Product, Script
from knowledge_base.added import Added, with_scripts
from knowledge_base.checks import occasion_of
from knowledge_base.document import Document, holiday_id
from knowledge_base.fields import ALWAYS, PRODUCT_FIELDS, STATUS_WORDS
from knowledge_base.ingest.shelf import Shelf
from knowledge_base.load import Content, load_content, with_papers
from knowledge_base.names import NameIndex
from knowledge_base.schema import ProductEntry, ScriptEntry, Status
from knowledge_base.values import NOTHING, ValueFile, Values, product_of

Now = Callable[[], datetime]
_KEPT = 4096
"""Products kept as they are told on a day."""


@dataclass
class _Known:
    """The values last looked at, and the products already told with them: id, status and day → product."""

    values: Values = NOTHING
    products: dict[tuple[str, Status, date], Product] = field(default_factory=dict)


_REMEMBERED = 64
"""Turns whose occasions are kept: a request asks for them at every move."""


@dataclass(frozen=True)
class ContentLibrary:
    """A checked content folder, and the bank's daily values over it, as `copilot.types.Library`. What depends on the day follows `now`."""

    content: Content
    now: Now = datetime.now
    values: ValueFile | None = None
    fresh_days: Mapping[str, int] = field(default_factory=lambda: FRESH_DAYS)
    shelf: Shelf | None = None
    documents: dict[str, Document] = field(init=False, repr=False)
    names: NameIndex = field(init=False, repr=False)
    _entries: dict[str, ProductEntry] = field(init=False, repr=False)
    _scripts: dict[str, tuple[Script, ...]] = field(init=False, repr=False)
    _occasions: tuple[Occasion, ...] = field(init=False, repr=False)
    _intents: dict[str, str] = field(init=False, repr=False)
    _known: _Known = field(init=False, repr=False, default_factory=_Known)
    _heard: dict[str, tuple[Occasion, ...]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "documents", {d.id: d for d in self.content.documents})
        put(self, "_entries", {p.id: p for p in self.content.products})
        put(self, "names", NameIndex(_spoken(self.content.products), _common(self.content.products)))
        put(self, "_intents", {f.id: f.intent for f in self.content.faq})
        scripts: dict[str, list[Script]] = {}
        for entry in self.content.scripts:
            scripts.setdefault(entry.intent, []).append(_script(entry))
        put(self, "_scripts", {intent: tuple(found) for intent, found in scripts.items()})
        put(self, "_occasions", tuple(map(occasion_of, self.content.occasions)))

    @property
    def version(self) -> str:
        """The hash of all content."""
        return self.content.version

    def products(self) -> Sequence[Product]:
        """The whole catalogue, with today's status."""
        now, known = self.now(), self._look()
        return tuple(self._product(entry, now, known) for entry in self.content.products)

    def get(self, product_id: str) -> Product | None:
        """One product with today's status."""
        entry = self._entries.get(product_id)
        return self._product(entry, self.now(), self._look()) if entry else None

    def at(self, product_id: str, moment: datetime) -> Product | None:
        """One product with its status and values at a moment."""
        entry = self._entries.get(product_id)
        return self._product(entry, moment, self._look()) if entry else None

    def named(self, text: str) -> Sequence[tuple[Product, int, int]]:
        """Products named in a text, with offsets of the original."""
        now, known = self.now(), self._look()
        found = self.names.find(text)
        return tuple((self._product(self._entries[m.product], now, known), m.start, m.end) for m in found)

    def text(self, document: str) -> str:
        """The full text of a document, "" when unknown."""
        found = self.documents.get(document)
        return found.text if found else self._look().values.texts.get(document, "")

    def facts(self, document: str) -> Sequence[Fact]:
        """The facts of a document; a product's as they are told today, a document of values those of them that are."""
        if document in self._entries:
            return self._told(document)
        found = self.documents.get(document)
        if found is not None:
            return found.facts
        product = product_of(document)
        return tuple(f for f in self._told(product) if f.document == document) if product else ()

    def holds(self, document: Document, on: date) -> bool:
        """Whether a document is in force on a day. A paper withdrawn since this was loaded is not, without waiting for an index."""
        last = self.shelf.withdrawn().get(document.id) if self.shelf is not None else None
        return document.holds(on) and (last is None or on <= last)

    def intent_of(self, document: str) -> str:
        """The intent a FAQ entry answers, "" for other documents."""
        return self._intents.get(document, "")

    def holiday(self, on: date, named: Sequence[str] = ()) -> Sequence[Fact]:
        """Facts of the holiday running or next after a day, of those `named` where any is; () beyond the calendar."""
        for entry in self.content.holidays:
            if entry.off_to >= on and (not named or entry.name in named):
                return self.documents[holiday_id(entry)].facts
        return ()

    def scripts(self, intent: str) -> Sequence[Script]:
        """Approved scripts of an intent."""
        return self._scripts.get(intent, ())

    def occasions(self, message: str) -> Sequence[Occasion]:
        """What a customer's turn speaks of, of the matters that have scripts of their own."""
        heard = self._heard.get(message)
        if heard is None:
            words = plain(message)
            heard = tuple(occasion for occasion in self._occasions if occasion.called(words))
            if len(self._heard) >= _REMEMBERED:
                self._heard.clear()
            self._heard[message] = heard
        return heard

    def ready(self) -> None:
        """Make now what the first message would wait seconds for: the patterns of the occasions."""
        for occasion in self._occasions:
            occasion.ready()

    def _told(self, product_id: str) -> Sequence[Fact]:
        product = self.get(product_id)
        return product.facts if product else ()

    def _look(self) -> _Known:
        """What is known with the values as they now are."""
        values = self.values.look() if self.values is not None else NOTHING
        known = self._known
        if known.values is not values:
            known = _Known(values)
            object.__setattr__(self, "_known", known)
        return known

    def _product(self, entry: ProductEntry, moment: datetime, known: _Known) -> Product:
        status, on = status_at(entry, moment), moment.date()
        found = known.products.get((entry.id, status, on))
        if found is None:
            facts = current(entry, self.documents[entry.id].facts, known.values.told(entry.id, on), on)
            told = tuple(f for f in facts if is_fresh(entry, status, f, on, self.fresh_days))
            found = _product(entry, status, told)
            if len(known.products) >= _KEPT:
                known.products.clear()
            known.products[entry.id, status, on] = found
        return found


def load_library(
    folder: Path,
    now: Now = datetime.now,
    shelf: Shelf | None = None,
    values: ValueFile | None = None,
    fresh_days: Mapping[str, int] = FRESH_DAYS,
    added: Added | None = None,
    proven: Path | None = None,
) -> ContentLibrary:
    """The library of a content folder, of added replies, of the papers on a shelf and of the daily values; ContentError with file and line when something is wrong."""
    for name in fresh_days:
        if name not in PRODUCT_FIELDS:
            raise SettingsError(f"knowledge.fresh_days: {name} is no field of docs/references.md")
    content = load_content(folder, proven)
    if values is not None:
        values.look()
    content = content if added is None else with_scripts(content, added)
    whole = content if shelf is None else with_papers(content, shelf)
    return ContentLibrary(whole, now, values, fresh_days, shelf)


def status_at(entry: ProductEntry, moment: datetime) -> Status:
    """The status a product has at a moment: its own, moved on by the dates that have passed since it was written."""
    status = entry.status
    if status == "upcoming" and entry.sale_from and entry.sale_from <= moment.date():
        status = "on_sale"
    if status == "on_sale" and entry.sale_from and moment.date() < entry.sale_from:
        return "upcoming"
    if status == "on_sale" and entry.sale_to and entry.sale_to < moment:
        status = "closed"
    if status == "closed" and entry.maturity_date and entry.maturity_date < moment.date():
        status = "matured"
    return status


def current(entry: ProductEntry, facts: Sequence[Fact], values: Mapping[str, Fact], on: date) -> tuple[Fact, ...]:
    """The content's facts with the newer daily values in their places, and the values it does not tell behind them."""
    more = dict(values)
    found: list[Fact] = []
    for fact in facts:
        value, own = more.pop(fact.field, None), fact.as_of or entry.effective_from
        newer = value is not None and value.as_of is not None and (value.as_of >= own or own > on)
        found.append(value if newer and value is not None else fact)
    return (*found, *more.values())


def is_fresh(entry: ProductEntry, status: Status, fact: Fact, on: date, fresh_days: Mapping[str, int]) -> bool:
    """Whether a dated fact may still be told. What can change no more does not age: the value at maturity, the rate of what is sold no longer."""
    limit = fresh_days.get(fact.field)
    if limit is None or fact.as_of is None or (on - fact.as_of).days <= limit:
        return True
    if fact.field == "利率":
        return status in ("closed", "matured")
    return entry.maturity_date is not None and fact.as_of >= entry.maturity_date


def _product(entry: ProductEntry, status: Status, facts: Sequence[Fact]) -> Product:
    """What is told of the sale is left out once the dates have overtaken it: it would be false."""
    told = {f.field: f.value for f in facts}
    overtaken = not any(word in told.get("状态", "") for word in STATUS_WORDS[status])
    stale = {"状态", "截止"} if overtaken and status != "on_sale" else {"状态"} if overtaken else set()
    return Product(
        id=entry.id,
        name=entry.name,
        type=entry.type,
        status=status,
        risk_level=entry.risk_level,
        full_name=entry.full_name,
        aliases=entry.aliases,
        code=entry.code,
        term_days=entry.term_days,
        sale_to=entry.sale_to,
        document=entry.id,
        disclosure=entry.disclosure,
        facts=tuple(f for f in facts if f.field not in stale),
        tags=entry.tags,
    )


def _spoken(products: Sequence[ProductEntry]) -> list[tuple[str, str, bool]]:
    found: list[tuple[str, str, bool]] = []
    for entry in products:
        plain = [entry.name, entry.full_name, *entry.aliases]
        found += [(name, entry.id, False) for name in plain if name]
        found += [(code, entry.id, True) for code in (entry.id, entry.code) if code]
    return found


def _common(products: Sequence[ProductEntry]) -> list[str]:
    """Aliases of two characters: ordinary words (均衡, 启程) unless something beside them speaks of a product."""
    return [alias for entry in products for alias in entry.aliases if len(alias) <= 2]


def _script(entry: ScriptEntry) -> Script:
    move: Move = entry.move  # type: ignore[assignment]  # checked by the schema
    needs = tuple(name for name in entry.needs if name not in ALWAYS)
    return Script(entry.id, entry.intent, move, entry.text, needs, entry.state, entry.tone, entry.asks, entry.when)
