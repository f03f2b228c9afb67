"""The line's promises, on fakes: guarded before shown, recorded before returned, never alone."""

from __future__ import annotations

import pytest

from copilot.errors import InputError, ModelUnavailable, RecordError, ReleaseRefused
from copilot.pipeline import context_for, propose, refer, release, stream
from copilot.types import Conversation, Edit, Script, Turn
from tests.copilot.fakes import MIXED, NOW, Guard, Library, Memory, line, said, understood

GOOD = ["{客户.称呼}，{问.答}", "{客户.称呼}，这笔钱有打算了吗？", "{客户.称呼}，{甲.名称}是{甲.期限}的，您可以比比。"]


def texts(proposal):
    return [c.text for c in proposal.candidates]


def test_a_message_becomes_guarded_candidates_with_citations():
    proposal = propose(line(says=GOOD), said())
    assert texts(proposal)[0] == "王姐，到期当天本金和收益会自动回到卡里。"
    assert [c.origin for c in proposal.candidates] == ["model"] * 3
    assert all(c.verdict.outcome == "pass" for c in proposal.candidates)
    cited = {c.reference: c.document for c in proposal.candidates[2].citations}
    assert cited["甲.期限"] == "LJ-W-001"
    assert proposal.candidates[2].disclosure == "理财非存款、产品有风险、投资须谨慎。"


def test_candidates_arrive_one_by_one_each_already_in_the_record():
    record = Memory()
    seen = []
    for proposal in stream(line(says=GOOD, record=record), said()):
        seen.append((len(proposal.candidates), record.kinds().count("candidate")))
    assert seen == [(0, 0), (1, 1), (2, 2), (3, 3)]


def test_the_guard_reads_reply_and_disclosure_as_one_text_before_anything_is_shown():
    guard = Guard()
    for proposal in stream(line(says=GOOD, guard=guard), said()):
        for candidate in proposal.candidates:
            whole = candidate.text + (f"\n{candidate.disclosure}" if candidate.disclosure else "")
            assert whole in [text for text, _ in guard.read]


def test_a_held_draft_is_tried_again_then_replaced_by_the_script():
    says = ["{客户.称呼}，放心保本。", "{客户.称呼}，肯定保本。"]
    proposal = propose(line(says=says, moves=["answer"]), said())
    assert texts(proposal)[0] == "王姐，到期当天本金和收益会自动回到卡里。"
    assert {c.origin for c in proposal.candidates} == {"script"}


def test_a_held_draft_whose_second_try_passes_stays_the_models():
    proposal = propose(line(says=["{客户.称呼}，放心保本。", "{客户.称呼}，{问.答}"], moves=["answer"]), said())
    assert proposal.candidates[0].origin == "model"


def test_a_held_script_gives_way_to_the_next_and_two_are_offered_all_the_same():
    scripts = [
        Script("S-1", "maturity_reinvest", "answer", "{客户.称呼}，随时能取。"),
        Script("S-2", "maturity_reinvest", "answer", "{客户.称呼}，到期自动回卡。"),
    ]
    for order in (scripts, scripts[::-1]):
        proposal = propose(line(library=Library(order), moves=["answer"], guard=Guard(["随时能取"])), said())
        assert texts(proposal)[0] == "王姐，到期自动回卡。"
        assert len(proposal.candidates) == 2


def test_nothing_that_the_guard_holds_is_ever_a_candidate():
    proposal = propose(line(says=["{客户.称呼}，保本。"], guard=Guard(["王姐"])), said())
    assert proposal.candidates == ()


@pytest.mark.parametrize(
    "bad",
    [
        "{客户.称呼}，大概三天到账。",
        "{客户.称呼}，年化3%。",
        "{甲.净值}就是收益。",
        "",
        "{客户.称呼}，两万块起。",
        "{客户.称呼}，百分之一。",
        "{客户.称呼}，好吗？行吗？可以吗？",
        "{甲.期限}{甲.期限}",
        "{客户.称呼}，这件事情您放心好了这件事情您放心好了。",
    ],
)
def test_a_model_that_breaks_the_form_is_asked_once_more_then_replaced(bad):
    proposal = propose(line(says=[bad, bad], moves=["answer"]), said())
    assert {c.origin for c in proposal.candidates} == {"script"}
    assert proposal.candidates[0].move == "answer"


def test_a_model_that_is_gone_is_replaced_at_once_and_not_asked_again():
    wired = line(says=[ModelUnavailable("gone")])
    proposal = propose(wired, said())
    assert len(proposal.candidates) == 3
    assert {c.origin for c in proposal.candidates} == {"script"}
    assert len(wired.drafter.chat.asked) == 1


def test_an_offer_is_made_only_where_the_gate_allows():
    refused = line(says=["{客户.称呼}，看看这个。"], gate=lambda *_: False)
    assert all("甲" not in c.template for c in propose(refused, said()).candidates)
    assert not any(c.product for c in propose(refused, said()).candidates)


