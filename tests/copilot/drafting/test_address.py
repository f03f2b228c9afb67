"""A customer is called as the card or the advisor calls her; a bare full name is no form of address."""

from __future__ import annotations

import pytest

from copilot.drafting.address import address_of, opening
from copilot.types import Turn

SAID = (Turn("customer", "我是王秀兰"), Turn("advisor", "王阿姨早，您说"), Turn("customer", "到期没"))


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("王姐", "王姐"),
        ("沈工", "沈工"),
        ("小郑", "小郑"),
        ("阳阳妈妈", "阳阳妈妈"),
        ("Kevin", "Kevin"),
        ("王秀兰", "您"),
        ("欧阳雨欣", "您"),
        ("", "您"),
        ("  ", "您"),
    ],
)
def test_by_the_card(name, called):
    assert address_of(name) == called


def test_a_full_name_is_what_the_advisor_called_her():
    assert address_of("王秀兰", SAID) == "王阿姨"
    assert address_of("李秀兰", SAID) == "您"
    assert address_of("王姐", SAID) == "王姐"


TALK = (Turn("customer", "在吗"), Turn("advisor", "在的，您说"), Turn("customer", "还有额度不"))
NAMED = (*TALK[:1], Turn("advisor", "在的，王姐"), *TALK[2:])


@pytest.mark.parametrize(
    ("template", "called", "history", "opens"),
    [
        ("我查一下。", "王姐", (), "{客户.称呼}，我查一下。"),
        ("我查一下。", "王姐", TALK, "{客户.称呼}，我查一下。"),
        ("我查一下。", "王姐", NAMED, "我查一下。"),
        ("我查一下。", "您", (), "我查一下。"),
        ("行，{客户.称呼}，我查一下。", "王姐", (), "行，{客户.称呼}，我查一下。"),
        ("您好，我查一下。", "您", (), "您好，我查一下。"),
        ("您好，我查一下。", "您", TALK, "我查一下。"),
        ("{客户.称呼}您好，我查一下。", "王姐", TALK, "{客户.称呼}，我查一下。"),
        ("您好。", "您", TALK, "您好。"),
        ("{客户.称呼}，您好呀，我在的。", "王姐", TALK, "{客户.称呼}，我在的。"),
    ],
)
def test_a_reply_greets_once_and_calls_her_by_name_where_nobody_just_did(template, called, history, opens):
    assert opening(template, called, history) == opens
