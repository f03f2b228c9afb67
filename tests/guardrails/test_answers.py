import pytest

from copilot.types import GuardContext, Turn
from guardrails.answers import claimed


def asked(*turns):
    return GuardContext(history=tuple(Turn("customer", t) for t in turns))


@pytest.mark.parametrize(
    ("question", "reply", "claim"),
    [
        ("意思就是保本的呗?", "对,就这个意思", "意思就是保本的"),
        ("理财也有存款保险吧?", "对,都有的", "理财也有存款保险"),
        ("是不是不买保险就批不下来?", "是的", "是不买保险就批不下来"),
        ("年底能涨到四千点不", "能,稳稳的", "年底能涨到四千点"),
        ("到期能不能给到五个点", "能", "到期能给到五个点"),
        ("本金会少吗?", "一分都不会", "本金会少?一分都不会"),
    ],
)
def test_what_a_short_reply_claims(question, reply, claim):
    assert claim in claimed(reply, asked(question))


@pytest.mark.parametrize(
    ("question", "reply"),
    [
        ("这款保本吗", "不保本,净值会波动"),
        ("这款保本吗", "是的,但要看净值"),
        ("能提前赎回吗", "能到期再看"),
        ("周五能到账吗", "明天早上我去柜台帮您问清楚,问到了第一时间打电话给您好吧"),
    ],
)
def test_what_says_more_than_yes_claims_nothing_of_hers(question, reply):
    assert claimed(reply, asked(question)) == ()


def test_agreed_to_her_offer_is_the_advisors_wish():
    assert "那您把验证码发给我" in claimed("发吧,我等着", asked("那我把验证码发给你?"))


def test_only_the_customers_words_are_answered():
    assert claimed("是的", GuardContext()) == ()
    assert claimed("是的", GuardContext(history=(Turn("advisor", "这款保本"),))) == ()


def test_a_bare_yes_to_a_forbidden_question_is_held(guard):
    verdict = guard.check("对,就这个意思", asked("意思就是这款理财保本的呗?"))
    assert not verdict.releasable
    assert any("等于答应了" in f.reason and f.quote == "对,就这个意思" for f in verdict.findings)


def test_an_honest_no_and_a_harmless_yes_pass(guard):
    assert guard.check("不是的,理财不保本", asked("意思就是保本的呗?")).releasable
    assert guard.check("是的", asked("您明天下午在网点吗")).releasable
    assert guard.check("行,没问题", asked("那我明天上午过来找你行不")).releasable
    assert guard.check("好的,我记下了", asked("我把身份证复印件带给你哦")).releasable
