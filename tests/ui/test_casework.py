"""Compliance's cases: who may do what, two officers at once, the way back to the advisor, filters and cases alike."""

from __future__ import annotations

import re
import threading
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from fake_app import FakeApp

from copilot.errors import AccessDenied, CaseRefused, InputError, OwnText, RecordError, ReleaseRefused
from copilot.records import User
from copilot.types import Fact
from ui.desk import Desk
from ui.handlers import advising, queueing, reviewing, sending, talking
from ui.handlers.alike import bare
from ui.handlers.queueing import Filter, filter_of
from ui.present.case import case as present_case
from ui.text import Words

LI, WANG = User("li", "advisor", "李经理"), User("wang", "advisor", "王经理")
CHEN, SUN = User("chen", "compliance", "陈合规"), User("sun", "compliance", "孙合规")
ZHOU, ROOT = User("zhou", "trainer", "周培训"), User("root", "admin", "管理员")
HELD = "这是最好的安排"


def refer(desk, text=HELD, user=LI, name="", level="C2", candidate=None):
    fields = {"name": name, "risk_level": level, "assessed_on": "2026-03-01"}
    conversation = talking.save_card(desk, user, "", fields) if name else ""
    conversation = talking.say(desk, user, conversation, "我那笔理财到期了怎么办")
    list(advising.suggest(desk, user, conversation))
    sent = sending.ask_compliance(desk, user, conversation, text, candidate, "客户问得急")
    assert sent.what == "referred"
    return sent.entry


def holder(desk, entry):
    return desk.app.cases.get(entry).holder


ACTS = {
    "claim": lambda desk, user, entry: reviewing.act(desk, user, "claim", entry),
    "release": lambda desk, user, entry: reviewing.act(desk, user, "release", entry),
    "assign": lambda desk, user, entry: reviewing.act(desk, user, "assign", entry, to="sun"),
    "escalate": lambda desk, user, entry: reviewing.act(desk, user, "escalate", entry, remark="拿不准"),
    "approved": lambda desk, user, entry: reviewing.decide(desk, user, entry, "approved", "可"),
    "returned": lambda desk, user, entry: reviewing.decide(desk, user, entry, "returned", "改"),
    "rejected": lambda desk, user, entry: reviewing.decide(desk, user, entry, "rejected", "不可"),
}


@pytest.mark.parametrize("what", ACTS)
@pytest.mark.parametrize(
    "user", [LI, WANG, ZHOU, ROOT, User("li", "compliance", "李"), CHEN], ids=lambda u: f"{u.name}-{u.role}"
)
def test_each_role_and_each_act(desk, user, what):
    """Officers do all of it; an administrator nothing with an ordinary case; authors, advisors and trainers nothing at all."""
    entry = refer(desk)
    if user is CHEN:
        if what == "release":
            reviewing.act(desk, CHEN, "claim", entry)
        before = desk.app.record.verify().entries
        ACTS[what](desk, user, entry)
        assert desk.app.record.verify().entries == before + 1
        return
    before = desk.app.record.verify().entries
    expected = CaseRefused if user is ROOT else OwnText if user.role == "compliance" else AccessDenied
    with pytest.raises(expected):
        ACTS[what](desk, user, entry)
    assert desk.app.record.verify().entries == before
    assert desk.app.cases.get(entry).outcome == ""


@pytest.mark.parametrize("user", [LI, ZHOU])
def test_the_queue_and_a_case_are_for_officers_only(desk, user):
    entry = refer(desk)
    with pytest.raises(AccessDenied):
        queueing.queue(desk, user)
    with pytest.raises(AccessDenied):
        reviewing.case(desk, user, entry)


def test_a_claimed_case_is_kept_from_others_and_recorded_with_who_and_when(desk):
    entry = refer(desk)
    reviewing.act(desk, CHEN, "claim", entry)
    for what in ACTS:
        with pytest.raises(CaseRefused) as caught:
            ACTS[what](desk, SUN, entry)
        assert (caught.value.why, caught.value.who) == ("taken", "chen")
    with pytest.raises(CaseRefused):
        reviewing.act(desk, CHEN, "claim", entry)
    (claimed,) = desk.app.record.read(kinds=("case",))
    assert (claimed.actor, claimed.payload["act"], claimed.payload["referral"]) == ("chen", "claim", entry)
    row = queueing.queue(desk, SUN).rows[0]
    assert (row.holder, row.mine) == ("陈合规", False)
    reviewing.act(desk, CHEN, "release", entry)
    reviewing.act(desk, SUN, "claim", entry)
    assert holder(desk, entry) == "sun"


