"""Faults of the record: killed writers, flipped bits, cut files, torn logs, full disks, locks, clocks that go back."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from copilot.errors import CopilotError, RecordError
from copilot.records import ConversationStore, RecordStore, UserStore, database, open_database, verify
from copilot.records.chain import Link
from copilot.records.conversations import StoredMessage
from copilot.records.database import connect, lock_head
from tests.copilot.records.servers import programs, running
from tests.copilot.records.stories import AT, tell
from tests.torture.row import Row, Watch, counted

WRITERS = 2


def writing(url: str, told: str, name: str) -> None:
    """A process that appends for ever and notes each entry only once it was acknowledged."""
    record = RecordStore(connect(url))
    with Path(told).open("ab", buffering=0) as out:
        for i in count():
            entry = record.append("release", name, "c", {"i": i, "text": "产品不保本" * (i % 50)})
            out.write(f"{entry.sequence} {entry.digest}\n".encode())


def killed(folder: Path, tries: int, seed: int) -> Row:
    """`kill -9` of two processes that append to SQLite, at random moments."""
    return _killed(f"sqlite:///{folder / 'record.db'}", folder, tries, seed, "SQLite")


def killed_postgresql(folder: Path, tries: int, seed: int) -> Row:
    """The same with PostgreSQL, which runs on."""
    found = programs()
    assert found is not None, "PostgreSQL is not installed: apt-get install postgresql"
    with running(found) as server:
        return _killed(server.fresh(), folder, tries, seed, "PostgreSQL")


def _killed(url: str, folder: Path, tries: int, seed: int, where: str) -> Row:
    open_database(url).dispose()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.torture.record"])
    told, chance, watch = folder / "told", random.Random(seed), Watch()
    told.touch()
    kills = 0
    while kills < tries:
        size = told.stat().st_size
        workers = [context.Process(target=writing, args=(url, str(told), f"w{n}"), daemon=True) for n in range(WRITERS)]
        for worker in workers:
            worker.start()
        while told.stat().st_size == size:  # at work
            assert any(w.is_alive() for w in workers)
            time.sleep(0.001)
        for worker in workers:
            worker.join(chance.uniform(0, 0.03))
            worker.kill()
            kills += 1
        for worker in workers:
            worker.join()
        watch.begin()
        engine = connect(url)
        RecordStore(engine).append("after", "a", "c", {})
        watch.end()
        engine.dispose()
    promised = [line.split() for line in told.read_text().splitlines() if line.count(" ") == 1]
    record = RecordStore(open_database(url))
    result = record.verify()
    assert result.ok
    kept = {link.sequence: link.hash for link in record.links()}
    assert [number for number, hashed in promised if kept.get(int(number)) != hashed] == []
    outcome = f"{len(promised):,} entries acknowledged, none lost; the chain whole"
    return Row(f"`kill -9` of processes that write, {where}", kills, outcome, watch.longest, seed)


def whole(folder: Path) -> tuple[Path, list[Link]]:
    """A record at rest in one file, with users and conversations beside it, and what it says."""
    path = folder / "whole.db"
    opened = open_database(f"sqlite:///{path}")
    record = RecordStore(opened)
    for i in range(6):
        tell(record, f"c-{i}")
    record.redact(2, "admin", "客户要求")
    with opened.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO users (name, role, display, password, failures, locked_until, active, locks, one_time_until, signed_in) VALUES ('li', 'advisor', '李经理', 'x', 0, 0, 1, 0, 0, 0)"
        )
    talks = ConversationStore(opened)
    talks.save("c-1", "li", {"name": "王姐"}, AT)
    talks.add("c-1", "li", [StoredMessage("customer", "能保本吗", AT)])
    links = list(record.links())
    opened.dispose()
    with sqlite3.connect(path) as kept:
        kept.execute("PRAGMA journal_mode=DELETE")
    return path, links


def outcome_of(path: Path, links: list[Link]) -> str:
    """What a damaged file is found to be: `refused` by the database, `found` by the chain, `harmless` when all of it reads as before.

    The tables beside the chain may read as they like, but what fails there fails in words.
    """
    engine = connect(f"sqlite:///{path}")
    try:
        for call in (UserStore(engine).list, lambda: ConversationStore(engine).of("li")):
            with suppress(CopilotError):
                call()
        read = list(RecordStore(engine).links())
        result = verify(read)
        same = result.ok and result.head == links[-1].hash
        return "found" if not same else "harmless" if read == links else "unseen"
    except (RecordError, SQLAlchemyError):
        return "refused"
    finally:
        with suppress(SQLAlchemyError):
            engine.dispose()


def flipped(data: bytes, chance: random.Random) -> bytes:
    """One bit of it changed."""
    place = chance.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]


def flipped_database(folder: Path, tries: int, seed: int) -> Row:
    """One bit flipped in the database file, in one of eleven the file cut short."""
    path, links = whole(folder)
    good, chance, outcomes, watch = path.read_bytes(), random.Random(seed), Counter[str](), Watch()
    trial = folder / "trial.db"
    for i in range(tries):
        cut = i % 11 == 10
        trial.write_bytes(good[: chance.randrange(len(good))] if cut else flipped(good, chance))
        watch.begin()
        outcomes[outcome_of(trial, links)] += 1
        watch.end()
        for left in folder.glob("trial.db*"):
            left.unlink()
    assert outcomes["unseen"] == 0
    assert outcomes["found"] + outcomes["refused"] > tries // 10
    assert watch.longest < 10
    return Row(f"a bit flipped in the database file ({len(good):,} bytes), or the file cut", tries, counted(outcomes), None, seed)  # fmt: skip


def damaged_log(folder: Path, tries: int, seed: int) -> Row:
    """The write-ahead log of a stopped machine cut or one bit flipped: what is left is the record's beginning."""
    source = folder / "source.db"
    opened = open_database(f"sqlite:///{source}")
    with opened.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_autocheckpoint=0")
    record = RecordStore(opened)
    for i in range(20):
        record.append("k", "a", "c", {"i": i})
    links = list(record.links())
    base, log = source.read_bytes(), (folder / "source.db-wal").read_bytes()
    chance, outcomes, watch = random.Random(seed), Counter[str](), Watch()
    trial = folder / "trial.db"
    for i in range(tries):
        trial.write_bytes(base)
        damaged = log[: chance.randrange(len(log))] if i % 2 else flipped(log, chance)
        (folder / "trial.db-wal").write_bytes(damaged)
        engine = connect(f"sqlite:///{trial}")
        watch.begin()
        try:
            found = list(RecordStore(engine).links())
            assert found == links[: len(found)]
            outcomes["whole" if len(found) == len(links) else "shorter: only a checkpoint shows it"] += 1
        except RecordError:
            outcomes["refused"] += 1
        watch.end()
        engine.dispose()
        for left in folder.glob("trial.db*"):
            left.unlink()
    opened.dispose()
    assert watch.longest < 10
    return Row("the write-ahead log cut, or a bit of it flipped", tries, counted(outcomes), None, seed)


