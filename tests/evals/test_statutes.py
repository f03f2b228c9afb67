"""The papers made for load are built like statutes: the product cuts them by article."""

from __future__ import annotations

import random

import pytest

from evals.statutes import LONGEST, numeral, statute, titles, write
from knowledge_base.ingest.cut import cut, title_of
from knowledge_base.ingest.intake import is_rule
from knowledge_base.ingest.plain import read_text


@pytest.mark.parametrize(
    ("number", "written"),
    [(8, "八"), (10, "十"), (19, "十九"), (21, "二十一"), (105, "一百零五"), (110, "一百一十"), (2003, "二千零三")],
)
def test_numbers_are_written_as_statutes_do(number, written):
    assert numeral(number) == written


def test_a_paper_is_cut_by_article(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(statute("澜江市消防设施条例", 20_000, random.Random(1)), encoding="utf-8")
    paper = read_text(path)
    title = title_of(paper, "a")
    pieces = cut(paper, title)
    assert (title, is_rule(paper.text)) == ("澜江市消防设施条例", True)
    assert any(p.title.endswith("第十二条") and "第二章" in p.title for p in pieces)


def test_files_are_told_apart_and_none_is_too_long(tmp_path):
    total = write(tmp_path, 40)
    sizes = [p.stat().st_size for p in tmp_path.iterdir()]
    assert len(sizes) == 40
    assert sum(sizes) == total
    assert max(sizes) < 1.02 * LONGEST
    assert len(set(titles())) == len(titles()) > 3_000
