"""Hybrid search: words, sounds and vectors fused; products linked; put in order; only what holds on the day and may be shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np
import numpy.typing as npt

from copilot.settings import Settings
from copilot.suitability import VALID_DAYS
from copilot.types import Customer, Kind, Passage, SearchResult, Turn
from knowledge_base.build import Index, open_index
from knowledge_base.citing import Citations, Cited
from knowledge_base.context import Question, moment_of, understand
from knowledge_base.embed import Vectors
from knowledge_base.foreign import foreign
from knowledge_base.fuse import ANSWERS, WEIGHTS, Signs, Weights, confidence, fuse, in_order
from knowledge_base.library import ContentLibrary
from knowledge_base.meaning import Terms
from knowledge_base.order import Order
from knowledge_base.progress import Progress
from knowledge_base.second import POOL, Heard, Second, SecondLook
from knowledge_base.shown import Shown
from knowledge_base.together import Together
from knowledge_base.units import Cues, Kinds

_NEAR = 300
"""Rows asked of the vector store."""
_A_DOCUMENT, _A_LINKED_DOCUMENT, _A_CITED_DOCUMENT = 2, 3, 6
"""Passages of one document at most; of a product the question is about, one more; of a paper it cites, as many as are usually asked for."""
_JUDGED = 3
"""How many of the best passages decide whether the question is answered."""
_LEADING = 8
"""How many of the best passages lift what answers together with them."""


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
    cited: Cited
    kept: tuple[Found, ...]
    leading: tuple[Found, ...]
    """The best passages by themselves, before they lifted what answers together with them; by these the answer is judged."""
    heard: Heard
    pool: tuple[Found, ...]
    """The best passages of the first look, in its order: what the second puts in order."""
    together: Vectors
    """What each of the pool was lifted by."""
    elsewhere: float
    """How near the question is to one that this knowledge does not answer, 0 to 1."""
    meant: int | None = None
    """The glossary's passage, where she asks for nothing but the meaning of its word."""


