"""Readers and the cutter: every passage a span of its paper, in the paper's own order, on its page."""

from __future__ import annotations

import itertools
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.errors import InputError
from knowledge_base.chunk import LONGEST
from knowledge_base.ingest.blocks import Paper
from knowledge_base.ingest.cut import Cut, cut, title_of
from knowledge_base.ingest.marks import article_of, heading_level
from knowledge_base.ingest.read import READERS, read_paper
from tests.knowledge_base.ingest import papers


def passages(path: Path) -> list[tuple[str, str, int | None]]:
    paper = read_paper(path)
    title = title_of(paper, path.stem)
    return [(c.title, paper.text[c.start : c.end], c.page) for c in cut(paper, title)]


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("# 保管箱 ##", "保管箱"),
        ("## 保管箱 # 二 #\t", "保管箱 # 二"),
        ("#   保管箱", "保管箱"),
        ("# C#语言", "C#语言"),
    ],
)
def test_a_heading_is_what_stands_between_its_marks(tmp_path, line, said):
    paper = read_paper(write(tmp_path, "a.md", f"{line}\n\n按尺寸收费。\n"))
    assert [paper.text[b.start : b.end] for b in paper.blocks if b.kind == "heading"] == [said]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("lines.txt", "甲乙丙\n" * 200_000),
        ("heading.md", "# " + " #" * 200_000 + "x"),
        ("blanks.md", "# 甲" + " " * 400_000 + "乙"),
        ("rule.md", "甲|乙\n--" + " " * 400_000 + "x\n"),
    ],
)
def test_a_paper_that_never_ends_a_sentence_is_read(tmp_path, name, text):
    """Read again from the start of the paragraph at each line, or tried again from each blank, each of these took hours."""
    assert read_paper(write(tmp_path, name, text)).blocks


def test_a_statute_is_cut_by_article_under_its_chapter(tmp_path):
    found = passages(write(tmp_path, "规定.txt", papers.STATUTE))
    assert [title.split(" · ")[1:] for title, _, _ in found] == [
        ["第一章 总则", "第一条"],
        ["第一章 总则", "第二条"],
        ["第一章 总则", "第二条之一"],
        ["第二章 附则", "第三条"],
    ]
    assert all(title.startswith("示例证券管理规定") for title, _, _ in found)


def test_plain_text_spans_are_spans_of_the_file(tmp_path):
    path = write(tmp_path, "规定.txt", papers.STATUTE)
    paper = read_paper(path)
    assert paper.text == path.read_text(encoding="utf-8")


def test_markdown_keeps_headings_lists_and_table_rows_with_their_header(tmp_path):
    text = "# 活动说明\n\n## 对象\n\n- 新客户\n- 老客户\n\n| 等级 | 礼遇 |\n|---|---|\n| 金卡 | 停车 |\n\n```\n# 不是标题\n```\n结束另行公布。\n"
    found = passages(write(tmp_path, "a.md", text))
    assert ("活动说明 · 对象", "- 新客户\n- 老客户", None) in found
    assert ("活动说明 · 对象 · 等级｜礼遇", "| 金卡 | 停车 |", None) in found
    assert not any("不是标题" in title for title, _, _ in found)


def test_a_pdf_gives_pages_joined_lines_table_rows_and_no_running_heads(tmp_path):
    found = passages(papers.pdf(tmp_path / "p.pdf"))
    texts = [text for _, text, _ in found]
    assert not any("第 1 页" in t or t == "澜江银行说明书" for t in texts)
    assert any(t.count("本产品为固定收益类") == 3 and "\n" not in t for t in texts)
    assert ("稳健一年定开说明书 · 一、产品要素", "费用：管理费；费率：0.20%/年", 1) in found
    assert ("稳健一年定开说明书 · 三、信息披露", "管理人在每个开放日后两个工作日内公布净值。", 3) in found


def test_a_word_file_gives_headings_articles_and_tables(tmp_path):
    found = passages(papers.word(tmp_path / "w.docx"))
    assert found[0] == ("大额存单业务管理办法 · 第一章 总则 · 第一条", "第一条 为规范大额存单业务，制定本办法。", None)
    assert found[-1][1] == "期限：三年；付息：到期"


def test_a_workbook_gives_questions_with_answers_and_rows_with_their_row_number(tmp_path):
    paper = read_paper(papers.workbook(tmp_path / "b.xlsx"))
    cuts = cut(paper, "b")
    assert cuts[0].title == "网点能换美元现金吗"
    assert cuts[0].cues == ("网点能换美元现金吗",)
    assert cuts[0].page == 2
    assert [paper.text[c.start : c.end] for c in cuts[1:]] == ["网点：城东；额度：500000", "网点：城西；额度：0.5"]


