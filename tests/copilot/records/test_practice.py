"""Talks of practice, over each database: only ever added to, and the schema goes down and up."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import inspect

from copilot.errors import InputError
from copilot.records import PracticeStore
from copilot.records.database import migrate

NOW = datetime(2026, 11, 22, 10, 0, 0, 5000)


@pytest.fixture
def store(engine):
    return PracticeStore(engine)


def begun(store, person="li", minutes=0):
    return store.begin(person, "courier", 7, "在吗", NOW + timedelta(minutes=minutes))


def test_a_talk_is_read_as_it_was_written(store):
    name = begun(store)
    store.append(name, 2, {"said": "二"}, NOW)
    store.append(name, 1, {"said": "一"}, NOW)
    going = store.get(name)
    assert [line["said"] for line in going.lines] == ["一", "二"]
    assert (going.ended, going.over, going.scores, going.begun) == ("", None, None, NOW)
    store.end(name, "good", {"whole": 0.9, "scores": []}, NOW)
    done = store.get(name)
    assert (done.ended, done.over, done.scores) == ("good", NOW, {"whole": 0.9, "scores": []})


def test_no_line_is_written_twice_and_no_talk_ends_twice(store):
    name = begun(store)
    store.append(name, 1, {"said": "先"}, NOW)
    with pytest.raises(InputError, match="another window"):
        store.append(name, 1, {"said": "后"}, NOW)
    store.end(name, "left", {"scores": []}, NOW)
    with pytest.raises(InputError, match="has ended"):
        store.end(name, "good", {"scores": []}, NOW)
    assert [line["said"] for line in store.get(name).lines] == ["先"]
    assert store.get(name).ended == "left"


def test_the_newest_come_first_and_people_are_kept_apart(store):
    first, second, other = begun(store), begun(store, minutes=1), begun(store, "wang", 2)
    assert [s.id for s in store.newest()] == [other, second, first]
    assert [s.id for s in store.newest("li")] == [second, first]
    assert [s.id for s in store.newest(most=1)] == [other]
    assert store.newest("nobody") == []


def test_a_talk_that_is_not_there_is_none(store):
    assert store.get("gone") is None


def test_the_schema_goes_down_and_up_again(engine, store):
    begun(store)
    migrate(engine, "0004", down=True)
    assert not {"practices", "practice_lines", "practice_ends"} & set(inspect(engine).get_table_names())
    migrate(engine)
    assert PracticeStore(engine).newest() == []
    assert PracticeStore(engine).get(begun(PracticeStore(engine))).customer == "courier"
