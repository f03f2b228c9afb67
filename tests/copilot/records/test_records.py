"""The record: chain, redaction, users, conversations."""

from __future__ import annotations

from datetime import datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copilot.errors import AccessDenied, InputError, RecordError, SettingsError
from copilot.records import ConversationStore, RecordStore, UserStore, open_database
from copilot.records.conversations import StoredMessage
from copilot.records.database import migrate
from copilot.records.tables import metadata


@pytest.fixture
def engine(tmp_path):
    return open_database(f"sqlite:///{tmp_path / 'record.db'}")


@pytest.fixture
def record(engine):
    return RecordStore(engine)


def test_migrations_make_exactly_the_tables_in_code(engine):
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_migrations_go_down_and_up_again(engine, record):
    record.append("k", "a", "c", {})
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


class TestUsers:
    @pytest.fixture
    def now(self):
        return [1000.0]

    @pytest.fixture
    def users(self, engine, now):
        return UserStore(engine, clock=lambda: now[0])

    def test_first_users_are_made_once_with_different_passwords(self, users):
        first = users.make_first()
        assert {role for role, _ in first.values()} == {"advisor", "compliance", "trainer", "admin"}
        assert len({password for _, password in first.values()}) == 4
        assert users.make_first() == {}

    def test_sign_in_gives_a_session_that_ends(self, users, now):
        users.add("li", "advisor", "李经理", "a-good-password")
        session = users.sign_in("li", "a-good-password", hours=1)
        assert users.whose(session.token).display == "李经理"
        now[0] += 3601
        assert users.whose(session.token) is None

    def test_sign_out_ends_it_at_once(self, users):
        users.add("li", "advisor", password="a-good-password")
        session = users.sign_in("li", "a-good-password")
        users.sign_out(session.token)
        assert users.whose(session.token) is None

    def test_five_failures_lock_even_the_right_password(self, users, now):
        users.add("li", "advisor", password="a-good-password")
        for _ in range(5):
            with pytest.raises(AccessDenied, match="wrong"):
                users.sign_in("li", "a-bad-password")
        with pytest.raises(AccessDenied, match="locked"):
            users.sign_in("li", "a-good-password")
        now[0] += 16 * 60
        assert users.sign_in("li", "a-good-password").user.name == "li"

    def test_an_unknown_name_says_the_same_as_a_wrong_password(self, users):
        with pytest.raises(AccessDenied, match="wrong name or password"):
            users.sign_in("nobody", "whatever-it-is")

    def test_the_store_keeps_neither_password_nor_token(self, users, engine):
        users.add("li", "advisor", password="a-good-password")
        token = users.sign_in("li", "a-good-password").token
        with engine.connect() as connection:
            dump = str(connection.exec_driver_sql("SELECT * FROM users").fetchall())
            dump += str(connection.exec_driver_sql("SELECT * FROM sessions").fetchall())
        assert "a-good-password" not in dump
        assert token not in dump

    def test_a_new_password_ends_old_sessions(self, users):
        users.add("li", "advisor", password="a-good-password")
        session = users.sign_in("li", "a-good-password")
        users.set_password("li", "another-password")
        assert users.whose(session.token) is None

    @pytest.mark.parametrize(
        ("name", "role", "password"), [("a b", "advisor", None), ("li", "boss", None), ("li", "admin", "short")]
    )
    def test_bad_users_are_refused(self, users, name, role, password):
        with pytest.raises(InputError):
            users.add(name, role, password=password)

    def test_a_closed_account_signs_in_no_more(self, users):
        users.add("li", "advisor", password="a-good-password")
        session = users.sign_in("li", "a-good-password")
        users.deactivate("li")
        assert users.whose(session.token) is None
        with pytest.raises(AccessDenied):
            users.sign_in("li", "a-good-password")


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
