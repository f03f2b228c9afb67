"""Rendering: natural Chinese, a citation for every figure, nothing left of an unknown reference."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.drafting.render import render
from copilot.types import Reference

REFS = [
    Reference("客户.称呼", "王姐", "card", 0, 0),
    Reference("甲.期限", "182天", "LJ-W-001", 10, 14, "LJ-W-001"),
    Reference(
        "甲.基准", "业绩比较基准年化2.05%—2.45%（不是预期收益率，也不是收益承诺）", "LJ-W-001", 20, 50, "LJ-W-001"
    ),
    Reference("问.答", "到期当天本金和收益会自动回到卡里。", "Q-001", 5, 22),
]


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{客户.称呼}，期限是{甲.期限}。", "王姐，期限是182天。"),
        ("{问.答}您看行吗？", "到期当天本金和收益会自动回到卡里。您看行吗？"),
        ("{问.答}。您看行吗？", "到期当天本金和收益会自动回到卡里。您看行吗？"),
        ("{客户.称呼}，{问.答}，放心。", "王姐，到期当天本金和收益会自动回到卡里。放心。"),
        ("业绩比较基准是{甲.基准}。", "业绩比较基准年化2.05%—2.45%（不是预期收益率，也不是收益承诺）。"),
        ("，{客户.称呼}。", "王姐。"),
        ("{甲.到账}，好的。", "好的。"),
    ],
)
def test_it_reads_as_a_person_would_write_it(template, text):
    assert render(template, REFS).text == text


def test_every_figure_is_cited_where_it_stands_in_its_document():
    rendered = render("{客户.称呼}，期限是{甲.期限}。", REFS)
    cited = {c.reference: (c.value, c.document, c.start, c.end) for c in rendered.citations}
    assert cited["甲.期限"] == ("182天", "LJ-W-001", 10, 14)


def test_an_unknown_reference_is_reported():
    assert render("{甲.净值}。", REFS).unknown == ("甲.净值",)


@given(st.text(max_size=120))
def test_it_never_fails_and_leaves_no_braced_name(template):
    rendered = render(template, REFS)
    assert "{甲." not in rendered.text


def test_without_a_name_an_interjection_stands_alone():
    nobody = (Reference("客户.称呼", "您", "card", 0, 0),)
    assert render("好的{客户.称呼}，我去问。", nobody).text == "好的，我去问。"
    assert render("请{客户.称呼}看一下。", nobody).text == "请您看一下。"
