"""How alike texts are: TF-IDF over runs of one to three characters, cosine. Fast enough for some ten thousand short texts."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Sequence

import numpy as np

from copilot.reading.spelling import fold

LONGEST = 3
"""Characters of the longest run."""


def grams(text: str) -> Counter[str]:
    """Runs of one to three characters of the folded text, spaces left out."""
    said = "".join(fold(text).split())
    return Counter(said[i : i + n] for n in range(1, LONGEST + 1) for i in range(len(said) - n + 1))


class Alike:
    """Texts made ready to be compared with new ones."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._size = len(texts)
        self._place: dict[str, int] = {}
        places, rows, counts = array("i"), array("i"), array("i")
        for row, text in enumerate(texts):
            for gram, count in grams(text).items():
                places.append(self._place.setdefault(gram, len(self._place)))
                rows.append(row)
                counts.append(count)
        of, at, n = (np.array(column, dtype=np.int32) for column in (places, rows, counts))
        held = np.bincount(of, minlength=len(self._place))
        self._weight = 1 + np.log((1 + self._size) / (1 + held))
        values = (1 + np.log(n)) * self._weight[of]
        lengths = np.bincount(at, values**2, minlength=self._size)
        values /= np.sqrt(np.maximum(lengths, 1e-12))[at]
        order = np.argsort(of, kind="stable")
        self._rows, self._values, self._starts = at[order], values[order], np.concatenate([[0], np.cumsum(held)])

    def __call__(self, text: str) -> np.ndarray:
        """Cosine with every text, in their order, over the runs that are known; zeros where none is."""
        found = np.zeros(self._size)
        length = 0.0
        for gram, count in grams(text).items():
            place = self._place.get(gram)
            if place is not None:
                weight = (1 + math.log(count)) * float(self._weight[place])
                length += weight * weight
                run = slice(self._starts[place], self._starts[place + 1])
                found[self._rows[run]] += weight * self._values[run]
        return found / math.sqrt(length) if length else found
