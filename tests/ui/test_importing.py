"""A pasted chat at the desk: told apart, laid over the conversation, and matched with what was released."""

from __future__ import annotations

import pytest

from copilot.errors import AccessDenied, GuardError, InputError, RecordError
from copilot.records import User
from ui.handlers import advising, importing, queueing, reviewing, sending, talking

CHAT = "王姐 2026-11-20 10:02:11\n我那笔到期了吗\n\n李经理 2026-11-20 10:03:40\n王姐早，我看一下"


def roles_after(desk, li, text, place, who, opened="", roles=""):
    return importing.chosen(importing.preview(desk, li, opened, text, roles), roles, place, who)


def released(desk, li, candidate=0):
    conversation = talking.say(desk, li, "", "我那笔到期了吗")
    list(advising.suggest(desk, li, conversation))
    text = sending.adopt(desk, li, conversation, candidate).text
    assert sending.send(desk, li, conversation, text, candidate).what == "released"
    return conversation, text


def pasted(*said):
    return "\n\n".join(f"{who} 2026-11-22 10:0{n}:00\n{text}" for n, (who, text) in enumerate(said))


@pytest.mark.parametrize("text", ["在吗", "在吗\n那个到期的钱", "客户：在吗", "我想问问：能取吗", "  "])
def test_plain_messages_need_no_look(desk, li, text):
    assert importing.preview(desk, li, "", text) is None


def test_the_signed_in_name_tells_whose_words_they_are(desk, li):
    view = importing.preview(desk, li, "", CHAT)
    assert [(s.name, s.who, s.messages) for s in view.speakers] == [("王姐", "customer", 1), ("李经理", "me", 1)]
    assert (view.asked, view.new, view.differs) == (False, {0, 1}, 1)
    taken = importing.take(desk, li, "", CHAT)
    shown = talking.talk(desk, li, taken.conversation)
    assert [(m.role, m.text, f"{m.at:%d %H:%M}") for m in shown.messages] == [
        ("customer", "我那笔到期了吗", "20 10:02"),
        ("advisor", "王姐早，我看一下", "20 10:03"),
    ]
    assert shown.customer.name == "王姐"


def test_an_unknown_name_is_asked_for_once(desk, li):
    text = CHAT.replace("李经理", "小李在江州").replace("王姐", "静待花开")
    view = importing.preview(desk, li, "", text)
    assert (view.asked, [s.who for s in view.speakers]) == (True, ["", ""])
    with pytest.raises(InputError):
        importing.take(desk, li, "", text)
    roles = roles_after(desk, li, text, 1, "me")
    assert [s.who for s in importing.preview(desk, li, "", text, roles).speakers] == ["customer", "me"]
    taken = importing.take(desk, li, "", text, roles)
    assert talking.talk(desk, li, taken.conversation).customer is None  # a nickname is no way to address her
    assert not importing.preview(desk, li, "", text).asked


def test_a_third_person_may_be_left_out_and_a_word_may_be_no_name(desk, li):
    text = CHAT + "\n\n客服小助手 2026-11-20 10:05:00\n您好\n就定在那 2026-11-20 10:06\n好"
    roles = roles_after(desk, li, text, 2, "skip")
    roles = roles_after(desk, li, text, 3, "text", roles=roles)
    view = importing.preview(desk, li, "", text, roles)
    assert view.not_names == ("就定在那",)
    taken = importing.take(desk, li, "", text, roles)
    assert [m.text for m in talking.talk(desk, li, taken.conversation).messages] == [
        "我那笔到期了吗",
        "王姐早，我看一下",
    ]
    assert importing.preview(desk, li, "", text, importing.names_again(roles)).not_names == ()


def test_what_the_browser_holds_is_not_trusted(desk, li):
    assert importing.roles_of("[1]") == importing.roles_of("{") == importing.roles_of('{"a": "root"}') == {}
    view = importing.preview(desk, li, "", CHAT)
    for place, who in ((9, "me"), (0, "root")):
        with pytest.raises(InputError):
            importing.chosen(view, "", place, who)


def test_a_chat_pasted_again_adds_only_what_is_new(desk, li):
    first = importing.take(desk, li, "", CHAT)
    again = importing.take(desk, li, first.conversation, CHAT + "\n\n王姐 2026-11-20 10:06:00\n好的")
    assert (again.conversation, again.new, again.noted) == (first.conversation, 1, ())
    assert len(talking.talk(desk, li, first.conversation).messages) == 3


def test_another_customers_chat_is_told_and_may_go_elsewhere(desk, li):
    importing.take(desk, li, "", CHAT)
    zhao = importing.take(desk, li, "", CHAT.replace("王姐", "赵叔"), fresh=True)
    view = importing.preview(desk, li, zhao.conversation, CHAT)
    assert view.other == "赵叔"
    assert talking.talk(desk, li, view.elsewhere).customer.name == "王姐"
    fresh = importing.take(desk, li, zhao.conversation, CHAT, fresh=True)
    assert fresh.conversation not in (zhao.conversation, view.elsewhere)


