"""Is this a question for this knowledge at all? How what it answers is asked, against how something else is.

A linear model over hashed characters, pairs and triples of them, fitted when an index is built: to the questions its content
answers and the openings of the bank's own papers on one side, to its questions without an answer (`asked/*.tsv`, gold `-`) on the other. It only helps to judge
whether the best passages answer; it ranks nothing.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from copilot.errors import IndexMissing
from copilot.reading.normalise import read

SIZE = 1 << 15
_MOST = 20_000
"""Texts of one source that a fit learns from; of more, every so many-th."""
_FAR = 8.0


@dataclass(frozen=True)
class Scope:
    """A weight for each hashed sign. `odds` above 0 speaks for a question of this knowledge."""

    weights: npt.NDArray[np.float32]
    bias: float

    def odds(self, text: str) -> float:
        """Log-odds, within ±8; 0 for a text without signs."""
        ids = signs(text)
        if not len(ids):
            return 0.0
        total = float(self.weights[ids].sum()) / math.sqrt(len(ids)) + self.bias
        return max(-_FAR, min(_FAR, total))

    def save(self, path: Path) -> None:
        """Write the weights."""
        np.savez(path, weights=self.weights, bias=np.float64(self.bias))


NO_SCOPE = Scope(np.zeros(SIZE, dtype=np.float32), 0.0)


def load_scope(path: Path) -> Scope:
    """Read what `save` wrote; IndexMissing when it is none."""
    try:
        with np.load(path, allow_pickle=False) as kept:
            scope = Scope(kept["weights"].astype(np.float32), float(kept["bias"]))
    except (OSError, EOFError, ValueError, KeyError) as error:
        raise IndexMissing(f"{path}: cannot be read; run `advisor-copilot index`") from error
    if scope.weights.shape != (SIZE,):
        raise IndexMissing(f"{path}: of another form; run `advisor-copilot index`")
    return scope


def signs(text: str) -> npt.NDArray[np.int64]:
    """The hashed characters, pairs and triples of a folded text, each once."""
    folded = "".join(c for c in read(text).text if c.isalnum())
    grams = {folded[i : i + n] for n in (1, 2, 3) for i in range(len(folded) - n + 1)}
    return np.array(sorted({zlib.crc32(g.encode()) % SIZE for g in grams}), dtype=np.int64)


def thinned(content: Sequence[str], papers: Sequence[str]) -> list[str]:
    """What a fit learns of this knowledge: of thousands of papers a quarter of the content's number, or they would drown how the bank is asked."""
    return [*_some(content, _MOST), *_some(papers, max(1, min(len(content), _MOST) // 4))]


def _some(texts: Sequence[str], most: int) -> Sequence[str]:
    return texts[:: max(1, math.ceil(len(texts) / most))]


def fit_scope(inside: Sequence[str], outside: Sequence[str]) -> Scope:
    """Learn from texts of this knowledge and texts that ask for something else; NO_SCOPE when there are too few of either."""
    if len(outside) < 50 or len(inside) < 50:
        return NO_SCOPE
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    rows = [signs(text) for text in (*inside, *outside)]
    kept = [row for row in rows if len(row)]
    labels = np.array([1] * len(inside) + [0] * len(outside))[[bool(len(row)) for row in rows]]
    values = np.concatenate([np.full(len(row), 1 / math.sqrt(len(row)), dtype=np.float32) for row in kept])
    pointers = np.cumsum([0, *(len(row) for row in kept)])
    features = csr_matrix((values, np.concatenate(kept), pointers), shape=(len(kept), SIZE))
    model = LogisticRegression(C=3.0, class_weight="balanced", max_iter=400, solver="liblinear")
    model.fit(features, labels)
    return Scope(model.coef_[0].astype(np.float32), float(model.intercept_[0]))
