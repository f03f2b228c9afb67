"""What a reader makes of a file: one canonical text, and blocks of it that know their page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

BlockKind = Literal["heading", "text", "row", "answer"]


@dataclass(frozen=True)
class Block:
    """A span of the canonical text. `level` is a heading's, 1 the highest; `cue` a row's header, or the question of an answer."""

    kind: BlockKind
    start: int
    end: int
    level: int = 0
    page: int | None = None
    cue: str = ""


@dataclass(frozen=True)
class Paper:
    """A file as read. Spans of blocks lie in `text`; for plain text and Markdown that is the file's own text."""

    text: str
    blocks: tuple[Block, ...]
    title: str = ""


@dataclass
class Writer:
    """Grows a canonical text where the file has none of its own: one line a block."""

    parts: list[str] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    size: int = 0

    def add(self, kind: BlockKind, text: str, *, level: int = 0, page: int | None = None, cue: str = "") -> None:
        """Append a block; an empty one is left out."""
        text = text.strip()
        if not text:
            return
        self.blocks.append(Block(kind, self.size, self.size + len(text), level, page, cue))
        self.parts.append(text + "\n")
        self.size += len(text) + 1

    def paper(self, title: str = "") -> Paper:
        """All that was written."""
        return Paper("".join(self.parts), tuple(self.blocks), title)