def test_a_claim_that_outlived_the_target_time_may_be_taken_over(desk, app):
    entry = refer(desk)
    reviewing.act(desk, CHEN, "claim", entry)
    app.later = timedelta(minutes=31)
    reviewing.act(desk, SUN, "claim", entry)
    assert holder(desk, entry) == "sun"
    with pytest.raises(CaseRefused):
        reviewing.decide(desk, CHEN, entry, "approved", "可")


def test_an_officer_on_an_old_screen_changes_nothing(desk):
    entry = refer(desk)
    seen = reviewing.case(desk, SUN, entry).seen
    reviewing.act(desk, CHEN, "claim", entry)
    reviewing.act(desk, CHEN, "release", entry)
    with pytest.raises(CaseRefused) as caught:
        reviewing.decide(desk, SUN, entry, "approved", "可", seen)
    assert caught.value.why == "changed"
    assert desk.app.cases.get(entry).outcome == ""


def test_assigning_is_to_an_officer_who_may_decide(desk, app):
    entry = refer(desk)
    reviewing.act(desk, CHEN, "assign", entry, to="sun", remark="您熟悉")
    assert holder(desk, entry) == "sun"
    assert [(s.what, s.to, s.remark) for s in reviewing.case(desk, SUN, entry).steps][-1] == (
        "assign",
        "孙合规",
        "您熟悉",
    )
    for nobody in ("li", "zhou", "root", "nobody", "sun"):
        with pytest.raises(CaseRefused):
            reviewing.act(desk, SUN, "assign", entry, to=nobody)
    app.users.deactivate("chen")
    with pytest.raises(CaseRefused):
        reviewing.act(desk, SUN, "assign", entry, to="chen")


def test_an_escalated_case_is_for_a_senior(desk):
    entry = refer(desk)
    with pytest.raises(InputError):
        reviewing.act(desk, CHEN, "escalate", entry, remark=" ")
    reviewing.act(desk, CHEN, "claim", entry)
    reviewing.act(desk, CHEN, "escalate", entry, remark="拿不准")
    for what in ("claim", "approved"):
        with pytest.raises(CaseRefused):
            ACTS[what](desk, CHEN, entry)
    with pytest.raises(CaseRefused):
        reviewing.act(desk, SUN, "escalate", entry, remark="也拿不准")
    assert queueing.queue(desk, SUN).rows[0].escalated
    reviewing.act(desk, SUN, "assign", entry, to="root")
    reviewing.decide(desk, ROOT, entry, "approved", "可以")
    assert desk.app.cases.get(entry).outcome == "approved"


def test_a_broken_record_changes_no_case(desk, app):
    entry = refer(desk)
    app.record.broken = True
    for what in ("claim", "approved"):
        with pytest.raises(RecordError):
            ACTS[what](desk, CHEN, entry)
    assert (holder(desk, entry), desk.app.cases.get(entry).outcome) == ("", "")


