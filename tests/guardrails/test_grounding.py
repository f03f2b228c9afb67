from datetime import datetime

import pytest

from copilot.types import Customer, GuardContext, Holding, Product, Source, Turn

SOURCE = Source(
    "澜江稳健:业绩比较基准2.6%—3.1%,期限182天,起购1万元,管理费0.20%,托管费0.02%,到期日2027年5月31日", product="a"
)
OTHER = Source("澜江成长:期限365天,起购5万元", product="b")
A = Product("a", "澜江稳健", "wealth", risk_level="R2")
B = Product("b", "澜江成长", "wealth", risk_level="R3")


def found(guard, text, **context):
    verdict = guard.check(text, GuardContext(**{"sources": (SOURCE, OTHER), "products": (A, B), **context}))
    return [f.quote for f in verdict.findings if f.check == "G05"]


@pytest.mark.parametrize(
    "text",
    [
        "澜江稳健期限182天,起购1万元",
        "澜江稳健期限半年",
        "澜江稳健管理费和托管费一共0.22%",
        "您的预约号是36号",
        "明天上午十点见",
        "走路五分钟就到",
    ],
)
def test_supported(guard, text):
    assert found(guard, text) == []


@pytest.mark.parametrize("text", ["澜江稳健期限90天", "澜江稳健起购3万元", "澜江稳健年化4.2%", "澜江稳健期限365天"])
def test_unsupported(guard, text):
    assert found(guard, text)


def test_her_own_figures_may_be_quoted(guard):
    history = (Turn("customer", "我有25万想放三个月"),)
    assert found(guard, "您那25万想放三个月的产品,我查查", history=history) == []
    customer = Customer(name="王", holdings=(Holding("澜江月月", amount=300000.0),))
    assert found(guard, "您30万到期的产品", customer=customer) == []


def test_without_records_it_says_so(guard):
    verdict = guard.check("这款年化3%", GuardContext())
    assert "G05" in verdict.not_checked
    assert all(f.check != "G05" for f in verdict.findings)


def test_a_day_of_the_records_is_of_the_messages_year(guard):
    yearless = Source("澜江稳健:本期募集截止12月3日", product="a")
    text = "澜江稳健募集截止2027年12月3日"
    assert found(guard, text, sources=(yearless,), at=datetime(2026, 11, 22))
    assert found(guard, text, sources=(yearless,), at=datetime(2027, 11, 22)) == []
