"""Word files: paragraphs and tables in their order, each with the number Word shows before it; headings by style or numbering."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from copilot.errors import InputError
from knowledge_base.ingest.blocks import Paper, Writer
from knowledge_base.ingest.marks import heading_level
from knowledge_base.ingest.numbering import Numbering
from knowledge_base.ingest.rows import write_rows
from knowledge_base.tables import Line, check_packed, check_size

_STYLE = re.compile(r"(?:Heading|标题)\s*(\d)", re.IGNORECASE)


def read_word(path: Path) -> Paper:
    """A docx file. InputError for one that is broken, locked or has macros."""
    check_size(path)
    check_packed(path)
    import docx
    from docx.table import Table

    try:
        document = docx.Document(str(path))
        numbering = Numbering(document)
        writer = Writer()
        title = ""
        for item in document.iter_inner_content():
            if isinstance(item, Table):
                write_rows(writer, _table(item, numbering))
                continue
            number = numbering.before(item)
            said = item.text.strip()
            text = number + said if said else ""
            style = (item.style.name if item.style is not None else "") or ""
            found = _STYLE.match(style)
            level = 1 if style in ("Title", "标题") else int(found.group(1)) if found else heading_level(text)
            if level == 1 and not title and not number:
                title = text
            for line in text.split("\n"):
                writer.add("heading" if level else "text", line, level=level)
    except Exception as error:  # whatever a damaged file makes its reader raise, it is that file's fault
        raise InputError(
            f"{path.name}: cannot be read as a Word file ({type(error).__name__}); save it again"
        ) from error
    return writer.paper(title)


def _table(table: Any, numbering: Numbering) -> list[Line]:
    lines = []
    for number, row in enumerate(table.rows, 1):
        cells: list[str] = []
        seen: set[int] = set()
        for cell in row.cells:  # a merged cell comes once for each column it spans
            if id(cell._tc) not in seen:
                seen.add(id(cell._tc))
                said = "\n".join(numbering.before(p) + p.text for p in cell.paragraphs)
                cells.append(" ".join(said.split()))
        if any(cells):
            lines.append(Line(number, tuple(cells)))
    return lines
