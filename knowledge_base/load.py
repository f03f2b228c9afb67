"""Reads a content folder: every file checked, every error with its file and line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from copilot.errors import ContentError
from knowledge_base.asked import Asked, read_asked, with_asked
from knowledge_base.checks import (
    Placed,
    check_holiday,
    check_ids,
    check_names,
    check_occasion,
    check_product,
    check_script,
    check_when,
)
from knowledge_base.document import (
    Document,
    bank_document,
    compliance_document,
    faq_document,
    glossary_document,
    holiday_document,
    holiday_id,
    market_document,
    product_document,
    script_document,
)
from knowledge_base.fields import BANK
from knowledge_base.ingest.shelf import Shelf
from knowledge_base.kept import Kept
from knowledge_base.schema import (
    BankEntry,
    CalendarFile,
    ComplianceEntry,
    ComplianceFile,
    Entry,
    FaqEntry,
    FaqFile,
    GlossaryEntry,
    GlossaryFile,
    HolidayEntry,
    MarketEntry,
    OccasionEntry,
    OccasionFile,
    ProductEntry,
    ScriptEntry,
    ScriptFile,
)
from knowledge_base.source import Source
from knowledge_base.together import Groups, read_together

E = TypeVar("E", bound=Entry)


@dataclass(frozen=True)
class Content:
    """All of a content folder, checked. `version` is the hash of its files."""

    version: str
    products: tuple[ProductEntry, ...]
    faq: tuple[FaqEntry, ...]
    compliance: tuple[ComplianceEntry, ...]
    glossary: tuple[GlossaryEntry, ...]
    market: tuple[MarketEntry, ...]
    scripts: tuple[ScriptEntry, ...]
    holidays: tuple[HolidayEntry, ...]
    bank: BankEntry
    documents: tuple[Document, ...]
    asked: tuple[Asked, ...] = ()
    occasions: tuple[OccasionEntry, ...] = ()
    together: Groups = ()
    """Documents that answer the same question, a group a question."""


def load_content(folder: Path, proven: Path | None = None) -> Content:
    """Read and check everything under `folder`.

    Parsing the files, and proving that every occasion's patterns hear its examples and nothing that only comes close, take far
    longer than all the rest: content that has passed is kept in the file `proven`, parsed, and not put to it again.
    """
    if not folder.is_dir():
        raise ContentError(str(folder), "content folder not found; correct knowledge.content in the settings")
    version = content_version(folder)
    kept = Kept(proven, version)
    products = [Placed(s.parse(ProductEntry), s, ()) for s in _sources(kept, folder, "products")]
    market = [Placed(s.parse(MarketEntry), s, ()) for s in _sources(kept, folder, "market")]
    faq = _listed(kept, folder, "faq", lambda s: s.parse(FaqFile).faq)
    compliance = _listed(kept, folder, "compliance", lambda s: s.parse(ComplianceFile).compliance)
    glossary = _listed(kept, folder, "glossary", lambda s: s.parse(GlossaryFile).glossary)
    scripts = _listed(kept, folder, "scripts", lambda s: s.parse(ScriptFile).scripts)
    occasions = _listed(kept, folder, "occasions", lambda s: s.parse(OccasionFile).occasions)
    calendar = _one(kept, folder, "calendar.yaml")
    holidays = [Placed(h, calendar, ("holidays", i)) for i, h in enumerate(calendar.parse(CalendarFile).holidays)]
    bank = _one(kept, folder, "bank.yaml")
    everything = [(p.entry.id, p.anything) for p in products]
    everything += [(f.entry.id, f.anything) for f in faq]
    everything += [(c.entry.id, c.anything) for c in compliance]
    everything += [(g.entry.id, g.anything) for g in glossary]
    everything += [(m.entry.id, m.anything) for m in market]
    everything += [(s.entry.id, s.anything) for s in scripts]
    everything += [(o.entry.id, o.anything) for o in occasions]
    everything += [(holiday_id(h.entry), h.anything) for h in holidays]
    check_ids([*everything, (BANK, Placed(bank, bank, ()).anything)])
    check_names(products)
    for product in products:
        check_product(product)
    for script in scripts:
        check_script(script)
    for occasion in [] if kept.whole else occasions:
        check_occasion(occasion)
    check_when(scripts, [o.entry.id for o in occasions])
    for holiday in holidays:
        check_holiday(holiday)
    content = _content(
        version,
        tuple(p.entry for p in products),
        tuple(f.entry for f in faq),
        tuple(c.entry for c in compliance),
        tuple(g.entry for g in glossary),
        tuple(m.entry for m in market),
        tuple(s.entry for s in scripts),
        tuple(sorted((h.entry for h in holidays), key=lambda h: h.off_from)),
        bank.parse(BankEntry),
    )
    known = {d.id for d in content.documents}
    asked = read_asked(folder / "asked", known)
    groups = (*read_together(folder, known), *(a.gold for a in asked if len(a.gold) > 1))
    kept.keep()
    return replace(
        content,
        documents=with_asked(content.documents, asked),
        asked=asked,
        together=groups,
        occasions=tuple(o.entry for o in occasions),
    )


def with_papers(content: Content, shelf: Shelf) -> Content:
    """The content and the papers on a shelf as one; ContentError when a paper has the id of a document."""
    papers = shelf.documents()
    if not papers:
        return content
    known = {d.id for d in content.documents}
    for paper in papers:
        if paper.id in known:
            raise ContentError(
                paper.id, "is a document of the content and a paper on the shelf; withdraw or rename one"
            )
    version = sha256(f"{content.version}+{shelf.version}".encode()).hexdigest()
    return replace(content, version=version, documents=(*content.documents, *papers))


def _content(
    version: str,
    products: tuple[ProductEntry, ...],
    faq: tuple[FaqEntry, ...],
    compliance: tuple[ComplianceEntry, ...],
    glossary: tuple[GlossaryEntry, ...],
    market: tuple[MarketEntry, ...],
    scripts: tuple[ScriptEntry, ...],
    holidays: tuple[HolidayEntry, ...],
    bank: BankEntry,
) -> Content:
    documents = (
        *map(product_document, products),
        *map(faq_document, faq),
        *map(compliance_document, compliance),
        *map(glossary_document, glossary),
        *map(market_document, market),
        *map(holiday_document, holidays),
        bank_document(bank),
        *map(script_document, scripts),
    )
    return Content(version, products, faq, compliance, glossary, market, scripts, holidays, bank, documents)


def content_files(folder: Path) -> tuple[Path, ...]:
    """Every content file, in a fixed order."""
    return tuple(sorted(p for p in folder.rglob("*") if p.suffix in (".yaml", ".tsv") and p.is_file()))


def content_version(folder: Path) -> str:
    """The hash of all content: names and bytes."""
    digest = sha256()
    for path in content_files(folder):
        digest.update(str(path.relative_to(folder)).encode())
        digest.update(b"\0")
        digest.update(sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _sources(kept: Kept, folder: Path, name: str) -> list[Source]:
    return [kept.read(path, folder.parent) for path in sorted((folder / name).glob("*.yaml"))]


def _one(kept: Kept, folder: Path, name: str) -> Source:
    path = folder / name
    if not path.is_file():
        raise ContentError(str(path), "missing; the content folder needs it")
    return kept.read(path, folder.parent)


def _listed(kept: Kept, folder: Path, key: str, entries: Callable[[Source], tuple[E, ...]]) -> list[Placed[E]]:
    """Entries of files that hold a list under the folder's own name."""
    return [
        Placed(entry, source, (key, index))
        for source in _sources(kept, folder, key)
        for index, entry in enumerate(entries(source))
    ]
