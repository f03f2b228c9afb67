"""Shares of a question's words that a row holds."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from knowledge_base.lexical import FIELDS, LexicalIndex, build_lexical, counted, load_lexical


@pytest.fixture
def lexical() -> LexicalIndex:
    rows = [["加班费", "计发", "计发"], ["计发"], []]
    return build_lexical({name: row for name in FIELDS} for row in rows)


def test_a_row_holds_a_word_or_not_however_often(lexical: LexicalIndex):
    assert lexical.rows == 3
    both = lexical.held("word", ["加班费", "计发", "计发"])
    assert both == pytest.approx(lexical.held("word", ["加班费", "计发"]))
    assert (both[0], both[2]) == pytest.approx((1, 0))
    assert 0 < both[1] < 0.5


def test_words_never_seen_weigh_most(lexical: LexicalIndex):
    assert lexical.held("word", ["加班费", "月亮"])[0] < 0.5
    assert lexical.held("word", []) == pytest.approx([0, 0, 0])


def some_rows(n: int) -> list[dict[str, list[str]]]:
    rng = random.Random(4)
    words = [f"词{i}" for i in range(60)]
    return [{name: rng.choices(words, k=rng.randint(0, 12)) for name in FIELDS} for _ in range(n)]


def everything(index: LexicalIndex, rows: list[dict[str, list[str]]]) -> np.ndarray:
    return np.array([view for row in rows for view in index.scores(row).values()])


def test_the_scores_are_those_of_bm25s():
    import bm25s

    rows = some_rows(200)
    ours = build_lexical(rows)
    for name in FIELDS:
        peer = bm25s.BM25(k1=1.2, b=0.6, method="lucene")
        peer.index([row[name] or [""] for row in rows], create_empty_token=True, show_progress=False)
        for row in (r for r in rows[:40] if r[name]):
            assert ours.views[name].get_scores(row[name]) == pytest.approx(peer.get_scores(row[name]), abs=1e-4)


def test_an_index_continued_is_the_one_made_anew(tmp_path: Path):
    rows = some_rows(100)
    build_lexical(rows[:70], keep=tmp_path)
    places = np.array([*range(20, 100), *range(0, 10), 5, 5])
    continued = build_lexical(rows[70:], counted(tmp_path), places, keep=tmp_path / "next")
    anew = build_lexical([rows[i] for i in places])
    for index in (continued, load_lexical(tmp_path / "next")):
        assert everything(index, rows) == pytest.approx(everything(anew, rows))
    assert continued.unknown("word", ["词1", "月亮"]) == pytest.approx(anew.unknown("word", ["词1", "月亮"]))
    assert set(continued.views["word"].vocab_dict) == set(anew.views["word"].vocab_dict)


def test_a_word_that_went_with_its_rows_is_unknown(tmp_path: Path):
    build_lexical(({name: row for name in FIELDS} for row in (["加班费"], ["计发"])), keep=tmp_path)
    left = build_lexical((), counted(tmp_path), np.array([1]))
    assert (left.unknown("word", ["加班费"]), left.unknown("word", ["计发"])) == (1, 0)


def test_the_content_scores_the_same_whatever_papers_lie_beside():
    rows = some_rows(90)
    alone, beside = build_lexical(rows[:40]), build_lexical(rows, papers=np.arange(90) >= 40)
    for row in rows[40:60]:
        for name in FIELDS:
            assert beside.scores(row)[name][:40] == pytest.approx(alone.scores(row)[name], abs=1e-5)
    assert beside.unknown("word", ["词1", "月亮"]) == pytest.approx(alone.unknown("word", ["词1", "月亮"]))


def test_what_only_papers_speak_of_is_unknown_to_the_content():
    rows = [{name: [word] for name in FIELDS} for word in ("计发", "渔业")]
    index = build_lexical(rows, papers=np.array([False, True]))
    assert index.unknown("word", ["渔业"]) == 1
    assert index.unknown("word", ["渔业"], paper=True) == 0
