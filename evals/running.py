"""A run started from the desk, in a process of its own that gives way to the desk. Where it stands lies in `<data>/reports/RUNNING.json`, so every web process can tell and stop it."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Literal

from copilot.errors import CopilotError, InputError
from copilot.settings import Settings
from copilot.wiring import build
from evals.own import own_cases
from evals.report import write
from evals.run import known, run

STATE, LOCK = "RUNNING.json", "RUNNING.lock"
SCRIPTED = "scripted"
"""The name for no model at all: approved scripts alone."""
_GIVES_WAY = 10
_TOLD_S = 0.5
Stage = Literal["none", "starting", "asking", "done", "stopped", "failed"]


@dataclass(frozen=True)
class Going:
    """How far a run is. `detail` says why it failed; a stopped one goes on when the same is asked for again."""

    stage: Stage = "none"
    by: str = ""
    at: str = ""
    suites: tuple[str, ...] = ()
    own: bool = False
    suite: str = ""
    done: int = 0
    total: int = 0
    pid: int = 0
    run: str = ""
    detail: str = ""
    model: str = ""
    """Which model drafts: "" for the one in force, else one of `Running.models`."""


@dataclass(frozen=True)
class Running:
    """Starts, watches and stops the one run of a data folder."""

    settings: Settings

    @property
    def folder(self) -> Path:
        """Where the runs are."""
        return self.settings.data / "reports"

    def models(self) -> tuple[str, ...]:
        """What may draft in a run besides the model in force: scripts alone, and the GGUF files fetched into the data folder."""
        return (SCRIPTED, *sorted(path.name for path in (self.settings.data / "models").glob("*.gguf")))

    def state(self) -> Going:
        """How far it is; one whose process has gone was stopped."""
        going = self._told()
        if going.stage in ("starting", "asking") and not _held(self.folder):
            going = self._told()  # it may have said its last word and gone in between
            return replace(going, stage="stopped") if going.stage in ("starting", "asking") else going
        return going

    def _told(self) -> Going:
        try:
            told = json.loads((self.folder / STATE).read_text(encoding="utf-8"))
            return Going(**{**told, "suites": tuple(told["suites"])})
        except (OSError, ValueError, TypeError, KeyError):
            return Going()

    def start(self, suites: Sequence[str], by: str, *, own: bool = False, model: str = "") -> None:
        """Begin a run of these suites. InputError while one is under way, or for suites or a model that are not there."""
        if not suites:
            raise InputError("choose at least one suite")
        if model and model not in self.models():
            raise InputError(f"no model {model} to run with; it was taken away, so choose another")
        chosen = known(suites)
        self.folder.mkdir(parents=True, exist_ok=True)
        begun = Going("starting", by, datetime.now().isoformat(timespec="seconds"), chosen, own, model=model)
        with (self.folder / LOCK).open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise InputError("a run is under way; wait for it, or stop it") from error
            process = subprocess.Popen(
                [sys.executable, "-m", "evals.running"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                pass_fds=(lock.fileno(),),  # the lock is the process's from here on
            )
            begun = replace(begun, pid=process.pid)
            _tell(self.folder, begun)
        threading.Thread(target=process.wait, daemon=True).start()
        told = {"settings": self.settings.model_dump(mode="json"), "going": asdict(begun)}
        if process.stdin is not None:
            with suppress(BrokenPipeError), process.stdin as line:
                line.write(json.dumps(told).encode())

    def stop(self) -> None:
        """Stop it; what was answered stays, and the same run goes on from there."""
        going = self.state()
        if going.stage in ("starting", "asking") and going.pid:
            with suppress(ProcessLookupError):
                os.kill(going.pid, signal.SIGTERM)

    def wait(self, seconds: float) -> Going:
        """The state once nothing runs, or after so many seconds."""
        deadline = time.monotonic() + seconds
        while _held(self.folder) and time.monotonic() < deadline:
            time.sleep(0.05)
        return self.state()


def drafting_with(settings: Settings, model: str) -> Settings:
    """The settings of a run that drafts with another model than the one in force."""
    if not model:
        return settings
    change = {"kind": SCRIPTED} if model == SCRIPTED else {"kind": "embedded", "path": settings.data / "models" / model}
    return settings.model_copy(update={"model": settings.model.model_copy(update={**change, "sha256": None})})


def _held(folder: Path) -> bool:
    """Whether the process of a run lives: it holds the lock until it ends, however it ends."""
    try:
        with (folder / LOCK).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def _tell(folder: Path, going: Going) -> None:
    fresh = folder / f"{STATE}.new"
    fresh.write_text(json.dumps(asdict(going), ensure_ascii=False), encoding="utf-8")
    fresh.replace(folder / STATE)


def _stop(_: int, __: FrameType | None) -> None:
    raise SystemExit(143)


def main() -> None:
    """The process of one run: what to do comes on standard input."""
    told = json.load(sys.stdin)
    going = Going(**{**told["going"], "suites": tuple(told["going"]["suites"])})
    settings = drafting_with(Settings(**told["settings"]), going.model)
    folder = settings.data / "reports"
    signal.signal(signal.SIGTERM, _stop)
    with suppress(OSError):
        os.nice(_GIVES_WAY)
    try:
        _tell(folder, _asked(settings, going, folder))
    except SystemExit:
        _tell(folder, replace(going, stage="stopped"))
        raise
    except Exception as error:  # whatever it was, the page says so
        said = str(error) if isinstance(error, CopilotError) else f"{type(error).__name__}: {error}"
        _tell(folder, replace(going, stage="failed", detail=said.splitlines()[0] if said else ""))


def _asked(settings: Settings, going: Going, folder: Path) -> Going:
    last = 0.0

    def progress(suite: str, done: int, total: int) -> None:
        nonlocal last
        if done == total or time.monotonic() - last > _TOLD_S:
            last = time.monotonic()
            _tell(folder, replace(going, stage="asking", suite=suite, done=done, total=total))

    product = build(settings)
    try:
        product.check_all()
        if product.model is not None:
            product.model.wait_ready(60)
        cases = own_cases(settings.data / "cases") if going.own else None
        done = run(product, going.suites, folder, progress, own=cases)
        write(done)
        return replace(going, stage="done", run=done.name)
    finally:
        product.close()


if __name__ == "__main__":
    main()
