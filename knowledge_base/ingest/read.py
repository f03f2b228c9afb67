"""Which reader a file gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path, PurePath
from types import MappingProxyType

from copilot.errors import InputError
from knowledge_base.ingest.blocks import Paper
from knowledge_base.ingest.html import read_html
from knowledge_base.ingest.pdf import read_pdf
from knowledge_base.ingest.plain import read_markdown, read_text
from knowledge_base.ingest.rows import read_sheets
from knowledge_base.ingest.word import read_word

READERS: Mapping[str, Callable[[Path], Paper]] = MappingProxyType(
    {
        ".txt": read_text,
        ".md": read_markdown,
        ".markdown": read_markdown,
        ".html": read_html,
        ".htm": read_html,
        ".docx": read_word,
        ".pdf": read_pdf,
        ".xlsx": read_sheets,
        ".csv": read_sheets,
        ".tsv": read_sheets,
    }
)
"""File endings that are read."""
_BETTER = MappingProxyType(
    {".doc": ".docx", ".xls": ".xlsx", ".docm": ".docx", ".xlsm": ".xlsx", ".wps": ".docx", ".et": ".xlsx"}
)


def check_ending(name: str) -> str:
    """A file name's ending; InputError for one that is not read."""
    ending = PurePath(name).suffix.lower()
    if ending not in READERS:
        better = f"save it as {_BETTER[ending]}" if ending in _BETTER else f"readable are {' '.join(sorted(READERS))}"
        raise InputError(f"{name}: {ending or 'no ending'} is not read; {better}")
    return ending


def read_paper(path: Path) -> Paper:
    """A file as text and blocks. InputError, in one line that says what to do, when it cannot be read or holds nothing."""
    paper = READERS[check_ending(path.name)](path)
    if not any(paper.text[b.start : b.end].strip() for b in paper.blocks):
        raise InputError(f"{path.name}: holds no text")
    return paper
