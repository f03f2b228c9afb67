"""Pairs that differ by one clause: one claims, its twin does not."""

import pytest

from copilot.types import GuardContext
from guardrails.engine import Engine
from guardrails.polarity import doubtful

PAIRS = [
    ("这款保本", "这款不保本"),
    ("不可能不保本", "不可能保本"),
    ("不得不说保本", "不能说保本"),
    ("不仅保本还保息", "既不保本也不保息"),
    ("这不就是保本吗", "您是问保本吗?"),
    ("保本吗?当然保本", "保本吗?不保的"),
    ("银行怎么可能让您亏", "您说银行怎么可能让您亏,其实还真有可能"),
    ("我们这款稳赚不赔", "如果有人跟您说稳赚不赔,那多半是骗子"),
    ("我跟您说保本", "您刚才说保本,我得纠正一下"),
    ("别人说保本是骗人,我们这款是真保本", "别人说保本是骗人"),
    ("跟存款一样保本", "存款保本,理财不保本"),
    ("您想保本,这款正好,保本的", "您想要保本的话,可以看看定期存款"),
    ("验证码发我一下", "验证码不要发给任何人"),
    ("我替您签字", "我不能替您签字"),
    ("买满20万送油", "买理财不送东西"),
    ("加我私人微信聊", "我不能加私人微信聊"),
    ("这款保 本 的", "回撤多少没有上限 我也补不了"),
    ("亏了行里给您补上", "有人说亏了行里补 我得更正一下 没有这回事"),
    ("放这个里头跟放银行存着一样不会亏", "放这个里头跟放枕头底下不是一回事,它会跌"),
    ("账户绿那几天咱不看它就完了,它自己能爬回来", "账户绿那几天咱不看它就完了,爬不爬得回来我真不敢说"),
    ("基准写多少就给多少", "基准写多少是参考,不等于给多少"),
    ("白金卡年费减免 要挂一只定投", "年费减免看资质 不要求您买别的"),
    ("把手里这只赎了换新的吧", "您想把亏的那只卖掉换新的?先别急,卖了要收赎回费"),
    ("差不多得了,投诉撤了吧", "投诉撤不撤是您的权利,您定"),
]


@pytest.mark.parametrize(("claim", "twin"), PAIRS)
def test_pair(guard, claim, twin):
    assert not guard.check(claim, GuardContext()).releasable
    assert guard.check(twin, GuardContext()).releasable


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("这款保本", "保本", False),
        ("谁也保本不了", "保本", True),
        ("“零风险”三个字出现在哪张单上", "零风险", True),
        ("不可能不保本", "保本", False),
        ("不仅保本还高", "保本", False),
        ("前面没说,这款保本", "保本", False),
        ("能保本吗", "保本", True),
    ],
)
def test_doubt_is_sought_in_the_clause_round_the_hit(text: str, word: str, expected: bool) -> None:
    at = text.index(word)
    assert doubtful(text, at, at + len(word)) is expected


def test_a_doubtful_hit_only_warns_with_and_without_the_classifier(guard: Engine) -> None:
    text = "外面存十万当场返八百的谁敢要"
    for engine in (guard, Engine(guard.ruleset, guard.catalogue)):
        assert {f.severity for f in engine.check(text, GuardContext()).findings if f.rule == "G16-gifts"} == {"warn"}
    clear = Engine(guard.ruleset, guard.catalogue).check("存十万当场返八百", GuardContext())
    assert {f.severity for f in clear.findings if f.rule == "G16-gifts"} == {"block"}


def test_a_negation_in_a_gap_turns_a_pattern_that_asks_for_none(guard: Engine) -> None:
    said = guard.check("差的那点利息我也不能另外补到您卡上,这叫手工补息,不许的", GuardContext())
    assert not [f for f in said.findings if f.rule == "G03-compensation" and f.severity != "warn"]
    meant = guard.check("差的那点我另外补到您卡上", GuardContext())
    assert not meant.releasable
