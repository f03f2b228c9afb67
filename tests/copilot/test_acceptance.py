"""What advisors made of the suggestions, and the habits among their edits."""

from __future__ import annotations

from datetime import date, datetime
from itertools import count

import pytest

from copilot.acceptance import edit_share, used
from copilot.mining import clusters
from copilot.types import Entry

AT = datetime(2026, 11, 22, 9)


class Told:
    """Entries as the record has them."""

    def __init__(self):
        self.entries, self.numbers = [], count(1)

    def add(self, kind, actor, conversation, **payload):
        number = next(self.numbers)
        self.entries.append(Entry(number, kind, AT, actor, conversation, payload or None, "", ""))
        return number

    def turn(self, actor, conversation, intent="maturity_reinvest", name="王姐", script=None):
        opening = self.add(
            "proposal",
            actor,
            conversation,
            understanding={"intent": intent},
            turns=[{"role": "customer", "text": "到期怎么办"}],
            customer={"name": name},
        )
        made = {"origin": "script" if script else "model", "script": script, "move": "answer"}
        self.add("candidate", actor, conversation, proposal=opening, index=0, candidate=made)
        return opening

    def close(self, kind, actor, conversation, opening, text, shown=None):
        candidate = 0 if shown is not None else None
        return self.add(kind, actor, conversation, proposal=opening, candidate=candidate, shown=shown, text=text)


@pytest.fixture
def told():
    return Told()


def test_shown_taken_edited_sent_and_flagged_by_each_key(told):
    first = told.turn("li", "a", script="S-1")
    told.close("release", "li", "a", first, "一二三四", "一二三四")
    second = told.turn("li", "b")
    told.close("held", "li", "b", second, "保本", "一二三四")
    told.close("release", "li", "b", second, "一二三五", "一二三四")
    third = told.turn("wang", "c", intent="complaint")
    told.close("release", "wang", "c", third, "自己写的")
    found = used(told.entries)
    people = {t.key: t for t in found.table("person")}
    assert (people["li"].turns, people["li"].shown, people["li"].taken, people["li"].edited) == (2, 2, 2, 1)
    assert (people["li"].sent, people["li"].flagged, people["li"].share) == (2, 1, pytest.approx(0.25))
    assert (people["wang"].taken, people["wang"].sent, people["wang"].share) == (0, 1, None)
    assert {t.key: t.sent for t in found.table("intent")} == {"maturity_reinvest": 2, "complaint": 1}
    assert {t.key: (t.shown, t.sent) for t in found.table("script")} == {
        "S-1": (1, 1),
        "model": (2, 1),
        "free": (0, 1),
    }


def test_evaluations_older_days_and_redacted_texts_are_nobodys_use(told):
    opening = told.turn("eval", "e")
    told.close("release", "eval", "e", opening, "一")
    told.add("release", "li", "x")
    assert used(told.entries).table("person") == ()
    mine = told.turn("li", "a")
    told.close("release", "li", "a", mine, "一")
    assert used(told.entries, date(2026, 11, 23)).replies == ()
    assert len(used(told.entries).replies) == 1


@pytest.mark.parametrize(("before", "after", "share"), [("ab", "ab", 0), ("ab", "cd", 1), ("abcd", "abce", 0.25)])
def test_how_much_was_changed(before, after, share):
    assert edit_share(before, after) == pytest.approx(share)


HABIT = (
    "{n}，这笔钱到期先别急着动，我把几种安排列出来给您看",
    "{n}，这笔钱到期以后先别急着动，我把几种安排列给您看",
    "{n}，钱到期先别急着动，我把几种安排都列出来给您看看",
)


def habit(told, conversations):
    for n, (text, conversation) in enumerate(zip(HABIT, conversations, strict=True)):
        name = ("王姐", "赵叔", "刘女士")[n]
        opening = told.turn("li" if n else "wang", conversation, name=name)
        told.close("release", "li" if n else "wang", conversation, opening, text.format(n=name), "建议的话完全不同")


def test_edits_that_say_the_same_are_one_habit_without_the_name(told):
    habit(told, "abc")
    other = told.turn("li", "d")
    told.close("release", "li", "d", other, "您的投诉我已经登记，今天之内一定回您电话", "x")
    (found,) = clusters(used(told.entries).replies)
    assert (len(found.replies), found.people, found.intent, found.move) == (3, 2, "maturity_reinvest", "answer")
    assert found.text.startswith("{客户.称呼}，")
    assert found.figures == ()


def test_one_conversation_or_a_text_sent_as_suggested_is_no_habit(told):
    habit(told, "aaa")
    assert clusters(used(told.entries).replies) == ()
    for n in range(4):
        opening = told.turn("li", f"z{n}")
        told.close("release", "li", f"z{n}", opening, "这句话是建议的原文没有改过", "这句话是建议的原文没有改过")
    assert clusters(used(told.entries).replies) == ()


def test_a_habit_with_private_data_or_figures_says_so(told):
    for n, conversation in enumerate("abc"):
        opening = told.turn("li", conversation, name=f"客户{n}")
        told.close("release", "li", conversation, opening, "有问题打我手机13812345678，这期年化2.5%您看看", "x")
    (found,) = clusters(used(told.entries).replies)
    assert "13812345678" not in found.text
    assert "2.5%" in found.figures
