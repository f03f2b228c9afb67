"""The search's suite: hand-labelled questions, development and held, the hybrid beside each of its parts.

Held questions are scored and never shown: only development questions stand among the cases to read.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from copilot.errors import InputError
from copilot.types import Retrieve, SearchResult
from copilot.wiring import App
from evals.cases import STRANGERS, Part, SearchCase, search_cases
from evals.figures import Measure, mean, share, slowest
from evals.rows import Ask, Case, Row, Split, hashed, numbered
from knowledge_base.fuse import WEIGHTS, Weights
from knowledge_base.search import Search

ON = date(2026, 11, 22)
"""The day the questions were labelled for."""
PARTS: tuple[Part, ...] = ("development", "heldout")
_VIEWS = ("word", "gram", "sound", "dense")
_ALONE = {"words": ("word", "gram", "sound"), "vectors": ("dense",)}


@dataclass(frozen=True)
class Scored:
    """What a search made of a question. `recall` and `ndcg` are those of five and of ten documents, None without an answer."""

    case: SearchCase
    found: bool
    recall: bool | None
    ndcg: float | None
    ranked: tuple[str, ...]
    ms: float

    def as_json(self) -> dict[str, Any]:
        """What figures are made from, and the documents in order."""
        return {"found": self.found, "recall": self.recall, "ndcg": self.ndcg, "ranked": list(self.ranked)}

    @property
    def answerable(self) -> bool:
        """Whether the knowledge answers the question."""
        return self.recall is not None

    @property
    def good(self) -> bool:
        """Whether there is nothing to complain of: an answer among the first five and told so, or none and told so."""
        return self.found and bool(self.recall) if self.answerable else not self.found


def score(search: Retrieve, case: SearchCase, on: date | None = ON) -> Scored:
    """Ask a question as of a day, today when None, and score what came."""
    started = time.perf_counter()
    result: SearchResult = search(case.query, history=case.history, top_k=10, on=on)
    ms = (time.perf_counter() - started) * 1000
    ranked = tuple(dict.fromkeys(p.document for p in result.passages))
    if not case.gold:
        return Scored(case, result.found, None, None, ranked, ms)
    return Scored(case, result.found, recall(ranked, case.gold), ndcg(ranked, case.gold), ranked, ms)


def recall(ranked: Sequence[str], gold: Sequence[str], depth: int = 5) -> bool:
    """Whether one of the entries that answer is among the first."""
    return any(document in gold for document in ranked[:depth])


def ndcg(ranked: Sequence[str], gold: Sequence[str], depth: int = 10) -> float:
    """How high the entries that answer stand, against the best order (K. Järvelin, J. Kekäläinen 2002)."""
    gain = sum(1 / math.log2(place + 2) for place, document in enumerate(ranked[:depth]) if document in gold)
    return gain / sum(1 / math.log2(place + 2) for place in range(min(len(gold), depth)))


def alone(part: str, weights: Weights = WEIGHTS) -> Weights:
    """Weights under which one part of the hybrid ranks by itself, its views in their own proportions."""
    silent: dict[str, Any] = {view: (0.0, 0.0) for view in _VIEWS if view not in _ALONE[part]}
    return replace(weights, **silent)


def ways(search: Search) -> dict[str, Search]:
    """The hybrid, and where it has vectors each of its parts."""
    found = {"hybrid": search}
    if search.index.vectors is not None:
        found |= {part: Search(search.index, search.valid_days, weights=alone(part)) for part in _ALONE}
    return found


def suite_cases() -> list[Case]:
    """The hand-labelled questions, development and held."""
    return [case for part in PARTS for case in asked(search_cases(part), part)]


def asked(questions: Iterable[SearchCase], split: Split) -> list[Case]:
    """Questions as cases of the suite."""
    made = [Case("search", hashed(split, q.query, [t.text for t in q.history]), split, q, _group(q)) for q in questions]
    return numbered(made)


def _group(question: SearchCase) -> str:
    return STRANGERS if question.batch.startswith(STRANGERS) else question.slice


def asker(app: App) -> Ask:
    """A question to the hybrid and to each of its parts."""
    if not isinstance(app.search, Search):
        raise InputError("the suite `search` measures the bundled search; this one is another")
    searches = ways(app.search)

    def ask(case: Case) -> Row:
        question: SearchCase = case.body
        on = None if case.split == "own" else ON
        found = {way: score(search, question, on) for way, search in searches.items()}
        ours = found["hybrid"]
        outcome = {"gold": len(question.gold), "ways": {way: s.as_json() for way, s in found.items()}}
        shown = {
            "question": question.query,
            "wanted": ",".join(question.gold) or "-",
            "found": ours.found,
            "first": ",".join(ours.ranked[:5]),
        }
        return case.row(outcome, ours.good, ours.ms, shown)

    return ask


def measures(rows: Sequence[Row]) -> list[Measure]:
    """Recall, nDCG and the judgement, by slice; the hybrid beside its parts, differences paired."""
    strange = [r for r in rows if r.group == STRANGERS]
    known = [r for r in rows if r.group != STRANGERS]
    parts = [(part, [r for r in known if r.split == part]) for part in (*PARTS, "own")]
    return [m for part, mine in (*parts, (STRANGERS, strange)) for m in _part(part, mine)]


def _part(part: str, rows: Sequence[Row]) -> list[Measure]:
    name = "" if part == "own" else f"{part}_"
    found = quality(name, "", rows)
    yes = [r for r in rows if r.outcome["gold"]]
    for group in sorted({r.group for r in yes} - {STRANGERS}):
        found += quality(name, f"_{group}", [r for r in rows if r.group == group])
    for size in sorted({r.outcome["gold"] for r in yes}):
        found += _ndcg(name, f"_with_{size}_answers", [r for r in yes if r.outcome["gold"] == size])
    for way in sorted({way for r in rows for way in r.outcome["ways"]} - {"hybrid"}):
        found += [*_recall(name, f"_{way}_alone", yes, way), *_ndcg(name, f"_{way}_alone", yes, way)]
        found += _differences(name, way, yes)
    return found + slowest("search", f"{name}p95_ms", {r.case: r.ms for r in rows})


def quality(part: str, which: str, rows: Sequence[Row]) -> list[Measure]:
    """The four figures of some questions, without those that none of them can give."""
    yes, no = [r for r in rows if r.outcome["gold"]], [r for r in rows if not r.outcome["gold"]]
    return [
        *_recall(part, which, yes),
        *_ndcg(part, which, yes),
        *share("search", f"{part}found_when_answerable{which}", {r.case: _of(r)["found"] for r in yes}),
        *share("search", f"{part}not_found_when_not{which}", {r.case: not _of(r)["found"] for r in no}),
    ]


def _of(row: Row, way: str = "hybrid") -> Mapping[str, Any]:
    found: Mapping[str, Any] = row.outcome["ways"][way]
    return found


def _recall(part: str, which: str, rows: Iterable[Row], way: str = "hybrid") -> list[Measure]:
    return share("search", f"{part}recall@5{which}", {r.case: _of(r, way)["recall"] for r in rows})


def _ndcg(part: str, which: str, rows: Iterable[Row], way: str = "hybrid") -> list[Measure]:
    return mean("search", f"{part}ndcg@10{which}", {r.case: _of(r, way)["ndcg"] for r in rows})


def _differences(part: str, way: str, rows: Sequence[Row]) -> list[Measure]:
    """What the hybrid has over one of its parts, question by question: over all, and of nDCG in every slice."""
    found = [
        *_over(f"{part}recall@5_over_{way}", way, rows, "recall"),
        *_over(f"{part}ndcg@10_over_{way}", way, rows, "ndcg"),
    ]
    for name in sorted({r.group for r in rows}):
        found += _over(f"{part}ndcg@10_over_{way}_{name}", way, [r for r in rows if r.group == name], "ndcg")
    return found


def _over(name: str, way: str, rows: Sequence[Row], what: str) -> list[Measure]:
    return mean("search", name, {r.case: float(_of(r)[what]) - float(_of(r, way)[what]) for r in rows})
