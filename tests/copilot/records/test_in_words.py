"""No store lets an error of the driver out: its text may quote what was being written."""

from __future__ import annotations

import sqlite3
from datetime import datetime

import pytest

from copilot.errors import InputError, RecordError
from copilot.records import CaseStore, ConversationStore, RecordStore, SessionStore, UserStore
from copilot.records.conversations import StoredMessage

AT = datetime(2026, 11, 22, 10)
SECRET = "我卡里有三百万"


def calls(engine):
    users, talks, cases, record = UserStore(engine), ConversationStore(engine), CaseStore(engine), RecordStore(engine)
    sessions = SessionStore(engine)
    return {
        "whose": lambda: sessions.whose("token"),
        "sign_in": lambda: sessions.sign_in("li", "x"),
        "list": users.list,
        "end": lambda: sessions.end("token"),
        "add": lambda: users.add("zhao", "advisor"),
        "set_password": lambda: users.set_password("li"),
        "of": lambda: talks.of("li"),
        "get": lambda: talks.get("c", "li"),
        "save": lambda: talks.save("c", "li", {"name": SECRET}, AT),
        "say": lambda: talks.add("c", "li", [StoredMessage("customer", SECRET, AT)]),
        "waiting": cases.waiting,
        "append": lambda: record.append("k", "li", "c", {"text": SECRET}),
        "read": record.read,
        "verify": record.verify,
    }


@pytest.mark.parametrize("name", sorted(calls(None)))
def test_without_tables_every_call_fails_in_one_line_without_the_words(engine, name):
    with engine.begin() as connection:
        for table in (
            "messages",
            "conversations",
            "sessions",
            "users",
            "payloads",
            "cases",
            "cases_through",
            "entries",
        ):
            connection.exec_driver_sql(f"DROP TABLE {table}")
    with pytest.raises(RecordError) as told:
        calls(engine)[name]()
    assert "\n" not in str(told.value)
    assert SECRET not in str(told.value)
    assert "SELECT" not in str(told.value)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("damage", ["UPDATE conversations SET customer = 'x{'", "UPDATE messages SET at = 'x'"])
def test_a_damaged_row_is_told_so(url, engine, damage):
    talks = ConversationStore(engine)
    talks.save("c", "li", {}, AT)
    talks.add("c", "li", [StoredMessage("customer", SECRET, AT)])
    with sqlite3.connect(url.removeprefix("sqlite:///")) as database:
        database.execute(damage)
    for call in (lambda: talks.get("c", "li"), lambda: talks.of("li")):
        with pytest.raises(RecordError, match="cannot be used"):
            call()


def test_what_a_person_did_wrong_is_still_told_as_that(engine):
    users = UserStore(engine)
    users.add("li", "advisor")
    with pytest.raises(InputError, match="taken"):
        users.add("li", "advisor")
    with pytest.raises(InputError, match="no conversation"):
        ConversationStore(engine).get("c", "li")


def test_characters_a_database_does_not_take_are_kept_out_of_it(engine):
    """A paste may hold a NUL, which PostgreSQL refuses in a text."""
    talks = ConversationStore(engine)
    talks.save("c", "li", {"name": "王\0姐"}, AT)
    talks.add("c", "li", [StoredMessage("customer", "能\0保本吗\ud800", AT)])
    found = talks.get("c", "li")
    assert found.messages[0].text == "能保本吗?"
    assert found.customer["name"] == "王\0姐"
