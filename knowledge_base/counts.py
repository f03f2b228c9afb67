"""How often each row holds each token of one view, and BM25 from it. Kept with an index, so that the next need not read old rows again."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

K1, B = 1.2, 0.6
_COUNTS, _RARITY = "counts.npy", "rarity.npz"
_MOST = np.iinfo(np.uint16).max
_AT_ONCE = 1 << 20
"""Tokens gathered before they are counted: what waits stays small, however large the corpus."""


Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Rarity:
    """In how many rows each token is: first among the content's, then among all."""

    held: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]

    def weight(self, token: int | None, paper: bool) -> float:
        """A token's inverse document frequency as a row of the content or of a paper counts it; the highest for one never seen."""
        held = int(self.held[int(paper), token]) if token is not None else 0
        return float(np.log(1 + (int(self.rows[int(paper)]) - held + 0.5) / (held + 0.5)))

    def weights(self) -> npt.NDArray[np.float32]:
        """Every token's, in two rows as they are counted."""
        found: npt.NDArray[np.float32] = np.log(1 + (self.rows[:, None] - self.held + 0.5) / (self.held + 0.5)).astype(
            np.float32
        )
        return found

    def save(self, folder: Path) -> None:
        """Write it beside the scores."""
        np.savez(folder / _RARITY, held=self.held, rows=self.rows)


@dataclass(frozen=True)
class Counts:
    """Tokens by number, and a sparse matrix of rows and tokens."""

    vocabulary: dict[str, int]
    matrix: Any

    def chosen(self, places: npt.NDArray[np.int64]) -> Counts:
        """The rows at these places, in their order; a token that none of them holds is forgotten."""
        matrix = self.matrix[places]
        used = np.flatnonzero(np.bincount(matrix.indices, minlength=matrix.shape[1]))
        tokens = list(self.vocabulary)
        return Counts({tokens[old]: new for new, old in enumerate(used)}, matrix[:, used])

    def scored(self, papers: Mask) -> tuple[Any, Rarity]:
        """A bm25s index: Lucene's BM25, as bm25s itself computes it token by token; and how rare the tokens are.

        How rare and how long is told for the content's rows by the content alone, for those of `papers` by all rows: so the content
        scores the same whatever lies on the shelf.
        """
        import bm25s

        view = bm25s.BM25(k1=K1, b=B, method="lucene")
        columns = self.matrix.tocsc()
        columns.sort_indices()
        width = self.matrix.shape[1]
        tokens = np.repeat(np.arange(width, dtype=np.int32), np.diff(columns.indptr))
        of_paper = papers[columns.indices].astype(np.int8)
        lengths = np.asarray(self.matrix.sum(axis=1, dtype=np.int64)).ravel().astype(np.float32)
        own = lengths[~papers]
        usual = np.array([own.mean() if len(own) else 1, lengths.mean()], dtype=np.float32)
        rarity = Rarity(
            np.array([np.bincount(tokens[of_paper == 0], minlength=width), np.diff(columns.indptr)]),
            np.array([len(own), len(lengths)]),
        )
        times = columns.data.astype(np.float32)
        length = K1 * (1 - B + B * lengths[columns.indices] / usual[of_paper])
        data = rarity.weights()[of_paper, tokens] * times / (length.astype(np.float32) + times)
        view.scores = {
            "data": data,
            "indices": columns.indices.astype(np.int32),
            "indptr": columns.indptr.astype(np.int64),
            "num_docs": len(lengths),
        }
        view.vocab_dict = self.vocabulary
        view.nonoccurrence_array = None
        view.unique_token_ids_set = set(self.vocabulary.values())
        return view, rarity

    def save(self, folder: Path) -> None:
        """Write the counts beside the scores that were made from them."""
        columns = self.matrix.tocsc()
        columns.sort_indices()
        np.save(folder / _COUNTS, np.minimum(columns.data, _MOST).astype(np.uint16))


def load_rarity(folder: Path) -> Rarity:
    """What `Rarity.save` wrote."""
    with np.load(folder / _RARITY, allow_pickle=False) as kept:
        return Rarity(kept["held"], kept["rows"])


def load_counts(folder: Path) -> Counts:
    """The counts of a saved view; OSError, ValueError or KeyError when they cannot be read."""
    import bm25s
    from scipy.sparse import csc_matrix

    view = bm25s.BM25.load(str(folder), mmap=True)
    scores, counts = view.scores, np.load(folder / _COUNTS, allow_pickle=False)
    shape = (int(scores["num_docs"]), len(scores["indptr"]) - 1)
    matrix = csc_matrix((counts.astype(np.int32), scores["indices"], scores["indptr"]), shape=shape)
    vocabulary = dict(sorted(view.vocab_dict.items(), key=lambda item: item[1]))
    return Counts(vocabulary, matrix.tocsr())


@dataclass
class Counting:
    """Counts rows as they come, after those of `before`."""

    before: Counts | None = None
    _vocabulary: dict[str, int] = field(default_factory=dict)
    _tokens: array[int] = field(default_factory=lambda: array("i"))
    _ends: list[int] = field(default_factory=list)
    _parts: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.before is not None:
            self._vocabulary.update(self.before.vocabulary)

    def add(self, tokens: Sequence[str]) -> None:
        """Count one row; a row without tokens holds the empty one."""
        known, numbers = self._vocabulary, self._tokens
        for token in tokens or ("",):
            numbers.append(known.setdefault(token, len(known)))
        self._ends.append(len(numbers))
        if len(numbers) >= _AT_ONCE:
            self._count()

    def done(self) -> Counts:
        """All rows."""
        from scipy.sparse import csr_matrix, vstack

        self._count()
        width = len(self._vocabulary)
        parts = [self.before.matrix, *self._parts] if self.before is not None else self._parts
        for part in parts:
            part.resize(part.shape[0], width)
        matrix = vstack(parts, format="csr") if parts else csr_matrix((0, width), dtype=np.int32)
        return Counts(self._vocabulary, matrix)

    def _count(self) -> None:
        from scipy.sparse import csr_matrix

        if not self._ends:
            return
        numbers = np.frombuffer(self._tokens, dtype=np.int32).copy()
        once = np.ones(len(numbers), dtype=np.int32)
        part = csr_matrix((once, numbers, [0, *self._ends]), shape=(len(self._ends), len(self._vocabulary)))
        part.sum_duplicates()
        self._parts.append(part)
        self._tokens, self._ends = array("i"), []
