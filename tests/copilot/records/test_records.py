"""The record: chain, redaction, conversations."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copilot.errors import AccessDenied, RecordError, SettingsError
from copilot.records import ConversationStore, SessionStore, UserStore, open_database
from copilot.records.chain import canonical, digest_entry
from copilot.records.conversations import StoredMessage
from copilot.records.database import migrate
from copilot.records.desk import DeskStore, StoredDraft
from copilot.records.tables import metadata


def test_migrations_make_exactly_the_tables_in_code(engine):
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_migrations_go_down_and_up_again_with_data_in_every_table(engine, record):
    record.append("k", "a", "c", {})
    users = UserStore(engine)
    users.add("li", "advisor", password="a-good-password")
    SessionStore(engine).sign_in("li", "a-good-password")
    at = datetime(2026, 11, 22)
    ConversationStore(engine).save("c", "li", {}, at)
    ConversationStore(engine).add("c", "li", [StoredMessage("customer", "在吗", at)])
    migrate(engine, "base")
    migrate(engine)
    assert record.verify().entries == 0


def test_an_appended_entry_is_read_back_as_it_was(record):
    payload = {"文": "王姐，您好😊", "n": 1.5, "list": [1, None, True]}
    written = record.append("release", "advisor", "c-1", payload, datetime(2026, 11, 22, 10, 2))
    assert record.get(written.sequence) == written
    assert record.read(conversation="c-1") == [written]
    assert record.read(conversation="c-2") == []


def test_an_untouched_chain_verifies(record):
    for i in range(20):
        record.append("k", "a", "c", {"i": i})
    result = record.verify()
    assert (result.ok, result.entries) == (True, 20)


@pytest.mark.parametrize("column", ["kind", "at", "actor", "conversation", "payload_digest", "hash", "previous"])
def test_one_changed_character_in_an_entry_names_that_entry(engine, record, column):
    for i in range(5):
        record.append("k", "a", "c", {"i": i})
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE entries SET {column} = 'x' || substr({column}, 2) WHERE sequence = 3")
    assert record.verify().broken_at == 3


def test_one_changed_byte_of_content_names_the_entry(engine, record):
    for i in range(5):
        record.append("k", "a", "c", {"text": f"第{i}条"})
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE payloads SET body = replace(body, '第1条', '第7条') WHERE sequence = 2")
    assert record.verify().broken_at == 2


def test_a_removed_entry_is_found(engine, record):
    for i in range(5):
        record.append("k", "a", "c", {"i": i})
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM payloads WHERE sequence = 2")
        connection.exec_driver_sql("DELETE FROM entries WHERE sequence = 2")
    result = record.verify()
    assert not result.ok
    assert "2" in result.what


def test_redaction_keeps_the_chain_and_says_who_and_why(record):
    entry = record.append("release", "advisor", "c", {"text": "私人内容"})
    record.redact(entry.sequence, "admin", "客户要求删除")
    result = record.verify()
    assert (result.ok, result.redacted) == (True, 1)
    assert record.get(entry.sequence).payload is None
    assert record.read(kinds=["redaction"])[0].payload == {"entry": entry.sequence, "reason": "客户要求删除"}


def test_what_cannot_be_written_is_refused_before_anything_is_stored(record):
    with pytest.raises(RecordError):
        record.append("k", "a", "c", {"bad": object()})
    assert record.verify().entries == 0


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_database_that_is_gone_holds_the_text(tmp_path, engine, record):
    engine.dispose()
    for name in ("record.db", "record.db-wal", "record.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / "record.db").mkdir()
    with pytest.raises(RecordError, match="held"):
        record.append("k", "a", "c", {})


def test_an_address_nobody_can_use_is_one_line():
    with pytest.raises(SettingsError) as caught:
        open_database("nonsense://")
    assert "\n" not in str(caught.value)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(payload=st.dictionaries(st.text(), st.one_of(st.text(), st.integers(), st.booleans(), st.none())))
def test_any_payload_survives(record, payload):
    entry = record.append("k", "a", "c", payload)
    assert record.get(entry.sequence).payload == payload
    assert record.verify().ok


class TestConversations:
    @pytest.fixture
    def store(self, engine):
        return ConversationStore(engine)

    def test_messages_come_back_in_order(self, store):
        at = datetime(2026, 11, 22, 10)
        store.save("c1", "li", {"name": "王姐"}, at)
        store.add("c1", "li", [StoredMessage("customer", "在吗", at), StoredMessage("advisor", "在的", at)])
        found = store.get("c1", "li")
        assert [m.text for m in found.messages] == ["在吗", "在的"]
        assert found.customer == {"name": "王姐"}
        assert store.of("li")[0].messages[0].text == "在的"

    def test_nobody_reads_or_writes_another_advisors(self, store):
        at = datetime(2026, 11, 22, 10)
        store.save("c1", "li", {}, at)
        with pytest.raises(AccessDenied):
            store.get("c1", "zhao")
        with pytest.raises(AccessDenied):
            store.save("c1", "zhao", {}, at)
        with pytest.raises(AccessDenied):
            store.add("c1", "zhao", [StoredMessage("customer", "x", at)])
        assert store.of("zhao") == []

    def test_a_pasted_chat_takes_the_place_of_what_was_there(self, store):
        at = datetime(2026, 11, 22, 10)
        store.save("c1", "li", {}, at)
        store.add("c1", "li", [StoredMessage("customer", "在吗", at)])
        said = [StoredMessage("advisor", "早", at.replace(hour=8)), StoredMessage("customer", "在吗", at)]
        store.rewrite("c1", "li", said, at.replace(hour=11))
        found = store.get("c1", "li")
        assert (found.messages, found.updated.hour) == (tuple(said), 11)
        with pytest.raises(AccessDenied):
            store.rewrite("c1", "zhao", [], at)
        assert store.get("c1", "li").messages == tuple(said)


class TestDesk:
    @pytest.fixture
    def store(self, engine):
        return DeskStore(engine)

    def test_an_unsent_reply_is_kept_until_it_is_empty(self, store):
        at = datetime(2026, 11, 22, 10)
        assert store.draft("c1", "li") is None
        store.keep("c1", "li", StoredDraft("王姐", None, 0), at)
        store.keep("c1", "li", StoredDraft("王姐，到期", 0, 7), at)
        assert store.draft("c1", "li") == StoredDraft("王姐，到期", 0, 7)
        assert store.draft("c1", "zhao") is None
        store.keep("c1", "li", StoredDraft(" ", None, 0), at)
        assert store.draft("c1", "li") is None

    def test_marks_are_one_persons_and_one_kinds(self, store):
        store.mark("li", "name", {"小李": "me", "长" * 90: "x"})
        store.mark("li", "name", {"小李": "no"})
        assert store.marks("li", "name") == {"小李": "no", "长" * 64: "x"}
        assert store.marks("li", "notice") == store.marks("zhao", "name") == {}
        store.unmark("li", "name", ["小李"])
        assert set(store.marks("li", "name")) == {"长" * 64}


@given(st.integers(1), *(st.text(st.characters(exclude_categories=["Cs"])) for _ in range(5)))
def test_an_entrys_hash_is_that_of_its_canonical_fields(sequence, kind, at, actor, conversation, digest):
    fields = {
        "sequence": sequence,
        "kind": kind,
        "at": at,
        "actor": actor,
        "conversation": conversation,
        "payload_digest": digest,
    }
    expected = sha256(f"before{canonical(fields)}".encode()).hexdigest()
    assert digest_entry("before", sequence, kind, at, actor, conversation, digest) == expected


@pytest.mark.parametrize("wrong", [b"li", None, 3])
def test_a_field_of_another_type_has_no_hash(wrong):
    with pytest.raises((TypeError, ValueError)):
        digest_entry("before", 1, "release", "at", wrong, "c-1", "d")
