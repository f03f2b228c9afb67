"""Which fields of a product she asks for, and that the script of just those fields answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from copilot.drafting import ScriptedDrafter, gather
from copilot.drafting.asked import asked_of
from copilot.drafting.form import repeats
from copilot.drafting.scripted import spares
from copilot.types import DraftRequest, Entity, Fact, Occasion, PlannedMove, Product, Script, Turn
from tests.copilot.fakes import Library, said, understood

TODAY = date(2026, 11, 22)
WEALTH = (
    "名称",
    "起购",
    "期限",
    "风险等级",
    "基准",
    "净值",
    "开放",
    "赎回",
    "到账",
    "费用",
    "投向",
    "截止",
    "状态",
    "发行",
)
INSURED = ("名称", "缴费期", "保障期", "犹豫期", "退保", "保证部分", "发行")
DEPOSIT = ("名称", "起存", "期限", "利率", "提前支取", "状态", "截止")


@pytest.mark.parametrize(
    ("message", "fields", "asked"),
    [
        ("几千块能买那个不", WEALTH, ("起购",)),
        ("最低多少起", WEALTH, ("起购",)),
        ("锁多久啊", WEALTH, ("期限",)),
        ("万一要用 中间能取不", WEALTH, ("赎回",)),
        ("赎了几天到账", WEALTH, ("赎回", "到账")),
        ("管理费收多少", WEALTH, ("费用",)),
        ("几级的", WEALTH, ("风险等级",)),
        ("這個是代銷的嗎", WEALTH, ("发行",)),
        ("钱都投到哪里去了", WEALTH, ("投向",)),
        ("年化多少 能放多久", WEALTH, ("基准", "期限")),
        ("还有额度没", DEPOSIT, ("状态",)),
        ("利息几个点", DEPOSIT, ("利率",)),
        ("没到期取了咋办，能提前取吗", DEPOSIT, ("提前支取",)),
        ("犹豫期几天", INSURED, ("犹豫期",)),
        ("要交几年", INSURED, ("缴费期",)),
        ("我手里有十万，起点多少", WEALTH, ("起购",)),
        ("最低得多少钱能买", WEALTH, ("起购",)),
        ("最少要放多久", WEALTH, ("期限",)),
        ("我自己的钱能随时取吗", WEALTH, ("赎回",)),
        ("手上有点闲钱，这个利率多少", DEPOSIT, ("利率",)),
        ("一年能拿几个点", DEPOSIT, ("利率",)),
        ("保到几岁", INSURED, ("保障期",)),
        ("两万 够不够", WEALTH, ("起购",)),
        ("呢只几多起", WEALTH, ("起购",)),
        ("我15号赎的话几号到账呀", WEALTH, ("赎回", "到账")),
        ("那提前出来要扣钱不嘛", WEALTH, ("赎回", "费用")),
    ],
)
def test_the_fields_she_asks_for(message: str, fields: tuple[str, ...], asked: tuple[str, ...]) -> None:
    assert asked_of(message, (), "product_inquiry", fields) == asked


@pytest.mark.parametrize(
    "message",
    [
        "那就买它吧",  # asks nothing
        "业绩比较基准是什么意思",  # the word, not the figure
        "在哪赎回啊",  # how it is done
        "怎么收益又少了",  # why
        "我那笔收益多少了",  # what her own money brought stands in no catalogue
        "我买的什么时候到期",
        "发货单发我一下",
        "我过几天再赎吧",
        "最近收益还行，我看看再说",
        "这两个投哪个好",
    ],
)
def test_where_no_field_answers(message: str) -> None:
    assert asked_of(message, (), "product_inquiry", WEALTH) == ()


def test_who_complains_or_is_swindled_asks_for_no_field() -> None:
    assert asked_of("手续费到底收多少", (), "complaint", WEALTH) == ()
    assert asked_of("手续费到底收多少", (), "fee_inquiry", WEALTH) == ("费用",)


def test_a_short_word_that_asks_again_means_what_she_asked_before() -> None:
    before = (Turn("customer", "那只起点多少"), Turn("advisor", "要看产品页的规定"))
    assert asked_of("多少？说数字", before, "product_inquiry", WEALTH) == ("起购",)
    assert asked_of("多少？我要的是一个能说清楚的数字", before, "product_inquiry", WEALTH) == ()


def test_what_she_came_with_waits_while_she_answers_back():
    before = (Turn("customer", "赎了几天到账"), Turn("advisor", "您是哪天点的？"))
    assert asked_of("前儿黑咧 九点多", before, "liquidity_need", WEALTH) == ("赎回", "到账")
    told = (Turn("customer", "赎了几天到账"), Turn("advisor", "页面上写着。"))
    assert asked_of("前儿黑咧 九点多", told, "liquidity_need", WEALTH) == ()


def _script(number: int, text: str, *asks: str) -> Script:
    needs = tuple(f"甲.{field}" for field in ("名称", *asks))
    return Script(f"S-{number}", "product_inquiry", "answer", text, needs, asks=asks)


HALF = Product(
    "P-1", "稳健半年", "wealth", "on_sale", document="P-1",
    facts=tuple(Fact(f, v, "P-1", 0, len(v), "P-1") for f, v in {"名称": "稳健半年", "起购": "1万元", "期限": "182天"}.items()),
)  # fmt: skip


class Shop(Library):
    """One product, a script for anything and one for each field."""

    def products(self):
        return (HALF,)

    def get(self, product_id):
        return HALF if product_id == "P-1" else None

    def facts(self, document):
        return ()

    def occasions(self, message):
        heard = Occasion("O-1", "转让", frozenset({"product_inquiry", "liquidity_need"}), "转让")
        return (heard,) if heard.called(message) else ()

    def scripts(self, intent):
        if intent != "product_inquiry":
            return ()
        return (
            Script("S-1", "product_inquiry", "answer", "{甲.名称}的说明书我发您。", ("甲.名称",)),
            _script(2, "{甲.名称}{甲.起购}起购。", "起购"),
            _script(3, "{甲.名称}期限{甲.期限}。", "期限"),
            _script(4, "{甲.名称}{甲.起购}起购，期限{甲.期限}。", "起购", "期限"),
            Script("S-5", "product_inquiry", "decline", "借名买不行。", (), when="borrowed"),
            Script("S-6", "product_inquiry", "answer", "转让要看说明书许不许。", (), when="O-1"),
        )


def drafts(message: str, move: str = "answer", intent: str = "product_inquiry") -> list[str]:
    understanding = replace(understood(intent), entities=(Entity("product", "稳健半年", "P-1", 0, 4),))
    conversation = said(message)
    found = gather(conversation, understanding, (), Shop(), TODAY, lambda _product: True)
    request = DraftRequest(
        conversation, understanding, (), (PlannedMove(move, "r"),), found.references, found.products, found.roles
    )
    return [d.script for d in ScriptedDrafter(Shop())(request)]


def test_a_script_of_fields_answers_who_asks_for_them_whatever_she_wants() -> None:
    assert drafts("稳健半年起点多少")[0] == "S-2"
    assert drafts("稳健半年起点多少，锁多久", intent="liquidity_need")[0] == "S-4"
    assert drafts("稳健半年，说说")[0] == "S-1"


def test_a_fact_she_asks_for_is_an_answer_though_the_search_found_none() -> None:
    understanding = replace(understood("product_inquiry"), entities=(Entity("product", "稳健半年", "P-1", 0, 4),))
    for message, answers in (("稳健半年起点多少", True), ("稳健半年谁设计的", False)):
        assert gather(said(message), understanding, (), Shop(), TODAY, lambda _product: True).answers is answers


def test_what_may_not_be_done_is_refused_by_the_script_for_just_that() -> None:
    assert drafts("稳健半年我用我儿子的账户买行不", "decline")[0] == "S-5"
    assert "S-5" not in drafts("稳健半年保本不，打个包票", "decline")


def test_an_occasion_is_answered_by_the_script_for_just_that() -> None:
    assert drafts("稳健半年能转让不")[0] == "S-6"
    assert drafts("稳健半年能转让不", intent="liquidity_need")[0] == "S-6"
    assert "S-6" not in drafts("稳健半年能转让不", intent="complaint"), "it does not come under what she wants"
    assert "S-6" not in drafts("稳健半年，说说")


def test_a_bare_answer_calls_no_occasion() -> None:
    told = (Turn("advisor", "您是想赎回还是转让？"), Turn("customer", "转让吧"))
    understanding = understood("product_inquiry")
    conversation = replace(said("转让吧"), turns=told)
    request = DraftRequest(conversation, understanding, (), (PlannedMove("answer", "r"),), (), {}, {})
    assert "S-6" not in [d.script for d in ScriptedDrafter(Shop())(request)]
    assert "S-6" in [d.script for d in ScriptedDrafter(Shop())(replace(request, conversation=said("转让吧")))]


def test_the_occasion_she_came_with_waits_while_she_answers_back() -> None:
    came = (Turn("customer", "稳健半年能转让不"), Turn("advisor", "您哪天买的？"), Turn("customer", "上个月十几号吧"))
    request = DraftRequest(
        replace(said("x"), turns=came), understood("product_inquiry"), (), (PlannedMove("answer", "r"),), (), {}, {}
    )
    assert "S-6" in [d.script for d in ScriptedDrafter(Shop())(request)]
    told = (came[0], Turn("advisor", "要看说明书。"), came[2])
    later = replace(request, conversation=replace(said("x"), turns=told))
    assert "S-6" not in [d.script for d in ScriptedDrafter(Shop())(later)]


class Two(Shop):
    """Two answers and a promise."""

    def scripts(self, intent):
        if intent != "product_inquiry":
            return ()
        return (
            Script("S-1", "product_inquiry", "answer", "能不能转让写在说明书里，不是每只都行。", ()),
            Script("S-2", "product_inquiry", "answer", "App里这只的页面上有转让两个字才能转。", ()),
            Script("S-3", "product_inquiry", "find_out", "我去查它许不许转让。", ()),
        )


def offered(message: str, *moves: str, library: Library | None = None) -> list[str]:
    plan = tuple(PlannedMove(move, "r") for move in moves)
    request = DraftRequest(said(message), understood("product_inquiry"), (), plan, (), {}, {})
    return [d.script for d in ScriptedDrafter(library or Two())(request)]


def test_where_moves_give_too_little_the_answer_comes_again_in_other_words() -> None:
    assert sorted(offered("能转让不", "answer", "problem", "implication")) == ["S-1", "S-2", "S-3"]
    assert len(offered("能转让不", "answer", "problem")) == 2, "as many as the plan names"
    assert len(offered("我想想", "answer", "problem", "implication")) == 2, "she asked nothing"


def test_the_same_words_are_no_other_words() -> None:
    assert repeats("不是每只都行，能不能转让写在说明书里。", "能不能转让写在说明书里，不是每只都行。")
    assert not repeats("页面上有转让两个字才能转。", "能不能转让写在说明书里，不是每只都行。")
    assert not repeats("好的", "")


def test_small_talk_has_nothing_to_find_out() -> None:
    request = DraftRequest(
        said("你忙吧"), understood("greeting_smalltalk"), (), (PlannedMove("answer", "r"),), (), {}, {}
    )
    assert [m.move for m in spares(request)] == ["situation"]
    assert "find_out" in [m.move for m in spares(replace(request, understanding=understood("fee_inquiry")))]
