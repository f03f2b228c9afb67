"""Her last question, in her own words, short enough to be said back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.drafting.question import clauses_that_ask, question_of, sayable


@pytest.mark.parametrize(
    ("message", "asked"),
    [
        ("能贷几成", "能贷几成"),
        ("我给人家担过保，影响女儿买房吗", "影响女儿买房吗"),
        ("忘记还了，晚了两天，罚我一百多，好免伐", "好免伐"),
        ("那請問相差幾何？", "相差幾何"),
        ("抽中了\n说送我个锅\n啥时候给寄", "啥时候给寄"),
        ("哦 那国债呢", "国债呢"),
        ("对了顺便问一下生日有送什么吗😊", "生日有送什么吗"),
        ("R2与R1，相差几何？", "相差几何"),
        ("我那笔钱啥时候到账啊 都三天了", "那笔钱啥时候到账"),
        ("我这个定期提前取扣多少利息呀？😭", "这个定期提前取扣多少利息"),
    ],
)
def test_the_last_clause_that_asks(message, asked):
    assert question_of(message).text == asked


@pytest.mark.parametrize(
    "message",
    [
        "好的谢谢",
        "你们是不是跑路了",
        "纸上第一条是不是“不得承诺”？",
        "我不懂啥子净值",
        "我想把钱转给我姐夫，你觉得咋样",
        "那怎么办啊啊",
        "想每个月存点 有啥好的",
        "密码忘了 咋改",
        "那我妈能不能替我去",
        "到现在没人理我 什么服务",
        "哪怕先还利息",
        "别给我弄什么理财",
        "她刚才还问我这个月房租够不够",
        "她问她是港澳居民可以买吗",
        "在吗",
        "我在家涮羊肉呢",
        "你们是不是骗子",
        "那三年呢",
        "那个半年的保本不",
        "存钱会返现多少",
        "系统里给我打了什么标签",
        "你扮我表哥行不",
        "存20万三年有多少利息",
        "再往上加二十万有没有",
        "上次你同事跟我讲过的那个每个月都可以拿出来的产品现在还有没有了呀",
        "",
    ],
)
def test_nothing_where_it_cannot_be_said_back(message):
    assert question_of(message) is None


def test_every_clause_that_asks():
    message = "两个事哈 一个是日日盈快赎一天最多能取多少 还有我换手机号了 这个线上能改吗 我在外地"
    asked = clauses_that_ask(message)
    assert [q.text for q in asked] == ["日日盈快赎一天最多能取多少", "这个线上能改吗"]
    assert all(message[q.start : q.end] == q.text and sayable(q) for q in asked)
    assert clauses_that_ask("好的谢谢") == []


@given(st.text(max_size=60))
def test_it_is_her_own_text_without_a_figure(message):
    found = question_of(message)
    if found is not None:
        assert message[found.start : found.end] == found.text
        assert not any(c.isdigit() for c in found.text)
        assert 3 <= len(found.text) <= 16
