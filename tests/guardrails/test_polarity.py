"""Pairs that differ by one clause: one claims, its twin does not."""

import pytest

from copilot.types import GuardContext

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
]


@pytest.mark.parametrize(("claim", "twin"), PAIRS)
def test_pair(guard, claim, twin):
    assert not guard.check(claim, GuardContext()).releasable
    assert guard.check(twin, GuardContext()).releasable
