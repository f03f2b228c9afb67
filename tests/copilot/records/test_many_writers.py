"""Many threads and several processes append to one record: one chain, nothing lost."""

from __future__ import annotations

import multiprocessing
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from copilot.errors import RecordError
from copilot.records import RecordStore, database, open_database

THREADS, EACH = 12, 15


def appending(url: str, name: str, count: int) -> None:
    """What a process of its own does: opens the record, schema included, and appends."""
    record = RecordStore(open_database(url))
    for i in range(count):
        record.append("k", name, "c", {"i": i})


def counted(record: RecordStore) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for entry in record.read():
        found.setdefault(entry.actor, []).append(entry.payload["i"])
    return found


def test_many_threads_keep_one_chain(record):
    with ThreadPoolExecutor(THREADS) as pool:
        for i in range(EACH):
            list(pool.map(lambda n, i=i: record.append("k", f"t{n}", "c", {"i": i}), range(THREADS)))
    result = record.verify()
    assert (result.ok, result.entries) == (True, THREADS * EACH)
    assert counted(record) == {f"t{n}": list(range(EACH)) for n in range(THREADS)}


def test_several_processes_open_and_append_to_one_database(url):
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.copilot.records.test_many_writers"])
    names = [f"p{n}" for n in range(4)]
    workers = [context.Process(target=appending, args=(url, name, 40)) for name in names]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [w.exitcode for w in workers] == [0] * 4
    record = RecordStore(open_database(url))
    result = record.verify()
    assert (result.ok, result.entries) == (True, 160)
    assert counted(record) == {name: list(range(40)) for name in names}


def test_a_new_file_that_another_process_is_writing_is_waited_for(tmp_path):
    # SQLite answers "locked" at once here, whatever its busy timeout: the switch to WAL has to be patient itself
    file = tmp_path / "record.db"
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE strange (x)")
    other.execute("BEGIN IMMEDIATE")
    done = threading.Timer(0.3, other.close)
    done.start()
    engine = open_database(f"sqlite:///{file}")
    done.join()
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_a_new_file_that_stays_locked_is_refused_in_one_line(impatient, tmp_path):
    file = tmp_path / "record.db"
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("CREATE TABLE strange (x)")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(RecordError, match=r"cannot be opened: database is locked"):
        open_database(f"sqlite:///{file}")
    other.close()


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(database, "WAIT_SECONDS", 0.3)


def test_a_record_locked_by_another_holds_the_text_and_then_goes_on(impatient, url):
    engine = open_database(url)
    record, other = RecordStore(engine), open_database(url)
    record.append("k", "a", "c", {"i": 0})
    with other.begin() as connection:
        database.lock_head(connection)
        started = time.monotonic()
        with pytest.raises(RecordError, match="held"):
            record.append("k", "a", "c", {"i": 1})
        assert time.monotonic() - started < 10
        assert record.verify().entries == 1  # reading waits for nobody
    record.append("k", "a", "c", {"i": 2})
    assert counted(record) == {"a": [0, 2]}


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_server_that_acknowledges_early_is_told_not_to(engine):
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