def test_what_was_released_and_sent_as_it_was_needs_no_review(desk, li, chen):
    conversation, text = released(desk, li, 1)
    disclosure = talking.talk(desk, li, conversation).messages[-1].text
    chat = pasted(("王姐", "我那笔到期了吗"), ("李经理", f"{text}\n{disclosure}"), ("王姐", "好"))
    taken = importing.take(desk, li, conversation, chat)
    assert (taken.new, taken.noted) == (1, ())
    assert queueing.queue(desk, chen).waiting == 0


def test_a_text_changed_after_its_release_goes_to_compliance_with_both(desk, li, chen):
    conversation, text = released(desk, li)
    changed = text + "这款保本。"
    chat = pasted(("王姐", "我那笔到期了吗"), ("李经理", changed))
    assert importing.preview(desk, li, conversation, chat).differs == 1
    (noted,) = importing.take(desk, li, conversation, chat).noted
    assert (noted.how, noted.verdict.outcome) == ("changed", "block")
    assert [m.text for m in talking.talk(desk, li, conversation).messages][1:] == [changed]
    opened = reviewing.case(desk, chen, noted.case)
    assert (opened.shown, opened.text, opened.sent.how) == (text, changed, "changed")
    assert [t.text for t in opened.turns] == ["我那笔到期了吗"]
    assert importing.take(desk, li, conversation, chat).noted == ()
    reviewing.decide(desk, chen, noted.case, "returned", "请向客户更正")
    (outcome,) = sending.outcomes(desk, li)
    assert (outcome.already, outcome.revisable, outcome.settled) == (True, False, True)
    with pytest.raises(InputError):
        sending.revise(desk, li, noted.case)


def test_a_text_never_released_goes_to_compliance_and_a_courtesy_does_not(desk, li, chen):
    conversation, text = released(desk, li)
    chat = pasted(
        ("王姐", "我那笔到期了吗"),
        ("李经理", text),
        ("王姐", "哦"),
        ("李经理", "不客气"),
        ("李经理", "稳健半年卖得不错，您可以看看，随时找我。"),
    )
    first, second = importing.take(desk, li, conversation, chat).noted
    assert (first.text, first.how, first.case) == ("不客气", "unreleased", 0)
    assert second.case
    assert second.verdict.outcome == "pass"
    assert [r.entry for r in queueing.queue(desk, chen).rows] == [second.case]
    assert [e.payload["text"] for e in desk.app.record.read(kinds=("sent",))] == ["不客气"]
    reviewing.decide(desk, chen, second.case, "approved", "可以")
    with pytest.raises(InputError):
        sending.send_approved(desk, li, second.case)


def test_of_a_chat_from_before_the_desk_only_what_the_guard_holds_is_queued(desk, li):
    chat = pasted(
        ("王姐", "在吗"), ("李经理", "这段时间市场起伏大，咱们慢慢看，不着急决定。"), ("李经理", "这款保本，您放心")
    )
    noted = importing.take(desk, li, "", chat).noted
    assert [(bool(n.case), n.verdict.outcome) for n in noted] == [(False, "pass"), (True, "block")]


def test_ones_own_words_written_by_hand_are_matched_too(desk, li):
    conversation, text = released(desk, li)
    view = importing.preview(desk, li, conversation, f"我：{text}\n我：保本的\n客户：好")
    assert view.by_hand
    taken = importing.take(desk, li, conversation, f"我：{text}\n我：保本的\n客户：好")
    assert [(n.text, n.verdict.outcome) for n in taken.noted] == [("保本的", "block")]
    assert [m.text for m in talking.talk(desk, li, conversation).messages][-2:] == ["保本的", "好"]


@pytest.mark.parametrize("broken", ["guard", "record"])
def test_what_cannot_be_checked_or_recorded_is_not_taken(desk, app, li, broken):
    conversation, text = released(desk, li)
    chat = pasted(("王姐", "我那笔到期了吗"), ("李经理", text + "放心吧您"))
    before = talking.talk(desk, li, conversation).messages
    getattr(app, broken).broken = True
    with pytest.raises({"guard": GuardError, "record": RecordError}[broken]):
        importing.take(desk, li, conversation, chat)
    assert talking.talk(desk, li, conversation).messages == before
    getattr(app, broken).broken = False
    assert len(importing.take(desk, li, conversation, chat).noted) == 1


def test_nobody_pastes_into_anothers_conversation(desk, li):
    conversation, _ = released(desk, li)
    wang = User("wang", "advisor", "王经理")
    for act in (importing.preview, importing.take):
        with pytest.raises(AccessDenied):
            act(desk, wang, conversation, CHAT)


def test_too_long_a_chat_is_refused(desk, li):
    for text in ("长" * 20_001, "王姐:\n" + "\n王姐:\n".join(f"第{n}句" for n in range(600))):
        with pytest.raises(InputError, match="longer"):
            importing.preview(desk, li, "", text)
