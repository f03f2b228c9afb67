"""Faults of the model's process: killed, frozen, out of memory, while it loads and while it writes."""

from __future__ import annotations

import os
import random
import resource
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from copilot.errors import ModelError
from copilot.models.chat import LlamaChat
from copilot.models.process import Embedded
from copilot.settings import packaged
from tests.torture.row import Row, Watch, counted

EACH = 3
"""Faults of one kind that one desk meets: of more in a row the pauses before the next start grow, by design."""
ANSWER_S = 3.0
"""How long a request may wait in these trials; the setting's own is longer."""
BACK_S = 60.0


def crashed(folder: Path, tries: int, seed: int) -> Row:
    """`kill -9` of the model's process, while it loads or writes."""
    return _tried(folder, tries, seed, "the model's process killed", lambda pid: os.kill(pid, signal.SIGKILL))


def hung(folder: Path, tries: int, seed: int) -> Row:
    """The model's process stopped for good, while it loads or writes."""
    return _tried(folder, tries, seed, "the model's process hung", lambda pid: os.kill(pid, signal.SIGSTOP))


def out_of_memory(folder: Path, tries: int, seed: int) -> Row:
    """The model's process may have no more memory than it has, while it loads or writes."""

    def starve(pid: int) -> None:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[0])
        most = pages * resource.getpagesize()
        resource.prlimit(pid, resource.RLIMIT_AS, (most, most))

    return _tried(folder, tries, seed, "the model's process out of memory", starve)


def _tried(folder: Path, tries: int, seed: int, fault: str, do: Callable[[int], None]) -> Row:
    chance, outcomes, back, longest = random.Random(seed), Counter[str](), Watch(), Watch()
    done = 0
    while done < tries:
        chat = LlamaChat(
            embedded=Embedded(
                packaged("copilot", "bundled", "drafter", "drafter.gguf"),
                threads=1,
                timeout_s=ANSWER_S,
                first_token_timeout_s=ANSWER_S,
                ready_wait_s=1.0,
                load_s=5.0,
                log_dir=folder,
            )
        )
        try:
            chat.start()
            for nth in range(min(EACH, tries - done)):
                outcomes[_once(chat, chance, do, back, longest, loading=nth == 0 and chance.random() < 0.3)] += 1
                done += 1
        finally:
            chat.close()
    assert longest.longest < ANSWER_S + 3
    assert back.longest < BACK_S
    told = f"{counted(outcomes)}; the longest wait for an answer {longest.longest:.1f} s"
    return Row(fault, tries, told, back.longest, seed)


def _once(
    chat: LlamaChat, chance: random.Random, do: Callable[[int], None], back: Watch, longest: Watch, *, loading: bool
) -> str:
    """One fault, and how the request on its way ended."""
    if not loading:
        assert chat.wait_ready(BACK_S)
    pid = _pid(chat)
    said: list[str] = []

    def ask() -> None:
        try:
            chat.invoke("您好，请问这款产品" * 20, max_tokens=chance.choice((4, 400)))
            said.append("answered")
        except ModelError as error:
            assert "\n" not in str(error)
            said.append(f"refused as {type(error).__name__}")

    asking = threading.Thread(target=ask)
    longest.begin()
    asking.start()
    time.sleep(chance.uniform(0, 0.1))
    try:
        do(pid)
    except (ProcessLookupError, FileNotFoundError):
        said.insert(0, "already gone")
    back.begin()
    asking.join(BACK_S)
    longest.end()
    assert not asking.is_alive(), "a request was left hanging"
    deadline = time.monotonic() + BACK_S
    while time.monotonic() < deadline:
        try:
            chat.invoke("您好", max_tokens=2)
            break
        except ModelError:
            time.sleep(0.02)
    else:
        raise AssertionError(f"no model again: {chat.process.state} {chat.process.detail}")
    back.end()
    return said[-1]


def _pid(chat: LlamaChat) -> int:
    """The process's number, also while it loads."""
    deadline = time.monotonic() + BACK_S
    while time.monotonic() < deadline:
        process = chat.process._process
        if process is not None and process.poll() is None:
            return process.pid
        time.sleep(0.005)
    raise AssertionError("no process was started")
