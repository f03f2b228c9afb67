"""Entities of messages as customers send them, on Tuesday 24 November 2026, against a small catalogue."""

from collections.abc import Sequence
from datetime import date, datetime

import pytest

from copilot.entities import Extractor
from copilot.types import Customer, Entity, Holding, Product, Turn

AT = datetime(2026, 11, 24, 10, 0)


class Shelf:
    """A catalogue of a few products that knows names, aliases and codes exactly as written."""

    version = "1"
    _products = (
        Product(
            "W1", "稳健半年", "wealth", risk_level="R2", aliases=("半年稳健",), code="Z7A1026000112", term_days=182
        ),
        Product("W2", "澜安一年", "wealth", risk_level="R2", code="Z7A1026000208", term_days=365),
        Product("W4", "周周澜", "wealth", risk_level="R1", aliases=("澜周周",), term_days=7),
        Product("F1", "汀澜纯债", "fund", risk_level="R2", aliases=("纯债基金",), code="970316"),
        Product("C1", "零钱澜", "cash", risk_level="R1"),
        Product("I1", "栖川颐年", "insurance", risk_level="R2"),
    )

    def products(self) -> Sequence[Product]:
        return self._products

    def get(self, product_id: str) -> Product | None:
        return next((p for p in self._products if p.id == product_id), None)

    def named(self, text: str) -> Sequence[tuple[Product, int, int]]:
        found = []
        for product in self._products:
            for name in (product.name, *product.aliases, product.code):
                start = text.find(name) if name else -1
                if start >= 0:
                    found.append((product, start, start + len(name)))
                    break
        return found


CUSTOMER = Customer(
    name="王芳",
    holdings=(
        Holding("稳健半年", "W1", "R2", 300_000, date(2026, 11, 27)),
        Holding("汀澜纯债", "F1", "R2", 52_000),
        Holding("澜安一年", "W2", "R2", 100_000, date(2027, 6, 1)),
    ),
)
EXTRACT = Extractor(Shelf())


def read(
    text: str, customer: Customer | None = None, history: Sequence[Turn] = ()
) -> list[tuple[str, float | str, str]]:
    found = EXTRACT(text, at=AT, customer=customer, history=history)
    assert all(text[e.start : e.end] == e.text for e in found)
    return [(e.type, e.value, e.text) for e in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我有20万想放半年", [("amount", 200_000, "20万"), ("term", 182, "半年")]),
        ("手头二十来个，年底要用", [("amount", 200_000, "二十来个"), ("date", "2026-12-31", "年底")]),
        ("那三十个数下来了，咋整", [("amount", 300_000, "三十个")]),
        ("给我整五十", [("amount", 500_000, "五十")]),
        ("先取5000", [("amount", 5_000, "5000")]),
        ("五万多美金放哪", [("amount", 50_000, "五万多美金")]),
        ("隔壁银行给到1.9%", [("institution", "隔壁银行", "隔壁银行"), ("rate", 1.9, "1.9%")]),
        ("招行三年的给2.15", [("institution", "招行", "招行"), ("term", 1095, "三年"), ("rate", 2.15, "2.15")]),
        ("余额宝跟你们这个差多少", [("product", "余额宝", "余额宝")]),
        ("我妈12号手术", [("person", "我妈", "我妈"), ("date", "2026-12-12", "12号"), ("purpose", "手术", "手术")]),
        ("孩子学费九月要交", [("person", "孩子", "孩子"), ("purpose", "学费", "学费"), ("date", "2027-09", "九月")]),
        ("老公说付首付", [("person", "老公", "老公"), ("purpose", "付首付", "付首付")]),
        ("三萬五，聽日要用", [("amount", 35_000, "三萬五"), ("date", "2026-11-25", "聽日")]),
        ("稳健半年多少起", [("product", "W1", "稳健半年")]),
        ("稳建半年还有吗", [("product", "W1", "稳建半年")]),
        ("汀兰纯债今天怎么绿了", [("product", "F1", "汀兰纯债"), ("date", "2026-11-24", "今天")]),
        ("听澜纯债", [("product", "F1", "听澜纯债")]),
        ("周周蓝能随时取吗", [("product", "W4", "周周蓝")]),
        ("七川颐年要交几年", [("product", "I1", "七川颐年")]),
        ("970316这个", [("product", "F1", "970316")]),
        ("澜安一年和稳健半年差在哪", [("product", "W2", "澜安一年"), ("product", "W1", "稳健半年")]),
        ("月供4300压得慌", [("amount", 4_300, "4300")]),
        ("拨打12378有用吗", []),
        ("我有一万三千多分，能换米不", []),
        ("先要付两千五百镑", [("amount", 2_500, "两千五百镑")]),
        ("日元户里两千三百万", [("amount", 23_000_000, "两千三百万")]),
        ("以前三年的给三点几", [("term", 1095, "三年"), ("rate", 3, "三点几")]),
        ("教了三十年书", []),
        ("一个月到手3100", [("amount", 3_100, "3100")]),
        ("腊月二十八要用", [("date", "2027-02-04", "腊月二十八")]),
        ("那笔正月十五到期", [("date", "2027-02-20", "正月十五")]),
        ("去年买的", []),
        ("每月15号发工资", [("purpose", "发工资", "发工资")]),
        ("添利180那个怎么绿了", [("product", "添利180", "添利180")]),
        ("大额存单还有额度没有", [("product", "大额存单", "大额存单")]),
        ("我现在的理财和定期", []),
        ("等小丁套住了再看", [("person", "小丁", "小丁")]),
        ("小何，在吗", []),
        ("我是她女儿", []),
        ("存一年多少", [("term", 365, "一年")]),
        ("一起去吧，两种都行", []),
        ("闺女你好，在吗", []),
        ("早上好[玫瑰]", []),
        ("24小时能到吗", []),
        ("我是C2能买R3不", []),
    ],
)
def test_messages(text: str, expected: list[tuple[str, float | str, str]]) -> None:
    found = read(text)
    assert sorted(found, key=lambda e: (e[0], e[2])) == sorted(expected, key=lambda e: (e[0], e[2]))


