"""Samples of what went out: nobody goes unread, nothing is drawn twice, nobody judges his own."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from copilot.errors import AccessDenied, InputError, OwnText
from copilot.records import RecordStore, User, open_database
from copilot.sampling import Draw, Sampling

CHEN, SUN = User("chen", "compliance", "陈"), User("sun", "compliance", "孙")
NOW = datetime(2026, 11, 22, 10)


@pytest.fixture
def sampling(tmp_path):
    record = RecordStore(open_database(f"sqlite:///{tmp_path / 'r.db'}"))
    for n in range(12):
        actor = ("li", "li", "li", "wang")[n % 4]
        rule = "G22-1" if n == 3 else ""
        findings = [{"rule": rule}] if rule else []
        told = {"text": f"t{n}", "verdict": {"outcome": "pass", "findings": findings}}
        record.append("release", actor, "c", told, datetime(2026, 11, 1 + n))
    return Sampling(record, lambda: NOW, lambda: 7)


def actor(sampling, number):
    return sampling.record.get(number).actor


def test_a_share_of_each_advisors_messages_is_drawn(sampling):
    drawn = sampling.draw(CHEN, Draw(20))
    assert sorted(actor(sampling, n) for n in drawn) == ["li", "li", "wang"]
    (noted,) = sampling.record.read(kinds=("sample",))
    assert (noted.payload["of"], noted.payload["seed"], noted.payload["drawn"]) == (12, 7, sorted(drawn))


def test_what_was_drawn_is_not_drawn_again(sampling):
    first = sampling.draw(CHEN, Draw(50))
    second = sampling.draw(CHEN, Draw(100))
    assert set(first).isdisjoint(second)
    assert len(first) + len(second) == 12
    with pytest.raises(InputError, match="left"):
        sampling.draw(CHEN, Draw(100))


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (Draw(100, advisor="wang"), (4, 8, 12)),
        (Draw(100, rule="G22"), (4,)),
        (Draw(100, since=date(2026, 11, 11)), (11, 12)),
        (Draw(100, until=date(2026, 11, 1)), (1,)),
    ],
)
def test_a_draw_can_be_narrowed(sampling, wanted, numbers):
    assert sampling.draw(CHEN, wanted) == numbers


def test_a_message_is_judged_once_with_a_reason_where_it_is_poor(sampling):
    number = sampling.draw(CHEN, Draw(100, advisor="wang"))[0]
    with pytest.raises(InputError, match="reason"):
        sampling.judge(CHEN, number, "poor", " ")
    sampling.judge(CHEN, number, "poor", "没有答她的问题")
    with pytest.raises(InputError, match="meanwhile"):
        sampling.judge(SUN, number, "good", "")
    found = next(s for s in sampling.drawn() if s.release == number)
    assert (found.outcome, found.remark, found.by) == ("poor", "没有答她的问题", "chen")


def test_what_was_not_drawn_or_is_ones_own_is_not_judged(sampling):
    with pytest.raises(InputError):
        sampling.judge(CHEN, 1, "good", "")
    with pytest.raises(InputError):
        sampling.judge(CHEN, 999, "good", "")
    with pytest.raises(OwnText):
        sampling.judge(User("li", "admin", "李"), 1, "good", "")
    with pytest.raises(AccessDenied):
        sampling.draw(User("li", "advisor", "李"), Draw(10))


@pytest.mark.parametrize("percent", [0, -1, 101])
def test_a_share_that_is_none(sampling, percent):
    with pytest.raises(InputError, match="percent"):
        sampling.draw(CHEN, Draw(percent))
