"""The questions the judgement is fitted on name papers that are there, and the judgement's recipe reads them."""

from __future__ import annotations

from evals.cases import search_cases
from knowledge_base.asked import read_asked
from training.data import ASKED
from training.fit_judgement import JUDGING, papers


def test_every_answered_question_names_one_of_the_papers(tmp_path):
    shelved = {paper.id for paper in papers(tmp_path / "shelf").papers()}
    asked = read_asked(JUDGING, shelved)
    assert len(shelved) == 6
    assert {gold for a in asked for gold in a.gold} == shelved
    assert sum(bool(a.gold) for a in asked) >= 90
    assert sum(not a.gold for a in asked) >= 120


def test_none_of_them_stands_in_the_content_or_among_the_development_questions():
    written = {a.text for a in read_asked(JUDGING)}
    assert not written & {a.text for a in read_asked(ASKED)}
    assert not written & {case.query for case in search_cases("development")}