SECTOR = 512


def torn(before: bytes, after: bytes, chance: random.Random) -> bytes:
    """A file between two states: of each sector the old or the new content came to the disk, in whatever order."""
    size = max(len(before), len(after))
    old, new = before.ljust(size, b"\0"), after.ljust(size, b"\0")
    kept = chance.random()
    return b"".join(
        (new if chance.random() < kept else old)[at : at + SECTOR] for at in range(0, size, SECTOR)
    )  # fmt: skip


def checkpoint(path: Path, how: str) -> None:
    """Have SQLite carry its log into the database file."""
    with closing(sqlite3.connect(path)) as connection:
        busy, _, _ = connection.execute(f"PRAGMA wal_checkpoint({how})").fetchone()
        assert not busy


def power_cut(folder: Path, tries: int, seed: int) -> Row:
    """Power cut while a commit, a checkpoint or a restart of the log was on its way to the disk.

    The states of database and log after every acknowledged commit are kept; between one and the next any sector may or
    may not have been written. What was flushed before stays: a disk that lies about that is not shown here.
    """
    source, chance = folder / "source.db", random.Random(seed)
    log = folder / "source.db-wal"
    opened = open_database(f"sqlite:///{source}")
    record = RecordStore(opened)
    checkpoint(source, "TRUNCATE")
    states = [(source.read_bytes(), log.read_bytes())]
    for i in range(24):
        record.append("k", "a", "c", {"i": i, "text": "不保本" * chance.randrange(400)})
        states.append((source.read_bytes(), log.read_bytes()))
    checkpoint(source, "FULL")
    checkpointed = source.read_bytes(), log.read_bytes()
    record.append("k", "a", "c", {"i": 24})
    restarted = source.read_bytes(), log.read_bytes()
    links = list(record.links())
    opened.dispose()
    outcomes, watch = Counter[str](), Watch()
    for i in range(tries):
        if i % 3 == 0:  # in the middle of commit k + 1
            k = chance.randrange(24)
            files, least = (states[k][0], torn(states[k][1], states[k + 1][1], chance)), k
        elif i % 3 == 1:  # while the log is copied into the database
            files, least = (torn(states[24][0], checkpointed[0], chance), states[24][1]), 24
        else:  # while the log begins anew
            files, least = (checkpointed[0], torn(checkpointed[1], restarted[1], chance)), 24
        trial = folder / "trial.db"
        trial.write_bytes(files[0])
        (folder / "trial.db-wal").write_bytes(files[1])
        engine = connect(f"sqlite:///{trial}")
        watch.begin()
        found = list(RecordStore(engine).links())
        assert found == links[: len(found)], (i, len(found))
        assert len(found) >= least, (i, len(found), least)
        RecordStore(engine).append("after", "a", "c", {})
        watch.end()
        assert RecordStore(engine).verify().ok
        outcomes["with the entry on its way" if len(found) > least else "up to the last acknowledged"] += 1
        engine.dispose()
        for left in folder.glob("trial.db*"):
            left.unlink()
    return Row("power cut: commits, checkpoints and log restarts replayed with sectors missing", tries, f"nothing acknowledged lost; {counted(outcomes)}", watch.longest, seed)  # fmt: skip


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """`folder` on a disk of its own, where we may mount one."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    may = os.getuid() == 0 and shutil.which("mount") is not None
    mounted = may and subprocess.run(mount, check=False, capture_output=True).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def disk_full(folder: Path, tries: int, seed: int) -> Row:
    """A disk that fills up at each page an append writes, one after the other: a real small one, or SQLite's own limit of pages."""
    template = folder / "template.db"
    made = open_database(f"sqlite:///{template}")
    made.dispose()
    refused = acknowledged = 0
    watch, place = Watch(), folder / "disk"
    with small_disk(place) as mounted:

        def room(engine: Engine, pages: int | None) -> None:
            if mounted:
                used = sum(p.stat().st_blocks * 512 for p in place.iterdir())
                size = "8m" if pages is None else str(used + pages * 4096)
                subprocess.run(["mount", "-o", f"remount,size={size}", str(place)], check=True)
            else:
                with engine.connect() as connection:
                    now = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
                    connection.exec_driver_sql(f"PRAGMA max_page_count={100_000 if pages is None else now + pages}")

        for i in range(tries):
            shutil.copyfile(template, place / "record.db")
            engine = connect(f"sqlite:///{place / 'record.db'}")
            record = RecordStore(engine)
            first = record.append("k", "a", "c", {"i": 0})
            room(engine, i % 40)
            kept = [first]
            for n in range(400):
                try:
                    kept.append(record.append("k", "a", "c", {"i": n, "text": "满" * (seed * 37 % 500)}))
                except RecordError as error:
                    assert "held" in str(error)
                    break
            else:
                raise AssertionError("the disk did not fill up")
            refused += 1
            acknowledged += len(kept)
            assert record.read() == kept
            watch.begin()
            room(engine, None)
            record.append("k", "a", "c", {"i": "after"})
            watch.end()
            result = record.verify()
            assert (result.ok, result.entries) == (True, len(kept) + 1)
            engine.dispose()
            for left in place.iterdir():
                left.unlink()
    how = "a disk that fills up at each page of a write" if mounted else "SQLite's limit of pages reached at each page"
    return Row(how, tries, f"{refused} refused, the text held; {acknowledged:,} acknowledged, none lost", watch.longest, seed)  # fmt: skip


