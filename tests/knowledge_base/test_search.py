from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from copilot.types import Customer, Holding, Retrieve, SearchResult, Turn
from knowledge_base.search import Search

ON = date(2026, 11, 22)
C1 = Customer("王姐", "C1", date(2026, 3, 2))
C2 = Customer("李叔", "C2", date(2026, 3, 2))
EXPIRED = Customer("赵姨", "C3", date(2025, 3, 2))


def notes(result: SearchResult) -> dict[str, str]:
    return {p.product: p.note for p in result.passages if p.product}


def test_answers_the_protocol(search: Search) -> None:
    retrieve: Retrieve = search
    result = retrieve("理财赎回以后几天到账", on=ON)
    assert result.found
    assert "Q-006" in [p.document for p in result.passages[:2]]


def test_passages_are_exact_spans_best_first(search: Search) -> None:
    result = search("稳健半年的费用", top_k=10, on=ON)
    assert len(result.passages) == 10
    scores = [p.score for p in result.passages]
    assert scores == sorted(scores, reverse=True)
    for p in result.passages:
        assert p.text == search.library.text(p.document)[p.start : p.end]
        assert 0 <= p.score <= 1


def test_top_k(search: Search) -> None:
    assert len(search("赎回", top_k=3, on=ON).passages) == 3


def test_a_wording_finds_its_question(search: Search) -> None:
    entry = next(f for f in search.library.content.faq if f.id == "Q-022")
    found = search(entry.variants[0], on=ON).passages[0]
    assert found.document == "Q-022"
    assert entry.variants[0] not in found.text


@pytest.mark.parametrize("kind", ["product", "faq", "compliance", "script", "market", "calendar"])
def test_kind(search: Search, kind: str) -> None:
    passages = search("元旦放假理财利率收益怎么样", kind=kind, on=ON).passages  # type: ignore[arg-type]
    assert passages
    assert {p.kind for p in passages} == {kind}


def test_scripts_only_when_asked_for(search: Search) -> None:
    text = search.library.scripts("complaint")[0].text
    assert all(p.kind != "script" for p in search(text, top_k=20, on=ON).passages)
    assert search(text, kind="script", on=ON).passages[0].kind == "script"


def test_a_product_named_is_lifted(search: Search) -> None:
    assert search("月月澜什么时候能赎回", on=ON).passages[0].product == "LJ-W-005"


def test_that_one_is_the_last_named(search: Search) -> None:
    history = (Turn("customer", "日日澜和季季澜都有吗"), Turn("advisor", "都有，季季澜最短持有90天"))
    assert search("那个费用多少", history=history, on=ON).passages[0].product == "LJ-W-006"


def test_hers_when_she_says_mine(search: Search) -> None:
    customer = Customer("王姐", "C2", date(2026, 3, 2), holdings=(Holding("澜安一年", "LJ-W-002"),))
    question = "我那笔什么时候到期"
    assert "LJ-W-002" in {p.product for p in search(question, customer=customer, on=ON).passages[:3]}
    assert "LJ-W-002" not in {p.product for p in search(question, on=ON).passages}


def test_above_her_level_only_when_held_or_named(search: Search) -> None:
    query = "股票型 权益类 开放净值"
    assert "LJ-W-010" in notes(search(query, kind="product", top_k=20, on=ON))
    assert "LJ-W-010" not in notes(search(query, kind="product", top_k=20, on=ON, customer=C2))
    held = Customer("孙哥", "C2", date(2026, 3, 2), holdings=(Holding("启程权益", "LJ-W-010"),))
    assert notes(search(query, kind="product", top_k=20, on=ON, customer=held))["LJ-W-010"] == "held"
    assert notes(search("启程权益净值多少", on=ON, customer=C2))["LJ-W-010"] == "named"


@pytest.mark.parametrize(
    "customer", [EXPIRED, Customer("钱哥"), Customer("周姐", "C3")], ids=["expired", "none", "undated"]
)
def test_without_an_assessment_only_deposits_and_bonds(search: Search, customer: Customer) -> None:
    found = notes(search("半年 一年 理财 存款 产品", kind="product", top_k=30, on=ON, customer=customer))
    assert found
    assert all(i.startswith(("LJ-D", "LJ-T")) for i in found)


def test_c1_sees_r1_and_deposits(search: Search) -> None:
    found = notes(search("理财 产品 期限 风险", kind="product", top_k=50, on=ON, customer=C1))
    levels = {p.risk_level for i in found if (p := search.library.get(i))}
    assert levels <= {"R1", None}


def test_what_is_not_on_sale_only_when_named(search: Search) -> None:
    assert "LJ-W-012" not in notes(search("一百天 封闭 固收 理财", kind="product", top_k=50, on=ON))
    assert notes(search("安和百日到账了吗", on=ON))["LJ-W-012"] == "named"
    assert "LJ-W-001" in notes(search("半年 封闭 固收", kind="product", top_k=30, on=date(2026, 11, 28)))
    assert "LJ-W-001" not in notes(search("半年 封闭 固收", kind="product", top_k=50, on=date(2026, 11, 29)))


def test_what_is_not_yet_in_force_is_not_shown(search: Search) -> None:
    early = search("理财保本吗", top_k=20, on=date(2020, 1, 1)).passages
    assert all(p.kind not in ("faq", "product") or p.document == "bank" for p in early)


def test_a_replaced_document_is_superseded(searching: Callable[[Path], Search], content: Path) -> None:
    path = content / "products/LJ-W-004.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("sections:", "effective_to: 2026-11-01\nsections:", 1), encoding="utf-8")
    search = searching(content)
    assert "LJ-W-004" not in notes(search("最短持有7天", kind="product", top_k=50, on=ON))
    assert notes(search("周周澜怎么赎", on=ON))["LJ-W-004"] == "superseded"


def test_market_notes_are_marked(search: Search) -> None:
    passages = search("债券市场一周情况", kind="market", on=ON).passages
    assert passages[0].document == "M-002"
    assert {p.note for p in passages} == {"internal"}


@pytest.mark.parametrize(
    ("query", "document"),
    [("过年前哪天最后能买", "H-2027-02-05"), ("五一放几天", "H-2027-05-01"), ("放假哪几天休市", "H-2027-01-01")],
)
def test_holidays(search: Search, query: str, document: str) -> None:
    assert document in [p.document for p in search(query, on=ON).passages[:5]]
    assert all(p.document != "H-2026-10-01" for p in search(query, top_k=20, on=ON).passages)


@pytest.mark.parametrize(
    "query", ["谢谢啊", "好的，辛苦了", "早上好王经理", "😀", "[微笑]", "[玫瑰]谢谢", "。。。", ""]
)
def test_small_talk_is_no_question(search: Search, query: str) -> None:
    assert not search(query, on=ON).found


def test_the_same_question_gets_the_same_answer(search: Search) -> None:
    assert search("净值为什么跌", on=ON) == search("净值为什么跌", on=ON)


@pytest.mark.parametrize("query", ["𠮷" * 50, "a" * 3000, "\u200b\u202e", "{甲.期限}", "' OR 1=1 --", "理财" * 2000])
def test_odd_texts_are_survived(search: Search, query: str) -> None:
    search(query, on=ON)