def test_many_officers_in_several_processes_never_overwrite_each_other(desk, app, tmp_path):
    """Each worker has an engine and a desk of its own, as a web process has; every case ends with exactly one decision."""
    entries = [refer(desk) for _ in range(4)]
    workers = []
    for n in range(4):
        name = f"officer{n}"
        app.users.add(name, "compliance", name, "correct-horse-9")
        workers.append((Desk(FakeApp(tmp_path)), User(name, "compliance", name)))
    won, refused, start = Counter(), [], threading.Barrier(len(workers))

    def work(own, user):
        start.wait(30)
        for entry in entries:
            try:
                seen = reviewing.case(own, user, entry).seen
                reviewing.act(own, user, "claim", entry, seen)
                reviewing.decide(own, user, entry, "approved", user.name)
                won[entry] += 1
            except CaseRefused as error:
                refused.append(error.why)

    threads = [threading.Thread(target=work, args=pair) for pair in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert won == dict.fromkeys(entries, 1)
    assert len(refused) == len(entries) * (len(workers) - 1)
    decisions = desk.app.record.read(kinds=("decision",))
    claims = {e.payload["referral"]: e.actor for e in desk.app.record.read(kinds=("case",))}
    assert {e.payload["referral"]: e.actor for e in decisions} == claims
    assert desk.app.record.verify().ok
    assert desk.app.cases.compare()


def test_an_approved_text_is_sent_once_by_two_clicks_at_once(desk, app, tmp_path):
    entry = refer(desk)
    reviewing.decide(desk, CHEN, entry, "approved", "可")
    desks, start, told = [Desk(FakeApp(tmp_path)) for _ in range(3)], threading.Barrier(3), []

    def click(own):
        start.wait(30)
        told.append(sending.send_approved(own, LI, entry).what)

    threads = [threading.Thread(target=click, args=(own,)) for own in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(told) == ["failed", "failed", "released"]
    assert len(desk.app.record.read(kinds=("release",))) == 1


def test_a_returned_text_is_changed_and_sent_again_as_the_same_case(desk):
    first = refer(desk)
    reviewing.decide(desk, CHEN, first, "returned", "去掉「最好」")
    (outcome,) = sending.outcomes(desk, LI)
    assert (outcome.revisable, outcome.reason, outcome.by) == (True, "去掉「最好」", "陈合规")
    with pytest.raises(InputError):
        sending.revise(desk, WANG, first)
    conversation = sending.revise(desk, LI, first)
    assert sending.resume(desk, LI, conversation).text == HELD
    second = sending.ask_compliance(desk, LI, conversation, "这是最好的办法", None, "改了").entry
    opened = reviewing.case(desk, SUN, second)
    assert [(r.entry, r.outcome, r.reason, r.text) for r in opened.earlier] == [
        (first, "returned", "去掉「最好」", HELD)
    ]
    assert queueing.queue(desk, SUN).rows[0].again
    assert [o.revisable for o in sending.outcomes(desk, LI)] == [False, False]
    with pytest.raises(InputError):
        sending.revise(desk, LI, first)


def test_once_something_else_went_out_a_new_referral_is_a_new_case(desk):
    first = refer(desk)
    conversation = desk.app.cases.get(first).conversation
    reviewing.decide(desk, CHEN, first, "returned", "改")
    assert sending.send(desk, LI, conversation, "王姐，您好", None).what == "released"
    talking.say(desk, LI, conversation, "还有别的吗")
    list(advising.suggest(desk, LI, conversation))
    second = sending.ask_compliance(desk, LI, conversation, HELD, None, "再看看").entry
    assert reviewing.case(desk, CHEN, second).earlier == ()


def test_an_advisors_waiting_referrals_never_drop_out_of_his_list(desk):
    first = refer(desk)
    for _ in range(8):
        reviewing.decide(desk, CHEN, refer(desk), "rejected", "不可")
    outcomes = sending.outcomes(desk, LI)
    assert [outcomes[0].referral, len(outcomes)] == [first, 1 + sending.OWN_SHOWN]


def test_filters_counts_and_ages(desk, app):
    old = refer(desk, name="王姐")
    app.later = timedelta(minutes=45)
    block, mine = refer(desk, "这款保本", WANG), refer(desk)
    reviewing.act(desk, CHEN, "claim", mine)
    found = queueing.queue(desk, CHEN)
    assert [r.entry for r in found.rows] == [block, old, mine]
    assert [r.over for r in found.rows] == [False, True, False]
    assert (found.waiting, found.mine, found.nobodys, found.over, found.oldest) == (3, 1, 2, 1, 45)
    assert [(c.value, c.n) for c in found.checks] == [("G01", 1), ("G21", 2)]
    assert [(c.shown, c.n) for c in found.advisors] == [("李经理", 2), ("王经理", 1)]
    for chosen, expected in (
        (Filter(check="G01"), [block]),
        (Filter(severity="review"), [old, mine]),
        (Filter(advisor="wang"), [block]),
        (Filter(age="over"), [old]),
        (Filter(holder="mine"), [mine]),
        (Filter(holder="nobody", severity="review"), [old]),
        (Filter(holder="escalated"), []),
    ):
        assert [r.entry for r in queueing.queue(desk, CHEN, filter_of(chosen.written())).rows] == expected
    assert queueing.following(desk, CHEN, Filter(), block, 1) == old
    assert queueing.following(desk, CHEN, Filter(), block, -1) == block
    assert queueing.following(desk, CHEN, Filter(severity="review"), block, 1) == old
    assert queueing.following(desk, CHEN, Filter(holder="escalated"), block, 1) == 0


@pytest.mark.parametrize("text", ["", None, "check", "shown=-1", "shown=x&nonsense=1", "shown=99999999999999"])
def test_what_is_no_filter_filters_nothing(text):
    assert filter_of(text) == Filter()


def test_a_filter_is_put_on_and_off():
    on = Filter().toggled("check", "G01")
    assert (on.check, on.active, on.toggled("check", "G01")) == ("G01", True, Filter())
    assert Filter().toggled("shown", "1") == Filter()


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("王姐，这是最好的", "", "○，这是最好的"),
        ("王姐，这是最好的", "王姐", "○，这是最好的"),
        ("给王丽讲过，王丽放心", "王丽", "给○讲过，○放心"),
        ("年化2.8%最好", "", "年化2.8%最好"),
        ("哥哥最好", "哥", "哥哥最好"),
    ],
)
def test_a_text_without_the_name_keeps_everything_else(text, name, expected):
    assert bare(text, name) == expected


