"""A working day of many advisors, compressed: real `serve` processes, real requests, over loopback."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import insert, select

from copilot.records import RecordStore, UserStore, open_database
from copilot.records.tables import users
from tests.torture.browser import Browser, Busy, Page
from tests.torture.row import Row, busy, counted

PASSWORD = "correct-horse-9"
DAY = 0.55
"""Share of an advisor's turns that end in a release; the rest is read and left, as on a real day."""
MESSAGES = (
    "我那笔半年的理财是不是这周五到期，到期钱会自动回到卡里吗",
    "最近净值怎么跌了，要不要先赎回",
    "手里有二十万闲钱，放半年有什么合适的",
    "赎回几天能到账",
    "大额存单现在三年多少利息",
    "你们这个保本吗，会不会亏",
    "手机银行登不上去了怎么办",
    "下个月孩子开学要用钱，能提前支取吗",
)


@contextmanager
def serving(data: Path, *, url: str = "", kind: str = "scripted", port: int = 0, wait: float = 600) -> Iterator[str]:
    """A real `serve` process over a data folder (and a database of its own, when given); its address."""
    chosen = port or _free()
    settings = {
        "ADVISOR_COPILOT_DATA": str(data),
        "ADVISOR_COPILOT_MODEL__KIND": kind,
        "ADVISOR_COPILOT_SERVE__PORT": str(chosen),
        **({"ADVISOR_COPILOT_RECORD__URL": url} if url else {}),
    }
    log = data / f"serve-{chosen}.log"
    data.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-m", "copilot.cli", "serve"], env={**os.environ, **settings}, stdout=out, stderr=out)  # fmt: skip
    address = f"http://127.0.0.1:{chosen}"
    try:
        deadline = time.monotonic() + wait
        while True:
            try:
                if httpx.get(f"{address}/healthz", timeout=5, trust_env=False).status_code == 200:
                    break
            except httpx.HTTPError:
                pass
            assert process.poll() is None, log.read_text(encoding="utf-8")[-2000:]
            assert time.monotonic() < deadline, "serve did not start"
            time.sleep(0.2)
        yield address
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def advisors(database: str, names: list[str]) -> None:
    """Users who share one password: what it costs to check it is part of the day, what it costs to make it is not."""
    engine = open_database(database)
    UserStore(engine).add(names[0], "advisor", names[0], PASSWORD)
    with engine.begin() as connection:
        first = connection.execute(select(users).where(users.c.name == names[0])).mappings().one()
        if names[1:]:
            connection.execute(insert(users), [{**first, "name": n, "display": n} for n in names[1:]])
    engine.dispose()


class Day:
    """What happened to all of them: the time of each step, what was refused, what failed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.times: dict[str, list[float]] = defaultdict(list)
        self.outcomes = Counter[str]()
        self.errors = Counter[str]()

    def step(self, name: str, began: float) -> None:
        """A step that went well."""
        with self._lock:
            self.times[name].append(time.perf_counter() - began)

    def note(self, what: str, error: str = "") -> None:
        """Something to count."""
        with self._lock:
            self.outcomes[what] += 1
            if error:
                self.errors[error] += 1

    def told(self) -> str:
        """Median, 95th and 99th percentile of each step."""
        return "; ".join(
            f"{name} {_at(t, 50):.1f}/{_at(t, 95):.1f}/{_at(t, 99):.1f} s (n={len(t)})"
            for name, t in self.times.items()
        )


def _at(times: list[float], percent: int) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def scripted(folder: Path, tries: int, seed: int) -> Row:
    """`tries` advisors where approved scripts answer."""
    return worked(folder, tries, seed, "scripted", "approved scripts")


def bundled(folder: Path, tries: int, seed: int) -> Row:
    """`tries` advisors where the bundled model drafts."""
    return worked(folder, tries, seed, "embedded", "the bundled model")


def worked(folder: Path, tries: int, seed: int, kind: str, what: str, turns: int = 2) -> Row:
    """Sign in in the first minutes, then turns with pauses: ask, type, release or leave."""
    database = f"sqlite:///{(folder / 'record.db').resolve()}"
    names = [f"a{n:03}" for n in range(tries)]
    advisors(database, names)
    day = Day()
    with serving(folder, kind=kind) as url:
        first = Browser(url)
        first.sign_in(names[0], PASSWORD)
        first.open()
        assert first.page
        before = _memory(folder)
        began = time.perf_counter()
        threads = [
            threading.Thread(target=_day, args=(url, n, first.page, random.Random(f"{seed}{n}"), tries, turns, day))
            for n in names
        ]
        for thread in threads:
            thread.start()
        half = len(threads) // 2
        for number, thread in enumerate(threads):
            thread.join()
            if number == half:
                middle = _memory(folder)
        took, after = time.perf_counter() - began, _memory(folder)
    engine = open_database(database)
    record = RecordStore(engine)
    result = record.verify()
    released = len(record.read(kinds=("release",)))
    engine.dispose()
    assert result.ok
    assert released == day.outcomes["released"], (released, day.outcomes)
    assert not day.errors, day.errors
    told = (
        f"{took:.0f} s; {counted(day.outcomes)}; no error; {result.entries:,} entries, the chain whole, every release recorded; "
        f"median/p95/p99: {day.told()}; memory {before:.0f} → {middle:.0f} → {after:.0f} MB ({busy()})"
    )
    return Row(f"{tries} advisors at once, {turns} turns each, {what}", tries, told, None, seed)


def _day(url: str, name: str, page: Page, chance: random.Random, many: int, turns: int, day: Day) -> None:
    browser = Browser(url, page, timeout=600)
    try:
        time.sleep(chance.uniform(0, many / 10))  # they do not all come in the same second
        _patient(day, "sign in", lambda: browser.sign_in(name, PASSWORD))
        _patient(day, "open the page", browser.open)
        for _ in range(turns):
            time.sleep(chance.expovariate(1 / 3))
            areas = _patient(day, "suggest", lambda: browser.ask(chance.choice(MESSAGES)))
            if "do-adopt-0" not in str(areas.get("cards")):
                day.note("nothing offered")
                continue
            _patient(day, "take up", lambda: browser.adopt(0))
            _patient(day, "check while typing", lambda: browser.check(browser.text))
            if chance.random() < DAY:
                areas = _patient(day, "release", browser.release)
                day.note("released" if "released-text" in str(areas.get("sent")) else "held")
            else:
                day.note("left")
    except Exception as error:  # an advisor whose day ended in an error is what is looked for
        day.note("failed", f"{type(error).__name__}: {str(error)[:200]}")
    finally:
        browser.client.close()


def _patient(day: Day, name: str, act: Callable[[], Any]) -> dict[str, Any]:
    """A step; told that the desk is busy, the advisor waits as told and tries again."""
    for _ in range(50):
        began = time.perf_counter()
        try:
            found = act()
        except Busy as error:
            day.note("told to wait")
            time.sleep(error.seconds)
            continue
        day.step(name, began)
        return found or {}
    raise AssertionError(f"{name}: busy for ever")


def _memory(folder: Path) -> float:
    """Megabytes of the serving processes over this folder."""
    total = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                environment = (entry / "environ").read_bytes()
                if (
                    f"ADVISOR_COPILOT_DATA={folder}".encode() in environment
                    and b"copilot.cli" in (entry / "cmdline").read_bytes()
                ):
                    total += int((entry / "statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
            except OSError:
                continue
    return total / 1e6
