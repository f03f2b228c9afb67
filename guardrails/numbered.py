"""Signs as numbers: those of a text looked up once, then counted for any stretch of it.

A message is judged whole and sentence by sentence, by two lexicons: spelling its signs and looking them up each time was
most of the classifier's time. `guardrails.signs` says what a sign is; here nothing is a sign that is none there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from guardrails.signs import CLAUSE, Lexicon, at_the_ends, clause_signs, is_worded, marked

_NONE = -1


@dataclass(frozen=True)
class Counts:
    """How often signs stand in texts: columns of equal length, ordered by text and sign, and the number of texts."""

    text: np.ndarray
    sign: np.ndarray
    often: np.ndarray
    texts: int


def count(found: Sequence[np.ndarray], signs: int) -> Counts:
    """Count the signs found in each text, of `signs` there are."""
    texts = np.repeat(np.arange(len(found)), [len(numbers) for numbers in found])
    keys, often = np.unique(texts * signs + np.concatenate(found), return_counts=True)
    text, sign = np.divmod(keys, signs)
    return Counts(text, sign, often, len(found))


def scores(lexicon: Lexicon, rows: np.ndarray, counts: Counts) -> np.ndarray:
    """`lexicon.score` of every text; `rows` says where each of the counted signs stands in the lexicon, -1 for nowhere."""
    row = rows[counts.sign]
    known = row >= 0
    row, text = row[known], counts.text[known]
    values = (1 + np.log(counts.often[known].astype(np.float32))) * lexicon.idf[row]
    kind = 2 * text + lexicon.worded[row]
    values /= np.sqrt(np.bincount(kind, values * values, 2 * counts.texts)).astype(np.float32)[kind]
    ends = np.searchsorted(text, np.arange(counts.texts + 1))
    return np.array([values[a:b] @ lexicon.weights[row[a:b]].astype(np.float32) for a, b in pairwise(ends)])


class Vocabulary:
    """Known signs by number: n-grams as an automaton that finds all of a text in one pass, words and pairs by name."""

    def __init__(self, signs: Iterable[str]) -> None:
        import ahocorasick

        self.words: dict[str, int] = {}
        self.grams: Any = ahocorasick.Automaton()
        sizes = []
        for number, sign in enumerate(signs):
            sizes.append(len(sign))
            if is_worded(sign):
                self.words[sign] = number
            else:
                self.grams.add_word(sign, number)
        self.grams.make_automaton()
        self.sizes = np.array(sizes, dtype=np.int64)


class Numbered:
    """A plain text with the numbers of its known signs."""

    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        self._text, self._vocabulary = text, vocabulary
        found = np.array(list(vocabulary.grams.iter(marked(text))), dtype=np.int64).reshape(-1, 2)
        self._last, self._number = (
            found[:, 0] - 1,
            found[:, 1],
        )  # places in the text: the mark before it is one character
        self._first = self._last - vocabulary.sizes[self._number] + 1
        self._clauses = [(c.start(), c.end(1), c.end()) for c in CLAUSE.finditer(text)]
        self._said: dict[tuple[str, bool], list[int]] = {}

    def of(self, start: int, end: int) -> np.ndarray:
        """The numbers of the signs of `text[start:end]`, as often as they stand there; it begins and ends no clause midway."""
        inside = self._number[(self._first >= start) & (self._last < end)]
        number = self._vocabulary.grams.get
        others = [number(gram, _NONE) for gram in at_the_ends(self._text[start:end])]
        for begins, ends, after in self._clauses:
            if start <= begins and ends <= end:
                others += self._words(self._text[begins:ends], "?" in self._text[ends : min(after, end)])
        outside = np.array(others, dtype=np.int64)
        return np.concatenate((inside, outside[outside >= 0]))

    def _words(self, clause: str, asked: bool) -> list[int]:
        numbers = self._said.get((clause, asked))
        if numbers is None:
            number = self._vocabulary.words.get
            numbers = self._said[clause, asked] = [number(sign, _NONE) for sign in clause_signs(clause, asked)]
        return numbers
