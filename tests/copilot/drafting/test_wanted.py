"""What kind of product a message asks for, and what is chosen for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from copilot.drafting import gather
from copilot.drafting.form import hides_that_it_is_gone
from copilot.drafting.wanted import wanted_of
from copilot.types import DraftRequest, Entity, Fact, PlannedMove, Product, Turn
from tests.copilot.fakes import Library, said, understood

TODAY = date(2026, 11, 22)


def product(number: int, name: str, kind: str, described: str, days: int | None, status: str = "on_sale", **facts: str):
    told = {"名称": name, "类型": described, "状态": "在售" if status == "on_sale" else "已售罄", **facts}
    return Product(
        f"P-{number}", name, kind, status, term_days=days, document=f"P-{number}",
        facts=tuple(Fact(f, v, f"P-{number}", 0, len(v), f"P-{number}") for f, v in told.items()),
    )  # fmt: skip


YEAR = product(1, "一年定存", "deposit", "整存整取定期存款", 365, 期限="1年", 利率="年利率1.05%", 起存="50元")
THREE = product(2, "三年大额存单", "deposit", "个人大额存单", 1095, "closed", 期限="3年", 利率="年利率1.50%")
DOLLARS = product(3, "美元一年定存", "deposit", "外币整存整取定期存款（美元）", 365, 期限="1年", 利率="年利率2.30%")
CASH = product(4, "零钱澜", "cash", "现金管理类理财产品", None)
HALF = product(5, "稳健半年", "wealth", "固定收益类理财产品", 182)
MONTH = product(6, "月月澜", "wealth", "固定收益类理财产品", 30)
ALL = (HALF, YEAR, THREE, DOLLARS, CASH, MONTH)


class Shop(Library):
    """All of them, suitable for everyone."""

    def products(self):
        return ALL

    def get(self, product_id):
        return next((p for p in ALL if p.id == product_id), None)

    def facts(self, document):
        return ()


def term(days: float, text: str = "一年") -> Entity:
    return Entity("term", text, days, 0, len(text))


def amount(yuan: float, unit: str = "元") -> Entity:
    return Entity("amount", f"{yuan:.0f}", yuan, 0, 3, unit)


def gathered(message: str, intent: str, *entities: Entity):
    understanding = replace(understood(intent), entities=entities)
    return gather(said(message), understanding, (), Shop(), TODAY, lambda _product: True)


def values(found) -> dict[str, str]:
    return {r.name: r.value for r in found.references}


def test_what_money_shall_bring_is_not_her_sum():
    message = "十万块存一年，你写上利息两千一"
    own = Entity("amount", "十万块", 100_000.0, 0, 3, "元")
    brought = Entity("amount", "两千一", 2_100.0, message.index("两千一"), len(message), "元")
    found = values(gathered(message, "deposit_rate", own, brought))
    assert found["客户.金额"] == "10万元"
    alone = Entity("amount", "两千一", 2_100.0, 2, 5, "元")
    assert values(gathered("利息两千一够不够", "deposit_rate", alone))["客户.金额"] == "2100元"


def test_a_bribe_or_a_fine_is_no_sum_to_place():
    message = "给储户塞五百块钱的主任，你替我说两句"
    slipped = Entity("amount", "五百块钱", 500.0, message.index("五百"), message.index("的主任"), "元")
    assert "客户.金额" not in values(gathered(message, "other", slipped))
    both = "送了我两百块红包，我那十万怎么存"
    present = Entity("amount", "两百块", 200.0, both.index("两百"), both.index("红包"), "元")
    own = Entity("amount", "十万", 100_000.0, both.index("十万"), both.index("怎么"), "元")
    assert values(gathered(both, "deposit_rate", present, own))["客户.金额"] == "10万元"


@pytest.mark.parametrize(
    ("message", "entities", "fits"),
    [
        ("三年的大额存单还有吗", (term(1095, "三年"),), THREE),
        ("存一年定期多少利率", (term(365),), YEAR),
        ("美金存一年多少", (term(365),), DOLLARS),
        ("朝朝宝那种随时能取的你们有没有", (), CASH),
        ("要隨時可以取的", (), CASH),
        ("一个月的短期理财", (term(30, "一个月"),), MONTH),
        ("半年左右的理财", (term(182, "半年"),), HALF),
        ("我50万放一年到期能拿多少钱", (amount(500_000), term(365)), YEAR),
    ],
)
def test_kind_term_and_currency(message, entities, fits):
    wanted = wanted_of(message, (), entities)
    assert [p for p in ALL if wanted(p)][:1] == [fits]


@pytest.mark.parametrize("message", ["比存款高点就行", "不要保险", "今天天气不错", "别跟我讲基金", "基金会捐款"])
def test_what_she_compares_with_or_does_not_want_is_no_wish(message):
    assert wanted_of(message, (), ()).type == ""


def test_words_before_count_where_the_message_names_no_kind():
    history = (Turn("customer", "想存点定期"), Turn("advisor", "好的，放多久？"))
    wanted = wanted_of("一年", history, (term(365),))
    assert wanted(YEAR)
    assert not wanted(HALF)
    assert not wanted.names(YEAR)


@pytest.mark.parametrize(
    ("message", "asks"),
    [
        ("20万存一年利息多少", True),
        ("放一年能拿多少", True),
        ("到期给我几块钱利息", True),
        ("利息什么时候到", False),
        ("起购多少", False),
    ],
)
def test_asking_for_interest(message, asks):
    assert wanted_of(message, (), ()).interest is asks


def test_the_offer_is_of_the_kind_and_term_she_asks_for():
    found = gathered("想存一年定期", "deposit_rate", term(365))
    assert (found.products["甲"], found.roles["甲"], found.answers) == (YEAR, "offer", True)
    assert gathered("有没有随时能取的", "liquidity_need").products["甲"] == CASH


def test_what_is_no_longer_sold_is_told_and_never_offered():
    found = gathered("三年大额存单有吗", "deposit_rate", term(1095, "三年"))
    assert (found.products["甲"], found.roles["甲"]) == (THREE, "asked")
    assert values(found)["甲.不在售"] == "已售罄"
    assert not found.has_offer
    assert "甲.不在售" not in values(gathered("想存一年定期", "deposit_rate", term(365)))


def test_nothing_else_stands_in_for_a_kind_and_term_that_is_not_there():
    assert gathered("五年的国债有吗", "deposit_rate", term(1826, "五年")).products == {}


def test_one_that_she_does_not_name_is_not_guessed():
    assert gathered("你说的那个行吗", "product_inquiry").products == {}


def test_a_companys_money_is_offered_nothing_for_persons():
    assert gathered("公司账上的钱有没有随时能取的", "liquidity_need").products == {}


def test_a_certain_one_is_not_guessed_from_its_kind():
    assert gathered("上次说的那个理财能退吗", "liquidity_need").products == {}
    assert gathered("那种随时能取的有吗", "liquidity_need").products["甲"] == CASH


def test_what_is_for_some_people_is_for_those_who_ask():
    child = product(7, "苗苗成长存", "deposit", "少儿零存整取储蓄存款", 1095)
    assert not wanted_of("三年能给多少", (), (term(1095, "三年"),))(child)
    assert wanted_of("给孩子存三年", (), (term(1095, "三年"),))(child)


def test_a_name_that_several_go_by_means_the_one_of_her_currency():
    mention = Entity("product", "一年定期", "P-1", 2, 6)
    assert gathered("美元一年定期多少", "deposit_rate", mention, term(365)).products["甲"] == DOLLARS
    named = Entity("product", "一年定存", "P-1", 0, 4)
    assert gathered("一年定存能存三年吗", "deposit_rate", named, term(1095)).products["甲"] == YEAR


@pytest.mark.parametrize(
    ("template", "hides"),
    [
        ("{甲.名称}{甲.不在售}。", False),
        ("{甲.名称}{甲.状态}。", False),
        ("额度还有，是{甲.名称}。", True),
        ("{甲.名称}{甲.利率}。", True),
        ("{甲.名称}{甲.状态}，{甲.利率}。", True),
        ("好的。", False),
    ],
)
def test_of_what_cannot_be_bought_only_that_is_told(template, hides):
    found = gathered("三年大额存单有吗", "deposit_rate", term(1095, "三年"))
    request = DraftRequest(
        said("三年大额存单有吗"), understood("deposit_rate"), (), (PlannedMove("answer", ""),),
        found.references, found.products, found.roles,
    )  # fmt: skip
    assert hides_that_it_is_gone(template, request) is hides
    assert not hides_that_it_is_gone(template, replace(request, roles={"甲": "held"}))
    assert not hides_that_it_is_gone(template, replace(request, products={"甲": YEAR}))
