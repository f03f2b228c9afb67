"""What a text asks for although she has said it."""

from __future__ import annotations

import pytest

from copilot.drafting.fitness import Matter, asks_known


def matter(said: str = "", names: tuple[str, ...] = (), role: str = "") -> Matter:
    return Matter(said, said, (), "", "deposit_rate", (), "calm", "", role, "warm", "", 0.0, frozenset(names), {})


@pytest.mark.parametrize(
    ("text", "about", "known"),
    [
        ("您打算放多久？", matter("存三年", ("客户.期限",)), True),
        ("您打算放多久？", matter("存钱"), False),
        ("您想申购的是哪一只？", matter("衡岫宽基申购费几折", role="asked"), True),
        ("您想申购的是哪一只？", matter("申购费几折"), False),
        ("哪一只好，您心里有数吗？", matter("衡岫宽基", role="asked"), False),
        ("先看您测评够到哪一档，再往上不推。", matter("刚做完测评 c3 能买啥"), True),
        ("先看您测评够到哪一档，再往上不推。", matter("能买啥", ("客户.风险等级",)), True),
        ("先看您测评够到哪一档，再往上不推。", matter("能买啥"), False),
        ("怎么分，看您哪天要用钱。", matter("三月份用", ("客户.日期",)), True),
        ("怎么分，看您哪天要用钱。", matter("不知道放哪"), False),
    ],
)
def test_asking_for_what_is_known(text: str, about: Matter, known: bool) -> None:
    assert asks_known(about, text) is known