class Search:
    """Answers `copilot.types.Retrieve` over an open index."""

    def __init__(
        self,
        index: Index,
        valid_days: int = VALID_DAYS,
        now: Callable[[], datetime] | None = None,
        weights: Weights = WEIGHTS,
        order: Order | None = None,
    ) -> None:
        self.index = index
        self.library: ContentLibrary = index.library
        self._valid_days = valid_days
        self._now = now or index.library.now
        self._weights = weights
        units = index.units
        self._cues = Cues(index.rows)
        self._kinds = Kinds([u.document.kind for u in units], self._cues.texts(index.lexical.papers), weights)
        content = np.flatnonzero(~index.lexical.papers)
        crowded = index.vectors is not None and 0 < len(content) < len(index.rows)
        self._content = (content, index.vectors.of(content)) if index.vectors is not None and crowded else None
        self._units_of: dict[str, list[int]] = {}
        for number, unit in enumerate(units):
            self._units_of.setdefault(unit.document.id, []).append(number)
        products = {u.document.id for u in units if u.document.kind == "product"}
        self._citations = Citations(units)
        self._terms = Terms(self.library.content.glossary)
        self._together = Together(self.library.content.together, self._units_of, products)
        self._order = order if index.vectors is not None else None
        self._second = SecondLook(index, self._cues, self._together)

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
        now, units = self._now(), self.index.units
        moment = moment_of(on, now) if on else now
        cited = self._citations.find(query, history)
        question = understand(query, history, self.library, customer, moment.date(), cited.spans)
        vector = self._vector(question.text)
        heard, scores = self._scores(question, vector)
        self._lift(scores, question, cited, kind)
        shown = Shown(self.library, question, moment, customer, self._valid_days)
        leading = tuple(self._best(scores, shown, cited, _LEADING))
        alone = scores.copy()
        self._together.lift(scores, [(units[f.unit].document.id, f.score) for f in leading], self._weights.together)
        kept = tuple(self._best(scores, shown, cited, max(POOL, top_k)))
        pool = kept[:POOL]
        at = [found.unit for found in pool]
        looked = Looked(
            question, cited, kept[:top_k], leading, heard, pool, scores[at] - alone[at], self._elsewhere(vector)
        )
        if self._order is not None and pool and not cited.units and kind != "script":
            ordered = tuple(pool[place] for place in self._order(self.second(looked)))
            looked = replace(looked, kept=(*ordered, *kept[POOL:])[:top_k])
        return self._explained(looked, shown, query) if kind in (None, "glossary") and top_k > 0 else looked

    def _explained(self, looked: Looked, shown: Shown, query: str) -> Looked:
        """The entry of the word whose meaning is asked for stands first, behind an entry that asks the same at most."""
        term = self._terms.find(query)
        at = next(iter(self._units_of.get(term or "", ())), None)
        note = shown.note(self.index.units[at].document) if at is not None else None
        if at is None or note is None:
            return looked
        best = looked.kept[0] if looked.kept else None
        same = best is not None and self._terms.find(self.index.units[best.unit].piece.title) == term
        first = Found(at, best.score if best is not None else 1.0, note)
        others = [found for found in looked.kept if found.unit != at]
        kept = [others[0], first, *others[1:]] if same and others else [first, *others]
        return replace(looked, kept=tuple(kept[: max(len(looked.kept), 1)]), meant=at)

    def second(self, looked: Looked) -> Second:
        """All that speaks for each passage of the pool, of which there must be one."""
        score = np.array([found.score for found in looked.pool], dtype=np.float32)
        return self._second(looked.question, looked.heard, [f.unit for f in looked.pool], score, looked.together)

    def sure(self, looked: Looked) -> float:
        """How sure it is that the best passages answer, 0 to 1; small talk is no question, and an article asked for is there or is not."""
        signs = self.signs(looked)
        if looked.cited.missing:
            return 0.0
        if looked.meant is not None:
            return 1.0
        if looked.cited.units and looked.leading and looked.leading[0].unit in looked.cited.units:
            return 1.0
        return 0.0 if signs is None or looked.question.social else confidence(signs)

    def signs(self, looked: Looked) -> Signs | None:
        """What speaks for the best passages, each sign where it is strongest; None when there is no passage."""
        question, judged = looked.question, looked.leading[:_JUDGED]
        if not judged:
            return None
        rows = np.concatenate([self._rows(found.unit) for found in judged])
        best = {name: float(view[rows].max()) for name, view in looked.heard.views.items()}
        documents = [self.index.units[found.unit].document for found in judged]
        words = self.index.tokenizer.words(question.text)
        told = [self.index.rows[row].text for row in rows]
        return Signs(
            best["word"],
            best["gram"],
            best["sound"],
            best.get("dense"),
            max(question.products.get(d.product or "", 0.0) for d in documents),
            question.holiday is not None and any(d.id == question.holiday for d in documents),
            self.index.lexical.unknown("word", words, bool(self.index.lexical.papers[rows[0]])),
            float(bool(question.sayings)),
            len(words),
            judged[0].score,
            looked.elsewhere,
            self.index.scope.odds(question.text),
            foreign().strange(question.text, told),
            len(self._rows(judged[0].unit)) == 1,
        )

    def _elsewhere(self, vector: Vectors | None) -> float:
        known = self.index.elsewhere
        return max(0.0, float((known @ vector).max())) if vector is not None and len(known) else 0.0

    def _vector(self, text: str) -> Vectors | None:
        embedder = self.index.embedder
        found: Vectors | None = embedder.encode([text])[0] if embedder is not None else None
        return found

    def _rows(self, unit: int) -> npt.NDArray[np.int64]:
        return self._cues.rows(unit)

    def _scores(self, question: Question, vector: Vectors | None) -> tuple[Heard, Vectors]:
        """What the views say, and each passage's score."""
        weights = self._weights
        views = self._views(question.text, vector)
        sides = self._sides(views)
        scores = fuse(sides, weights)
        sayings = self.fused(question.sayings) if question.sayings else None
        told = self.fused(question.told) if question.told else None
        before = None
        if sayings is not None:
            scores = scores + weights.sayings * sayings
        if told is not None:
            scores = scores + weights.told * told
        if question.before:
            earlier = self._views(question.before, self._vector(question.before))
            before = fuse(self._sides(earlier), weights)
            scores = scores + weights.before * before
            views = {name: np.maximum(view, earlier[name] * weights.before_judged) for name, view in views.items()}
        return Heard(views, sides, sayings, told, before), scores

    def fused(self, text: str) -> Vectors:
        """Each passage's score by the words of a text, 0 to 1: what is only added needs no vectors."""
        return fuse(self._sides(self._words(text)), self._weights)

    def sides(self, text: str) -> dict[str, tuple[Vectors, Vectors]]:
        """For each view, each passage's score by its own text, and by the best of its cues (its text, where it has none)."""
        return self._sides(self._views(text, self._vector(text)))

    def _sides(self, views: Mapping[str, Vectors]) -> dict[str, tuple[Vectors, Vectors]]:
        return {name: self._cues.sides(view) for name, view in views.items()}

    def _views(self, text: str, vector: Vectors | None) -> dict[str, Vectors]:
        """Each view's score of every row."""
        views = self._words(text)
        if vector is not None and self.index.vectors is not None:
            near = self.index.vectors.near(vector, _NEAR)
            floor = max(0.0, near[-1].score) * 0.9 if near else 0.0
            dense = np.full(len(self.index.rows), floor, dtype=np.float32)
            for hit in near:
                dense[hit.row] = max(0.0, hit.score)
            if self._content is not None:
                rows, vectors = self._content
                dense[rows] = _nearest(vectors @ vector)
            views["dense"] = dense
        return views

    def _words(self, text: str) -> dict[str, Vectors]:
        """Each view's score of every row, without the vectors'."""
        return self.index.lexical.scores(self.index.tokenizer.fields(text))

    def _lift(self, scores: Vectors, question: Question, cited: Cited, kind: Kind | None) -> None:
        """Lift what the question is about, lower what seldom answers. Nothing is lifted that holds no word of it."""
        weights, kinds = self._weights, self._kinds
        bare = scores <= 0
        scores += kinds.gain
        if question.named:
            scores[kinds.products] += weights.other
        for product, surely in question.products.items():
            mine = self._units_of.get(product, [])
            bare[mine] = False
            scores[mine] += weights.linked * surely - weights.unlinked
            if product in question.named:
                scores[mine] += weights.named - weights.other
        holiday = self._units_of.get(question.holiday or "", [])
        bare[holiday] = False
        scores[holiday] += weights.holiday
        for document in cited.documents:
            scores[self._units_of[document]] += weights.cited
        bare[list(cited.units)] = False
        scores[list(cited.units)] += weights.article
        scores[bare | kinds.hidden(kind)] = 0

    def _best(self, scores: Vectors, shown: Shown, cited: Cited, top_k: int) -> Iterator[Found]:
        """The best passages that may be shown, not too many of one document."""
        taken: dict[str, int] = {}
        for number in in_order(scores):
            if top_k <= 0 or scores[number] <= 0:
                return
            document = self.index.units[number].document
            about = document.product in shown.question.products
            most = _A_CITED_DOCUMENT if document.id in cited.documents else _A_LINKED_DOCUMENT if about else _A_DOCUMENT
            if taken.get(document.id, 0) >= most:
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


def _nearest(cosines: Vectors) -> Vectors:
    """The content's own cosines, as if no papers crowded among the nearest: those beyond its nearest `_NEAR` count a little less than the last."""
    last = np.partition(cosines, -_NEAR)[-_NEAR] if len(cosines) > _NEAR else cosines.min()
    return np.where(cosines >= last, np.maximum(cosines, 0), max(0.0, float(last)) * 0.9).astype(np.float32)


def open_search(settings: Settings, library: ContentLibrary, progress: Progress | None = None) -> Search:
    """Search over the live index, which is built first if it is missing or no longer fits."""
    order = Order(settings.order_dir) if settings.order_dir is not None else None
    index = open_index(settings, library, progress=progress)
    return Search(index, settings.assessment_valid_days, order=order)
