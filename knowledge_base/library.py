"""The bank's knowledge in memory: products, documents, facts, holidays and approved scripts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from copilot.types import Fact, Move, Product, Script
from knowledge_base.document import Document, holiday_id
from knowledge_base.fields import ALWAYS, STATUS_WORDS
from knowledge_base.ingest.shelf import Shelf
from knowledge_base.load import Content, load_content, with_papers
from knowledge_base.names import NameIndex
from knowledge_base.schema import ProductEntry, ScriptEntry, Status

Now = Callable[[], datetime]


@dataclass(frozen=True)
class ContentLibrary:
    """A checked content folder as `copilot.types.Library`. What depends on the day follows `now`."""

    content: Content
    now: Now = datetime.now
    documents: dict[str, Document] = field(init=False, repr=False)
    names: NameIndex = field(init=False, repr=False)
    _entries: dict[str, ProductEntry] = field(init=False, repr=False)
    _scripts: dict[str, tuple[Script, ...]] = field(init=False, repr=False)
    _intents: dict[str, str] = field(init=False, repr=False)
    _known: dict[tuple[str, Status], Product] = field(init=False, repr=False, default_factory=dict)

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

    @property
    def version(self) -> str:
        """The hash of all content."""
        return self.content.version

    def products(self) -> Sequence[Product]:
        """The whole catalogue, with today's status."""
        now = self.now()
        return tuple(self._product(entry, now) for entry in self.content.products)

    def get(self, product_id: str) -> Product | None:
        """One product with today's status."""
        entry = self._entries.get(product_id)
        return self._product(entry, self.now()) if entry else None

    def at(self, product_id: str, moment: datetime) -> Product | None:
        """One product with its status at a moment."""
        entry = self._entries.get(product_id)
        return self._product(entry, moment) if entry else None

    def named(self, text: str) -> Sequence[tuple[Product, int, int]]:
        """Products named in a text, with offsets of the original."""
        now = self.now()
        return tuple((self._product(self._entries[m.product], now), m.start, m.end) for m in self.names.find(text))

    def text(self, document: str) -> str:
        """The full text of a document, "" when unknown."""
        found = self.documents.get(document)
        return found.text if found else ""

    def facts(self, document: str) -> Sequence[Fact]:
        """The facts of a document; a product's without those its dates have overtaken."""
        entry = self._entries.get(document)
        if entry is not None:
            return self._product(entry, self.now()).facts
        found = self.documents.get(document)
        return found.facts if found else ()

    def intent_of(self, document: str) -> str:
        """The intent a FAQ entry answers, "" for other documents."""
        return self._intents.get(document, "")

    def holiday(self, on: date) -> Sequence[Fact]:
        """Facts of the holiday running or next after a day; () beyond the calendar."""
        for entry in self.content.holidays:
            if entry.off_to >= on:
                return self.documents[holiday_id(entry)].facts
        return ()

    def scripts(self, intent: str) -> Sequence[Script]:
        """Approved scripts of an intent."""
        return self._scripts.get(intent, ())

    def _product(self, entry: ProductEntry, moment: datetime) -> Product:
        status = status_at(entry, moment)
        key = (entry.id, status)
        if key not in self._known:
            self._known[key] = _product(entry, status, self.documents[entry.id].facts)
        return self._known[key]


def load_library(folder: Path, now: Now = datetime.now, shelf: Shelf | None = None) -> ContentLibrary:
    """The library of a content folder and of the papers on a shelf; ContentError with file and line when something is wrong."""
    content = load_content(folder)
    return ContentLibrary(content if shelf is None else with_papers(content, shelf), now)


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
    return Script(entry.id, entry.intent, move, entry.text, needs, entry.state, entry.tone)
