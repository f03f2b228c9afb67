"""A deposit's interest and last day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from copilot.drafting.reckoning import reckoned
from copilot.drafting.references import day, money
from copilot.types import Fact, Product

TODAY = date(2026, 11, 22)


def deposit(kind: str = "deposit", **facts: str) -> Product:
    told = {"类型": "整存整取定期存款", "期限": "1年", "利率": "年利率1.05%", "起存": "50元", **facts}
    return Product(
        "D", "一年定存", kind, facts=tuple(Fact(f, v, "D", 3, 3 + len(v), "D") for f, v in told.items())
    )  # fmt: skip


def worked(product: Product, principal: float | None = 500_000) -> dict[str, tuple[str, str]]:
    return {r.name: (r.value, r.working) for r in reckoned(product, principal, TODAY, money, day)}


def test_interest_and_last_day_with_their_working():
    assert worked(deposit()) == {
        "算.到期日": ("2027年11月22日", "2026-11-22 + 1年"),
        "算.利息": ("5250元", "50万元 × 年利率1.05% × 1年"),
    }


def test_months_are_parts_of_a_year():
    found = worked(deposit(期限="3个月", 利率="年利率0.75%"), 100_000)
    assert found["算.利息"][0] == "187.5元"
    assert found["算.到期日"][0] == "2027年2月22日"


def test_a_month_that_is_shorter_ends_on_its_last_day():
    (found,) = reckoned(deposit(期限="3个月"), None, date(2026, 11, 30), money, day)
    assert found.value == "2027年2月28日"


def test_it_is_cited_where_the_rate_stands():
    (found,) = (r for r in reckoned(deposit(), 1000, TODAY, money, day) if r.name == "算.利息")
    assert (found.document, found.start, found.end, found.product) == ("D", 3, 11, "D")


@pytest.mark.parametrize(
    "product",
    [
        deposit("wealth"),
        deposit("structured_deposit"),
        deposit(利率="年利率0.60%或1.45%，取决于汇率"),
        deposit(利率="票面年利率尚未公布"),
        deposit(期限="182天"),
        replace(deposit(), status="closed"),
        replace(deposit(), facts=()),
    ],
)
def test_nothing_where_the_return_is_not_fixed(product):
    assert worked(product) == {}


@pytest.mark.parametrize(
    "product",
    [deposit(起存="100万元"), deposit(类型="外币整存整取定期存款（美元）"), deposit(类型="少儿零存整取储蓄存款")],
)
def test_no_interest_of_a_sum_it_does_not_take(product):
    assert "算.利息" not in worked(product)


def test_no_interest_without_a_sum():
    assert list(worked(deposit(), None)) == ["算.到期日"]
    assert list(worked(deposit("treasury", 利率="票面年利率1.58%"), 10_000)) == ["算.利息"]
