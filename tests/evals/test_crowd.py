"""Questions over made statutes, and how they are counted."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from copilot.errors import InputError
from copilot.types import Passage, SearchResult
from evals.cases import SearchCase
from evals.crowd import Question, questions, right, told
from evals.searching import Scored
from evals.statutes import statute, titles


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, rng = tmp_path_factory.mktemp("papers"), random.Random(2)
    for title in rng.sample(titles(), 8):
        (folder / f"{title}.txt").write_text(statute(title, 2_000, rng), encoding="utf-8")
    return folder


def test_each_question_is_answered_in_its_paper(papers: Path):
    asked = questions(papers, 8)
    assert asked == questions(papers, 8)
    assert len({q.document for q in asked}) == 8
    for number, question in enumerate(asked):
        text = (papers / question.document).read_text(encoding="utf-8")
        assert question.told in text
        assert question.document.removesuffix(".txt") in question.text
        assert ("条" in question.text.replace(question.document[:-4], "")) == (number % 2 == 0)


def test_too_few_papers_are_said(papers: Path):
    with pytest.raises(InputError, match="8 papers, 40 needed"):
        questions(papers)


def test_paper_passage_and_answer_are_counted_apart():
    def passage(document: str, text: str) -> Passage:
        return Passage("p", document, "compliance", "t", text, 0.5, 0, 1)

    said = {
        "a": SearchResult(True, (passage("a.txt", "第一条　届满，应当"),)),
        "b": SearchResult(True, (passage("c.txt", "第一条　届满，"), passage("b.txt", "第一条　届满，应当"))),
        "c": SearchResult(False, ()),
    }
    asked = [Question(name, f"{name}.txt", "第一条　届满") for name in said]
    assert right(said.__getitem__, asked) == (1, 2, 2)


def test_the_line_tells_refusals_and_papers_that_came_before():
    yes = SearchCase(batch="a", slice="colloquial", query="q", gold=("F-1",))
    no = SearchCase(batch="a", slice="nowhere", query="n", gold=())
    scored = [
        Scored(yes, True, True, 0.5, ("F-1", "x.txt"), 1.0),
        Scored(yes, False, False, 0.0, ("x.txt",), 2.0),
        Scored(no, False, None, None, (), 3.0),
    ]
    line = told("with", scored)
    assert "recall@5 0.500, nDCG@10 0.250, answerable refused 0.500 (n=2)" in line
    assert "not found when not 1.000 (n=1), papers among the first five 2" in line
