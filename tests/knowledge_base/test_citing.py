"""Papers called by their titles and articles by number."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from copilot.settings import KnowledgeSettings, Settings
from copilot.types import Kind, Turn
from knowledge_base.citing import Citations, Cited, article_keys, names_of
from knowledge_base.document import Document, Piece
from knowledge_base.library import ContentLibrary
from knowledge_base.rows import units_of
from knowledge_base.search import Search, open_search

LAW, CITY, BOOK, FAQ = "law.txt", "city.txt", "book.pdf", "Q-1"


def paper(identity: str, title: str, articles: Sequence[str], kind: Kind = "compliance") -> Document:
    pieces = tuple(Piece(title, i, i + 1, article=a) for i, a in enumerate(articles))
    return Document(identity, kind, title, "文" * (len(articles) + 1), pieces=pieces, cited_as=(title,))


@pytest.fixture(scope="module")
def citations() -> Citations:
    return Citations(
        units_of(
            (
                paper(LAW, "中华人民共和国证券法（2019修订）", ("第一条", "第八十五条", "第八十五条", "第十二条之一")),
                paper(CITY, "澜江市证券信息披露管理办法", ("第一条", "第二条")),
                paper(BOOK, "云帆一号产品说明书", ("",), "document"),
                Document(FAQ, "faq", "证券法是什么", "答", pieces=(Piece("问", 0, 1),)),
            )
        )
    )


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("第八十五条", ("85",)),
        ("第８５条、第一百零三条", ("85", "103")),
        ("第十二条之一", ("12-1",)),
        ("第二十五条第十一项", ("25",)),
        ("证券法85条", ("85",)),
        ("有三条原因，共85条", ()),
        ("第条", ()),
    ],
)
def test_articles_are_read_in_one_form(text, keys):
    assert article_keys(text) == keys


def test_a_title_is_known_as_it_is_said():
    assert list(names_of("中华人民共和国证券法（2019修订）", True)) == ["中华人民共和国证券法", "证券法"]
    assert "规范资产管理业务的指导意见" in names_of("关于规范资产管理业务的指导意见（银发〔2018〕106号）", True)
    assert list(names_of("公告", True)) == []
    assert list(names_of("云帆一号", False)) == []


@pytest.mark.parametrize(
    ("query", "documents", "units"),
    [
        ("证券法第八十五条", {LAW}, (1, 2)),
        ("请问《证券法》第 85 条怎么说", {LAW}, (1, 2)),
        ("證券法85條", {LAW}, (1, 2)),
        ("中华人民共和国证券法第十二条之一", {LAW}, (3,)),
        ("澜江市证券信息披露管理办法第二条", {CITY}, (5,)),
        ("根据信息披露办法第二条", {CITY}, (5,)),
        ("证券法第一条和第八十五条", {LAW}, (0, 1, 2)),
        ("云帆一号产品说明书里写了什么", {BOOK}, ()),
        ("证券法讲什么", {LAW}, ()),
        ("理财怎么赎回", set(), ()),
    ],
)
def test_what_is_cited_is_found(citations, query, documents, units):
    found = citations.find(query)
    assert (found.documents, found.units, found.missing) == (documents, units, False)


@pytest.mark.parametrize("query", ["证券法第三百条", "民法典第八条", "森林防火条例第二条怎么规定", "信托法5条"])
def test_an_article_that_is_not_here_is_missing(citations, query):
    assert citations.find(query).missing


@pytest.mark.parametrize("query", ["第八条讲什么", "本办法第九条", "云帆一号产品说明书第三条", "给我三条建议"])
def test_what_cannot_be_told_is_not_called_missing(citations, query):
    assert not citations.find(query).missing


def test_an_article_alone_is_of_the_paper_named_last(citations):
    talk = (Turn("customer", "证券法第一条讲什么"), Turn("advisor", "讲立法目的"))
    assert citations.find("那第八十五条呢", talk).units == (1, 2)
    assert citations.find("那第八十五条呢").units == ()


def test_a_name_of_too_many_papers_says_nothing():
    many = Citations(units_of(tuple(paper(f"{i}.txt", "证券法", ("第一条",)) for i in range(40))))
    assert many.find("证券法第一条").documents == frozenset()


def test_nothing_to_cite():
    assert Citations(()).find("证券法第一条") == Cited()


@pytest.fixture(scope="module")
def with_rules(tmp_path_factory: pytest.TempPathFactory, library: ContentLibrary) -> Search:
    nowhere = tmp_path_factory.mktemp("none") / "embedder"
    return open_search(
        Settings(data=tmp_path_factory.mktemp("var"), knowledge=KnowledgeSettings(embedder=nowhere)), library
    )


def test_search_puts_the_article_first_and_says_when_it_is_not_there(with_rules: Search):
    entry = next(e for e in with_rules.library.content.compliance if e.article and "、" not in e.regulation)
    found = with_rules(f"{entry.regulation}{entry.article}")
    first = with_rules.library.content.compliance
    told = {
        e.id
        for e in first
        if e.regulation == entry.regulation and set(article_keys(e.article)) & set(article_keys(entry.article))
    }
    assert found.found
    assert found.passages[0].document in told
    assert not with_rules(f"{entry.regulation}第九百九十九条").found
    assert not with_rules("中华人民共和国海商法第八条").found


def test_an_article_no_paper_can_have_is_none():
    assert article_keys(f"第{'9' * 400}条") == ()
