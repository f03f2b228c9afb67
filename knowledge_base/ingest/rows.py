"""A table as text: each row told with its column names, a table of questions as questions and answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from knowledge_base.ingest.blocks import Paper, Writer
from knowledge_base.tables import Line, read_tables

_QUESTION = re.compile(r"(?:标准|客户|用户|常见)?(?:问题|问法|问|提问)|question|q", re.IGNORECASE)
_ANSWER = re.compile(r"(?:标准|参考)?(?:答案|回答|答复|答|解答)|answer|a", re.IGNORECASE)
_FIGURE = re.compile(r"[\d.,%％+\-]+(?:元|万|天|年)?$")


def read_sheets(path: Path) -> Paper:
    """A csv or xlsx file: sheet by sheet, row by row."""
    writer = Writer()
    for table in read_tables(path):
        if table.sheet:
            writer.add("heading", table.sheet, level=1)
        write_rows(writer, table.lines, page_is_row=True)
    return writer.paper(path.stem)


def write_rows(writer: Writer, lines: Sequence[Line], *, page: int | None = None, page_is_row: bool = False) -> None:
    """A table's rows as blocks. The first row is the header, unless it holds figures: then the rows are told as they are."""
    header, body = _header(lines)
    asked = next((i for i, name in enumerate(header) if _QUESTION.fullmatch(name)), None)
    told = next((i for i, name in enumerate(header) if _ANSWER.fullmatch(name)), None)
    for line in body:
        place = line.number if page_is_row else page
        cells = line.cells
        if asked is not None and told is not None and max(asked, told) < len(cells) and cells[asked] and cells[told]:
            rest = _told(header, cells, leave={asked, told})
            answer = f"{cells[asked]}\n{cells[told]}" + (f"\n{rest}" if rest else "")
            writer.add("answer", answer, page=place, cue=cells[asked])
        else:
            writer.add("row", _told(header, cells, leave=set()), page=place)


def _header(lines: Sequence[Line]) -> tuple[tuple[str, ...], Sequence[Line]]:
    if len(lines) > 1 and lines[0].cells and not any(_FIGURE.match(c) for c in lines[0].cells if c):
        return lines[0].cells, lines[1:]
    return (), lines


def _told(header: Sequence[str], cells: Sequence[str], leave: set[int]) -> str:
    said = []
    for index, cell in enumerate(cells):
        if not cell or index in leave:
            continue
        name = header[index] if index < len(header) else ""
        flat = " ".join(cell.split())
        said.append(f"{name}：{flat}" if name else flat)
    return "；".join(said)
