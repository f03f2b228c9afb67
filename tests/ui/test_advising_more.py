"""What stands beside the suggestions: search by hand, thumbs, holding replies, notices, drafts that outlive a process."""

from __future__ import annotations

from dataclasses import replace

import pytest

from copilot.casework import Casework
from copilot.errors import AccessDenied, InputError
from copilot.records import User
from copilot.types import Citation, Script
from ui.desk import Desk
from ui.handlers import advising, holding, looking, noticing, reviewing, sending, talking

MESSAGE = "我那笔半年的理财好像这周五到期，到时候钱会自动回到卡里吗"
WANG = User("wang", "advisor", "王经理")


def suggested(desk, user, message=MESSAGE):
    conversation = talking.say(desk, user, "", message)
    return conversation, list(advising.suggest(desk, user, conversation))


def referred(desk, user, text="这是最好的安排"):
    conversation, _ = suggested(desk, user)
    return conversation, sending.ask_compliance(desk, user, conversation, text, 0, "客户问得急")


def test_an_unsent_reply_outlives_the_process_and_the_customers_next_message(desk, app, li):
    conversation, _ = suggested(desk, li)
    sending.check(desk, li, conversation, "王姐，我自己写的", None)
    assert sending.resume(Desk(app), li, conversation).text == "王姐，我自己写的"
    talking.say(desk, li, conversation, "还在吗")
    assert sending.resume(Desk(app), li, conversation).text == "王姐，我自己写的"


def test_a_suggestion_only_taken_up_goes_with_its_proposal_and_a_sent_reply_is_gone(desk, app, li):
    conversation, _ = suggested(desk, li)
    adopted = sending.adopt(desk, li, conversation, 1)
    again = sending.resume(Desk(app), li, conversation)
    assert (again.text, again.candidate, again.disclosure) == (adopted.text, 1, adopted.disclosure)
    talking.say(desk, li, conversation, "还在吗")
    assert sending.resume(Desk(app), li, conversation).text == ""
    list(advising.suggest(desk, li, conversation))
    sending.send(desk, li, conversation, "王姐，在的", None)
    assert sending.resume(Desk(app), li, conversation).text == ""


def test_what_is_typed_is_an_instruction_and_a_chosen_move_goes_first(desk, app, li):
    asked = []
    drafter = app.drafter
    app.line = replace(app.line, drafter=lambda request: asked.append(request) or drafter(request))
    conversation = talking.say(desk, li, "", MESSAGE)
    sending.check(desk, li, conversation, "提一下周五我在网点", None)
    *_, last = advising.suggest(desk, li, conversation, move="situation")
    assert asked[0].instruction == "提一下周五我在网点"
    assert [m.move for m in asked[0].moves] == ["situation", "answer"]
    wishes = app.record.read(kinds=("proposal",))[0].payload["wishes"]
    assert (wishes["instruction"], wishes["move"]) == ("提一下周五我在网点", "situation")
    assert last.stage == "done"


def test_nothing_is_sold_where_the_state_forbids_it(desk, app, li):
    understand = app.line.understand
    app.line = replace(app.line, understand=lambda c: replace(understand(c), selling=False))
    conversation = talking.say(desk, li, "", MESSAGE)
    *_, last = advising.suggest(desk, li, conversation, move="need")
    assert (last.stage, last.failure, last.cards) == ("failed", "input", ())


def test_a_thumb_is_recorded_with_its_reason(desk, li):
    conversation, _ = suggested(desk, li)
    advising.thumb(desk, li, conversation, 1, False, "pushy")
    advising.thumb(desk, li, conversation, 0, True)
    said = [
        (e.payload["candidate"], e.payload["up"], e.payload["reason"], e.payload["script"])
        for e in desk.app.record.read(kinds=("thumb",))
    ]
    assert said == [(1, False, "pushy", "S-2"), (0, True, "", None)]
    assert [card.liked for card in advising.current(desk, li, conversation).cards] == [True, False]
    for index, up, reason in ((5, True, ""), (0, False, ""), (0, False, "x"), (0, True, "long")):
        with pytest.raises(InputError):
            advising.thumb(desk, li, conversation, index, up, reason)
    with pytest.raises(AccessDenied):
        advising.thumb(desk, WANG, conversation, 0, True)


