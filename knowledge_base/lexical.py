"""BM25 over the three views of a text, on an absolute scale: the share of the query's weight that a row carries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge_base.counts import Counting, Counts, Mask, Rarity, load_counts, load_rarity
from knowledge_base.embed import Vectors

FIELDS: tuple[str, ...] = ("word", "gram", "sound")
_PAPERS = "papers.npy"


@dataclass(frozen=True)
class LexicalIndex:
    """One BM25 a view, all over the same rows."""

    views: Mapping[str, Any]
    rarity: Mapping[str, Rarity]
    papers: Mask
    """Which rows are of the bank's papers. The content's rows weigh words as if there were none."""

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.papers)

    def scores(self, tokens: Mapping[str, Sequence[str]]) -> dict[str, Vectors]:
        """For each view, each row's score between 0 and 1: 1 when it holds all of the query, at length."""
        return {name: self._view(name, tokens.get(name, ())) for name in FIELDS}

    def _view(self, name: str, tokens: Sequence[str]) -> Vectors:
        view = self.views[name]
        known = [t for t in tokens if t in view.vocab_dict]
        if not known:
            return np.zeros(self.rows, dtype=np.float32)
        whole = np.array([sum(self.weight(name, t, paper) for t in tokens) or 1.0 for paper in (False, True)])
        scores: Vectors = view.get_scores(known)
        return scores / whole.astype(np.float32)[self.papers.view(np.int8)]

    def weight(self, name: str, token: str, paper: bool = False) -> float:
        """A token's inverse document frequency among the content's rows, or among all; the highest for one never seen."""
        return self.rarity[name].weight(self.views[name].vocab_dict.get(token), paper)

    def held(self, name: str, tokens: Sequence[str]) -> Vectors:
        """For each row the share of the tokens' weight, by all rows, that it holds, however often and however long it is."""
        view = self.views[name]
        indices, indptr = view.scores["indices"], view.scores["indptr"]
        shares = np.zeros(self.rows, dtype=np.float32)
        total = 0.0
        for token in dict.fromkeys(tokens):
            weight = self.weight(name, token, paper=True)
            total += weight
            index = view.vocab_dict.get(token)
            if index is not None:
                shares[indices[indptr[index] : indptr[index + 1]]] += weight
        return shares / np.float32(total or 1.0)

    def unknown(self, name: str, tokens: Sequence[str], paper: bool = False) -> float:
        """The share of the tokens' weight that no row of the content knows, or no row at all."""
        numbers = [self.views[name].vocab_dict.get(t) for t in tokens]
        rarity = self.rarity[name]
        weights = [(rarity.weight(n, paper), n is not None and rarity.held[int(paper), n] > 0) for n in numbers]
        total = sum(w for w, _ in weights)
        return sum(w for w, known in weights if not known) / total if total else 0.0


def build_lexical(
    rows: Iterable[Mapping[str, Sequence[str]]],
    before: Mapping[str, Counts] | None = None,
    places: npt.NDArray[np.int64] | None = None,
    keep: Path | None = None,
    papers: Mask | None = None,
) -> LexicalIndex:
    """An index of rows, each given as its views' tokens; with `before` they stand behind the rows counted there.

    `places` tells which of all these rows the index has, and in what order; `papers` which of those are of the bank's papers. With
    `keep` it is saved with its counts.
    """
    counting = {name: Counting(before[name] if before else None) for name in FIELDS}
    for row in rows:
        for name, counted in counting.items():
            counted.add(row[name])
    views: dict[str, Any] = {}
    rarity: dict[str, Rarity] = {}
    for name in FIELDS:
        counts = counting.pop(name).done()
        counts = counts if places is None else counts.chosen(places)
        papers = np.zeros(counts.matrix.shape[0], dtype=bool) if papers is None else papers
        views[name], rarity[name] = counts.scored(papers)
        if keep is not None:
            views[name].save(str(keep / name), show_progress=False)
            rarity[name].save(keep / name)
            counts.save(keep / name)
    found = LexicalIndex(views, rarity, papers if papers is not None else np.zeros(0, dtype=bool))
    if keep is not None:
        np.save(keep / _PAPERS, found.papers)
    return found


def load_lexical(folder: Path) -> LexicalIndex:
    """Read what was saved."""
    import bm25s

    views = {name: bm25s.BM25.load(str(folder / name), mmap=True) for name in FIELDS}
    rarity = {name: load_rarity(folder / name) for name in FIELDS}
    return LexicalIndex(views, rarity, np.load(folder / _PAPERS, allow_pickle=False))


def counted(folder: Path) -> dict[str, Counts]:
    """The counts of every view, for the next index."""
    return {name: load_counts(folder / name) for name in FIELDS}
