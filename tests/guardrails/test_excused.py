"""What was let stand and why; and that this account agrees with the engine."""

from datetime import datetime
from itertools import chain

import pytest

from copilot.types import GuardContext
from guardrails.excused import excused
from guardrails.message import message
from tests.rulefolder import engine, rule

UNNAMED = {"the engine excuses it", "the rule does not apply to this message"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("这款不保本", "the clause denies it"),
        ("什么叫保本", "the words are being explained"),
        ("这款保本吗", "it is asked, not claimed"),
        ("外面有人说保本", "told of somebody else"),
        ("保本，别信", "what follows denies it"),
    ],
)
def test_grammar_that_excuses_is_named(tmp_path, text, why):
    (let,) = excused(engine(tmp_path), text, GuardContext())
    assert (let.rule, let.quote) == ("G01-capital", "保本")
    assert why in let.why


def test_what_is_found_is_not_excused(tmp_path):
    assert excused(engine(tmp_path), "这款保本", GuardContext()) == ()


def test_a_place_that_the_rule_finds_by_other_words_is_not_excused(tmp_path):
    guard = engine(tmp_path, rule(patterns=["保本", "款不保本"]))
    assert [f.quote for f in guard.check("这款不保本", GuardContext()).findings] == ["款不保本"]
    assert excused(guard, "这款不保本", GuardContext()) == ()


def test_offsets_lie_in_the_text_as_written(tmp_path):
    text = "这款不保💰本"
    (let,) = excused(engine(tmp_path), text, GuardContext())
    assert text[let.start : let.end] == let.quote == "保💰本"


@pytest.mark.parametrize(
    ("changes", "context", "why"),
    [
        ({"unless": ["说明书"]}, GuardContext(), "the rule's own exception stands beside it: 说明书"),
        ({"unless_text": ["说明书"]}, GuardContext(), "the message as a whole excuses it"),
        ({"when_text": ["基金"]}, GuardContext(), "lacks what the rule asks"),
        ({"in_force": {"from": "2030-01-01"}}, GuardContext(at=datetime(2026, 11, 22)), "not in force"),
        ({"scope": {"channels": ["mass"]}}, GuardContext(), "not for the channel one_to_one"),
        ({"scope": {"types": ["fund"]}}, GuardContext(product_type="wealth"), "not for this type of product"),
        ({"scope": {"not_types": ["wealth"]}}, GuardContext(product_type="wealth"), "said of wealth"),
        ({"scope": {"not_records": ["wealth"]}}, GuardContext(product_type="wealth"), "not for this type"),
    ],
)
def test_what_the_rule_itself_excepts_is_named(tmp_path, changes, context, why):
    (let,) = excused(engine(tmp_path, rule(**changes)), "说明书上写保本", context)
    assert why in let.why


def test_marketing_that_the_bank_does_not_count_is_named(tmp_path):
    guard = engine(tmp_path, rule(scope={"marketing": True}), one_to_one_is_marketing=False)
    (let,) = excused(guard, "这款保本", GuardContext())
    assert "marketing" in let.why


def test_every_hit_of_the_bundled_rules_is_found_or_excused_for_a_reason_with_a_name(guard):
    for one in guard.ruleset.rules:
        for example in (*one.fails, *one.passes):
            read = message(example.text, example.context, guard.catalogue, guard.meaning)
            findings = guard.check(example.text, example.context).findings
            let = excused(guard, example.text, example.context)
            accounted = {(e.rule, e.start, e.end) for e in let}
            for index, hit in chain(guard._matches(read), guard._homophones(read)):
                name, span = guard._rules[index].id, read.reading.span(hit.start, hit.end)
                covered = any(f.rule == name and f.start <= span[0] and span[1] <= f.end for f in findings)
                assert covered or (name, *span) in accounted, (example.text, name)
            assert not {e.why for e in let} & UNNAMED, example.text
