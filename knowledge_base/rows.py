"""What is searched: each passage under its own text and under every way it may be asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge_base.document import Document, Piece


@dataclass(frozen=True)
class Unit:
    """A passage that can be found: a piece of a document."""

    document: Document
    piece: Piece
    index: int

    @property
    def id(self) -> str:
        """`document#n`."""
        return f"{self.document.id}#{self.index}"

    @property
    def text(self) -> str:
        """The passage's own text."""
        return self.document.text[self.piece.start : self.piece.end]


@dataclass(frozen=True)
class Row:
    """One searchable text of a passage; `unit` is the passage's number. `cue`: it is a question or title, not the passage."""

    unit: int
    text: str
    cue: bool


def units_of(documents: Sequence[Document]) -> tuple[Unit, ...]:
    """All passages, in a fixed order."""
    return tuple(Unit(d, piece, i) for d in documents for i, piece in enumerate(d.pieces))


def rows_of(units: Sequence[Unit]) -> tuple[Row, ...]:
    """All rows, in a fixed order."""
    rows: list[Row] = []
    for number, unit in enumerate(units):
        piece = unit.piece
        heading = "" if unit.text.startswith(piece.title) else f"{piece.title}\n"
        rows.append(Row(number, heading + unit.text, False))
        rows += [Row(number, cue, True) for cue in piece.cues]
    return tuple(rows)
