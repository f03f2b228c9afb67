"""Cuts a paper into passages: by heading, by article, by list and sentence; a table row, and a question with its answer, whole.

Every passage is a span of the paper's text. Short neighbours under one heading are put together, an article stands alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge_base.chunk import LONGEST, split_text
from knowledge_base.ingest.blocks import Block, Paper
from knowledge_base.ingest.marks import article_of

_TITLE = 40


@dataclass(frozen=True)
class Cut:
    """A passage of a paper. `cues` are further texts it may be found by."""

    title: str
    start: int
    end: int
    page: int | None = None
    cues: tuple[str, ...] = ()


def title_of(paper: Paper, stem: str) -> str:
    """What the paper calls itself: its title, else its first line when that is short and no sentence, else the file's name."""
    if paper.title:
        return paper.title[:_TITLE]
    first = next((paper.text[b.start : b.end].strip() for b in paper.blocks if b.kind != "row"), "")
    if (
        2 <= len(first) <= _TITLE
        and not re.search(r"[。；!?！？]", first)
        and "\n" not in first
        and not article_of(first)
    ):
        return first
    return stem


def cut(paper: Paper, title: str, longest: int = LONGEST) -> tuple[Cut, ...]:
    """The passages, in order. A line that says the title and nothing else is none, where there is anything else."""
    found = tuple(_Cutter(paper, title, longest).cuts())
    return tuple(c for c in found if paper.text[c.start : c.end] != title) or found


class _Cutter:
    """Walks the blocks and keeps what is open: the headings above, the article, the passage being gathered."""

    def __init__(self, paper: Paper, title: str, longest: int) -> None:
        self._paper = paper
        self._title = title
        self._longest = longest
        self._headings: list[tuple[int, str]] = []
        self._article = ""
        self._open: list[Block] = []

    def cuts(self) -> Iterator[Cut]:
        for block in self._paper.blocks:
            text = self._paper.text[block.start : block.end]
            if block.kind == "heading":
                yield from self._close()
                self._enter(block, text)
            elif block.kind in ("row", "answer"):
                yield from self._close()
                yield from self._alone(block)
            else:
                article = article_of(text)
                if article or not self._fits(block):
                    yield from self._close()
                self._article = article or self._article
                self._open.append(block)
        yield from self._close()

    def _enter(self, block: Block, text: str) -> None:
        said = " ".join(text.split())
        self._headings = [h for h in self._headings if h[0] < block.level]
        self._article = ""
        if said != self._title:
            self._headings.append((block.level, said))

    def _fits(self, block: Block) -> bool:
        if not self._open:
            return True
        if self._open[0].page is not None and block.page is not None and block.page - (self._open[0].page or 0) > 1:
            return False
        return block.end - self._open[0].start <= self._longest

    def _name(self) -> str:
        above = [said for _, said in self._headings[-2:]]
        return " · ".join(dict.fromkeys(part for part in (self._title, *above, self._article) if part))

    def _close(self) -> Iterator[Cut]:
        """The passages of what was gathered."""
        if not self._open:
            return
        start, end = self._open[0].start, self._open[-1].end
        pages = [(b.start, b.page) for b in self._open]
        self._open = []
        for a, b in _spans(self._paper.text, start, end, self._longest):
            page = next((p for at, p in reversed(pages) if at <= a), pages[0][1])
            yield Cut(self._name(), a, b, page)

    def _alone(self, block: Block) -> Iterator[Cut]:
        """A row or an answer: whole, or cut where it is too long, each part under the same name."""
        name = block.cue if block.kind == "answer" else " · ".join(p for p in (self._name(), block.cue) if p)
        cues = (block.cue,) if block.kind == "answer" else ()
        for number, (a, b) in enumerate(_spans(self._paper.text, block.start, block.end, self._longest)):
            yield Cut(name, a, b, block.page, cues if number == 0 else ())


def _spans(text: str, start: int, end: int, longest: int) -> Iterator[tuple[int, int]]:
    """Spans within a span, without blanks at their ends."""
    for a, b in split_text(text[start:end], longest):
        inside = text[start + a : start + b]
        left = len(inside) - len(inside.lstrip())
        right = len(inside.rstrip())
        if right > left:
            yield start + a + left, start + a + right
