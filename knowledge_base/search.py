"""Hybrid search: words, sounds and vectors fused; products linked; only what holds on the day and may be shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import numpy.typing as npt

from copilot.settings import Settings
from copilot.suitability import VALID_DAYS, may_pitch
from copilot.types import Customer, Kind, Passage, SearchResult, Turn
from knowledge_base.build import Index, Progress, open_index
from knowledge_base.context import Question, moment_of, understand
from knowledge_base.document import Document
from knowledge_base.embed import Vectors
from knowledge_base.fuse import ANSWERS, WEIGHTS, Signs, Weights, confidence, fuse
from knowledge_base.library import ContentLibrary

_NEAR = 300
"""Rows asked of the vector store."""
_A_DOCUMENT, _A_LINKED_DOCUMENT = 2, 3
"""Passages of one document at most; of a product the question is about, one more."""
_JUDGED = 3
"""How many of the best passages decide whether the question is answered."""


@dataclass(frozen=True)
class Found:
    """A passage with its score and why it is marked."""

    unit: int
    score: float
    note: str


@dataclass(frozen=True)
class Looked:
    """What a question turned up: the question understood, the passages, and each view of its own words."""

    question: Question
    kept: tuple[Found, ...]
    views: dict[str, Vectors]
    elsewhere: float
    """How near the question is to one that this knowledge does not answer, 0 to 1."""


class Search:
    """Answers `copilot.types.Retrieve` over an open index."""

    def __init__(
        self,
        index: Index,
        valid_days: int = VALID_DAYS,
        now: Callable[[], datetime] | None = None,
        weights: Weights = WEIGHTS,
    ) -> None:
        self.index = index
        self.library: ContentLibrary = index.library
        self._valid_days = valid_days
        self._now = now or index.library.now
        self._weights = weights
        units = index.units
        first: dict[int, int] = {}
        for number, row in enumerate(index.rows):
            first.setdefault(row.unit, number)
        self._starts = np.array([first[u] for u in range(len(units))], dtype=np.int64)
        ends = np.append(self._starts[1:], len(index.rows))
        self._cued = ends - self._starts > 1
        self._kinds = np.array([u.document.kind for u in units])
        self._units_of: dict[str, list[int]] = {}
        for number, unit in enumerate(units):
            self._units_of.setdefault(unit.document.id, []).append(number)

    def __call__(
        self,
        query: str,
        *,
        history: Sequence[Turn] = (),
        top_k: int = 6,
        kind: Kind | None = None,
        on: date | None = None,
        customer: Customer | None = None,
    ) -> SearchResult:
        """Passages for a question, best first; `found` is False when none of them answers it."""
        looked = self.look(query, history=history, top_k=top_k, kind=kind, on=on, customer=customer)
        answered = self.sure(looked) >= ANSWERS
        return SearchResult(answered, tuple(self._passage(found) for found in looked.kept))

    def look(
        self,
        query: str,
        *,
        history: Sequence[Turn] = (),
        top_k: int = 6,
        kind: Kind | None = None,
        on: date | None = None,
        customer: Customer | None = None,
    ) -> Looked:
        """The search without its judgement."""
        now = self._now()
        moment = moment_of(on, now) if on else now
        question = understand(query, history, self.library, customer, moment.date())
        vector = self._vector(question.text)
        views, scores = self._scores(question, vector)
        self._lift(scores, question, kind)
        shown = _Shown(self, question, moment, customer)
        return Looked(question, tuple(self._best(scores, shown, top_k)), views, self._elsewhere(vector))

    def sure(self, looked: Looked) -> float:
        """How sure it is that the best passages answer, 0 to 1; small talk is no question."""
        signs = self.signs(looked)
        return 0.0 if signs is None or looked.question.social else confidence(signs)

    def signs(self, looked: Looked) -> Signs | None:
        """What speaks for the best passages, each sign where it is strongest; None when there is no passage."""
        question, judged = looked.question, looked.kept[:_JUDGED]
        if not judged:
            return None
        rows = np.concatenate([self._rows(found.unit) for found in judged])
        best = {name: float(view[rows].max()) for name, view in looked.views.items()}
        documents = [self.index.units[found.unit].document for found in judged]
        words = self.index.tokenizer.words(question.text)
        return Signs(
            best["word"],
            best["gram"],
            best["sound"],
            best.get("dense"),
            max(question.products.get(d.product or "", 0.0) for d in documents),
            question.holiday is not None and any(d.id == question.holiday for d in documents),
            self.index.lexical.unknown("word", words),
            float(bool(question.sayings)),
            len(words),
            judged[0].score,
            looked.elsewhere,
            self.index.scope.odds(question.text),
        )

    def _elsewhere(self, vector: Vectors | None) -> float:
        known = self.index.elsewhere
        return max(0.0, float((known @ vector).max())) if vector is not None and len(known) else 0.0

    def _vector(self, text: str) -> Vectors | None:
        embedder = self.index.embedder
        found: Vectors | None = embedder.encode([text])[0] if embedder is not None else None
        return found

    def _rows(self, unit: int) -> npt.NDArray[np.int64]:
        end = self._starts[unit + 1] if unit + 1 < len(self._starts) else len(self.index.rows)
        return np.arange(self._starts[unit], end)

    def _scores(self, question: Question, vector: Vectors | None) -> tuple[dict[str, Vectors], Vectors]:
        """The views by which the answer is judged, and each passage's score."""
        weights = self._weights
        views = self._views(question.text, vector)
        scores = fuse(self._sides(views), weights)
        if question.sayings:
            scores = scores + weights.sayings * self.fused(question.sayings)
        if question.told:
            scores = scores + weights.told * self.fused(question.told)
        if question.before:
            before = self._views(question.before, self._vector(question.before))
            scores = scores + weights.before * fuse(self._sides(before), weights)
            views = {name: np.maximum(view, before[name] * weights.before_judged) for name, view in views.items()}
        return views, scores

    def fused(self, text: str) -> Vectors:
        """Each passage's score by the words of a text, 0 to 1: what is only added needs no vectors."""
        return fuse(self._sides(self._words(text)), self._weights)

    def sides(self, text: str) -> dict[str, tuple[Vectors, Vectors]]:
        """For each view, each passage's score by its own text, and by the best of its cues (its text, where it has none)."""
        return self._sides(self._views(text, self._vector(text)))

    def _sides(self, views: Mapping[str, Vectors]) -> dict[str, tuple[Vectors, Vectors]]:
        pairs = {}
        for name, view in views.items():
            asked = view.copy()
            asked[self._starts[self._cued]] = 0
            pairs[name] = (view[self._starts], np.maximum.reduceat(asked, self._starts))
        return pairs

    def _views(self, text: str, vector: Vectors | None) -> dict[str, Vectors]:
        """Each view's score of every row."""
        views = self._words(text)
        if vector is not None and self.index.vectors is not None:
            near = self.index.vectors.near(vector, _NEAR)
            floor = max(0.0, near[-1].score) * 0.9 if near else 0.0
            dense = np.full(len(self.index.rows), floor, dtype=np.float32)
            for hit in near:
                dense[hit.row] = max(0.0, hit.score)
            views["dense"] = dense
        return views

    def _words(self, text: str) -> dict[str, Vectors]:
        """Each view's score of every row, without the vectors'."""
        return self.index.lexical.scores(self.index.tokenizer.fields(text))

    def _lift(self, scores: Vectors, question: Question, kind: Kind | None) -> None:
        """Lift what the question is about, lower what seldom answers. Nothing is lifted that holds no word of it."""
        weights, kinds = self._weights, self._kinds
        bare = scores <= 0
        for name in ("product", "compliance", "market", "calendar", "glossary"):
            scores[kinds == name] += getattr(weights, name)
        scores[kinds == "product"] += weights.unlinked + (weights.other if question.named else 0.0)
        for product, surely in question.products.items():
            mine = self._units_of.get(product, [])
            scores[mine] += weights.linked * surely - weights.unlinked
            if product in question.named:
                scores[mine] += weights.named - weights.other
        scores[self._units_of.get(question.holiday or "", [])] += weights.holiday
        scores[bare & ~self._about(question)] = 0
        scores[kinds == "script" if kind is None else kinds != kind] = 0

    def _about(self, question: Question) -> npt.NDArray[np.bool_]:
        """Passages of the products and the holiday that the question is about."""
        about = np.zeros(len(self._starts), dtype=bool)
        for document in (*question.products, question.holiday or ""):
            about[self._units_of.get(document, [])] = True
        return about

    def _best(self, scores: Vectors, shown: _Shown, top_k: int) -> Iterator[Found]:
        """The best passages that may be shown, not too many of one document."""
        taken: dict[str, int] = {}
        for number in np.argsort(-scores, kind="stable"):
            if top_k <= 0 or scores[number] <= 0:
                return
            document = self.index.units[number].document
            about = document.product in shown.question.products
            if taken.get(document.id, 0) >= (_A_LINKED_DOCUMENT if about else _A_DOCUMENT):
                continue
            note = shown.note(document)
            if note is None:
                continue
            taken[document.id] = taken.get(document.id, 0) + 1
            top_k -= 1
            yield Found(int(number), float(scores[number]), note)

    def _passage(self, found: Found) -> Passage:
        unit = self.index.units[found.unit]
        document, piece = unit.document, unit.piece
        return Passage(
            unit.id,
            document.id,
            document.kind,
            piece.title,
            unit.text,
            round(min(1.0, found.score), 4),
            piece.start,
            piece.end,
            document.product,
            found.note,
            piece.page,
        )

    @property
    def valid_days(self) -> int:
        """How long an assessment holds."""
        return self._valid_days


