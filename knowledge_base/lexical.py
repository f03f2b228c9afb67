"""BM25 over the three views of a text, on an absolute scale: the share of the query's weight that a row carries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from knowledge_base.embed import Vectors

FIELDS: tuple[str, ...] = ("word", "gram", "sound")
_K1, _B = 1.2, 0.6


@dataclass(frozen=True)
class LexicalIndex:
    """One BM25 a view, all over the same rows."""

    views: Mapping[str, Any]
    rows: int

    def scores(self, tokens: Mapping[str, Sequence[str]]) -> dict[str, Vectors]:
        """For each view, each row's score between 0 and 1: 1 when it holds all of the query, at length."""
        return {name: self._view(name, tokens.get(name, ())) for name in FIELDS}

    def _view(self, name: str, tokens: Sequence[str]) -> Vectors:
        view = self.views[name]
        known = [t for t in tokens if t in view.vocab_dict]
        if not known:
            return np.zeros(self.rows, dtype=np.float32)
        ceiling = sum(self.weight(name, t) for t in tokens)
        scores: Vectors = view.get_scores(known)
        return scores / np.float32(ceiling or 1.0)

    def weight(self, name: str, token: str) -> float:
        """A token's inverse document frequency; the highest for one never seen."""
        view = self.views[name]
        index = view.vocab_dict.get(token)
        indptr = view.scores["indptr"]
        df = int(indptr[index + 1] - indptr[index]) if index is not None else 0
        return float(np.log(1 + (self.rows - df + 0.5) / (df + 0.5)))

    def unknown(self, name: str, tokens: Sequence[str]) -> float:
        """The share of the tokens' weight that no row knows."""
        weights = [(self.weight(name, t), t in self.views[name].vocab_dict) for t in tokens]
        total = sum(w for w, _ in weights)
        return sum(w for w, known in weights if not known) / total if total else 0.0

    def save(self, folder: Path) -> None:
        """Write all views below `folder`."""
        for name, view in self.views.items():
            view.save(str(folder / name), show_progress=False)


def build_lexical(rows: Sequence[Mapping[str, Sequence[str]]]) -> LexicalIndex:
    """An index of rows, each given as its views' tokens."""
    import bm25s

    views: dict[str, Any] = {}
    for name in FIELDS:
        view = bm25s.BM25(k1=_K1, b=_B, method="lucene")
        view.index([list(row[name]) or [""] for row in rows], create_empty_token=True, show_progress=False)
        views[name] = view
    return LexicalIndex(views, len(rows))


def load_lexical(folder: Path) -> LexicalIndex:
    """Read what `save` wrote."""
    import bm25s

    views = {name: bm25s.BM25.load(str(folder / name), mmap=True) for name in FIELDS}
    return LexicalIndex(views, int(views["word"].scores["num_docs"]))