def test_a_page_gives_what_a_person_sees(tmp_path):
    found = passages(papers.page(tmp_path / "p.html"))
    whole = "\n".join(text for _, text, _ in found)
    assert "没有限制" not in whole
    assert "稳赚" not in whole
    assert "隐藏" not in whole
    assert "首页" not in whole
    assert "按尺寸收费，一年一租。" in whole
    assert found[-1][1] == "尺寸：小；年费：300元"


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("a.pdf", b"%PDF-1.4 nonsense", "broken"),
        ("a.docx", b"PK\x03\x04 nonsense", "broken"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "password"),
        ("a.doc", b"\xd0\xcf\x11\xe0", "save it as .docx"),
        ("a.exe", b"MZ", "not read"),
        ("a.txt", b"\xff\x00\x81\x00", "UTF-8"),
        ("a.txt", b" \n ", "no text"),
        ("a.html", b"", "empty"),
        ("a.csv", b"", "no text"),
    ],
)
def test_what_cannot_be_read_says_so_in_one_line(tmp_path, name, content, match):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=match) as raised:
        read_paper(path)
    assert "\n" not in str(raised.value)


def test_locked_drawn_and_macro_files_are_refused(tmp_path):
    with pytest.raises(InputError, match="password"):
        read_paper(papers.pdf(tmp_path / "locked.pdf", locked=True))
    with pytest.raises(InputError, match="only pictures"):
        read_paper(papers.pdf(tmp_path / "drawn.pdf", drawn=True))
    path = papers.word(tmp_path / "m.docx")
    with zipfile.ZipFile(path, "a") as packed:
        packed.writestr("word/vbaProject.bin", b"x")
    with pytest.raises(InputError, match="macros"):
        read_paper(path)


def test_a_bomb_is_not_opened(tmp_path):
    path = tmp_path / "bomb.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for number in range(5):
            packed.writestr(f"{number}.xml", b"\0" * 90_000_000)
    with pytest.raises(InputError, match="unpacks"):
        read_paper(path)


@pytest.mark.parametrize("text", ["一二三" * 300, "第一条 " + "很长的一条，" * 200 + "。", "没有标点" * 500])
def test_no_passage_is_longer_than_a_passage_may_be(tmp_path, text):
    found = passages(write(tmp_path, "a.txt", text))
    assert all(len(t) <= LONGEST for _, t, _ in found)
    assert "".join(t for _, t, _ in found).replace(" ", "") == text.replace(" ", "")


def kept(paper: Paper, cuts: tuple[Cut, ...]) -> None:
    assert all(0 <= c.start < c.end <= len(paper.text) for c in cuts)
    assert all(a.end <= b.start for a, b in itertools.pairwise(cuts))
    assert all(paper.text[c.start : c.end].strip() == paper.text[c.start : c.end] for c in cuts)


LINES = st.lists(
    st.one_of(
        st.text(max_size=60),
        st.sampled_from(
            [
                "第一条 总则",
                "第二章 附则",
                "# 标题",
                "| a | b |",
                "|---|---|",
                "一、费用",
                "```",
                "",
                "（一）范围",
                "- 项",
            ]
        ),
    ),
    max_size=25,
)


@settings(max_examples=150, deadline=None)
@given(LINES, st.sampled_from([".txt", ".md"]))
def test_any_text_gives_spans_in_order_and_loses_no_word(tmp_path_factory, lines, ending):
    path = tmp_path_factory.mktemp("any") / f"any{ending}"
    path.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    try:
        paper = read_paper(path)
    except InputError:
        return
    cuts = cut(paper, "any")
    kept(paper, cuts)
    for block in paper.blocks:
        if block.kind == "text":
            inside = "".join(paper.text[max(c.start, block.start) : min(c.end, block.end)] for c in cuts)
            assert "".join(inside.split()) == "".join(paper.text[block.start : block.end].split())


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(READERS)), st.binary(max_size=400))
def test_no_bytes_are_a_crash(tmp_path_factory, ending, content):
    path = tmp_path_factory.mktemp("bytes") / f"any{ending}"
    path.write_bytes(content)
    try:
        paper = read_paper(path)
    except InputError:
        return
    kept(paper, cut(paper, "any"))


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("第三章 销售管理", 2),
        ("第二节　附则", 3),
        ("一、产品要素", 4),
        ("（二）风险等级", 5),
        ("1.2 费用说明", 6),
        ("一、本产品不保证本金，投资者可能亏损。", 0),
        ("2026年11月22日", 0),
        ("普通的一句话", 0),
    ],
)
def test_headings_by_their_words(line, level):
    assert heading_level(line) == level


@pytest.mark.parametrize(
    ("line", "article"),
    [
        ("第十二条 内容", "第十二条"),
        ("第12条：内容", "第12条"),
        ("第二条之一 x", "第二条之一"),
        ("依照第三条", ""),
        ("第一章", ""),
    ],
)
def test_articles(line, article):
    assert article_of(line) == article