def test_a_product_she_names_is_answered_but_never_offered():
    named = line(says=["{客户.称呼}，{甲.名称}适合您。"], moves=["need"], gate=lambda *_: False)
    conversation = Conversation(
        (Turn("advisor", "均衡混合了解过吗"), Turn("customer", "那个呢", NOW)), said().customer, NOW
    )
    proposal = propose(named, conversation)
    assert all(c.product != MIXED.id or c.move != "need" for c in proposal.candidates)


def test_with_selling_off_no_product_is_at_hand():
    off = line(
        says=["{客户.称呼}，{甲.名称}。"],
        understanding=understood("complaint", "upset", selling=False),
        moves=["soothe"],
    )
    proposal = propose(off, said("气死我了"))
    assert all("稳健半年" not in c.text for c in proposal.candidates)


def test_a_question_in_a_soothing_reply_is_cut():
    soothing = line(says=["{客户.称呼}，您先消消气。您要不要看看别的？"], moves=["soothe"])
    assert texts(propose(soothing, said()))[0] == "王姐，您先消消气。"


def test_where_the_planned_moves_give_too_little_a_spare_one_is_added():
    proposal = propose(line(says=["{客户.称呼}，{问.答}"], moves=["answer"]), said())
    assert [c.move for c in proposal.candidates] == ["answer", "find_out"]


def test_without_a_name_nobody_is_called():
    proposal = propose(line(says=["{客户.称呼}，{问.答}"], moves=["answer"]), said(name=""))
    assert texts(proposal)[0] == "到期当天本金和收益会自动回到卡里。"


def test_without_scripts_and_model_an_honest_promise_remains():
    proposal = propose(line(library=Library(scripts=[])), said())
    assert "问清楚" in proposal.candidates[0].text


def test_the_advisors_word_on_the_intent_wins():
    assert propose(line(), said(), intent="complaint").understanding.intent == "complaint"
    with pytest.raises(InputError):
        propose(line(), said(), intent="nonsense")


def test_the_advisors_word_switches_selling_off_and_never_on():
    assert propose(line(), said(), intent="maturity_reinvest").understanding.selling
    assert not propose(line(), said(), intent="complaint").understanding.selling
    assert not propose(line(), said(), intent="fraud_security").understanding.selling
    upset = line(understanding=understood("deposit_rate", "upset"))
    assert not propose(upset, said(), intent="performance_concern").understanding.selling
    off = line(understanding=understood("complaint", "calm", selling=False))
    assert not propose(off, said(), intent="deposit_rate").understanding.selling


def test_nothing_to_answer_is_said_plainly():
    with pytest.raises(InputError, match="nothing to answer"):
        propose(line(), Conversation((Turn("advisor", "在的"),)))


class TestRelease:
    def test_an_allowed_text_is_released_and_recorded(self):
        record = Memory()
        wired = line(record=record)
        proposal = propose(wired, said())
        result = release(wired, proposal, Edit("王姐，好的。", "li", 0))
        assert result.released
        entry = record.entries[-1]
        assert (entry.kind, entry.actor, entry.payload["text"]) == ("release", "li", "王姐，好的。")
        assert entry.payload["shown"] == proposal.candidates[0].text
        assert entry.payload["edited"] is True

    def test_a_held_text_is_not_released_but_recorded(self):
        record = Memory()
        wired = line(record=record)
        result = release(wired, propose(wired, said()), Edit("放心，保本的", "li"))
        assert not result.released
        assert record.kinds()[-1] == "held"

    def test_a_disclosure_is_read_too(self):
        wired = line()
        assert not release(wired, propose(wired, said()), Edit("好的", "li", None, "这个保本")).released

    def test_without_a_record_nothing_leaves(self):
        record = Memory()
        wired = line(record=record)
        proposal = propose(wired, said())
        record.broken = True
        with pytest.raises(RecordError):
            release(wired, proposal, Edit("王姐，好的。", "li"))

    def test_without_a_record_nothing_is_shown(self):
        with pytest.raises(RecordError):
            propose(line(record=Memory(broken=True)), said())

    def test_compliance_gets_only_what_the_guard_holds(self):
        record = Memory()
        wired = line(record=record)
        proposal = propose(wired, said())
        case = refer(wired, proposal, Edit("放心，保本的", "li"), "客户坚持要这句")
        assert case.case == f"case-{record.entries[-1].sequence}"
        assert record.entries[-1].payload["remark"] == "客户坚持要这句"
        with pytest.raises(ReleaseRefused):
            refer(wired, proposal, Edit("王姐，好的。", "li"), "")

    def test_an_empty_text_is_refused(self):
        wired = line()
        with pytest.raises(InputError):
            release(wired, propose(wired, said()), Edit("  ", "li"))

    def test_figures_may_come_from_the_products_and_passages_of_the_request(self):
        wired = line(says=GOOD)
        sources = " ".join(s.text for s in context_for(wired, propose(wired, said())).sources)
        assert "182天" in sources
        assert "自动回到卡里" in sources
