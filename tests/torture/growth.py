"""A long run on one desk: what its memory does after the warm-up."""

from __future__ import annotations

import itertools
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import func, select

from copilot.records import RecordStore, open_database
from copilot.records.tables import entries
from tests.torture.browser import Browser, Busy, Page
from tests.torture.load import DAY, PASSWORD, advisors, serving
from tests.torture.row import Row, busy, counted

ADVISORS = 48
"""Their pace is thirty suggestions a minute each; together they never wait for it."""
AT_ONCE = 3
A_VISIT = 6
"""Suggestions until an advisor reloads the page."""
WARM = 3
"""A third of the run is warm-up: every cache has a limit and is filled by then."""
MARKS = 40
ALLOWED = 5.0
"""Percent."""
_WHO = ("我", "我妈", "我爱人", "我们家", "朋友", "我爸", "孩子", "公司同事")
_SUMS = ("五万", "十二万", "20万", "三十来万", "80万", "一百万", "6.5万", "两千多", "15w", "1,200,000元")
_WHEN = ("这周五", "下个月", "年底", "半年后", "三年", "明年三月", "2027年1月15日", "随时", "过完年", "90天")
_ASKS = (
    "{who}有{sum}{when}到期，到期钱会自动回到卡里吗",
    "最近净值怎么跌了，{who}那{sum}要不要先赎回",
    "{who}手里有{sum}闲钱，{when}要用，有什么合适的",
    "{sum}赎回几天能到账，{when}能拿到吗",
    "{who}想存{sum}大额存单，{when}的利息是多少",
    "你们这个保本吗，{who}放{sum}会不会亏",
    "{who}手机银行登不上去了，{when}之前要转{sum}怎么办",
    "{when}{who}孩子开学要用{sum}，能提前支取吗",
    "隔壁银行说{when}有更高的，{sum}起，你们比得过吗",
    "有人让{who}把{sum}转到安全账户，{when}之前，是真的吗",
    "{who}这次风险测评过期了，{sum}还能买吗，{when}行不行",
    "黄金{when}还会涨吗，{who}想买{sum}的",
    "{who}养老想每月存一点，{when}开始领，大概{sum}",
    "上回你推荐的那只{who}亏了{sum}，{when}给个说法",
)


def scripted(folder: Path, tries: int, seed: int) -> Row:
    """`tries` suggestions where approved scripts answer."""
    return grown(folder, tries, seed, "scripted", "approved scripts")


def bundled(folder: Path, tries: int, seed: int) -> Row:
    """`tries` suggestions where the bundled model drafts."""
    return grown(folder, tries, seed, "embedded", "the bundled model")


def said(number: int, chance: random.Random) -> str:
    """A customer's message no other one is the same as: caches by text must let go of old ones."""
    text = chance.choice(_ASKS).format(who=chance.choice(_WHO), sum=chance.choice(_SUMS), when=chance.choice(_WHEN))
    return f"{text}，单号{number}"


