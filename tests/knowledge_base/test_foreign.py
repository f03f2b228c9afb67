"""Things a bank seldom speaks of speak against an answer, unless the passages speak of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from knowledge_base.foreign import Foreign, foreign
from knowledge_base.fuse import ANSWERS, Signs, confidence, measures
from knowledge_base.library import ContentLibrary

SIGNS = Signs(0.4, 0.3, 0.4, 0.6, 0.0, False, 0.1, 0.0, 5, 0.45, 0.4, 0.5, 0, False)


@pytest.mark.parametrize(
    ("question", "passages", "strange"),
    [
        ("火星上能存钱吗", ["活期存款随时存取"], 1),
        ("网点停车场收费吗", ["理财赎回以后到账"], 1),
        ("网点停车场收费吗", ["停车场凭回单免费两小时", "别的"], 0),
        ("火锅店旁边的高鐵站", [], 2),
        ("理财几天到账", [], 0),
    ],
)
def test_what_the_passages_do_not_speak_of_is_strange(question, passages, strange):
    assert foreign().strange(question, passages) == strange


def test_without_words_nothing_is_strange():
    assert Foreign(()).strange("火星", []) == 0


def test_strange_things_speak_against_an_answer_with_and_without_vectors():
    for signs in (SIGNS, replace(SIGNS, dense=None)):
        assert confidence(replace(signs, foreign=1)) < confidence(signs)
        assert confidence(replace(signs, foreign=9)) == confidence(replace(signs, foreign=2))


def test_a_paper_nobody_asked_for_yet_is_judged_by_its_own_text():
    assert confidence(replace(SIGNS, bare=True)) > confidence(SIGNS)
    assert len(measures(SIGNS)) == 14
    assert 0 < ANSWERS < 1


def test_most_questions_with_an_answer_name_nothing_strange(library: ContentLibrary):
    asked = library.content.asked
    yes = [bool(foreign().named(a.text)) for a in asked if a.gold]
    no = [bool(foreign().named(a.text)) for a in asked if not a.gold]
    assert sum(yes) / len(yes) < 0.08
    assert sum(no) / len(no) > 0.35  # a third of them are of the bank's own business, which names nothing strange