@pytest.mark.parametrize(
    ("text", "product"),
    [
        ("上次那个半年的什么时候到", "W1"),
        ("我那个30万的快到了", "W1"),
        ("那个一年的能提前拿吗", "W2"),
        ("我那只债基又绿了", "F1"),
        ("我那个基金亏了多少", "F1"),
        ("27号到期的那个咋办", "W1"),
        ("这周到期那笔", "W1"),
        ("我那个快到期了吧", "W1"),
    ],
)
def test_holdings_by_description(text: str, product: str) -> None:
    assert [v for t, v, _ in read(text, CUSTOMER) if t == "product"] == [product]


@pytest.mark.parametrize("text", ["我那个怎么样了", "那个理财呢", "上次买的", "我那个三年的"])
def test_a_description_that_fits_several_or_none_names_none(text: str) -> None:
    assert [e for e in read(text, CUSTOMER) if e[0] == "product"] == []


def test_the_only_holding_needs_no_clue() -> None:
    one = Customer(name="李", holdings=(Holding("稳健半年", "W1", "R2", 300_000),))
    assert ("product", "W1") in [(t, v) for t, v, _ in read("我那个到期了没", one)]


def test_a_holding_outside_the_catalogue_keeps_its_name() -> None:
    one = Customer(name="李", holdings=(Holding("鑫盈九个月", None, "R2", 80_000),))
    assert ("product", "鑫盈九个月") in [(t, v) for t, v, _ in read("我那笔8万的", one)]


def test_a_bare_number_answers_how_much() -> None:
    history = (Turn("advisor", "您打算放多少呢？"),)
    assert read("15", history=history) == [("amount", 150_000, "15")]
    assert read("15") == []


def test_entities_are_in_order() -> None:
    found: Sequence[Entity] = EXTRACT("我妈有20万，招行半年的给2.1%，想给孙子交学费", at=AT)
    assert [e.start for e in found] == sorted(e.start for e in found)
    assert {e.type for e in found} == {"person", "amount", "institution", "term", "rate", "purpose"}
