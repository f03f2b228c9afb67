"""Questions customers asked: more ways to be found, checked line by line; and what tells that a question belongs elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from copilot.errors import ContentError, IndexMissing
from knowledge_base.asked import Asked, read_asked, with_asked
from knowledge_base.document import Document, Piece
from knowledge_base.library import ContentLibrary
from knowledge_base.scope import NO_SCOPE, fit_scope, load_scope, signs, thinned


def write(folder: Path, *lines: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "a.tsv").write_text("\n".join(("gold\tquestion", *lines)) + "\n", encoding="utf-8")
    return folder


def test_lines_are_read_with_their_order_of_answers(tmp_path):
    found = read_asked(write(tmp_path / "asked", "Q-1,Q-2\t在吗⏎问个事", "-\t今天下雨吗"), {"Q-1", "Q-2"})
    assert found == (Asked("在吗\n问个事", ("Q-1", "Q-2"), "a"), Asked("今天下雨吗", (), "a"))


@pytest.mark.parametrize(
    ("line", "match"),
    [
        ("Q-9\t问", "Q-9 is no document"),
        ("Q-1", "expected ids"),
        ("Q-1\t ", "expected ids"),
        ("Q-1\ta\tb", "expected ids"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, line, match):
    with pytest.raises(ContentError, match=rf"asked/a\.tsv:2.*{match}"):
        read_asked(write(tmp_path / "asked", line), {"Q-1"})


def test_a_file_without_its_header_is_refused(tmp_path):
    (tmp_path / "a.tsv").write_text("Q-1\t问\n", encoding="utf-8")
    with pytest.raises(ContentError, match="header"):
        read_asked(tmp_path)


def test_a_holiday_that_is_gone_from_the_calendar_is_no_error(tmp_path):
    assert read_asked(write(tmp_path / "asked", "H-2020-01-01\t元旦休不休"), {"Q-1"})


def test_the_best_answer_is_found_by_the_question_and_a_longer_paper_is_left_alone():
    one = Document("Q-1", "faq", "题", "题\n答", (), (Piece("题", 0, 3, ("题",)),))
    two = Document("LJ-1", "product", "品", "长文长文", (), (Piece("a", 0, 2), Piece("b", 2, 4)))
    asked = (
        Asked("咋整", ("Q-1", "LJ-1"), "a"),
        Asked("题", ("Q-1",), "a"),
        Asked("那个", ("LJ-1",), "a"),
        Asked("无", (), "a"),
    )
    first, second = with_asked((one, two), asked)
    assert first.pieces[0].cues == ("题", "咋整")
    assert second is two


def test_the_bundled_questions_name_documents_and_hold_both_sides(library: ContentLibrary):
    asked = library.content.asked
    assert sum(bool(a.gold) for a in asked) >= 5000
    assert sum(not a.gold for a in asked) >= 1000


INSIDE = [
    f"{what}{how}"
    for what in ("赎回", "理财", "存单", "基金", "保险", "转账", "利率", "到期")
    for how in "多久能到账呀吗呢啊的费用几时"
]
OUTSIDE = [
    f"{what}{how}"
    for what in ("天气", "番茄", "足球", "快递", "电影", "作业", "高铁", "感冒")
    for how in "怎么样呀吗呢啊的好看到哪里"
]


def test_the_scope_tells_what_belongs_elsewhere_and_survives_the_disk(tmp_path):
    scope = fit_scope(INSIDE, OUTSIDE)
    assert scope.odds("赎回几时到账") > 0 > scope.odds("天气好吗")
    scope.save(tmp_path / "scope.npz")
    assert load_scope(tmp_path / "scope.npz").odds("天气好吗") == scope.odds("天气好吗")
    assert scope.odds("！？") == 0.0
    assert list(signs("保本")) == list(signs("保 本！"))


def test_too_few_examples_say_nothing():
    assert fit_scope(INSIDE, OUTSIDE[:10]) is NO_SCOPE
    assert NO_SCOPE.odds("天气") == 0.0


@pytest.mark.parametrize("content", [b"", b"PK nonsense"])
def test_a_damaged_scope_asks_for_a_new_index(tmp_path, content):
    (tmp_path / "scope.npz").write_bytes(content)
    with pytest.raises(IndexMissing):
        load_scope(tmp_path / "scope.npz")


def test_papers_are_thinned_to_a_quarter_of_the_content():
    content, papers = [f"c{i}" for i in range(400)], [f"p{i}" for i in range(50_000)]
    kept = thinned(content, papers)
    assert kept[:400] == content
    assert 80 < len(kept[400:]) <= 100
    assert thinned(content, papers[:20]) == [*content, *papers[:20]]
