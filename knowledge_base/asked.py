"""Questions customers really asked, with the documents that answer them: further ways by which those documents are found.

A file `asked/*.tsv` has a header `gold`, `question` and a line a question: ids separated by commas, the best first, or `-`
where the bank's knowledge has no answer. ⏎ stands for a line break.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from copilot.errors import ContentError
from knowledge_base.document import Document

HEADER = ["gold", "question"]
NOWHERE = "-"
HOLIDAY = "H-"
"""Holidays come and go with the calendar: a question about one that is gone is no error."""
_ONE_PIECE = ("faq", "compliance", "market", "calendar", "glossary")
"""Kinds whose documents are one passage: which passage of a longer one is meant, the line does not say."""


@dataclass(frozen=True)
class Asked:
    """A question as typed, and the documents that answer it, best first; none when nothing does."""

    text: str
    gold: tuple[str, ...]
    author: str


def read_asked(folder: Path, known: Collection[str] | None = None) -> tuple[Asked, ...]:
    """All questions of a folder's files, in order; ContentError with file and line for a wrong one, or an id not `known`."""
    return tuple(asked for path in sorted(folder.glob("*.tsv")) for asked in _file(path, known))


def _file(path: Path, known: Collection[str] | None) -> Iterator[Asked]:
    where = f"{path.parent.name}/{path.name}"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError(where, f"cannot be read as UTF-8 ({error})") from error
    rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    if next(rows, None) != HEADER:
        raise ContentError(f"{where}:1", "expected the header gold, question, separated by a tab")
    for number, row in enumerate(rows, 2):
        if len(row) != 2 or not all(cell.strip() for cell in row):
            raise ContentError(f"{where}:{number}", "expected ids and a question, separated by a tab")
        gold = () if row[0].strip() == NOWHERE else tuple(g.strip() for g in row[0].split(","))
        for one in gold:
            if known is not None and one not in known and not one.startswith(HOLIDAY):
                raise ContentError(f"{where}:{number}", f"{one} is no document of this content")
        yield Asked(row[1].replace("⏎", "\n").strip(), gold, path.stem)


def with_asked(documents: Sequence[Document], asked: Sequence[Asked]) -> tuple[Document, ...]:
    """The documents, each found also by the questions that it answers best."""
    wordings: Mapping[str, list[str]] = defaultdict(list)
    for one in asked:
        if one.gold:
            wordings[one.gold[0]].append(one.text)
    return tuple(_asked_for(document, wordings.get(document.id, ())) for document in documents)


def _asked_for(document: Document, wordings: Sequence[str]) -> Document:
    if not wordings or document.kind not in _ONE_PIECE or len(document.pieces) != 1:
        return document
    (piece,) = document.pieces
    return replace(document, pieces=(replace(piece, cues=tuple(dict.fromkeys((*piece.cues, *wordings)))),))
