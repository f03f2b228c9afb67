"""A second look at the best passages of the first: all that speaks for each of them, as rows for the trees of `order.py`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowledge_base.build import Index
from knowledge_base.context import Question
from knowledge_base.embed import Vectors
from knowledge_base.together import Together
from knowledge_base.units import Cues

POOL = 24
"""Passages looked at again."""
VIEWS = ("word", "gram", "sound", "dense")
KINDS = ("product", "compliance", "market", "calendar", "faq", "glossary", "document")
_SHARP = 10.0
"""How much more the best passages count than those below them, where passages are held against one another."""
_VOTERS = 20
"""Rows that vote in each view for their passages."""
_CERTAIN = 4
"""The power of a row's score by which it votes."""
_KEPT = 20_000
"""Vectors of passages kept at hand: more than the content has."""


@dataclass(frozen=True)
class Second:
    """What is known of the passages of the first look, best first: arrays of one number a passage, else as said."""

    sides: Mapping[str, tuple[Vectors, Vectors]]
    """For each view the score by its own text, and by the best of its cues."""
    votes: Mapping[str, Vectors]
    """For each view the passage's share of the rows that are nearest of all."""
    score: Vectors
    """The first look's, falling."""
    sayings: Vectors
    before: Vectors
    told: Vectors
    """How near it is to sayings meant, to what she said before and to what the advisor said last; nought without such."""
    linked: Vectors
    named: Vectors
    holiday: Vectors
    together: Vectors
    """What answering together with the best lifted it by."""
    links: Vectors
    """(passages, passages): how surely the first answers together with the second's document."""
    alike: Vectors
    """(passages, passages): the cosines of their texts."""
    kinds: Sequence[str]
    cues: Vectors
    """How many ways to ask for it are known."""
    length: Vectors
    """Characters of its text."""
    again: Vectors
    """How many passages of its document stand before it."""
    asked: int
    """Characters of the question."""
    alone: bool
    """The question is read without what was said before."""


def signs(look: Second) -> Vectors:
    """The trees' rows, passages × signs: absolute numbers, how far each is behind this question's best, and the question's own."""
    n = len(look.score)
    nothing = np.zeros(n, dtype=np.float32)
    views = [side for name in VIEWS for side in look.sides.get(name, (nothing, nothing))]
    others = np.exp(_SHARP * (look.score - look.score[0]))[None, :] * (1 - np.eye(n, dtype=np.float32))
    whole = np.maximum(others.sum(1), 1e-9)
    same = [np.array([kind == k for kind in look.kinds], dtype=np.float32) for k in KINDS]
    own = (
        *(look.votes.get(name, nothing) for name in VIEWS),
        *(look.links[:, i] if n > i else nothing for i in range(3)),
        (look.links * others).sum(1) / whole,
        *views,
        *(view - view.max() for view in views),
        look.score,
        look.score - look.score[0],
        np.log1p(np.arange(n)),
        look.sayings,
        look.before,
        look.told,
        look.linked,
        look.named,
        look.holiday,
        look.together,
        look.together - look.together.max(),
        np.log1p(look.cues),
        np.log1p(look.length),
        look.again,
        look.alike[:, 0],
        (look.alike * others).sum(1) / whole,
        *same,
    )
    of_all = (
        float(look.named.any()),
        float(look.linked.any()),
        float(look.asked),
        float(look.alone),
        float(look.score[0] - look.score[min(n - 1, 1)]),
        float(look.score[0] - look.score[min(n - 1, 4)]),
        *(float(kind[0]) for kind in same),
    )
    return np.column_stack([*own, *(np.full(n, value) for value in of_all)]).astype(np.float32)


@dataclass(frozen=True)
class Heard:
    """What the first look made of a question: for every row or passage, how near it is."""

    views: Mapping[str, Vectors]
    """Each view's score of every row, by the question and by what she said before it."""
    sides: Mapping[str, tuple[Vectors, Vectors]]
    """Of the question alone: for each view each passage's score by its own text, and by the best of its cues."""
    sayings: Vectors | None = None
    told: Vectors | None = None
    before: Vectors | None = None


class SecondLook:
    """Gathers what speaks for the passages of a first look."""

    def __init__(self, index: Index, cues: Cues, together: Together) -> None:
        self._index, self._cues, self._together = index, cues, together
        self._unit_of = np.fromiter((row.unit for row in index.rows), dtype=np.int64, count=len(index.rows))
        self._texts: dict[int, Vectors] = {}

    def __call__(
        self, question: Question, heard: Heard, units: Sequence[int], score: Vectors, together: Vectors
    ) -> Second:
        """`units` are the passages' numbers, best first, `score` the first look's, `together` what answering together added."""
        at = np.array(units, dtype=np.int64)
        documents = [self._index.units[unit].document for unit in units]
        products = [document.product or "" for document in documents]
        texts = self._vectors(units)
        return Second(
            sides={name: (text[at], cue[at]) for name, (text, cue) in heard.sides.items()},
            votes={name: self._votes(view, at) for name, view in heard.views.items()},
            score=score,
            sayings=_at(heard.sayings, at),
            before=_at(heard.before, at),
            told=_at(heard.told, at),
            linked=_numbers(question.products.get(product, 0.0) for product in products),
            named=_numbers(product in question.named for product in products),
            holiday=_numbers(document.id == question.holiday for document in documents),
            together=together,
            links=self._together.between([document.id for document in documents], at),
            alike=texts @ texts.T,
            kinds=[document.kind for document in documents],
            cues=_numbers(len(self._cues.rows(unit)) - 1 for unit in units),
            length=_numbers(len(self._index.units[unit].text) for unit in units),
            again=_numbers(documents[:place].count(document) for place, document in enumerate(documents)),
            asked=len(question.text),
            alone=not question.before,
        )

    def _votes(self, view: Vectors, at: npt.NDArray[np.int64]) -> Vectors:
        """Each passage's share of the nearest rows: one that many ways to ask speak for stands above one that a single does."""
        voters = np.argpartition(-view, _VOTERS)[:_VOTERS] if len(view) > _VOTERS else np.arange(len(view))
        weight = np.maximum(view[voters], 0.0) ** _CERTAIN
        mine = self._unit_of[voters][None, :] == at[:, None]
        return np.asarray((mine * weight).sum(1) / max(float(weight.sum()), 1e-9), dtype=np.float32)

    def _vectors(self, units: Sequence[int]) -> Vectors:
        """The vectors of passages' own texts; of one number, nought, where there are none."""
        store = self._index.vectors
        if store is None:
            return np.zeros((len(units), 1), dtype=np.float32)
        new = [unit for unit in units if unit not in self._texts]
        kept = dict(self._texts)
        if new:
            found = store.of(np.array([self._cues.rows(unit)[0] for unit in new]))
            kept |= dict(zip(new, found, strict=True))
            self._texts = kept if len(kept) <= _KEPT else dict(zip(new, found, strict=True))
        return np.stack([kept[unit] for unit in units])


def _at(scores: Vectors | None, at: npt.NDArray[np.int64]) -> Vectors:
    return np.zeros(len(at), dtype=np.float32) if scores is None else np.asarray(scores[at], dtype=np.float32)


def _numbers(values: Iterable[float]) -> Vectors:
    return np.array(list(values), dtype=np.float32)