class Run:
    """The suggestions of all advisors together, counted; the memory is read at every mark."""

    def __init__(self, folder: Path, tries: int) -> None:
        self._folder = folder
        self._numbers = itertools.count()
        self._tries = tries
        self._lock = threading.Lock()
        self._began = time.perf_counter()
        self._every = max(1, tries // MARKS)
        self.outcomes = Counter[str]()
        self.errors = Counter[str]()
        self.marks: list[tuple[int, Mapping[str, float]]] = []

    def next(self) -> int | None:
        """The number of the next suggestion; None when all are made."""
        with self._lock:
            number = next(self._numbers)
            if number >= self._tries:
                return None
            if number % self._every == 0:
                self.mark(number)
            return number

    def mark(self, number: int) -> None:
        """Read the memory."""
        found = _settled(self._folder)
        self.marks.append((number, found))
        told = " ".join(f"{name} {size:.1f}" for name, size in found.items())
        print(f"  {number:,} {time.perf_counter() - self._began:.0f} s: {told} MB", flush=True)

    def note(self, what: str, error: str = "") -> None:
        """Something to count."""
        with self._lock:
            self.outcomes[what] += 1
            if error:
                self.errors[error] += 1


def grown(folder: Path, tries: int, seed: int, kind: str, what: str) -> Row:
    """Advisors come, ask, type, release or leave and go, until so many suggestions were made."""
    database = f"sqlite:///{(folder / 'record.db').resolve()}"
    names = [f"a{n:03}" for n in range(ADVISORS)]
    advisors(database, names)
    run = Run(folder, tries)
    with serving(folder, kind=kind) as url:
        first = Browser(url)
        first.sign_in(names[0], PASSWORD)
        first.open()
        assert first.page
        threads = [
            threading.Thread(
                target=_visits, args=(url, names[n::AT_ONCE], first.page, random.Random(f"{seed}{n}"), run)
            )
            for n in range(AT_ONCE)
        ]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        run.mark(tries)
        took = time.perf_counter() - began
    engine = open_database(database)
    with engine.connect() as connection:
        made = connection.scalar(select(func.count()).where(entries.c.kind == "proposal"))
    whole = RecordStore(engine).verify()
    engine.dispose()
    assert whole.ok
    assert not run.errors, run.errors
    assert made == tries, (made, tries)
    growth = growths(run.marks)
    told = (
        f"{took / 60:.0f} min; {counted(run.outcomes)}; {whole.entries:,} entries, the chain whole; resident after the warm-up "
        f"→ at half → at the end: {courses(run.marks)} ({busy()})"
    )
    if tries >= 1000:  # of a short run all is warm-up
        assert max(growth.values()) <= ALLOWED, growth
    return Row(f"suggestions one after another on one desk, every message another, {what}", tries, told, None, seed)


def growths(marks: list[tuple[int, Mapping[str, float]]]) -> dict[str, float]:
    """Percent from the end of the warm-up to the end, by process."""
    warm, last = marks[len(marks) // WARM][1], marks[-1][1]
    return {name: (last[name] / warm[name] - 1) * 100 for name in last}


def courses(marks: list[tuple[int, Mapping[str, float]]]) -> str:
    """`desk 816 → 820 → 821 MB (+0.6 %)`, by process."""
    warm, half, last = (marks[place][1] for place in (len(marks) // WARM, len(marks) // 2, -1))
    growth = growths(marks)
    return ", ".join(
        f"{name} {warm[name]:.0f} → {half[name]:.0f} → {last[name]:.0f} MB ({growth[name]:+.1f} %)" for name in last
    )


def resident(folder: Path) -> dict[str, float]:
    """Megabytes of the desk over this folder, and of its model's process where it has one."""
    found: dict[str, float] = {}
    desk = 0
    processes = [entry for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
    for entry in processes:
        try:
            mine = f"ADVISOR_COPILOT_DATA={folder}".encode() in (entry / "environ").read_bytes()
            if mine and b"copilot.cli" in (entry / "cmdline").read_bytes():
                desk, found["desk"] = int(entry.name), _megabytes(entry)
        except OSError:
            continue
    for entry in processes:
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if desk and parent == desk and b"worker" in (entry / "cmdline").read_bytes():
                found["model"] = _megabytes(entry)
        except OSError:
            continue
    return found


def _settled(folder: Path) -> dict[str, float]:
    """The least of several readings: to check a password takes 64 MB for a moment."""
    found = [resident(folder)]
    for _ in range(5):
        time.sleep(0.1)
        found.append(resident(folder))
    return {name: min(reading[name] for reading in found) for name in found[0]}


def _megabytes(entry: Path) -> float:
    return int((entry / "statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


def _visits(url: str, names: list[str], page: Page, chance: random.Random, run: Run) -> None:
    for name in itertools.cycle(names):
        browser = Browser(url, page, timeout=120)
        try:
            if not _visit(browser, name, chance, run):
                return
        except Exception as error:  # what a long run brings out is what is looked for
            run.note("failed", f"{type(error).__name__}: {str(error)[:200]}")
            return
        finally:
            browser.client.close()


def _visit(browser: Browser, name: str, chance: random.Random, run: Run) -> bool:
    """One advisor opens the page and works a while; False when all suggestions are made."""
    _patient(lambda: browser.sign_in(name, PASSWORD))
    _patient(browser.open)
    for _ in range(A_VISIT):
        number = run.next()
        if number is None:
            return False
        if number % 6:
            browser.opened = ""  # a new conversation; else it goes on
        areas = _patient(lambda n=number: browser.ask(said(n, chance)))
        if "do-adopt-0" not in str(areas.get("cards")):
            run.note("nothing offered")
            continue
        _patient(lambda: browser.adopt(0))
        for end in (-2, -1, None):
            _patient(lambda e=end: browser.check(browser.text[:e]))
        if chance.random() < DAY:
            areas = _patient(browser.release)
            run.note("released" if "released-text" in str(areas.get("sent")) else "held")
        else:
            run.note("left")
    return True


def _patient(act):
    """An act, again when the desk says it is busy."""
    for _ in range(50):
        try:
            return act() or {}
        except Busy as error:
            time.sleep(error.seconds)
    raise AssertionError("busy for ever")
