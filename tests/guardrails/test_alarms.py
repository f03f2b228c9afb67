from dataclasses import replace
from datetime import date, timedelta

import pytest

from copilot.errors import RecordError
from copilot.pipeline import release
from copilot.types import Edit
from guardrails.alarms import alarms
from tests.copilot.fakes import NOW, Memory
from tests.guardrails.recorded import opened, sent

SINCE = NOW.date() - timedelta(days=90)


@pytest.fixture
def record():
    return Memory()


def tally(record, since: date = SINCE):
    return {a.rule: (a.held, a.referred, a.decided, a.released) for a in alarms(record.entries, since)}


def test_a_text_held_and_then_referred_is_one_text(record):
    sent(record, "还会涨")
    assert tally(record) == {"G04-market": (1, 1, 0, 0)}


def test_released_after_all_is_a_false_alarm_of_every_rule_that_held_it(record):
    sent(record, "还会涨", "approved")
    sent(record, "很稳还会涨", "approved")
    sent(record, "一定涨", "rejected")
    sent(record, "涨不涨看您", "returned")
    found = {a.rule: a for a in alarms(record.entries, SINCE)}
    assert tally(record) == {"G04-market": (4, 4, 4, 2), "G20-selling": (1, 1, 1, 1)}
    assert found["G04-market"].share == 0.5
    assert found["G04-market"].over(0.3)
    assert not found["G04-market"].over(0.5)
    assert [a.rule for a in alarms(record.entries, SINCE)] == ["G20-selling", "G04-market"]


def test_what_is_held_and_never_sent_on_has_no_share(record):
    own, proposal = opened(record)
    release(own, proposal, Edit("保本", "zhao"))
    (alarm,) = alarms(record.entries, SINCE)
    assert (alarm.rule, alarm.held, alarm.share, alarm.over(0.0)) == ("G01-capital", 1, None, False)


def test_a_warning_holds_nothing(record):
    sent(record, "会涨呀", "approved")
    assert set(tally(record)) == {"G04-market"}


def test_what_lies_further_back_is_not_counted(record):
    sent(record, "还会涨", "approved")
    assert tally(record, NOW.date() + timedelta(days=1)) == {}
    assert tally(record, NOW.date()) != {}


def test_only_the_first_decision_counts(record):
    entry = sent(record, "还会涨", "rejected")
    record.append("decision", "sun", "", {"referral": entry.sequence, "outcome": "approved"})
    assert tally(record) == {"G04-market": (1, 1, 1, 0)}


def test_a_redacted_entry_is_passed_over_and_a_broken_one_is_named(record):
    entry = sent(record, "还会涨", "approved")
    gone = [replace(e, payload=None) if e.sequence == entry.sequence else e for e in record.entries]
    assert {a.rule: a.referred for a in alarms(gone, SINCE)} == {"G04-market": 0}
    broken = [replace(e, payload={}) if e.sequence == entry.sequence else e for e in record.entries]
    with pytest.raises(RecordError, match=f"entry {entry.sequence}: its verdict cannot be read"):
        alarms(broken, SINCE)