def test_while_a_text_waits_an_approved_reply_is_offered_and_both_are_sent(desk, li, chen):
    conversation, sent = referred(desk, li)
    holding = sending.adopt(desk, li, conversation, sent.holding)
    assert holding.releasable
    assert sending.send(desk, li, conversation, holding.text, sent.holding).what == "released"
    reviewing.decide(desk, chen, sent.entry, "approved", "已核对")
    assert sending.send_approved(desk, li, sent.entry).what == "released"
    assert [m.text for m in talking.talk(desk, li, conversation).messages][1:] == [holding.text, "这是最好的安排"]


def test_the_holding_reply_is_offered_again_after_a_reload_until_it_was_sent_or_nothing_waits(desk, app, li, chen):
    conversation, sent = referred(desk, li)
    for again in (desk, Desk(app)):  # the same process, and one that has to read the record
        offer = holding.waits(again, li, conversation)
        assert (offer.what, offer.entry, offer.holding_text) == ("referred", sent.entry, sent.holding_text)
        assert sending.adopt(again, li, conversation, offer.holding).text == sent.holding_text
    assert (
        len(app.record.read(kinds=("candidate",))) == 3
    )  # two suggestions and the one holding reply: none is made twice
    sending.send(desk, li, conversation, sent.holding_text, sent.holding)
    assert holding.waits(desk, li, conversation).what == ""

    other, waiting = referred(desk, li)
    reviewing.decide(desk, chen, waiting.entry, "returned", "请改")
    assert holding.waits(desk, li, other).what == ""


def test_no_holding_reply_once_the_customer_wrote_again_or_while_suggestions_are_made(desk, li):
    conversation, _ = referred(desk, li)
    making = advising.suggest(desk, li, conversation)
    next(making)
    assert holding.waits(desk, li, conversation).what == ""
    list(making)
    assert holding.waits(desk, li, conversation).holding is not None
    talking.say(desk, li, conversation, "还在吗")
    assert holding.waits(desk, li, conversation).what == ""
    with pytest.raises(AccessDenied):
        holding.waits(desk, WANG, conversation)


def test_an_approved_text_waits_once_the_customer_has_written_again(desk, li, chen):
    conversation, sent = referred(desk, li)
    reviewing.decide(desk, chen, sent.entry, "approved", "已核对")
    talking.say(desk, li, conversation, "算了，我想先取出来")
    assert sending.send_approved(desk, li, sent.entry).what == "stale"


def test_no_holding_reply_where_the_guard_holds_that_too(desk, app, li):
    conversation, _ = suggested(desk, li)
    app.guard.words = {
        **app.guard.words,
        "马上": ("G09", "review", "承诺时限", None),
        "先去问": ("G09", "review", "", None),
    }
    assert sending.ask_compliance(desk, li, conversation, "这是最好的安排", 0, "请看").holding is None


def test_a_notice_for_each_thing_that_happened_and_the_server_knows_what_was_read(desk, app, li, chen):
    conversation, sent = referred(desk, li)
    assert noticing.notices(desk, li) == ()
    work: Casework = app.casework
    work.claim(chen, sent.entry)
    (claimed,) = noticing.notices(desk, li)
    assert (claimed.what, claimed.who, claimed.read) == ("claimed", "陈合规", False)
    noticing.mark_read(desk, li, [claimed.entry, 999])
    assert [n.read for n in noticing.notices(Desk(app), li)] == [True]
    reviewing.decide(desk, chen, sent.entry, "returned", "请改")
    (returned,) = noticing.notices(desk, li)
    assert (returned.what, returned.reason, returned.read) == ("returned", "请改", False)
    assert noticing.place_of(desk, li, returned.entry) == conversation
    assert noticing.notices(desk, WANG) == ()
    assert noticing.place_of(desk, WANG, returned.entry) == ""
    noticing.mark_read(desk, WANG, [returned.entry])
    assert app.desk.marks("wang", "notice") == {}


