from __future__ import annotations

import io

import pdfplumber

from copilot.records.pdf import as_pdf


def pages(lines):
    with pdfplumber.open(io.BytesIO(as_pdf(lines, "证据包"))) as document:
        return [page.extract_text() for page in document.pages], document.metadata


def test_chinese_and_english_are_read_back():
    (page,), metadata = pages(["王姐，理财不保本。", "Released (no. 7) 100%"])
    assert "王姐，理财不保本。" in page
    assert "Released (no. 7) 100%" in page
    assert metadata["Title"] == "证据包"


def test_long_lines_are_broken_and_nothing_of_them_is_lost():
    line = "理财不是存款，产品有风险，投资须谨慎。" * 30
    (page,), _ = pages([line])
    assert "".join(page.split("\n")[:-1]) == line
    assert max(len(row) for row in page.split("\n")) <= 46


def test_many_lines_take_many_pages_each_with_its_number():
    found, _ = pages([f"第{n}行" for n in range(100)])
    assert [page.split("\n")[-1] for page in found] == ["1/3", "2/3", "3/3"]
    assert "第99行" in found[2]


def test_what_the_font_has_not_is_a_square_and_breaks_nothing():
    (page,), _ = pages(["好的😊\x00\ud800完"])
    assert "好的□" in page
    assert "完" in page


def test_the_same_lines_give_the_same_bytes():
    assert as_pdf(["一"], "t") == as_pdf(["一"], "t") != as_pdf(["二"], "t")
