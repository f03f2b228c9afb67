"""A second question that the answer leaves open is told what is published on it, or promised."""

from __future__ import annotations

import pytest

from copilot.drafting.besides import with_promise
from copilot.drafting.references import ASKED, gather
from copilot.types import Draft, DraftRequest, Passage, PlannedMove, Reference, Script
from tests.copilot.drafting.test_asked import TODAY, Shop
from tests.copilot.fakes import said, understood

MESSAGE = "管理费多少 申购费几折 有C类吗"
ANSWER = "管理费在说明书里写着，申购费照页面上的折扣。"
PROMISE = "您另外问的，我查准了一并回您。"
PROMISES = (
    Script("S-1", "other_unclear", "find_out", "您另外问的，我查准了一并回您。", (), when="besides"),
    Script("S-2", "other_unclear", "find_out", "{客户.所问}，我去问。", (ASKED,)),
)


def whole(message: str, near: dict[str, float], answer: str = ANSWER, promises: tuple[Script, ...] = PROMISES):
    conversation = said(message)
    gathered = gather(conversation, understood("fee_inquiry"), (), Shop(), TODAY, lambda _product: True)
    request = DraftRequest(
        conversation, understood("fee_inquiry"), (), (PlannedMove("answer", ""),), gathered.references, {}, {}
    )
    draft = Draft("answer", answer, answer, "script", script="S-9")
    return with_promise(request, draft, promises, lambda _text, other: near[other])


def test_the_question_that_is_left_open_is_promised():
    found = whole(MESSAGE, {"管理费多少": 0.5, "申购费几折": 0.4, "有C类吗": 0.0})
    assert found.text == ANSWER + PROMISE
    assert found.origin == "book", "two texts that people wrote, but nobody has read them together"
    assert found.script is None


def test_an_earlier_question_is_promised_too():
    assert whole("周末开门不 有C类吗", {"周末开门不": 0.05, "有C类吗": 0.5}).text == ANSWER + PROMISE


@pytest.mark.parametrize(
    ("message", "near"),
    [
        ("有C类吗", {"有C类吗": 0.0}),  # one question is answered or not, that is the answer's own affair
        ("管理费多少 有C类吗", {"管理费多少": 0.5, "有C类吗": 0.3}),  # answered
        ("管理费多少 有C类吗", {"管理费多少": 0.1, "有C类吗": 0.05}),  # neither is: which one, nobody knows
        ("管理费多少 你咋不说保本不", {"管理费多少": 0.5, "你咋不说保本不": 0.0}),  # nothing to look up
    ],
)
def test_where_nothing_is_promised(message, near):
    assert whole(message, near) is None


def test_only_behind_a_finished_answer():
    near = {"管理费多少": 0.5, "申购费几折": 0.4, "有C类吗": 0.0}
    assert whole(MESSAGE, near, "管理费在说明书里写着，您想看哪一段？") is None
    assert whole(MESSAGE, near, "管理费" * 50 + "。") is None
    assert whole(MESSAGE, near, promises=PROMISES[1:]) is None


def test_what_is_published_on_it_is_told_instead():
    message = "转账咋就让转五万呢 限额上哪调啊"
    conversation = said(message)
    gathered = gather(conversation, understood("transaction_help"), (), Shop(), TODAY, lambda _product: True)
    told = Reference("问.答", "App“安全中心”里能自己调。", "Q-1", 0, 15)
    passage = Passage("Q-1#0", "Q-1", "faq", "转账限额怎么调", "", 0.8, 0, 1)
    request = DraftRequest(
        conversation, understood("transaction_help"), (passage,), (PlannedMove("answer", ""),),
        (*gathered.references, told), {}, {},
    )  # fmt: skip
    near = {
        (ANSWER, "转账咋就让转五万"): 0.5,
        (ANSWER, "转账咋就让转五万呢"): 0.5,
        (ANSWER, "限额上哪调"): 0.0,
        ("转账限额怎么调", "限额上哪调"): 0.8,
    }
    draft = Draft("answer", ANSWER, ANSWER, "script", script="S-9")
    found = with_promise(request, draft, PROMISES, lambda text, other: near.get((text, other), 0.0))
    assert found.text == ANSWER + told.value
    (citation,) = found.citations
    assert citation.document == "Q-1"
    assert with_promise(request, draft, PROMISES, lambda text, other: min(0.4, near.get((text, other), 0.0))).text == (
        ANSWER + PROMISE
    )


def test_what_says_nothing_alone_is_no_second_question():
    assert whole("现在买到期来得及吗 半年的那个呢", {"现在买到期来得及吗": 0.5, "半年的那个呢": 0.0}) is None
