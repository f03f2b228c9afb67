"""One more text for a turn: a part rewritten with the rest fixed, a holding reply."""

from __future__ import annotations

import pytest

from copilot.drafting.grammar import build, validate
from copilot.drafting.part import Part
from copilot.errors import GrammarError, InputError, ModelUnavailable, RecordError, ReleaseRefused
from copilot.further import hold, rewrite
from copilot.pipeline import propose
from tests.copilot.fakes import Guard, Memory, line, said

DRAFT = "{客户.称呼}，{问.答}"
PART = Part("王姐，到期当天不用管，", "您看行吗", "？")


def written(*words):
    return [DRAFT, *(f"{PART.before}{word}{PART.after}" for word in words)]


def made(says, **wishes):
    wired = line(says=says, moves=["answer"], **wishes)
    return wired, propose(wired, said())


def test_only_the_part_is_new_and_its_facts_are_the_published_ones():
    record = Memory()
    wired, proposal = made(written("{甲.名称}您还想续吗"), record=record)
    found = rewrite(wired, proposal, PART, 0, "li")
    assert (found.text, found.verdict.outcome) == ("王姐，到期当天不用管，稳健半年您还想续吗？", "pass")
    assert (record.entries[-1].kind, record.entries[-1].payload["old"]) == ("rewrite", "您看行吗")
    assert record.entries[-1].payload["new"] == "稳健半年您还想续吗"


@pytest.mark.parametrize(
    "word", ["您看行吗", "年利率3%", "到期当天不用管，到期当天不用管", "{乙.期限}", "好" * 80, "两万元要用吗"]
)
def test_the_same_again_a_figure_an_echo_or_too_much_is_no_rewriting(word):
    wired, proposal = made(written(word))
    with pytest.raises(ReleaseRefused):
        rewrite(wired, proposal, PART, 0, "li")


def test_words_that_touch_the_rest_are_not_taken():
    wired, proposal = made([DRAFT, "完全另一条回复。"])
    with pytest.raises(ReleaseRefused):
        rewrite(wired, proposal, PART, 0, "li")


def test_what_the_guard_holds_is_not_shown_and_what_was_wrong_before_does_not_hinder():
    wired, proposal = made(written("这款保本您放心"))
    with pytest.raises(ReleaseRefused):
        rewrite(wired, proposal, PART, 0, "li")
    wired, proposal = made(written("您方便吗"), guard=Guard(["不用管"]))
    assert rewrite(wired, proposal, PART, None, "li").verdict.outcome == "block"


def test_scripts_do_not_rewrite_and_nothing_selected_is_nothing_to_do():
    wired, proposal = made(None)
    with pytest.raises(ModelUnavailable):
        rewrite(wired, proposal, PART, 0, "li")
    with pytest.raises(InputError):
        rewrite(wired, proposal, Part("王姐", " ", "好"), 0, "li")


def test_nothing_unrecorded_is_given_back():
    wired, proposal = made(written("您方便吗"))
    wired.record.broken = True
    with pytest.raises(RecordError):
        rewrite(wired, proposal, PART, 0, "li")


@pytest.mark.parametrize("text", ['她说"好"', "第一行\n第二行", "182天，2.5%", "反\\斜", "😊[好](坏)"])
def test_a_grammar_holds_any_text_fixed(text):
    grammar = validate(build(["甲.期限"], text, text))
    assert "\n" not in grammar.split("text ::=")[0].rstrip("\n")
    with pytest.raises(GrammarError):
        validate(grammar.replace("root ::= ", 'root ::= " '))


def test_a_holding_reply_is_one_more_candidate_and_only_once():
    record = Memory()
    wired, proposal = made([DRAFT], record=record)
    held = hold(wired, proposal, "li")
    assert held.proposal.candidates[held.index].text == "王姐，我问清楚再回您。"
    assert record.kinds()[-1] == "candidate"
    assert hold(wired, held.proposal, "li") == held
    with pytest.raises(ReleaseRefused):
        hold(*made([DRAFT], guard=Guard(["问清楚"]))[:2], "li")
