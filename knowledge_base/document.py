"""The canonical text of every document, with exact spans for its facts and its pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from copilot.types import Fact, Kind
from knowledge_base.calendar import OTHER_NAMES, Rendered, render_holiday
from knowledge_base.chunk import split_text
from knowledge_base.fields import ANSWER, BANK, BANK_FIELDS, HELP_FIELD, ISSUED, POINT
from knowledge_base.schema import (
    BankEntry,
    ComplianceEntry,
    FaqEntry,
    GlossaryEntry,
    HolidayEntry,
    MarketEntry,
    ProductEntry,
    ScriptEntry,
)


@dataclass(frozen=True)
class Piece:
    """A passage before it is searched: a span of its document. `cues` are further texts it may be found by."""

    title: str
    start: int
    end: int
    cues: tuple[str, ...] = ()
    page: int | None = None
    """Page of the file it came from; the row, for a sheet."""
    article: str = ""
    """The article of a rule that it is or tells: 第八十五条."""


@dataclass(frozen=True)
class Document:
    """A text with its facts and pieces, and the days between which it holds."""

    id: str
    kind: Kind
    title: str
    text: str
    facts: tuple[Fact, ...] = ()
    pieces: tuple[Piece, ...] = ()
    product: str | None = None
    effective_from: date | None = None
    effective_to: date | None = None
    internal: bool = False
    tags: tuple[str, ...] = ()
    cited_as: tuple[str, ...] = ()
    """The titles by which a rule or paper is cited."""

    def holds(self, on: date) -> bool:
        """Whether the document is in force on a day."""
        after_start = self.effective_from is None or self.effective_from <= on
        return after_start and (self.effective_to is None or on <= self.effective_to)


@dataclass
class _Writer:
    """Grows a text and remembers where things were written."""

    parts: list[str] = field(default_factory=list)
    size: int = 0

    def add(self, text: str) -> tuple[int, int]:
        """Append; the span it got."""
        start = self.size
        self.parts.append(text)
        self.size += len(text)
        return start, self.size

    @property
    def text(self) -> str:
        """All that was written."""
        return "".join(self.parts)


def product_document(entry: ProductEntry) -> Document:
    """Title line, a line a fact, then the sections."""
    writer = _Writer()
    title = f"{entry.full_name}（{entry.name}）" if entry.full_name and entry.full_name != entry.name else entry.name
    writer.add(f"{title}\n\n")
    first, _ = writer.add("产品要素\n")
    facts: list[Fact] = []
    for name, value in {**entry.facts, **_issued(entry)}.items():
        writer.add(f"{name}：")
        start, end = writer.add(value)
        writer.add("\n")
        facts.append(Fact(name, value, entry.id, start, end, entry.id, as_of=entry.as_of.get(name)))
    labels = " ".join(dict.fromkeys((entry.subtype, *entry.tags)))
    pieces = [Piece(f"{entry.name} · 产品要素", first, writer.size - 1, (f"{entry.facts.get('类型', '')} {labels}",))]
    for section in entry.sections:
        writer.add("\n")
        begin, _ = writer.add(f"{section.title}\n")
        body, end = writer.add(section.text)
        writer.add("\n")
        for start, stop in split_text(section.text):
            pieces.append(Piece(f"{entry.name} · {section.title}", begin if start == 0 else body + start, body + stop))
    if entry.disclosure:
        writer.add("\n须告知\n")
        writer.add(entry.disclosure)
        writer.add("\n")
    return Document(
        entry.id,
        "product",
        entry.name,
        writer.text,
        tuple(facts),
        tuple(pieces),
        entry.id,
        entry.effective_from,
        entry.effective_to,
        tags=entry.tags,
    )


_ISSUED = {
    "insurance": "{}承保，我行代销",
    "pension": "{}管理，我行代销",
    "fund": "{}管理，我行代销",
    "treasury": "{}发行，我行代理销售",
}
"""How who stands behind a product is told, by its type; of any other: 发行和管理."""


def _issued(entry: ProductEntry) -> dict[str, str]:
    """Who issues a product, as a fact of its own; none where the entry tells it itself, or not who sells it for whom."""
    if ISSUED in entry.facts or not entry.issuer or entry.agency is None:
        return {}
    told = _ISSUED.get(entry.type, "{}发行和管理，我行代销") if entry.agency else "{}自己的产品，不是代销"
    return {ISSUED: told.format(entry.issuer)}


def faq_document(entry: FaqEntry) -> Document:
    """Question, answer, and the short answer in a line of its own."""
    writer = _Writer()
    writer.add(f"{entry.question}\n{entry.answer}\n简答：")
    start, end = writer.add(entry.short)
    fact = Fact(ANSWER, entry.short, entry.id, start, end)
    piece = Piece(entry.question, 0, writer.size, (entry.question, *entry.variants))
    return Document(
        entry.id, "faq", entry.question, writer.text, (fact,), (piece,), None, entry.effective_from, entry.effective_to
    )


def compliance_document(entry: ComplianceEntry) -> Document:
    """Title, regulation and article, the rule told, and its point in a line of its own."""
    writer = _Writer()
    basis = f"{entry.regulation}{entry.article}"
    writer.add(f"{entry.title}\n{basis}\n{entry.text}\n要点：")
    start, end = writer.add(entry.point)
    fact = Fact(POINT, entry.point, entry.id, start, end)
    piece = Piece(
        entry.title,
        0,
        writer.size,
        (entry.title, entry.point, *((" ".join(entry.tags),) if entry.tags else ())),
        article=entry.article,
    )
    return Document(
        entry.id,
        "compliance",
        entry.title,
        writer.text,
        (fact,),
        (piece,),
        None,
        entry.in_force_from,
        entry.in_force_to,
        tags=entry.tags,
        cited_as=tuple(entry.regulation.split("、")),
    )


def glossary_document(entry: GlossaryEntry) -> Document:
    """The word, what it means, and its point in a line of its own. It is found by its names and by the ways to ask for it."""
    writer = _Writer()
    writer.add(f"{entry.term}\n{entry.text}\n要点：")
    start, end = writer.add(entry.point)
    fact = Fact(ANSWER, entry.point, entry.id, start, end)
    names = (entry.term, *entry.names)
    asked = tuple(f"{name}{what}" for name in names for what in ("", "是什么意思", "怎么理解"))
    piece = Piece(entry.term, 0, writer.size, asked)
    return Document(entry.id, "glossary", entry.term, writer.text, (fact,), (piece,))


def market_document(entry: MarketEntry) -> Document:
    """Title, the note, its point in a line of its own, and the source."""
    writer = _Writer()
    writer.add(f"{entry.title}\n{entry.text}\n要点：")
    start, end = writer.add(entry.point)
    fact = Fact(POINT, entry.point, entry.id, start, end, as_of=entry.as_of)
    piece = Piece(entry.title, 0, writer.size, (entry.title, entry.point))
    writer.add(f"\n来源：{entry.source}（{entry.as_of.isoformat()}）")
    return Document(
        entry.id,
        "market",
        entry.title,
        writer.text,
        (fact,),
        (piece,),
        None,
        entry.as_of,
        entry.expires,
        internal="internal" in entry.source or "内部" in entry.source,
        tags=(entry.topic,) if entry.topic else (),
    )


def holiday_id(entry: HolidayEntry) -> str:
    """The document id of a holiday."""
    return f"H-{entry.off_from.isoformat()}"


def holiday_document(entry: HolidayEntry) -> Document:
    """Name and year, the rendered facts line by line, then the note."""
    identity = holiday_id(entry)
    title = f"{entry.off_from.year}年{entry.name}放假安排"
    rendered = render_holiday(entry)
    writer, facts = _lines(identity, title, rendered)
    if entry.note:
        writer.add(f"{entry.note}\n")
    names = (entry.name, *OTHER_NAMES.get(entry.name, ()))
    asked = ("放假几天怎么安排", "前最后哪天申购赎回来得及", "期间休市什么时候恢复")
    piece = Piece(title, 0, writer.size - 1, tuple(f"{name}{what}" for name in names for what in asked))
    return Document(
        identity, "calendar", title, writer.text, facts, (piece,), None, None, entry.off_to, tags=(entry.name,)
    )


def _lines(identity: str, title: str, rendered: Sequence[Rendered]) -> tuple[_Writer, tuple[Fact, ...]]:
    writer = _Writer()
    writer.add(f"{title}\n")
    facts: list[Fact] = []
    for item in rendered:
        writer.add(f"{item.label}：")
        start, end = writer.add(item.value)
        writer.add("\n")
        if item.field:
            facts.append(Fact(item.field, item.value, identity, start, end, working=item.working))
    return writer, tuple(facts)


def bank_document(entry: BankEntry) -> Document:
    """The bank's particulars, then its branches."""
    complaint = entry.complaint_short or first_clause(entry.complaint)
    hours = entry.hours_short or first_clause(entry.hours)
    values = (entry.name, entry.hotline, complaint, hours)
    lines = [Rendered(name, name, value) for name, value in zip(BANK_FIELDS, values, strict=True)]
    lines.append(Rendered(HELP_FIELD, HELP_FIELD, entry.helpline))
    writer, facts = _lines(BANK, f"{entry.name}联系方式与网点", [*lines, Rendered("", "营业时间说明", entry.hours)])
    start, end = writer.add(f"投诉渠道：{entry.complaint}")
    pieces = [
        Piece(f"{entry.name} · 联系方式", 0, start - 1, ("客服电话多少", "热线电话是多少号", "网点营业时间几点开门")),
        Piece(f"{entry.name} · 投诉渠道", start, end, ("投诉电话怎么打", "在哪里投诉")),
    ]
    for branch in entry.branches:
        writer.add("\n")
        start, end = writer.add(f"{branch.name}：{branch.address}。营业时间{branch.hours}。电话{branch.phone}。")
        short = branch.name.removeprefix(entry.name)
        pieces.append(Piece(branch.name, start, end, (f"{short}在哪里地址", f"{short}营业时间几点开门周末上班吗")))
    writer.add("\n")
    return Document(BANK, "faq", f"{entry.name}联系方式与网点", writer.text, facts, tuple(pieces))


def first_clause(text: str) -> str:
    """A long notice's first clause without its opening words: 投诉可拨打95790按8键转人工（24小时），… → 95790按8键转人工."""
    clause = text
    for stop in "，。；（,;(":
        clause = clause.split(stop, 1)[0]
    for lead in ("投诉", "网点", "您", "可以", "可", "请", "拨打", "拨", "致电"):
        clause = clause.removeprefix(lead)
    return clause


def script_document(entry: ScriptEntry) -> Document:
    """The approved text itself, found by its intent and words."""
    return Document(
        entry.id, "script", entry.id, entry.text, (), (Piece(f"{entry.intent} · {entry.move}", 0, len(entry.text)),)
    )
