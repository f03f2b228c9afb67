"""The cases beside the record: always what the record says, whatever happened to the table."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copilot.errors import CaseRefused, InputError
from copilot.records import Backlog, CaseStore, RecordStore, open_database
from copilot.records.database import migrate

AT = datetime(2026, 11, 22, 10, 2)


@pytest.fixture
def engine(tmp_path):
    return open_database(f"sqlite:///{tmp_path / 'record.db'}")


@pytest.fixture
def record(engine):
    return RecordStore(engine)


@pytest.fixture
def cases(engine):
    return CaseStore(engine)


def refer(record, author="li", outcome="review", conversation="c", follows=0):
    finding = {"rule": "G21-1", "check": "G21", "severity": outcome}
    payload = {"text": "最好", "verdict": {"outcome": outcome, "findings": [finding]}}
    return record.append(
        "referral", author, conversation, payload | ({"follows": follows} if follows else {}), AT
    ).sequence


def decide(record, referral, outcome="approved"):
    return record.append(
        "decision", "chen", "c", {"referral": referral, "outcome": outcome, "reason": "x"}, AT
    ).sequence


def test_the_oldest_undecided_case_is_there_behind_any_number_of_newer_ones(record, cases):
    first = refer(record)
    for _ in range(1100):
        decide(record, refer(record))
    assert [c.referral for c in cases.waiting()] == [first]
    assert next(c.referral for c in cases.of("li", 6)) == first


def test_what_waits_is_counted_without_being_read(record, cases):
    assert cases.backlog() == Backlog()
    first, second = refer(record), refer(record)
    decide(record, refer(record))
    assert cases.backlog() == Backlog(2, 2, AT)
    record.append("case", "chen", "c", {"referral": second, "act": "claim", "to": "chen"}, AT)
    assert (cases.backlog().waiting, cases.backlog().unclaimed) == (2, 1)
    decide(record, first)
    decide(record, second)
    assert cases.backlog() == Backlog()


def test_the_gravest_come_first_and_the_oldest_among_equals(record, cases):
    review, block, later = refer(record), refer(record, outcome="block"), refer(record, outcome="block")
    assert [c.referral for c in cases.waiting()] == [block, later, review]


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM cases",
        "DELETE FROM cases_through",
        "UPDATE cases SET outcome = 'approved'",
        "UPDATE cases SET author = 'chen'",
        "UPDATE cases_through SET sequence = 1",
        "INSERT INTO cases SELECT 999, conversation, author, at, rank, checks, rules, holder, held_at, escalated_by, outcome,"
        " decision, sent, follows, followed, last FROM cases WHERE referral = 1",
    ],
)
def test_a_table_that_disagrees_is_made_again_from_the_record(engine, record, damage):
    open_one = refer(record)
    decide(record, refer(record))
    with engine.begin() as connection:
        connection.exec_driver_sql(damage)
    fresh = CaseStore(engine)
    assert [(c.referral, c.author) for c in fresh.waiting()] == [(open_one, "li")]
    assert fresh.compare()


def test_compare_says_whether_it_had_to_mend(engine, record, cases):
    refer(record)
    assert cases.compare()
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE cases SET holder = 'nobody'")
    assert not cases.compare()
    assert cases.waiting()[0].holder == ""


def test_entries_of_a_process_that_knows_no_table_are_caught_up(engine, record, cases):
    refer(record)
    assert len(cases.waiting()) == 1
    with engine.begin() as connection:
        for row in [(2, "referral"), (3, "k")]:
            connection.exec_driver_sql(
                f"INSERT INTO entries VALUES ({row[0]}, '{row[1]}', '2026-11-22T10:03:00', 'wang', 'c', 'd', 'p{row[0]}', 'h{row[0]}')"
            )
            connection.exec_driver_sql(
                f'INSERT INTO payloads VALUES ({row[0]}, \'s\', \'{{"text": "x", "verdict": {{"outcome": "block"}}}}\')'
            )
    assert [c.author for c in cases.waiting()] == ["wang", "li"]


def test_the_schema_goes_down_and_up_with_data_in_it(engine, record, cases):
    first, second = refer(record), refer(record)
    decide(record, second, "returned")
    before = cases.waiting(), cases.decided(5)
    migrate(engine, "0001", down=True)
    assert record.verify().entries == 3
    migrate(engine)
    again = CaseStore(engine)
    assert (again.waiting(), again.decided(5)) == before
    assert before[0][0].referral == first


def test_a_redacted_text_leaves_the_queue(record, cases):
    kept, gone = refer(record), refer(record)
    assert len(cases.waiting()) == 2
    record.redact(gone, "root", "客户要求删除")
    assert [c.referral for c in cases.waiting()] == [kept]
    assert record.verify().ok


def test_a_check_that_fails_leaves_the_record_as_it_was(record, cases):
    referral = refer(record)
    seen = cases.get(referral).last
    record.append("case", "chen", "c", {"referral": referral, "act": "claim", "to": "chen"}, AT)
    with pytest.raises(CaseRefused):
        record.append("case", "sun", "c", {"referral": referral, "act": "claim", "to": "sun"}, AT,
                      cases.check(referral, seen, lambda case: None))  # fmt: skip
    with pytest.raises(InputError):
        record.append(
            "case", "sun", "c", {"referral": 99, "act": "claim"}, AT, cases.check(99, None, lambda case: None)
        )
    assert (cases.get(referral).holder, record.verify().entries) == ("chen", 2)


def test_what_is_decided_stays_decided_and_a_text_leaves_once(record, cases):
    referral = refer(record)
    first = decide(record, referral, "returned")
    decide(record, referral, "approved")
    assert (cases.get(referral).outcome, cases.get(referral).decision) == ("returned", first)
    again = refer(record, follows=referral)
    assert (cases.get(referral).followed, cases.get(again).follows) == (again, referral)
    sent = [record.append("release", "li", "c", {"referral": again}, AT).sequence for _ in range(2)]
    assert cases.get(again).sent == sent[0]


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["refer", "claim", "release", "escalate", "decide", "send", "redact"]), st.integers(0, 3)
    ),
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_any_story_told_one_entry_at_a_time_is_the_story_the_record_tells(tmp_path_factory, acts):
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('r') / 'record.db'}")
    record, cases, referrals = RecordStore(engine), CaseStore(engine), []
    for what, n in acts:
        if what == "refer" or not referrals:
            referrals.append(refer(record, follows=referrals[n % len(referrals)] if n and referrals else 0))
            continue
        referral = referrals[n % len(referrals)]
        if what == "decide":
            decide(record, referral)
        elif what == "send":
            record.append("release", "li", "c", {"referral": referral}, AT)
        elif what == "redact":
            record.redact(referral, "root", "x")
            assert record.get(referral).payload is None
        else:
            record.append("case", "chen", "c", {"referral": referral, "act": what, "to": "chen"}, AT)
        assert cases.waiting() is not None
    assert cases.compare()
    engine.dispose()


@pytest.mark.parametrize("outcome", ["approved", "returned", "rejected"])
def test_a_text_that_had_gone_out_is_decided_but_never_sent_or_sent_again(record, cases, outcome):
    payload = {"text": "最好", "verdict": {"outcome": "review", "findings": []}, "sent": {"how": "unreleased"}}
    first = record.append("referral", "li", "c", payload, AT).sequence
    assert [c.referral for c in cases.waiting()] == [first]
    decide(record, first, outcome)
    case = cases.get(first)
    assert (case.outcome, case.sent, case.followed) == (outcome, first, first)
    assert cases.of("li", 0) == []
    assert cases.compare()
