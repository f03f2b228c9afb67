"""What the pages do, without Gradio."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from fake_app import DISCLOSURE, NOW

from copilot.errors import AccessDenied, InputError, ReleaseRefused
from copilot.records import User
from copilot.types import Citation, Fact, Finding
from ui.desk import Desk, admitted
from ui.handlers import advising, queueing, reviewing, sending, talking

ZHOU = User("zhou", "trainer", "周培训")
MESSAGE = "我那笔半年的理财好像这周五到期，到时候钱会自动回到卡里吗"


def suggested(desk, user, message=MESSAGE):
    conversation = talking.say(desk, user, "", message)
    return conversation, list(advising.suggest(desk, user, conversation))


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        ("到期了", [("customer", "到期了")]),
        ("到期了\n\n 钱呢 ", [("customer", "到期了"), ("customer", "钱呢")]),
        (
            "客户：到期了\n我: 周五到期\n当天到账\n客户:好",
            [("customer", "到期了"), ("advisor", "周五到期\n当天到账"), ("customer", "好")],
        ),
        ("先这样\n我：好的", [("customer", "先这样"), ("advisor", "好的")]),
        ("我想问问：能取吗", [("customer", "我想问问：能取吗")]),
        ("  \n", []),
    ],
)
def test_a_paste_is_read_as_messages(pasted, expected):
    assert [(m.role, m.text) for m in talking.read_paste(pasted, NOW)] == expected


def test_too_long_a_paste_is_refused_and_nothing_is_kept(desk, li):
    with pytest.raises(InputError):
        talking.say(desk, li, "", "长" * 20_001)
    assert desk.app.conversations.of("li") == []


def test_the_card_survives_its_form(desk, li):
    fields = {
        "name": "王姐",
        "risk_level": "C2",
        "assessed_on": "2026-03-01",
        "age": "52",
        "holdings": "稳健半年 R2 30万 2026-11-27\n大额存单，12,000元",
    }
    talk = talking.talk(desk, li, talking.save_card(desk, li, "", fields))
    assert (talk.customer.name, talk.customer.risk_level, talk.customer.age) == ("王姐", "C2", 52)
    first, second = talk.customer.holdings
    assert (first.name, first.product, first.risk_level, first.amount) == ("稳健半年", "P1", "R2", 300_000)
    assert first.maturity.isoformat() == "2026-11-27"
    assert (second.name, second.amount) == ("大额存单", 12_000)
    line = talking.holding_line(first.name, first.risk_level, first.amount, "2026-11-27")
    assert line == "稳健半年 R2 30万 2026-11-27"


@pytest.mark.parametrize("wrong", [{"age": "abc"}, {"risk_level": "C9"}, {"assessed_on": "昨天"}])
def test_a_wrong_card_is_refused_in_one_line(desk, li, wrong):
    with pytest.raises(InputError):
        talking.save_card(desk, li, "", wrong)


def test_candidates_come_one_by_one_and_each_is_guarded_and_recorded(desk, li):
    _, views = suggested(desk, li)
    assert [v.stage for v in views] == ["reading", "drafting", "drafting", "drafting", "done"]
    assert [len(v.cards) for v in views] == [0, 0, 1, 2, 2]
    assert all(c.candidate.verdict.releasable for c in views[-1].cards)
    assert len(desk.app.record.read(kinds=("candidate",))) == 2
    quoted = views[-1].cards[0].quoted[0]
    assert quoted.quote == quoted.value
    assert "自动回到签约账户" in quoted.before


def test_nothing_is_suggested_after_the_advisors_own_words(desk, li):
    _, views = suggested(desk, li, "客户：到期了\n我：周五到期")
    assert [v.stage for v in views] == ["nothing"]


def test_a_newer_message_makes_a_running_generation_fall_silent(desk, app, li):
    app.drafter.gate = threading.Event()
    conversation = talking.say(desk, li, "", MESSAGE)
    old = advising.suggest(desk, li, conversation)
    assert [next(old).stage, next(old).stage] == ["reading", "drafting"]
    talking.say(desk, li, conversation, "算了，我想先取出来")
    app.drafter.gate.set()
    assert list(old) == []
    assert advising.current(desk, li, conversation).stage == "waiting"


def test_a_stale_candidate_is_neither_adopted_nor_released(desk, li):
    conversation, views = suggested(desk, li)
    text = views[-1].cards[0].candidate.text
    talking.say(desk, li, conversation, "还在吗")
    assert sending.adopt(desk, li, conversation, 0).stale
    assert sending.send(desk, li, conversation, text, 0).what == "stale"
    assert desk.app.record.read(kinds=("release",)) == []


def test_another_process_goes_on_from_the_record(desk, app, li):
    conversation, views = suggested(desk, li)
    other = Desk(app)
    again = advising.current(other, li, conversation)
    assert again.stage == "done"
    assert [c.candidate for c in again.cards] == [c.candidate for c in views[-1].cards]
    proposal = desk.workspaces.get(conversation).proposal
    assert replace(again.proposal, moves=proposal.moves) == proposal
    assert sending.send(other, li, conversation, again.cards[0].candidate.text, 0).what == "released"


def test_editing_into_a_violation_shuts_the_gate_and_a_fix_opens_it(desk, li):
    conversation, _ = suggested(desk, li)
    adopted = sending.adopt(desk, li, conversation, 0)
    assert adopted.releasable
    bad = sending.check(desk, li, conversation, adopted.text + "这款保本。", 0)
    assert (bad.releasable, bad.referable, bad.verdict.outcome) == (False, True, "block")
    good = sending.check(desk, li, conversation, adopted.text + "这款不保本。", 0)
    assert good.releasable
    sent = sending.send(desk, li, conversation, good.text, 0)
    assert (sent.what, sent.text) == ("released", good.text)
    entry = desk.app.record.get(sent.entry)
    assert (entry.kind, entry.actor, entry.payload["edited"]) == ("release", "li", True)
    assert talking.talk(desk, li, conversation).messages[-1].text == good.text


def test_the_server_holds_what_a_browser_should_not_have_sent(desk, li):
    conversation, _ = suggested(desk, li)
    assert sending.send(desk, li, conversation, "保本，放心买", 0).what == "held"
    assert talking.talk(desk, li, conversation).messages[-1].role == "customer"


def test_what_only_the_last_reading_finds_is_shown_and_may_go_to_compliance(desk, app, li):
    conversation, _ = suggested(desk, li)
    doubt = Finding("G02-judge", "G02", "review", 0, 2, "您好", "再看看", "")
    app.line = replace(
        app.line, second_reader=lambda text, context, verdict: replace(verdict, outcome="review", findings=(doubt,))
    )
    assert sending.check(desk, li, conversation, "您好，我自己写的", None).releasable
    sent = sending.send(desk, li, conversation, "您好，我自己写的", None)
    assert sent.what == "held"
    editing = sending.after(desk, li, conversation, sent)
    assert editing.referable
    assert editing.verdict.findings == (doubt,)
    assert sending.ask_compliance(desk, li, conversation, "您好，我自己写的", None, "请看").what == "referred"


def test_the_disclosure_of_the_candidate_goes_out_with_it(desk, li):
    conversation, _ = suggested(desk, li)
    sent = sending.send(desk, li, conversation, sending.adopt(desk, li, conversation, 1).text, 1)
    assert sent.disclosure == DISCLOSURE
    assert [m.text for m in talking.talk(desk, li, conversation).messages][-1] == DISCLOSURE


def test_a_broken_guard_holds_everything_and_loses_nothing(desk, app, li):
    conversation, _ = suggested(desk, li)
    app.guard.broken = True
    checked = sending.check(desk, li, conversation, "您好", None)
    assert (checked.failure, checked.releasable, checked.text) == ("guard", False, "您好")
    assert sending.send(desk, li, conversation, "您好", None).failure == "guard"
    views = list(advising.suggest(desk, li, conversation))
    assert (views[-1].stage, views[-1].failure, views[-1].cards) == ("failed", "guard", ())


def test_a_broken_record_holds_the_text(desk, app, li):
    conversation, _ = suggested(desk, li)
    app.record.broken = True
    sending.check(desk, li, conversation, "您好", None)
    assert sending.send(desk, li, conversation, "您好", None).failure == "record"
    assert sending.resume(desk, li, conversation).text == "您好"
    assert talking.talk(desk, li, conversation).messages[-1].role == "customer"
    views = list(advising.suggest(desk, li, conversation))
    assert (views[-1].failure, views[-1].cards) == ("record", ())


def test_scripts_answer_while_the_model_is_down(desk, app, li):
    app.drafter.down, app.model = True, "down"
    _, views = suggested(desk, li)
    cards = [c.candidate for c in views[-1].cards]
    assert [c.origin for c in cards] == ["script", "script"]
    assert len({c.text for c in cards}) == 2


def test_nobody_opens_another_advisors_conversation(desk, li):
    conversation, _ = suggested(desk, li)
    wang = User("wang", "advisor", "王经理")
    for act in (
        lambda: talking.talk(desk, wang, conversation),
        lambda: sending.check(desk, wang, conversation, "x", None),
        lambda: sending.send(desk, wang, conversation, "x", None),
        lambda: list(advising.suggest(desk, wang, conversation)),
        lambda: talking.say(desk, wang, conversation, "x"),
    ):
        with pytest.raises(AccessDenied):
            act()


@pytest.mark.parametrize(("name", "page"), [("li", "compliance"), ("chen", "advisor"), ("zhou", "advisor")])
def test_a_role_is_admitted_to_its_own_page_only(desk, app, name, page):
    token = app.sessions.sign_in(name, "correct-horse-9").token
    with pytest.raises(AccessDenied):
        admitted(desk, token, page)
    with pytest.raises(AccessDenied):
        admitted(desk, None, page)


def referred(desk, user, text="这是最好的安排"):
    conversation, _ = suggested(desk, user)
    return conversation, sending.ask_compliance(desk, user, conversation, text, 0, "客户问得急").entry


def test_compliance_approves_once_and_the_advisor_sends_it_once(desk, li, chen):
    _, entry = referred(desk, li)
    assert [w.entry for w in queueing.queue(desk, chen).rows] == [entry]
    opened = reviewing.case(desk, chen, entry)
    assert (opened.remark, opened.approvable, opened.turns[0].text) == ("客户问得急", True, MESSAGE)
    with pytest.raises(InputError):
        reviewing.decide(desk, chen, entry, "approved", " ")
    with pytest.raises(InputError):
        sending.send_approved(desk, li, entry)
    reviewing.decide(desk, chen, entry, "approved", "已核对")
    with pytest.raises(InputError):
        reviewing.decide(desk, chen, entry, "rejected", "改主意")
    assert queueing.queue(desk, chen).rows == ()
    assert sending.outcomes(desk, li)[0].decision == "approved"
    assert sending.send_approved(desk, li, entry).what == "released"
    assert sending.send_approved(desk, li, entry).what == "failed"
    release = desk.app.record.read(kinds=("release",))
    assert [(e.payload["approved_by"], e.payload["text"]) for e in release] == [("chen", "这是最好的安排")]


def test_a_block_is_not_approved_and_nobody_decides_his_own(desk, li, chen):
    _, entry = referred(desk, li, "这款保本")
    with pytest.raises(ReleaseRefused):
        reviewing.decide(desk, chen, entry, "approved", "可以")
    with pytest.raises(AccessDenied):
        reviewing.decide(desk, User("li", "compliance", "李"), entry, "rejected", "不行")
    reviewing.decide(desk, chen, entry, "returned", "请改")
    assert reviewing.case(desk, chen, entry).decision == "returned"


def test_a_daily_value_is_cited_under_its_products_name(desk, li, monkeypatch):
    _, views = suggested(desk, li)
    proposal = views[-1].proposal
    product = replace(desk.app.line.library.products()[0], facts=(Fact("净值", "1.02", "V-P1", 0, 4, "P1"),))
    monkeypatch.setattr(desk.app.line.library, "products", lambda: (product,))
    candidate = replace(proposal.candidates[0], citations=(Citation("甲.净值", "1.02", "V-P1", 0, 4),))
    shown = advising.suggestion_of(desk, replace(proposal, candidates=(candidate,), passages=()), "done")
    assert shown.cards[0].quoted[0].title == "稳健半年"


def test_an_unsure_intent_is_offered_and_the_choice_is_a_lesson(desk, li):
    desk.app.unsure = True
    conversation, views = suggested(desk, li)
    assert [label for label, _ in views[-1].proposal.understanding.offered] == ["maturity_reinvest", "liquidity_need"]
    assert advising.corrected(desk, li, conversation) is None
    chosen = advising.offered(desk, li, conversation, 1)
    *_, last = advising.suggest(desk, li, conversation, chosen)
    assert last.proposal.understanding.intent == "liquidity_need"
    assert advising.corrected(desk, li, conversation) == "liquidity_need"
    (lesson,) = desk.app.record.read(kinds=("correction",))
    assert (lesson.payload["guessed"], lesson.payload["intent"]) == ("maturity_reinvest", "liquidity_need")
    with pytest.raises(InputError, match="offered no more"):
        advising.offered(desk, li, conversation, 0)


def test_nobody_chooses_an_intent_in_anothers_conversation(desk, li):
    desk.app.unsure = True
    conversation, _ = suggested(desk, li)
    wang = next(u for u in desk.app.users.list() if u.name == "wang")
    for act in (
        lambda: advising.offered(desk, wang, conversation, 0),
        lambda: advising.corrected(desk, wang, conversation),
    ):
        with pytest.raises(AccessDenied):
            act()


@pytest.mark.parametrize("remark", ["", "  \n"])
def test_without_a_remark_nothing_goes_to_compliance_and_the_text_stays(desk, app, li, remark):
    conversation = talking.say(desk, li, "", "我那笔理财到期了怎么办")
    list(advising.suggest(desk, li, conversation))
    sending.check(desk, li, conversation, "这是最好的安排", 0)
    sent = sending.ask_compliance(desk, li, conversation, "这是最好的安排", 0, remark)
    assert (sent.what, sent.failure) == ("failed", "remark")
    assert app.record.read(kinds=("referral",)) == []
    assert sending.resume(desk, li, conversation).text == "这是最好的安排"


def test_a_source_is_called_by_its_title_also_where_it_is_no_passage(app):
    app.line.library.papers["bank"] = "澜江银行联系方式与网点\n电话：95790"
    assert advising._named(app.line.library, "bank") == "澜江银行联系方式与网点"
    assert advising._named(app.line.library, "gone") == "gone"


def test_a_row_counts_from_the_first_message_nobody_answered(desk, li):
    asked = talking.say(desk, li, "", "在吗\n那笔到期了怎么办")
    (row,) = talking.rows(desk, li, asked)
    assert row.waiting
    assert row.since == desk.app.conversations.get(asked, li.name).messages[0].at
    talking.say(desk, li, asked, "客户：在吗\n我：在的")
    (row,) = talking.rows(desk, li, asked)
    assert not row.waiting
