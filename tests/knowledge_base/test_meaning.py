"""A question for the meaning of a word is answered by its glossary entry, and by nothing that only uses the word."""

from __future__ import annotations

import pytest

from knowledge_base.library import ContentLibrary
from knowledge_base.meaning import Terms
from knowledge_base.search import Search


@pytest.fixture(scope="module")
def terms(library: ContentLibrary) -> Terms:
    return Terms(library.content.glossary)


@pytest.mark.parametrize(
    ("question", "term"),
    [
        ("净值啥意思", "净值"),
        ("你刚说的那个净值是什么意思啊？", "净值"),
        ("什么叫摊余成本法", "摊余成本法"),
        ("業績比較基準到底是個啥", "业绩比较基准"),
        ("说明书上写的“业绩比较基准”是什么意思", "业绩比较基准"),
        ("单位净值是什么", "净值"),
        ("T+1是啥", "T+1"),
        ("久期咋理解", "久期"),
        ("问下万份收益什么意思 还有怎么买", "万份收益"),
    ],
)
def test_the_meaning_of_a_word(terms: Terms, library: ContentLibrary, question: str, term: str) -> None:
    names = {e.id: e.term for e in library.content.glossary}
    assert names[terms.find(question) or ""] == term


@pytest.mark.parametrize(
    "question",
    [
        "净值跌了是什么意思",
        "净值是什么时候公布",
        "封闭式净值型是什么意思",
        "净值现在是多少",
        "你这是什么意思",
        "净值低于1是啥情况",
        "",
    ],
)
def test_another_question_about_it(terms: Terms, question: str) -> None:
    assert terms.find(question) is None


def test_a_glossary_without_entries_hears_nothing() -> None:
    assert Terms(()).find("净值是什么") is None


def test_the_entry_stands_first_and_answers(search: Search) -> None:
    result = search("净值啥意思")
    assert result.found
    assert result.passages[0].title == "净值"
    assert len({p.id for p in result.passages}) == len(result.passages) == 6


def test_behind_an_entry_that_asks_the_same(search: Search) -> None:
    first, second = search("业绩比较基准是什么意思").passages[:2]
    assert (first.kind, second.kind) == ("faq", "glossary")


def test_another_kind_is_left_alone(search: Search) -> None:
    assert {p.kind for p in search("净值啥意思", kind="faq").passages} == {"faq"}
    assert search("净值啥意思", kind="glossary").passages[0].title == "净值"


def test_one_passage_is_one(search: Search) -> None:
    assert [p.title for p in search("净值啥意思", top_k=1).passages] == ["净值"]
