"""Fills the draft of an index: words, vectors and what the judgement learns from."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from copilot.settings import packaged
from knowledge_base.asked import read_asked
from knowledge_base.counts import Mask
from knowledge_base.embed import Embedder, Vectors
from knowledge_base.lexical import LexicalIndex, build_lexical, counted
from knowledge_base.library import ContentLibrary
from knowledge_base.progress import Progress, Steps
from knowledge_base.reuse import Numbers, Plan, plan
from knowledge_base.rows import Row, rows_of, units_of
from knowledge_base.scope import fit_scope, thinned
from knowledge_base.store import write_chroma
from knowledge_base.tokenize import Tokenizer

SCOPE, ELSEWHERE, BM25, CHROMA = "scope.npz", "elsewhere.npy", "bm25", "chroma"
_OPENING = 80
"""Characters of a row by which the scope is learnt."""
_SPOKEN_OF = 0.6
"""Share of a question's words, by rarity, from which a passage speaks of it."""
_AT_ONCE = 4_000
"""Texts embedded and stored in one step."""


@dataclass(frozen=True)
class Filled:
    """How many rows and passages a build has."""

    rows: int
    units: int


def fill(draft: Path, library: ContentLibrary, embedder: Embedder | None, before: Path | None, say: Progress) -> Filled:
    """Write an index of the library into an empty folder, with what can be taken over from the build in `before`."""
    units = units_of(library.content.documents)
    rows = rows_of(units)
    work = plan([row.text for row in rows], before)
    work.rows.save(draft)
    texts = [rows[row].text for row in work.fresh]
    say(f"{len(units):,} passages: {len(texts):,} new texts to read and embed, {len(work.gone):,} gone")
    shelved = frozenset(p.id for p in library.shelf.papers()) if library.shelf is not None else frozenset()
    papers = np.array([units[row.unit].document.id in shelved for row in rows], dtype=bool)
    lexical = _words(draft, tokenizer_for(library), work, texts, papers, say)
    say("learning what belongs here")
    _judging(draft, library, embedder, rows, lexical)
    if embedder is not None:
        _store(draft, embedder, work, texts, say)
    return Filled(len(rows), len(units))


def _words(
    draft: Path, tokenizer: Tokenizer, work: Plan, texts: Sequence[str], papers: Mask, say: Progress
) -> LexicalIndex:
    """The words of all rows, of which only the new texts are read."""
    steps = Steps(say, "read", len(texts))

    def fields() -> Iterator[dict[str, list[str]]]:
        for number, text in enumerate(texts):
            steps(number)
            yield tokenizer.fields(text)
        say("weighing the words")

    old = counted(work.before / BM25) if work.before is not None else None
    return build_lexical(fields(), old, work.places, draft / BM25, papers)


def _store(draft: Path, embedder: Embedder, work: Plan, texts: Sequence[str], say: Progress) -> None:
    """The vectors of all texts, of which only the new ones are embedded."""
    steps = Steps(say, "embedded and stored", len(texts))
    if work.before is not None:
        shutil.copytree(work.before / CHROMA, draft / CHROMA)

    def parts() -> Iterator[tuple[Numbers, Vectors]]:
        for start in range(0, len(texts), _AT_ONCE):
            steps(start)
            yield work.added[start : start + _AT_ONCE], embedder.encode(texts[start : start + _AT_ONCE])

    write_chroma(draft / CHROMA, parts(), len(texts), work.gone)


def _judging(
    draft: Path,
    library: ContentLibrary,
    embedder: Embedder | None,
    rows: Sequence[Row],
    lexical: LexicalIndex,
) -> None:
    """What the judgement needs: the questions answered nowhere, and what belongs here at all."""
    own = lexical.papers
    tokenizer = tokenizer_for(library)
    outside = [q for q in questions_elsewhere(library) if not _told(lexical, tokenizer.words(q), own)]
    papers = [row.text[:_OPENING] for row, is_own in zip(rows, own, strict=True) if is_own]
    fit_scope(thinned(questions_here(library), papers), outside).save(draft / SCOPE)
    np.save(draft / ELSEWHERE, embedder.encode(outside) if embedder and outside else np.zeros((0, 0), dtype=np.float32))


def _told(lexical: LexicalIndex, words: Sequence[str], own: npt.NDArray[np.bool_]) -> bool:
    """Whether a passage of the bank's own papers speaks of a question's words: then it is no question answered nowhere."""
    return bool(words) and bool(own.any()) and float(lexical.held("word", words)[own].max()) >= _SPOKEN_OF


def names_of(library: ContentLibrary) -> list[str]:
    """The catalogue's names that are words of their own."""
    return [name for p in library.content.products for name in (p.name, *p.aliases) if len(name) <= 8]


def tokenizer_for(library: ContentLibrary) -> Tokenizer:
    """A tokenizer that knows the catalogue's names."""
    return Tokenizer(names_of(library))


def questions_elsewhere(library: ContentLibrary) -> list[str]:
    """Questions this knowledge does not answer: the content's own, else those of the bundled example."""
    asked = library.content.asked or read_asked(packaged("knowledge_base", "content", "asked"))
    return [a.text for a in asked if not a.gold]


def questions_here(library: ContentLibrary) -> list[str]:
    """Questions this knowledge answers: those written for its content, else those of the bundled example. How passages are
    worded says little of how customers ask: against them every short question looked like none of ours."""
    asked = library.content.asked or read_asked(packaged("knowledge_base", "content", "asked"))
    own = (text for entry in library.content.faq for text in (entry.question, *entry.variants))
    return [*(a.text for a in asked if a.gold), *own]
