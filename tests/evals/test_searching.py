"""The search's suite: its measures are what they say, held questions stay unseen, and its figures do not fall (docs/knowledge.md)."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from copilot.errors import ContentError, InputError
from copilot.settings import KnowledgeSettings, Settings
from copilot.types import Passage, SearchResult
from copilot.wiring import App
from evals.cases import Part, SearchCase, search_cases
from evals.figures import mean
from evals.rows import Row
from evals.searching import ON, PARTS, alone, asked, asker, measures, ndcg, quality, recall, score, suite_cases
from knowledge_base.fuse import WEIGHTS, fuse
from knowledge_base.library import ContentLibrary, load_library
from knowledge_base.search import Search, open_search

FLOORS: dict[tuple[str, Part], tuple[float, float, float, float]] = {
    ("bundled", "development"): (0.93, 0.79, 0.95, 0.85),
    ("bundled", "heldout"): (0.94, 0.81, 0.95, 0.75),
    ("words", "development"): (0.88, 0.66, 0.90, 0.70),
}
"""recall@5, nDCG@10, answerable questions found, unanswerable ones not found."""
DOCUMENTS = ("A", "B", "A", "C")


@pytest.fixture(scope="module")
def library() -> ContentLibrary:
    return load_library(Settings().content_dir)


@pytest.fixture(scope="module", params=["bundled", "words"])
def searched(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, library: ContentLibrary) -> Any:
    folder = tmp_path_factory.mktemp(request.param)
    knowledge = {} if request.param == "bundled" else {"knowledge": KnowledgeSettings(embedder=folder / "none")}
    settings = Settings(data=folder, **knowledge)
    if request.param == "bundled" and not settings.embedder_dir.is_dir():
        pytest.skip("no bundled embedder")
    return request.param, open_search(settings, library)


@pytest.mark.parametrize("part", PARTS)
def test_quality_does_not_fall(searched: tuple[str, Search], part: Part) -> None:
    name, search = searched
    if (name, part) not in FLOORS:
        pytest.skip("no floor")
    ask = asker(cast(App, SimpleNamespace(search=search)))
    found = quality(part, "", [ask(case) for case in asked(search_cases(part), part)])
    for measure, floor in zip(found, FLOORS[name, part], strict=True):
        assert measure.value() >= floor, measure.name


def test_questions_are_all_there_and_name_known_documents(library: ContentLibrary) -> None:
    cases = {part: search_cases(part) for part in PARTS}
    assert {part: len(found) for part, found in cases.items()} == {"development": 450, "heldout": 754}
    assert not {c.query for c in cases["development"]} & {c.query for c in cases["heldout"]}
    assert not [d for found in cases.values() for c in found for d in c.gold if not library.text(d)]


@pytest.mark.parametrize("change", [{"slice": "sayings"}, {"gold": None}, {"extra": 1}, {"query": ""}])
def test_a_bad_question_is_named(tmp_path: Path, change: dict[str, object]) -> None:
    line = {"query": "几天到账", "gold": ["A"], "slice": "typo"} | change
    (tmp_path / "search_development_a.jsonl").write_text(json.dumps(line), encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        search_cases("development", tmp_path)
    assert "search_development_a.jsonl:1" in str(caught.value)


def test_a_missing_part_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="search_heldout"):
        search_cases("heldout", tmp_path)


def test_recall_looks_at_five_and_ndcg_at_the_order() -> None:
    assert recall("ABCDE", ["E"])
    assert not recall("ABCDEF", ["F"])
    assert ndcg("AB", ["A"]) == 1
    assert ndcg("BA", ["A"]) == pytest.approx(0.6309, abs=1e-4)
    assert ndcg("AXB", ["A", "B"]) == pytest.approx(1.5 / 1.6309, abs=1e-4)
    assert ndcg("XY", ["A"]) == 0


def asking(found: bool) -> Any:
    passages = tuple(Passage(d, d, "faq", "", "", 1.0, 0, 0) for d in DOCUMENTS)
    return lambda query, **_: SearchResult(found, passages)


@pytest.mark.parametrize(
    ("gold", "found", "wanted"),
    [(("B",), True, True), (("B",), False, False), (("Z",), True, False), ((), True, False), ((), False, True)],
)
def test_a_question_is_good_when_answered_and_told_so(gold: tuple[str, ...], found: bool, wanted: bool) -> None:
    case = SearchCase(batch="x", slice="typo", query="几天到账", gold=gold)
    scored = score(asking(found), case)
    assert scored.ranked == ("A", "B", "C")
    assert (scored.answerable, scored.good) == (bool(gold), wanted)


def test_figures_of_one_kind_alone_leave_the_others_out() -> None:
    came = {"gold": 0, "ways": {"hybrid": {"found": False, "recall": None, "ndcg": None, "ranked": []}}}
    (measure,) = quality("heldout_", "", [Row("search", "x", "heldout", "nowhere", came, True, 1.0)])
    figure = measure.figure()
    assert (figure.name, figure.value, figure.n) == ("heldout_not_found_when_not", 1.0, 1)


@pytest.mark.parametrize(("part", "silent"), [("words", ["dense"]), ("vectors", ["word", "gram", "sound"])])
def test_a_part_alone_keeps_its_own_weights(part: str, silent: list[str]) -> None:
    nothing: dict[str, Any] = dict.fromkeys(silent, (0.0, 0.0))
    assert alone(part) == dataclasses.replace(WEIGHTS, **nothing)


def test_views_that_weigh_nothing_say_nothing() -> None:
    views = {"word": (np.ones(2, dtype=np.float32), np.ones(2, dtype=np.float32))}
    assert not fuse(views, alone("vectors")).any()
    assert fuse(views, alone("words")) == pytest.approx(np.ones(2))


def test_a_mean_lies_in_its_interval_and_is_the_same_each_time() -> None:
    values = {str(i): (0.0, 0.5, 1.0)[i % 3] for i in range(60)}
    (measure,) = mean("search", "x", values)
    figure = measure.figure()
    assert figure.value == pytest.approx(0.5)
    assert 0.35 < (figure.low or 0) < 0.5 < (figure.high or 0) < 0.65
    assert figure == measure.figure()
    assert mean("search", "x", {}) == []


def test_the_suite_shows_development_questions_alone(searched: tuple[str, Search]) -> None:
    name, search = searched
    cases = [c for part in PARTS for c in [c for c in suite_cases() if c.split == part][::9]]
    ask = asker(cast(App, SimpleNamespace(search=search)))
    rows = [ask(case) for case in cases]
    assert all(bool(row.shown) is (row.split == "development") for row in rows)
    held = {case.body.query for case in cases if case.split == "heldout"}
    assert not [q for q in held if q in json.dumps([r.as_json() for r in rows], ensure_ascii=False)]
    value = {m.name: m.value() for m in measures(rows)}
    assert 0 < value["heldout_recall@5"] <= 1
    assert ("heldout_ndcg@10_words_alone" in value) is (name == "bundled")
    if name == "bundled":
        gained = value["heldout_ndcg@10"] - value["heldout_ndcg@10_words_alone"]
        assert value["heldout_ndcg@10_over_words"] == pytest.approx(gained)


def test_a_banks_own_question_is_asked_as_of_today() -> None:
    days: list[object] = []

    def search(query: str, **more: Any) -> SearchResult:
        days.append(more["on"])
        return SearchResult(True, ())

    case = SearchCase(batch="own", slice="message", query="几天到账", gold=())
    score(cast(Any, search), case)
    score(cast(Any, search), case, None)
    assert days == [ON, None]


def test_another_search_is_not_measured() -> None:
    with pytest.raises(InputError):
        asker(cast(App, SimpleNamespace(search=asking(True))))