def test_alike_cases_are_decided_together_with_one_reason(desk):
    first, second = refer(desk, "王姐，这是最好的安排", name="王姐"), refer(desk, "赵叔，这是最好的安排", WANG, "赵叔")
    other = refer(desk, "钱总，这是最好的安排", name="钱总", level="C4")
    third, figure = (
        refer(desk, "孙姐，这是最好的安排", name="孙姐"),
        refer(desk, "王姐，这是最好的3个安排", name="王姐"),
    )
    like = {a.entry: a.seen for a in reviewing.case(desk, CHEN, first).like}
    assert set(like) == {second, third}
    reviewing.act(desk, SUN, "claim", third)
    done = reviewing.decide(desk, CHEN, first, "returned", "去掉绝对化用语", others=like | {other: 0, figure: 0})
    assert (done.closed, done.missed) == (2, 3)
    assert [desk.app.cases.get(e).outcome for e in (first, second, third, other, figure)] == [
        "returned",
        "returned",
        "",
        "",
        "",
    ]
    together = desk.app.record.read(kinds=("decision",))[-1].payload
    assert (together["with"], together["reason"], together["text"]) == (first, "去掉绝对化用语", "赵叔，这是最好的安排")


def test_nobody_decides_his_own_within_alike_cases(desk):
    first = refer(desk, "王姐，这是最好的", name="王姐")
    own = refer(desk, "赵叔，这是最好的", WANG, "赵叔")
    officer = User("wang", "compliance", "王")
    assert reviewing.case(desk, officer, first).like == ()
    assert (
        reviewing.decide(desk, officer, first, "rejected", "不可", others={own: desk.app.cases.get(own).last}).missed
        == 1
    )
    assert desk.app.cases.get(own).outcome == ""


def test_the_case_shows_what_it_takes_to_decide(desk):
    entry = refer(desk, "王姐，稳健半年是最好的安排", name="王姐", level="C1", candidate=1)
    opened = reviewing.case(desk, CHEN, entry)
    assert opened.candidate.move == "implication"
    assert [(n.product.id, n.fits) for n in opened.products] == [("P1", False)]
    assert (opened.verdict.rules_version, opened.rules_now, opened.knowledge_now) == ("v12", "v12", "2026-11-21")
    assert [s.what for s in opened.steps] == ["referred"]
    assert (opened.barred, opened.approvable, opened.eligible) == ("", True, (("chen", "陈合规"), ("sun", "孙合规")))
    with pytest.raises(InputError):
        reviewing.case(desk, CHEN, 99_999)
    with pytest.raises(InputError):
        reviewing.act(desk, CHEN, "burn", entry)


def test_a_block_is_never_approved_not_even_with_others(desk):
    first, second = refer(desk, "王姐，保本", name="王姐"), refer(desk, "赵叔，保本", name="赵叔")
    with pytest.raises(ReleaseRefused):
        reviewing.decide(desk, CHEN, first, "approved", "可", others={second: desk.app.cases.get(second).last})
    assert [desk.app.cases.get(e).outcome for e in (first, second)] == ["", ""]


def test_the_published_values_that_a_text_tells_stand_first(desk, app):
    facts = tuple(Fact(f"栏{n}", f"值{n}。", "product/P1", 0, 3, "P1") for n in range(20))
    product = replace(app.library.products()[0], facts=facts)
    app.library.products = lambda: (product,)
    conversation = talking.say(desk, LI, "", "稳健半年到期了")
    list(advising.suggest(desk, LI, conversation))
    entry = sending.ask_compliance(desk, LI, conversation, "稳健半年最好，值19。", None, "请看").entry
    shown = present_case(Words("zh"), reviewing.case(desk, CHEN, entry))
    listed = re.findall(r"<li class=.small.>(.*?)</li>", shown)
    assert listed[0].startswith("栏19 值19。 ")
    assert "文中说到" in listed[0]
    assert not any("文中说到" in other for other in listed[1:])
