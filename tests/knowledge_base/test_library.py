from __future__ import annotations

from datetime import date, datetime

import pytest

from copilot.types import INTENTS, Library
from knowledge_base.document import product_document
from knowledge_base.library import ContentLibrary, load_library, status_at
from tests.knowledge_base.conftest import CONTENT


def names(library: ContentLibrary, text: str) -> list[tuple[str, str]]:
    return [(p.id, text[a:b]) for p, a, b in library.named(text)]


def test_is_a_library(library: ContentLibrary) -> None:
    found: Library = library
    assert len(found.products()) >= 28
    assert found.get("LJ-W-001") is not None
    assert found.get("LJ-X-999") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我那笔稳健半年什么时候到期", [("LJ-W-001", "稳健半年")]),
        ("稳健半年5月期", [("LJ-W-011", "稳健半年5月期")]),
        ("稳建半年还有吗", [("LJ-W-001", "稳建半年")]),
        ("穩健半年", [("LJ-W-001", "穩健半年")]),
        ("澜安 一年怎么样", [("LJ-W-002", "澜安 一年")]),
        ("周周篮能赎吗", [("LJ-W-004", "周周篮")]),
        ("云雁平衡跌了", [("LJ-F-003", "云雁平衡")]),
        ("代码970316的基金", [("LJ-F-001", "970316")]),
        ("LJ-W-001", [("LJ-W-001", "LJ-W-001")]),
        ("日日澜和月月澜", [("LJ-W-007", "日日澜"), ("LJ-W-005", "月月澜")]),
        ("均衡这只跌了", [("LJ-W-009", "均衡")]),
        ("大盘指数那只", [("LJ-F-002", "大盘指数那只")]),
    ],
)
def test_named(library: ContentLibrary, text: str, expected: list[tuple[str, str]]) -> None:
    assert names(library, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "均衡一点配置",
        "启程去北京了",
        "恒远一年有吗",
        "身体健康最要紧",
        "卡号6222970316001",
        "现金流紧张",
        "一年两年都行",
        "个人养老金账户怎么开",
        "",
        "半年后再说",
    ],
)
def test_not_named(library: ContentLibrary, text: str) -> None:
    assert names(library, text) == []


@pytest.mark.parametrize(
    ("product", "moment", "status"),
    [
        ("LJ-W-001", datetime(2026, 11, 28, 16, 59), "on_sale"),
        ("LJ-W-001", datetime(2026, 11, 28, 17, 1), "closed"),
        ("LJ-W-001", datetime(2027, 6, 2), "matured"),
        ("LJ-W-001", datetime(2026, 11, 6), "upcoming"),
        ("LJ-W-011", datetime(2026, 11, 27), "closed"),
        ("LJ-W-011", datetime(2026, 11, 28), "matured"),
        ("LJ-W-007", datetime(2030, 1, 1), "on_sale"),
    ],
)
def test_status_follows_the_dates(library: ContentLibrary, product: str, moment: datetime, status: str) -> None:
    entry = next(p for p in library.content.products if p.id == product)
    assert status_at(entry, moment) == status


def test_an_overtaken_status_is_not_told() -> None:
    later = load_library(CONTENT, lambda: datetime(2026, 12, 24))
    product = later.get("LJ-W-001")
    assert product is not None
    assert product.status == "closed"
    assert {"状态", "截止"}.isdisjoint(f.field for f in product.facts)
    assert {"状态", "截止"}.isdisjoint(f.field for f in later.facts("LJ-W-001"))


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2026, 11, 22), ("元旦", "1月1日至1月3日", "12月31日15:30", "1月4日")),
        (date(2027, 1, 3), ("元旦", "1月1日至1月3日", "12月31日15:30", "1月4日")),
        (date(2027, 6, 1), ("端午", "6月9日", "6月8日15:30", "6月10日")),
    ],
)
def test_holiday(library: ContentLibrary, on: date, expected: tuple[str, ...]) -> None:
    facts = library.holiday(on)
    assert tuple(f.field for f in facts) == ("假期", "休市", "最后申购", "恢复")
    assert tuple(f.value for f in facts) == expected
    assert all(library.text(f.document)[f.start : f.end] == f.value for f in facts)


def test_no_holiday_is_invented(library: ContentLibrary) -> None:
    assert library.holiday(date(2031, 1, 1)) == ()


def test_scripts(library: ContentLibrary) -> None:
    scripts = library.scripts("complaint")
    assert scripts
    assert all(s.intent == "complaint" and "客户.称呼" not in s.needs for s in scripts)
    assert library.scripts("nothing") == ()


def test_products_carry_what_suitability_needs(library: ContentLibrary) -> None:
    product = library.get("LJ-W-001")
    assert product is not None
    assert (product.risk_level, product.term_days, product.status) == ("R2", 182, "on_sale")
    assert "理财非存款" in product.disclosure
    assert product.sale_to == datetime(2026, 11, 28, 17)


def test_a_holiday_that_is_named_is_looked_up_by_its_name(library):
    on = date(2026, 11, 22)
    assert library.holiday(on)[0].value == "元旦"
    assert library.holiday(on, ["春节"])[0].value == "春节"
    assert library.holiday(on, ["国庆"])[1].value == "10月1日至10月7日"
    assert library.holiday(on, ["儿童节"]) == ()


@pytest.mark.parametrize(
    ("product_id", "told"),
    [
        ("LJ-W-001", "澜江理财发行和管理，我行代销"),
        ("LJ-D-001", "澜江银行自己的产品，不是代销"),
        ("LJ-F-002", "衡岫基金管理，我行代销"),
    ],
)
def test_who_issues_a_product_is_a_fact_with_its_place(library: ContentLibrary, product_id: str, told: str) -> None:
    product = library.get(product_id)
    assert product is not None
    fact = next(f for f in product.facts if f.field == "发行")
    assert fact.value == told == library.text(product_id)[fact.start : fact.end]


def test_what_a_product_tells_of_its_issuer_stands(library: ContentLibrary) -> None:
    entry = next(e for e in library.content.products if e.id == "LJ-W-001")
    own = entry.model_copy(update={"facts": {**entry.facts, "发行": "由母行设立的理财公司发行"}})
    nobody = entry.model_copy(update={"issuer": ""})
    assert [f.value for f in product_document(own).facts if f.field == "发行"] == ["由母行设立的理财公司发行"]
    assert not [f for f in product_document(nobody).facts if f.field == "发行"]


def test_every_script_for_fields_tells_them(library: ContentLibrary) -> None:
    waiting = [s for intent in INTENTS for s in library.scripts(intent) if s.asks]
    assert len(waiting) > 100
    for script in waiting:
        assert script.move == "answer", script.id
        told = {f"甲.{field}" for field in script.asks}
        assert told & set(script.needs), script.id


def test_what_may_not_be_done_has_a_refusal_in_every_tone(library: ContentLibrary) -> None:
    for wish in ("borrowed", "on_credit"):
        refusals = [s for intent in INTENTS for s in library.scripts(intent) if s.when == wish]
        assert {s.tone for s in refusals} == {"warm", "brief", "formal"}
        assert {s.move for s in refusals} == {"decline"}
