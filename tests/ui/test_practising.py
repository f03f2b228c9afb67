"""Practice on the desk: whose talk it is, what is shown of it, in both languages."""

from __future__ import annotations

import pytest

from copilot.errors import AccessDenied, InputError
from copilot.records import User
from evals.practice.customer import customer_of, customers
from ui import practice as page
from ui import trainer
from ui.handlers import learning, practising
from ui.leaf import Act, Place
from ui.present import practice as present
from ui.refusals import refusal
from ui.text import Words

ZH, EN = Words("zh"), Words("en")
WANG, ZHOU = User("wang", "advisor", "王经理"), User("zhou", "trainer", "周培训")
COURIER = customer_of("courier")


@pytest.fixture
def talk(desk, li):
    return practising.begin(desk, li, "courier")


def test_a_talk_survives_the_process_and_ends_with_its_scores(desk, app, li, talk):
    from ui.desk import Desk

    practising.say(desk, li, talk, "马师傅，这笔钱您什么时候要用？")
    again = practising.opened(Desk(app), li, talk)
    assert again.talk.known == ("term",)
    assert again.scored is None
    done = practising.leave(desk, li, talk)
    assert (done.talk.ended, done.scored.of("S").some) == ("left", 1)
    assert app.record.read() == []  # nothing of it among what advisors did with real customers


@pytest.mark.parametrize("act", [practising.opened, practising.leave, lambda d, u, p: practising.say(d, u, p, "您好")])
def test_nobody_reads_or_goes_on_with_another_advisor_s_talk(desk, talk, act):
    with pytest.raises(InputError, match="no such talk"):
        act(desk, WANG, talk)


def test_only_trainers_read_everybody_s(desk, li, talk):
    for act in (lambda: practising.talks(desk, li, ""), lambda: practising.whole(desk, li, talk)):
        with pytest.raises(AccessDenied):
            act()
    with pytest.raises(AccessDenied):
        practising.begin(desk, ZHOU, "courier")
    assert practising.whole(desk, ZHOU, talk).stored.person == "li"


def test_choices_say_how_often_how_well_and_what_still_goes_on(desk, li, talk):
    def choice():
        return next(c for c in practising.choices(desk, li) if c.buyer.id == "courier")

    assert (choice().times, choice().best, choice().open) == (1, None, talk)
    practising.say(desk, li, talk, "您好")
    practising.leave(desk, li, talk)
    assert (choice().times, choice().open) == (1, "")
    assert 0 < choice().best < 1


def test_progress_is_oldest_first_and_counts_finished_talks(desk, li):
    for lines in (["您好"], ["马师傅，这笔钱您什么时候要用？", "您最担心的是什么？"]):
        name = practising.begin(desk, li, "courier")
        for text in lines:
            practising.say(desk, li, name, text)
        practising.leave(desk, li, name)
    practising.begin(desk, li, "nurse")
    found = practising.mine(desk, li)
    assert len(found.talks) == 3
    first, second = found.wholes
    assert first < second
    assert [p.person for p in practising.talks(desk, ZHOU, "")] == ["li"]
    assert practising.talks(desk, ZHOU, "wang")[0].talks == ()


@pytest.mark.parametrize("words", [ZH, EN], ids=["zh", "en"])
def test_the_views_are_drawn_in_both_languages(desk, li, talk, words):
    def looked(user, leaf, view, **at):
        return leaf.look(desk, words, user, Place(view, at))

    chosen = looked(li, page.LEAF, "customers").html
    assert present.told(words, COURIER.name) in chosen
    assert chosen.count("do-act-begin-") == len(customers())
    going = looked(li, page.LEAF, "talk", practice=talk)
    assert going.shown == {"form", "say", "leave"}
    assert present.told(words, COURIER.hidden) not in going.html
    practising.say(desk, li, talk, "这款保本，<b>您放心</b>")
    practising.leave(desk, li, talk)
    done = looked(li, page.LEAF, "talk", practice=talk)
    assert done.shown == frozenset()
    assert present.told(words, COURIER.hidden) in done.html
    assert COURIER.better.compliance in done.html
    assert "<b>您放心" not in done.html
    assert words("y_left") in done.html
    assert words("y_whole") in looked(li, page.LEAF, "mine").html
    listed = looked(ZHOU, trainer.LEAF, "practice").html
    assert "李经理" in listed
    assert words("y_of", person="李经理") in looked(ZHOU, trainer.LEAF, "practice", person="li").html
    assert looked(ZHOU, trainer.LEAF, "practised", practice=talk).html.count("bubble") >= 3


def test_with_whom_nothing_may_be_sold_is_said_after(desk, li):
    name = practising.begin(desk, li, "widow")
    practising.say(desk, li, name, "您好")
    assert ZH("y_nosale") not in present.talk(ZH, practising.opened(desk, li, name), "")
    assert ZH("y_nosale") in present.talk(ZH, practising.leave(desk, li, name), "")


def test_nobody_has_practised_yet(desk, li):
    assert ZH("y_none") in present.progress(ZH, practising.mine(desk, li))
    assert ZH("y_none_yet") in present.everybody(ZH, practising.talks(desk, ZHOU, ""), learning.people(desk))


def acted(desk, user, verb, place=None, value="", **fields):
    return page.LEAF.act(desk, ZH, user, Act(verb, value, place or Place(), fields))


def test_the_page_s_acts_begin_say_and_end(desk, li):
    place = acted(desk, li, "begin", value="courier").place
    assert acted(desk, li, "say", place, said="马师傅，这笔钱您什么时候要用？").place == place
    acted(desk, li, "leave", place)
    assert practising.opened(desk, li, place.get("practice")).talk.ended == "left"
    with pytest.raises(InputError, match="nothing one does"):
        acted(desk, li, "dance", place)


@pytest.mark.parametrize(
    ("act", "key"),
    [
        (lambda d, u, t: practising.begin(d, u, "nobody"), "y_gone"),
        (lambda d, u, t: practising.opened(d, u, "gone"), "y_gone"),
        (lambda d, u, t: practising.leave(d, u, t), "y_nothing"),
        (lambda d, u, t: practising.say(d, u, t, " "), "y_empty"),
        (lambda d, u, t: practising.say(d, u, t, "长" * 501), "fail_long"),
        (lambda d, u, t: d.app.practices.append(t, 1, {}, d.app.clock()) or d.app.practices.append(t, 1, {}, d.app.clock()), "y_elsewhere"),
        (lambda d, u, t: d.app.practices.end(t, "bad", {"scores": []}, d.app.clock()) or practising.say(d, u, t, "您好"), "y_has_ended"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_told_in_the_reader_s_language(desk, li, talk, act, key):
    with pytest.raises(InputError) as caught:
        act(desk, li, talk)
    for words in (ZH, EN):
        assert refusal(words, str(caught.value)) == words(key)