class _Shown:
    """What may be shown for one question: in force on the day, on sale, suitable; else only what she holds or names, marked."""

    def __init__(self, search: Search, question: Question, moment: datetime, customer: Customer | None) -> None:
        self.question = question
        self._library, self._valid_days = search.library, search.valid_days
        self._moment, self._customer = moment, customer
        self._held = frozenset(h.product for h in customer.holdings if h.product) if customer else frozenset()
        self._notes: dict[str, str | None] = {}

    def note(self, document: Document) -> str | None:
        """How a document is marked: "" for not at all, None when it must not be shown."""
        if document.id not in self._notes:
            on = self._moment.date()
            if document.product is not None:
                self._notes[document.id] = self._product(document, document.product, on)
            else:
                mark = "internal" if document.internal else ""
                self._notes[document.id] = mark if document.holds(on) else None
        return self._notes[document.id]

    def _product(self, document: Document, product_id: str, on: date) -> str | None:
        if document.effective_from is not None and on < document.effective_from:
            return None
        why = "held" if product_id in self._held else "named" if product_id in self.question.named else None
        if not document.holds(on):
            return "superseded" if why else None
        product = self._library.at(product_id, self._moment)
        if product is None or product.status != "on_sale":
            return why
        if self._customer is None or may_pitch(product, self._customer, self._moment, self._valid_days).allowed:
            return ""
        return why


def open_search(settings: Settings, library: ContentLibrary, progress: Progress | None = None) -> Search:
    """Search over the live index, which is built first if it is missing or no longer fits."""
    return Search(open_index(settings, library, progress=progress), settings.assessment_valid_days)
