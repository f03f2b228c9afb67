"""A pasted chat and what the desk holds already."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.pasted.merge import append, merge
from copilot.types import Turn

AT = datetime(2026, 11, 20, 10, 2)


def turns(*said, at=None):
    return [Turn("advisor" if s.startswith("我") else "customer", s, at) for s in said]


@pytest.mark.parametrize(
    ("kept", "pasted", "expected", "new"),
    [
        ((), ("在吗", "我在"), ("在吗", "我在"), (0, 1)),
        (("在吗",), ("在吗", "我在", "好"), ("在吗", "我在", "好"), (1, 2)),
        (("在吗", "好"), ("在吗", "我在", "好"), ("在吗", "我在", "好"), (1,)),
        (("到期了", "钱呢"), ("早", "到期了\n钱呢", "我在"), ("早", "到期了", "钱呢", "我在"), (0, 3)),
        (("在吗", "我在"), ("在吗", "我 在"), ("在吗", "我在"), ()),
        (("好", "好"), ("好", "好", "好"), ("好", "好", "好"), (2,)),
        (("在吗",), ("别的",), ("在吗", "别的"), (1,)),
    ],
)
def test_what_is_there_twice_is_one_message(kept, pasted, expected, new):
    found = merge(turns(*kept), turns(*pasted))
    assert (tuple(t.text for t in found.turns), tuple(sorted(found.new))) == (expected, new)


def test_an_older_chat_goes_before_and_a_known_message_learns_its_time():
    later = turns("在吗", at=AT)
    assert [t.text for t in merge(later, turns("早", at=AT.replace(day=1))).turns] == ["早", "在吗"]
    assert merge(turns("在吗"), later).turns == tuple(later)


def test_the_same_words_of_the_other_are_another_message():
    assert len(merge([Turn("customer", "好的")], [Turn("advisor", "好的")]).turns) == 2


def test_a_customer_who_says_the_same_again_said_it_again():
    kept, again = Turn("customer", "好的", AT), Turn("customer", "好的", AT.replace(hour=11))
    assert merge([kept], [again]).turns == (kept, again)
    released = Turn("advisor", "周五到期", AT)
    assert not merge([released], [Turn("advisor", "周五到期", AT.replace(hour=11))]).new


def test_messages_written_by_hand_go_to_the_end_and_ones_own_are_known():
    found = append(turns("在吗", "我在"), turns("在吗", "我在", "我看看"))
    assert [t.text for t in found.turns] == ["在吗", "我在", "在吗", "我看看"]
    assert (found.new, found.seen, found.fresh) == ({2, 3}, {1}, {0, 2})


_TURNS = st.lists(
    st.builds(Turn, st.sampled_from(["customer", "advisor"]), st.text("好在吗\n", min_size=1, max_size=4))
)


@settings(max_examples=300, deadline=None)
@given(_TURNS, _TURNS)
def test_nothing_said_is_lost_and_pasting_again_adds_nothing(kept, pasted):
    found = merge(kept, pasted)
    places = [(t.role, t.text) for t in found.turns]
    assert [p for n, p in enumerate(places) if n not in found.new] == [(t.role, t.text) for t in kept]
    lines = {(role, line) for role, text in places for line in text.split("\n") if line}
    assert {(t.role, line) for t in pasted for line in t.text.split("\n") if line} <= lines
    assert not merge(pasted, pasted).new
