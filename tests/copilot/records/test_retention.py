"""Retention and legal hold: old words leave, held ones stay, and the chain says so."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from copilot.errors import InputError, RecordError
from copilot.records import ConversationStore
from copilot.records.conversations import StoredMessage
from copilot.records.desk import DeskStore, StoredDraft
from copilot.records.retention import Retention, ranges
from copilot.records.tables import conversations, messages
from tests.copilot.records.stories import AT, tell

YEAR = timedelta(days=365)


@pytest.fixture
def keeper(engine):
    return Retention(engine, clock=lambda: AT + timedelta(days=10))


@pytest.fixture
def told(engine, record):
    """An old conversation, a new one, and one that began long ago and goes on; on the record and on the desk."""
    desk = ConversationStore(engine)
    record.append("import", "cli", "", {"content": "v1"}, AT - YEAR)
    for name, times in (("old", [AT - YEAR]), ("new", [AT]), ("long", [AT - YEAR, AT])):
        desk.save(name, "li", {"name": "王姐"}, times[0])
        for at in times:
            tell(record, name, at)
            desk.add(name, "li", [StoredMessage("customer", "在吗", at)])
    return desk


def left(record) -> dict[str, int]:
    found: dict[str, int] = {}
    for entry in record.read():
        if entry.conversation and entry.payload is not None:
            found[entry.conversation] = found.get(entry.conversation, 0) + 1
    return found


def test_old_words_leave_and_the_chain_says_who_removed_them(engine, record, told, keeper):
    done = keeper.retain(30, "cli:root")
    assert (done.payloads, done.messages, done.held) == (12, 2, 0)
    assert left(record) == {"new": 6, "long": 6}
    assert record.read(kinds=["import"])[0].payload == {"content": "v1"}
    result = record.verify()
    assert (result.ok, result.redacted) == (True, 12)
    said = record.read(kinds=["retention"])[0]
    assert (said.actor, said.payload["entries"]) == ("cli:root", [[2, 7], [14, 19]])
    with engine.connect() as connection:
        assert set(connection.execute(select(conversations.c.id)).scalars()) == {"new", "long"}
        assert connection.execute(select(func.count()).select_from(messages)).scalar() == 2


def test_old_unsent_replies_leave_too_unless_held(engine, record, told, keeper):
    desk = DeskStore(engine)
    for name, at in (("old", AT - YEAR), ("long", AT - YEAR), ("new", AT)):
        desk.keep(name, "li", StoredDraft("王姐", None, 0), at)
    keeper.hold("long", "cli:root", "诉讼")
    keeper.retain(30, "cli:root")
    assert [desk.draft(name, "li") is not None for name in ("old", "long", "new")] == [False, True, True]


def test_a_second_run_has_nothing_to_do_and_writes_nothing(record, told, keeper):
    keeper.retain(30, "cli")
    before = record.verify().entries
    assert keeper.retain(30, "cli").payloads == 0
    assert record.verify().entries == before


def test_a_dry_run_counts_and_changes_nothing(record, told, keeper):
    before = record.verify()
    assert keeper.retain(30, "cli", dry_run=True).payloads == 12
    assert record.verify() == before


def test_a_held_conversation_is_kept_until_the_hold_ends(record, told, keeper):
    keeper.hold("old", "cli:root", "法院调取")
    assert [(h.conversation, h.reason) for h in keeper.holds().values()] == [("old", "法院调取")]
    done = keeper.retain(30, "cli")
    assert (done.payloads, done.messages, done.held) == (6, 1, 6)
    assert left(record)["old"] == 7  # the hold itself among them
    assert told.get("old", "li").messages
    with pytest.raises(RecordError, match="legal hold"):
        record.redact(2, "admin", "客户要求")
    keeper.lift("old", "cli:root", "案件已结")
    assert keeper.holds() == {}
    assert keeper.retain(30, "cli").payloads == 6
    assert record.verify().ok


def test_a_refused_redaction_leaves_no_entry(record, told, keeper):
    keeper.hold("old", "cli", "法院调取")
    before = record.verify()
    with pytest.raises(RecordError, match="hold"):
        record.redact(2, "admin", "客户要求")
    assert record.verify() == before


def test_wrong_holds_are_refused(told, keeper):
    with pytest.raises(InputError, match="no conversation"):
        keeper.hold("misspelt", "cli", "x")
    with pytest.raises(InputError, match="not under hold"):
        keeper.lift("old", "cli", "x")
    with pytest.raises(InputError, match="reason"):
        keeper.hold("old", "cli", " ")
    keeper.hold("old", "cli", "x")
    with pytest.raises(InputError, match="already"):
        keeper.hold("old", "cli", "x")


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_what_was_removed_lies_no_more_in_the_file(engine, record, keeper, tmp_path):
    record.append("release", "li", "c", {"text": "绝无仅有的一句话"}, datetime(2025, 1, 1))
    keeper.retain(30, "cli")
    engine.dispose()  # the last connection takes the write-ahead log with it
    assert not any("绝无仅有的一句话".encode() in f.read_bytes() for f in tmp_path.glob("record.db*"))


def test_numbers_as_runs():
    assert ranges([]) == []
    assert ranges([1, 2, 3, 7, 9, 10]) == [[1, 3], [7, 7], [9, 10]]