def test_search_by_hand_puts_the_most_used_first(desk, app, li):
    scripts = [
        Script("S-1", "maturity_reinvest", "answer", "{客户.称呼}，到期的钱会自动回来。"),
        Script("S-2", "maturity_reinvest", "answer", "{客户.称呼}，到期了我提前告诉您。"),
        Script("S-3", "maturity_reinvest", "answer", "到期日是{甲.到期日}。", ("甲.到期日",)),
        Script("S-4", "loan_credit", "answer", "贷款的事我问清楚再回您。"),
    ]
    app.library.scripts = lambda intent: [s for s in scripts if s.intent == intent]
    conversation, _ = suggested(desk, li)
    found = looking.look(desk, li, conversation, "到期")
    assert [(s.script.id, s.uses, bool(s.missing)) for s in found.scripts] == [
        ("S-1", 0, False),
        ("S-2", 0, False),
        ("S-3", 0, True),
    ]
    assert [(p.passage.document, p.uses, p.quotable) for p in found.passages] == [("product/P1", 0, True)]
    for index in (1, 0):
        talking.say(desk, li, conversation, MESSAGE)
        list(advising.suggest(desk, li, conversation))
        sending.send(desk, li, conversation, sending.adopt(desk, li, conversation, index).text, index)
    again = looking.look(desk, li, conversation, "到期")
    assert [(s.script.id, s.uses) for s in again.scripts][:2] == [("S-2", 1), ("S-1", 0)]
    assert again.passages[0].uses == 1
    assert looking.look(Desk(app), li, "", "到期").scripts[0].uses == 1


def test_a_script_that_the_guard_holds_when_filled_is_not_shown(desk, app, li):
    scripts = [
        Script("S-1", "maturity_reinvest", "answer", "{客户.称呼}，到期的钱会自动回来。"),
        Script("S-2", "maturity_reinvest", "answer", "{客户.称呼}，到期了我提前告诉您。"),
    ]
    app.library.scripts = lambda intent: [s for s in scripts if s.intent == intent]
    conversation, _ = suggested(desk, li)
    app.guard.words = {**app.guard.words, "提前告诉": ("G09", "review", "承诺时限", None)}
    assert [s.script.id for s in looking.look(desk, li, conversation, "到期").scripts] == ["S-1"]


def test_without_a_query_the_scripts_of_what_she_wants_and_with_nothing_open_none(desk, li):
    conversation, _ = suggested(desk, li)
    assert [s.script.id for s in looking.look(desk, li, conversation, " ").scripts] == ["S-1"]
    assert looking.look(desk, li, "", "").scripts == ()
    with pytest.raises(InputError):
        looking.look(desk, li, "", "长" * 201)
    with pytest.raises(AccessDenied):
        looking.look(desk, WANG, conversation, "到期")


def test_an_internal_passage_is_found_and_not_to_be_quoted(desk, app, li):
    retrieve = app.line.retrieve

    def internal(*args, **kwargs):
        found = retrieve(*args, **kwargs)
        return replace(found, passages=tuple(replace(p, note="internal") for p in found.passages))

    app.line = replace(app.line, retrieve=internal)
    assert [p.quotable for p in looking.look(desk, li, "", "到期").passages] == [False]


def test_a_running_generation_can_be_stopped(desk, li):
    conversation = talking.say(desk, li, "", MESSAGE)
    running = advising.suggest(desk, li, conversation)
    next(running), next(running)
    advising.stop(desk, li, conversation)
    assert desk.workspaces.get(conversation).cancel.is_set()
    assert advising.current(desk, li, conversation).stage == "done"
    with pytest.raises(AccessDenied):
        advising.stop(desk, WANG, conversation)


def test_a_citation_is_counted_once_a_release(desk, app, li):
    conversation, views = suggested(desk, li)
    first = views[-1].proposal.candidates[0]
    twice = replace(first, citations=(*first.citations, Citation("甲.名称", "稳健半年", "product/P1", 0, 4)))
    assert len({c.document for c in twice.citations}) == 1
    sending.send(desk, li, conversation, first.text, 0)
    assert desk.uses.count(app.record).documents == {"product/P1": 1}
    assert desk.uses.count(app.record).documents == {"product/P1": 1}
