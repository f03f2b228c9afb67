from dataclasses import replace

import pytest

from copilot.errors import RecordError
from copilot.pipeline import release
from copilot.types import Edit
from guardrails.entries import refused_texts, released_texts, verdicts_on
from tests.copilot.fakes import NOW, Memory
from tests.guardrails.recorded import opened, sent


@pytest.fixture
def record():
    found = Memory()
    own, proposal = opened(found)
    assert release(own, proposal, Edit("您好呀，182天", "zhao", disclosure="投资须谨慎。")).released
    sent(found, "还会涨")
    return found


def test_only_what_went_out_is_read_with_its_disclosure_and_verdict(record):
    (text,) = released_texts(record.entries)
    assert text.text == "您好呀，182天\n投资须谨慎。"
    assert text.before.outcome == "warn"
    assert text.name.endswith(", 2026-11-22")


def test_the_conversation_is_read_back_from_the_proposal(record):
    (text,) = released_texts(record.entries)
    assert [t.text for t in text.context.history] == ["还能涨吗"]
    assert text.context.customer.name == "王姐"
    assert text.context.at == NOW
    assert text.context.products == ()
    assert "182天" in text.context.sources[0].text


def test_a_release_whose_proposal_was_redacted_is_still_read(record):
    gone = [replace(e, payload=None) if e.kind == "proposal" else e for e in record.entries]
    (text,) = released_texts(gone)
    assert (text.context.history, text.context.customer) == ((), None)


def test_an_entry_that_cannot_be_read_is_named(record):
    broken = [replace(e, payload={"text": "x"}) if e.kind == "release" else e for e in record.entries]
    with pytest.raises(RecordError, match="its verdict cannot be read"):
        released_texts(broken)


def test_what_compliance_said_becomes_examples_of_the_rule_that_held_the_text():
    found = Memory()
    sent(found, "还会涨", "returned")
    sent(found, "一定涨", "rejected")
    sent(found, "不会再涨", "approved")
    sent(found, "还在涨")
    sent(found, "很稳", "approved")
    assert verdicts_on(found.entries, "G04-market") == (("一定涨", "还会涨"), ("不会再涨",))
    assert verdicts_on(found.entries, "G20-selling") == ((), ("很稳",))
    assert verdicts_on(found.entries, "G21-x") == ((), ())


def test_a_refused_text_is_read_again_with_its_conversation_and_a_redacted_one_is_not():
    found = Memory()
    sent(found, "还会涨", "returned")
    sent(found, "不会再涨", "approved")
    (text,) = refused_texts(found.entries)
    assert (text.origin, text.text, text.before.outcome) == ("refused", "还会涨", "review")
    assert [t.text for t in text.context.history] == ["还能涨吗"]
    gone = [replace(e, payload=None) if e.kind == "referral" else e for e in found.entries]
    assert refused_texts(gone) == ()
