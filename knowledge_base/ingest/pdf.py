"""PDF files: text by page, lines joined to paragraphs, ruled tables row by row, running heads and page numbers left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from copilot.errors import InputError
from knowledge_base.ingest.blocks import Paper, Writer
from knowledge_base.ingest.marks import begins_anew, ends_sentence, heading_level
from knowledge_base.ingest.rows import write_rows
from knowledge_base.tables import Line, check_size

_PAGE_NUMBER = re.compile(
    r"\s*(?:第\s*\d+\s*页(?:\s*[/共,，]*\s*共?\s*\d+\s*页)?|[-—–]?\s*\d{1,4}\s*(?:/\s*\d{1,4})?\s*[-—–]?)\s*$"
)
_RULES = 4
"""Drawn lines from which a page may hold a table."""
_REPEATED = 0.6
"""Share of the pages on which a first or last line must stand to be a running head."""
_FULL = 0.85
"""Share of the page's widest line from which a line may go on in the next."""
_PAGES = 3000


def read_pdf(path: Path) -> Paper:
    """A pdf file with a text layer. InputError for one that is broken, locked or made of pictures."""
    check_size(path)
    import pdfplumber

    try:
        with pdfplumber.open(path) as pdf:
            if len(pdf.pages) > _PAGES:
                raise InputError(f"{path.name}: {len(pdf.pages)} pages; split it")
            pages = [_page(page) for page in pdf.pages]
    except InputError:
        raise
    except Exception as error:  # whatever a damaged file makes its reader raise, it is that file's fault
        locked = "password" in f"{error!r} {error.__cause__!r} {error.__context__!r}".lower()
        what = "protected by a password" if locked else "broken"
        raise InputError(f"{path.name}: {what}; save it again as an open PDF") from error
    if not any(lines or tables for lines, tables in pages):
        raise InputError(f"{path.name}: no text in it, only pictures; run it through text recognition first")
    running = _running([lines for lines, _ in pages])
    writer = Writer()
    for number, (lines, tables) in enumerate(pages, 1):
        kept = [line for line in lines if line not in running and not _PAGE_NUMBER.match(line)]
        _write(writer, kept, number)
        for table in tables:
            write_rows(writer, table, page=number)
    return writer.paper()


def _page(page: Any) -> tuple[list[str], list[list[Line]]]:
    """A page's lines of text outside its tables, and its tables."""
    tables: list[list[Line]] = []
    outside = page
    if len(page.lines) + len(page.rects) >= _RULES:
        for found in page.find_tables():
            rows = [tuple(" ".join((cell or "").split()) for cell in row) for row in found.extract()]
            lines = [Line(number, row) for number, row in enumerate(rows, 1) if any(row)]
            if len(lines) > 1 and max(len(line.cells) for line in lines) > 1:
                tables.append(lines)
                outside = outside.outside_bbox(found.bbox, strict=False)
    text = outside.extract_text(x_tolerance=2, y_tolerance=3) or ""
    page.close()
    return [line.strip() for line in text.split("\n") if line.strip()], tables


def _running(pages: Sequence[Sequence[str]]) -> frozenset[str]:
    """First and last lines that stand on most pages."""
    if len(pages) < 3:
        return frozenset()
    edges = Counter(line for lines in pages for line in {*lines[:1], *lines[-1:]})
    return frozenset(line for line, times in edges.items() if times >= _REPEATED * len(pages))


def _write(writer: Writer, lines: Sequence[str], page: int) -> None:
    """Lines as paragraphs: a line that fills the width and ends no sentence goes on in the next."""
    widest = max((len(line) for line in lines), default=0)
    waiting = ""
    last = ""
    for line in lines:
        level = heading_level(line)
        goes_on = (
            bool(waiting)
            and not level
            and not begins_anew(line)
            and not ends_sentence(last)
            and len(last) >= _FULL * widest
        )
        if not goes_on:
            writer.add("text", waiting, page=page)
            waiting = ""
        if level:
            writer.add("heading", line, level=level, page=page)
        else:
            glue = " " if waiting[-1:].isascii() and waiting[-1:].isalnum() and line[:1].isascii() else ""
            waiting += glue + line
        last = line
    writer.add("text", waiting, page=page)
