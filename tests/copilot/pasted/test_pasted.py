"""Chats as WeChat and WeCom copy them."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.pasted import read_chat
from copilot.pasted.read import quoted_of

NOW = datetime(2026, 11, 22, 10, 2)  # a Sunday


def told(text, known=("李经理",), not_names=()):
    read = read_chat(text, NOW, known, not_names)
    return [(m.speaker, f"{m.at:%m-%d %H:%M}" if m.at else "", m.text) for m in read.said]


SAMPLES = {
    "WeCom on a computer": (
        "王姐 2026-11-20 10:02:11\n我那笔半年的理财好像这周五到期\n\n李经理 2026-11-20 10:03:40\n王姐早，我看一下\n稍等",
        [
            ("王姐", "11-20 10:02", "我那笔半年的理财好像这周五到期"),
            ("李经理", "11-20 10:03", "王姐早，我看一下\n稍等"),
        ],
    ),
    "day and month only": (
        "王姐 11/20 10:02\n到期了吗\n李经理 11/20 10:05\n到了",
        [("王姐", "11-20 10:02", "到期了吗"), ("李经理", "11-20 10:05", "到了")],
    ),
    "a customer who writes from WeChat": (
        "王姐@微信 2026/11/20 10:02:11\n在吗\n李经理@江州银行 2026/11/20 10:02:30\n在的",
        [("王姐", "11-20 10:02", "在吗"), ("李经理", "11-20 10:02", "在的")],
    ),
    "the time glued to where she writes from": (
        "王姐@微信2026-11-20 10:02:11\n在吗",
        [("王姐", "11-20 10:02", "在吗")],
    ),
    "WeChat, several messages chosen": (
        "王姐:\n到期了吗\n\n李经理:\n到了，周五\n\n王姐:\n好",
        [("王姐", "", "到期了吗"), ("李经理", "", "到了，周五"), ("王姐", "", "好")],
    ),
    "forwarded together from a phone": (
        "—————  2026-11-20  —————\n\n\n王姐  10:02\n\n在吗\n\n\n李经理  10:05\n\n在的，您说\n\n—————  2026-11-21  —————\n\n王姐  09:00\n\n早",
        [("王姐", "11-20 10:02", "在吗"), ("李经理", "11-20 10:05", "在的，您说"), ("王姐", "11-21 09:00", "早")],
    ),
    "yesterday and the afternoon": (
        "王姐 昨天 下午3:20\n在吗\n李经理 昨天 下午3:25\n在",
        [("王姐", "11-21 15:20", "在吗"), ("李经理", "11-21 15:25", "在")],
    ),
    "a day of the week": ("王姐 星期五 14:03\n在吗", [("王姐", "11-20 14:03", "在吗")]),
    "the time before the name": (
        "2026-11-20 10:02:11 王姐\n在吗\n2026-11-20 10:03:00 李经理\n在",
        [("王姐", "11-20 10:02", "在吗"), ("李经理", "11-20 10:03", "在")],
    ),
    "time, name and words on a line": (
        "[2026-11-20 10:02] 王姐: 在吗\n[2026-11-20 10:03] 李经理: 在：您说",
        [("王姐", "11-20 10:02", "在吗"), ("李经理", "11-20 10:03", "在：您说")],
    ),
    "name and words on a line": (
        "王姐：到期了吗\n李经理：到了\n当天到账",
        [("王姐", "", "到期了吗"), ("李经理", "", "到了\n当天到账")],
    ),
    "names never seen, on lines": (
        "小张：在\n小王：在的\n小张：好",
        [("小张", "", "在"), ("小王", "", "在的"), ("小张", "", "好")],
    ),
    "written by hand": (
        "先这样\n我：好的\n问题：再说",
        [("", "", "先这样"), ("我", "", "好的\n问题：再说")],
    ),
    "placeholders": (
        '王姐 2026-11-20 10:02:11\n[图片]\n王姐 2026-11-20 10:02:20\n[文件] 对账单.pdf\n王姐 2026-11-20 10:02:30\n[语音] 12"',
        [
            ("王姐", "11-20 10:02", "[图片]"),
            ("王姐", "11-20 10:02", "[文件] 对账单.pdf"),
            ("王姐", "11-20 10:02", '[语音] 12"'),
        ],
    ),
    "lines without a speaker": ("在吗\n那个到期的钱", [("", "", "在吗"), ("", "", "那个到期的钱")]),
    "a sentence that ends in a time is no name": (
        "王姐  10:02\n那就约在 10:30\n李经理  10:04\n好",
        [("王姐", "11-21 10:02", "那就约在 10:30"), ("李经理", "11-21 10:04", "好")],
    ),
    "a message that ends in a colon is no name": (
        "王姐:\n在吗\n\n李经理:\n需要的材料如下：\n身份证",
        [("王姐", "", "在吗"), ("李经理", "", "需要的材料如下：\n身份证")],
    ),
    "a question with a colon is no name": ("我想问问：能取吗", [("", "", "我想问问：能取吗")]),
    "English clock": (
        "Mrs Wang 2026-11-20 3:05 PM\nhello\n李经理 2026-11-20 3:06 PM\nhi",
        [("Mrs Wang", "11-20 15:05", "hello"), ("李经理", "11-20 15:06", "hi")],
    ),
    "an emoji in the name": ("王姐🌹 2026-11-20 10:02:11\n在", [("王姐🌹", "11-20 10:02", "在")]),
    "last year's month": ("王姐 12/30 10:02\n在", [("王姐", "12-30 10:02", "在")]),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_copy_is_read(name):
    pasted, expected = SAMPLES[name]
    assert told(pasted) == expected


def test_a_day_without_a_year_is_the_last_one():
    assert read_chat("王姐 12/30 10:02\n在", NOW).said[0].at == datetime(2025, 12, 30, 10, 2)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("—————  2026-11-20  —————", "time"),
        ("昨天 10:02", "time"),
        ("你撤回了一条消息", "recalled"),
        ('"王姐" 撤回了一条消息', "recalled"),
        ("王姐撤回了一条消息", "recalled"),
        ("以上是打招呼的内容", "system"),
        ("你已添加了王姐，现在可以开始聊天了。", "system"),
        ('"王姐" 拍了拍 "我"', "system"),
        ("已读", "system"),
    ],
)
def test_what_nobody_said_stands_aside(line, kind):
    read = read_chat(f"王姐 2026-11-20 10:02:11\n在吗\n{line}\n李经理 2026-11-20 10:03:11\n在", NOW, ("李经理",))
    assert [m.text for m in read.said] == ["在吗", "在"]
    assert [(a.kind, a.text) for a in read.asides] == [(kind, line)]


def test_a_customer_may_speak_of_a_withdrawn_message():
    assert told("我刚撤回了一条消息") == [("", "", "我刚撤回了一条消息")]


def test_a_head_without_words_is_told():
    read = read_chat("王姐 2026-11-20 10:02:11\n王姐 2026-11-20 10:02:20\n在", NOW)
    assert [(a.kind, a.text) for a in read.asides] == [("empty", "王姐 2026-11-20 10:02:11")]


RULE = "- - - - - - - - - - - - - - -"


@pytest.mark.parametrize(
    "pasted",
    [
        f"王姐 2026-11-20 10:02:11\n「李经理：周五到期\n当天到账」\n{RULE}\n那几点呢",
        f"「李经理：周五到期\n当天到账」\n{RULE}\n那几点呢",
        f"王姐:\n「李经理：周五到期\n当天到账」\n{RULE}\n那几点呢",
    ],
)
def test_a_quoted_message_is_not_the_customers_own(pasted):
    (message,) = read_chat(pasted, NOW, ("李经理",)).said
    assert message.text == "那几点呢"
    assert (message.quote.speaker, message.quote.text) == ("李经理", "周五到期\n当天到账")


def test_a_quotation_on_one_line():
    (message,) = read_chat("「李经理：周五到期」 ------ 那几点呢", NOW).said
    assert (message.text, message.quote.text) == ("那几点呢", "周五到期")


def test_a_quoted_message_that_was_not_copied_comes_back_before_its_reply():
    read = quoted_of(read_chat(f"王姐 2026-11-20 10:02:11\n「李经理：周五到期」\n{RULE}\n那几点呢", NOW))
    assert [(m.speaker, m.text) for m in read.said] == [("李经理", "周五到期"), ("王姐", "那几点呢")]
    there = quoted_of(
        read_chat(
            f"李经理 2026-11-20 10:01:11\n周五到期\n王姐 2026-11-20 10:02:11\n「李经理：周五到期」\n{RULE}\n那几点呢",
            NOW,
        )
    )
    assert [m.text for m in there.said] == ["周五到期", "那几点呢"]


def test_a_word_that_is_said_to_be_no_name_is_not():
    pasted = "王姐 11/20 10:02\n先看看\n那个产品 11/20 10:30\n李经理 11/20 10:40\n好"
    assert told(pasted)[1][0] == "李经理"  # 那个产品 has no words below it, and stands aside
    assert told(pasted, not_names=("那个产品",))[0][2] == "先看看\n那个产品 11/20 10:30"


def test_only_placeholders_are_media():
    pasted = "王姐 2026-11-20 10:02:11\n[图片]\n李经理 2026-11-20 10:03:11\n[图片] 看这张\n李经理 2026-11-20 10:04:11\n[微笑]"
    assert [m.media for m in read_chat(pasted, NOW).said] == [True, True, False]


_PIECES = st.sampled_from(
    [
        "王姐 2026-11-20 10:02:11",
        "王姐@微信 11/20 10:02",
        "李经理  10:03",
        "王姐:",
        "李经理：好的",
        "客户：在吗",
        "—————  2026-11-20  —————",
        "「李经理：周五」",
        RULE,
        "[图片]",
        "你撤回了一条消息",
        "昨天 25:99",
        "13/45 10:02",
        "2026-02-30 10:02:11 王姐",
        "",
        "到期了吗",
        "「没有收尾",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(_PIECES | st.text(max_size=30), max_size=14))
def test_nothing_pasted_is_lost(pieces):
    text = "\n".join(pieces)
    read = read_chat(text, NOW, ("李经理",))
    lines = {n: line for n, line in enumerate(text.splitlines()) if re.sub(r"[\s\u200b-\u200f\u2060\ufeff]", "", line)}
    kept = {n for piece in (*read.said, *read.asides) for n in range(piece.first, piece.last + 1)}
    assert set(lines) <= kept
    for piece in read.said:
        whole = re.sub(r"[\s\u200b-\u200f\u2060\ufeff]", "", "".join(text.splitlines()[piece.first : piece.last + 1]))
        assert re.sub(r"\s", "", piece.text) in whole
        assert piece.text.strip()
