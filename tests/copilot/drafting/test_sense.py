"""A small model's draft speaks of this customer, not of those it learnt from."""

from __future__ import annotations

import pytest

from copilot.drafting.model import acceptable
from copilot.drafting.sense import fits
from copilot.types import DraftRequest, PlannedMove, Reference
from tests.copilot.fakes import said, understood

ANSWER = PlannedMove("answer", "")


def request(message: str, *names: str, intent: str = "liquidity_need", state: str = "calm") -> DraftRequest:
    references = tuple(Reference(n, "值", "d", 0, 1) for n in ("客户.称呼", *names))
    return DraftRequest(said(message), understood(intent, state), (), (ANSWER,), references, {}, {})


@pytest.mark.parametrize(
    ("message", "draft", "good"),
    [
        ("我要用钱", "{客户.称呼}，孩子学费要先留出来。", False),
        ("孩子交学费要用钱", "{客户.称呼}，孩子学费要先留出来。", True),
        ("那个分数年底作废吗", "{客户.称呼}，请报警并挂失。", False),
        ("卡里钱被骗走了", "{客户.称呼}，请报警并挂失。", True),
        ("利率多少", "{客户.称呼}，好比衣裳沾了个泥点。", False),
        ("利率多少", "{客户.称呼}，像摔了碗一样。", False),
        ("利率多少", "您担心的是收益、收益，还是收益？", False),
        ("利率多少", "{客户.称呼}，各期限都能查。", True),
    ],
)
def test_what_belongs_to_other_customers_is_refused(message, draft, good):
    assert fits(draft, request(message)) is good


def test_condolence_is_for_grief():
    assert not fits("{客户.称呼}，请节哀。", request("怎么取钱"))
    assert fits("{客户.称呼}，请节哀。", request("怎么取钱", state="grief"))


@pytest.mark.parametrize(
    ("draft", "good"),
    [
        ("起购是{甲.起购}。", True),
        ("起购是{甲.利率}。", False),
        ("金额是{客户.风险等级}。", False),
        ("利率是{甲.利率}，期限为{甲.期限}。", True),
        ("期限为{甲.费用}。", False),
    ],
)
def test_a_value_is_not_called_by_another_fields_name(draft, good):
    names = ("甲.起购", "甲.利率", "甲.期限", "甲.费用", "客户.风险等级")
    assert acceptable(draft, request("问一下", *names), ANSWER) is good