def locked(folder: Path, tries: int, seed: int) -> Row:
    """Another holds the database for longer than a writer waits; `tries` is for how many seconds. SQLite and PostgreSQL."""
    wait = database.WAIT_SECONDS
    database.WAIT_SECONDS = tries if tries > 1 else 0.3  # type: ignore[assignment]
    watch, waits = Watch(), []
    found = programs()
    assert found is not None, "PostgreSQL is not installed: apt-get install postgresql"
    try:
        with running(found) as server:
            for url in (f"sqlite:///{folder / 'record.db'}", server.fresh()):
                engine, other = open_database(url), open_database(url)
                record = RecordStore(engine)
                record.append("k", "a", "c", {"i": 0})
                with other.begin() as connection:
                    lock_head(connection)
                    began = time.monotonic()
                    with suppress(RecordError):
                        record.append("k", "a", "c", {"i": 1})
                        raise AssertionError("written in spite of the lock")
                    waits.append(time.monotonic() - began)
                    assert record.verify().entries == 1  # reading waits for nobody
                watch.begin()
                record.append("k", "a", "c", {"i": 2})
                watch.end()
                assert [e.payload for e in record.read()] == [{"i": 0}, {"i": 2}]
                engine.dispose()
                other.dispose()
    finally:
        database.WAIT_SECONDS = wait
    told = " and ".join(f"{w:.1f} s" for w in waits)
    return Row(f"the database locked by another for longer than {wait} s", 2, f"refused after {told}, the text held; reading goes on meanwhile", watch.longest)  # fmt: skip


def clock_back(folder: Path, tries: int, seed: int) -> Row:
    """A clock that jumps back and forth by up to a week between entries: the order is that of the numbers, not of the times."""
    chance, now = random.Random(seed), datetime(2026, 11, 22, 10)
    engine = open_database(f"sqlite:///{folder / 'record.db'}")
    record = RecordStore(engine)
    back = 0
    for i in range(tries):
        jump = timedelta(seconds=chance.uniform(-7 * 86400, 7 * 86400))
        back += jump < timedelta(0)
        now += jump
        record.append("k", "a", f"c-{i % 5}", {"i": i}, now)
    result = record.verify()
    assert (result.ok, result.entries) == (True, tries)
    assert [e.payload["i"] for e in record.read() if e.payload] == list(range(tries))
    assert [e.payload["i"] for e in record.read(newest=3) if e.payload] == list(range(tries))[-3:]
    engine.dispose()
    return Row("the clock set back or forth by up to a week", tries, f"{back} times back; every entry kept, in its order", None, seed)  # fmt: skip
