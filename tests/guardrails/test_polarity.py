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


@pytest.mark.parametrize(
    ("claim", "taken_back"),
    [
        ("叫我拍胸脯说稳赚,我说稳赚", "叫我拍胸脯说稳赚,拍不下去"),
        ("收入那栏写高一些好过,这个口子我给您开", "收入那栏写高一些好过,这个口子我开不了"),
        ("保本的,这话我不是随便说的", "保本的,这话我说不出口"),
        ("亏了找我赔,这句我认", "亏了找我赔,这句我认不了"),
        ("先把投诉撤了才给您办业务,就这个道理", "先把投诉撤了才给您办业务,没这个道理"),
        ("说自己从没亏过的就是我们这款", "说自己从没亏过的,你掉头就走"),
    ],
)
def test_the_next_clause_takes_back_what_it_takes_up(guard: Engine, claim: str, taken_back: str) -> None:
    words = Engine(guard.ruleset, guard.catalogue)
    assert not words.check(claim, GuardContext()).releasable
    assert words.check(taken_back, GuardContext()).releasable


@pytest.mark.parametrize(
    "text",
    [
        "定期是银行欠您的,五十万以内有存款保险;理财是您委托别人投资,盈亏自己担",
        "清明路上车多,您开车慢一点",
        "别翻了,本子丢了能补一本,米也少不了您的",
        "开着车就先别看,停稳了再说,邮件跑不了",
        "测评达标才能买,题目您照实填",
        "有人乱报收益,别听,准数只看公告",
        "走廊尽头那间是洽谈室,有录音录像设备,进门前我会先跟您说明",
    ],
)
def test_everyday_words_hold_nothing_by_themselves(guard: Engine, text: str) -> None:
    assert Engine(guard.ruleset, guard.catalogue).check(text, GuardContext()).releasable


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
