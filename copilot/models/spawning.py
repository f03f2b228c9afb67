"""Around the start of the model's process: its folder, environment and log, the wait for its first word, and its end."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import tempfile
from pathlib import Path
from typing import IO

import copilot

_LOG_BYTES = 1_000_000


def private_folder() -> Path:
    """A new folder only this user can enter, with a path short enough for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="copilot-"))
    if len(str(folder)) > 90:
        folder.rmdir()
        folder = Path(tempfile.mkdtemp(prefix="copilot-", dir="/tmp"))
    folder.chmod(0o700)
    return folder


def environment() -> dict[str, str]:
    """The environment without our settings (they may hold a key), and the path to our own package."""
    kept = {k: v for k, v in os.environ.items() if not k.upper().startswith("ADVISOR_COPILOT_")}
    ours = str(Path(next(iter(copilot.__path__))).parent)
    kept["PYTHONPATH"] = os.pathsep.join([ours, *filter(None, [os.environ.get("PYTHONPATH")])])
    return kept


def says(control: IO[bytes], within: float) -> bool:
    """Whether the process says something in time."""
    watched = select.poll()  # `select` itself knows no descriptor above 1023
    watched.register(control, select.POLLIN | select.POLLHUP)
    return bool(watched.poll(within * 1000))


def opened(log: Path | None) -> IO[bytes]:
    """The log, begun anew when it has grown large; nothing a customer wrote goes there."""
    if log is None:
        return Path(os.devnull).open("wb")
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        fresh = log.exists() and log.stat().st_size > _LOG_BYTES
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if fresh else os.O_APPEND), 0o600)
    except OSError:  # a full disk keeps the log out, not the model
        return Path(os.devnull).open("wb")
    return os.fdopen(descriptor, "ab")


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process: its input first, then by force."""
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
    try:
        process.wait(0.5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
