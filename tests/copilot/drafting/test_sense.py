"""A small model's draft speaks of this customer, not of those it learnt from."""

from __future__ import annotations

from dataclasses import replace

import pytest

from copilot.drafting.form import acceptable
from copilot.drafting.sense import fits, mourns_nobody, plays_deaf, refuses_unasked_paper, tells_it_wrong
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
        ("还剩四十二万没还，手里二十五万", "月供{客户.金额}，家里又少了一份收入。", False),
        ("月供四千七，压得喘不过气", "月供{客户.金额}，确实紧。", True),
        ("存一千一年才九块五？", "就{客户.金额}，是这么算的。", False),
        ("存一千一年才九块五？", "就{客户.金额}，是少了点。", True),
        ("手里二十五万，孩子要上学", "学费从{客户.金额}里先划一份。", True),
    ],
)
def test_what_belongs_to_other_customers_is_refused(message, draft, good):
    assert fits(draft, request(message)) is good


@pytest.mark.parametrize(
    ("message", "draft", "good"),
    [
        ("填了卡号密码验证码，刚才扣了9800", "您填到一半就停手，这一步拦得及时。", False),
        ("填了卡号，验证码没给他", "验证码没给就好。", True),
        ("有人让我转到安全账户，要不要转", "已经转出去的钱，拨电话追回。", False),
        ("转了三万过去，现在怎么办", "已经转出去的钱，拨电话追回。", True),
        ("别人让我填了验证码，扣了9800，怎么办", "您填到一半就停手，这一步拦得及时。", False),
        ("有人打电话来了，要我转到安全账户，要不要转", "已经转出去的钱，拨电话追回。", False),
        ("收到条短信说扣了我年费，点进去就行了", "已经转出去的钱，拨电话追回。", False),
    ],
)
def test_a_swindle_is_told_as_it_was(message, draft, good):
    assert fits(draft, request(message, intent="fraud_security", state="fraud")) is good


@pytest.mark.parametrize(
    ("message", "state", "condoles"),
    [
        ("怎么取钱", "calm", False),
        ("老伴上个月走了，存折怎么取", "grief", True),
        ("我妈查出来癌症，要用钱", "grief", False),
        ("心里堵得慌，钱的事以后再说", "grief", False),
        ("不想活了", "crisis", False),
    ],
)
def test_condolence_is_for_a_death_that_was_told(message, state, condoles):
    asked = request(message, state=state)
    assert fits("{客户.称呼}，请节哀。", asked) is condoles
    assert mourns_nobody("{客户.称呼}，请您节哀，多保重。", asked) is not condoles


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


@pytest.mark.parametrize(
    ("hers", "text", "fit"),
    [
        ("转了 1万8 他还在催我", "先别慌，钱还在卡里。", False),
        ("电话我挂了，是你们打的吗", "先挂电话，再打热线。", False),
        ("他还在电话里", "先挂电话，再打热线。", True),
        ("让我把钱先转到一个公司账户，是真的吗", "收款账号发我，我去问能不能止付。", False),
        ("我转了三千过去了", "收款账号发我，我去问能不能止付。", True),
    ],
)
def test_a_swindle_is_answered_as_far_as_it_went(hers: str, text: str, fit: bool) -> None:
    asked = DraftRequest(said(hers), understood("fraud_security"), (), (PlannedMove("safety", ""),), (), {}, {})
    assert tells_it_wrong(text, asked) is not fit
    assert not tells_it_wrong(text, replace(asked, understanding=understood("fee_inquiry")))


def test_a_paper_is_refused_to_who_asks_for_one() -> None:
    asked = DraftRequest(said("你给我写个字，亏了你赔"), understood("risk_concern"), (), (), (), {}, {})
    assert not refuses_unasked_paper("字据我不能写。", asked)
    assert refuses_unasked_paper("字据我不能写。", replace(asked, conversation=said("保不保本")))
    assert not refuses_unasked_paper("理财不保本。", replace(asked, conversation=said("保不保本")))


def test_only_a_minor_is_told_that_he_is_one() -> None:
    text = "你还没成年，理财要等你自己能做主了再说。"
    assert not fits(text, request("我女儿讲不要在你们那里买了"))
    assert fits(text, request("我想自己买点理财", state="minor"))
    assert fits("未成年人买不了理财，这是规定。", request("我孙子还没成年能买不"))


@pytest.mark.parametrize(
    ("message", "intent", "sure", "deaf"),
    [
        ("麻烦帮我取消明天下午的预约，学校临时要迎检", "other_unclear", 0.9, True),
        ("收到一张5块的残币，缺了个角，换得到好多", "benefits_activity", 0.2, True),
        ("这批色号不对退回去吧赶紧的", "other_unclear", 0.9, False),
        ("这批色号不对退回去吧赶紧的", "other_unclear", 0.3, True),
        ("嗯？？", "other_unclear", 0.4, False),
    ],
)
def test_who_said_enough_is_not_told_that_she_was_not_understood(message, intent, sure, deaf) -> None:
    asked = request(message, intent=intent)
    asked = replace(asked, understanding=replace(asked.understanding, confidence=sure))
    assert plays_deaf("我没太看明白，麻烦再说一下是哪件事？", asked) is deaf
    assert plays_deaf("这条是发给我的吗？", asked) is deaf
    assert not plays_deaf("明白了，我去查。", asked)
    assert not plays_deaf("明细我另外发您，我没会错意吧？", asked)
