"""Starts, watches and restarts the model's process, and speaks to it.

stopped ── start ──▶ starting ──▶ ready ──┐
             ▲          │  │              │ dies
             └─ backoff ┴──┼──────────────┘
                           └─▶ failed     the file is wrong: no use trying again
"""

from __future__ import annotations

import atexit
import inspect
import json
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from copilot.errors import ModelUnavailable, SettingsError
from copilot.models.frames import FrameReader, Loaded, WorkerSpec, send_frame
from copilot.models.spawning import end, environment, opened, private_folder, says

State = Literal["stopped", "starting", "ready", "waiting", "failed"]
Validator = Callable[[str], str]

_BACKOFF_S = (0.0, 0.5, 2.0, 10.0, 30.0)
_STEADY_S = 30.0
"""A process that ran this long is restarted at once when it dies."""
_NEVER_READY = 3
"""Deaths while loading, one after another, after which the file is held to be the cause."""


@dataclass(frozen=True)
class Embedded:
    """What to load and how long to wait. `ready_wait_s` is how long a request waits for a process that is starting,
    `load_s` after how long one that has not said it is ready is ended."""

    path: Path
    sha256: str = ""
    context: int = 2048
    threads: int = 2
    gpu_layers: int = 0
    queue: int = 16
    timeout_s: float = 20.0
    first_token_timeout_s: float = 8.0
    ready_wait_s: float = 2.0
    load_s: float = 600.0
    log_dir: Path | None = None


@dataclass(frozen=True)
class Running:
    """A process that answers."""

    process: subprocess.Popen[bytes]
    spec: WorkerSpec
    loaded: Loaded
    since: float

    def connect(self) -> FrameReader:
        """A connection for one request; OSError when nothing listens."""
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(1.0)
            connection.connect(self.spec.socket)
        except OSError:
            connection.close()
            raise
        return FrameReader(connection)


class ModelProcess:
    """The model's process, kept alive from `start` to `close`."""

    def __init__(self, embedded: Embedded, validate: Validator | None = None) -> None:
        self.embedded = embedded
        self.validate = validate
        self._validator = _where(validate)
        self._changed = threading.Condition()
        self._state: State = "stopped"
        self._why = ""
        self._running: Running | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._last: Loaded | None = None
        self._keeper: threading.Thread | None = None
        self._folder: Path | None = None
        self._closing = False

    # --- life ------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to load, in the background. Does nothing when already begun."""
        with self._changed:
            if self._keeper is not None and self._keeper.is_alive():
                return
            self._closing = False
            self._set("starting")
            self._folder = self._folder or private_folder()
            self._keeper = threading.Thread(target=self._keep, name="model-keeper", daemon=True)
            self._keeper.start()
        atexit.register(self.close)

    def close(self) -> None:
        """End the process and remove its socket."""
        atexit.unregister(self.close)
        with self._changed:
            self._closing = True
            self._running = None
            self._set("stopped", "the model was closed")
            process, keeper, folder = self._process, self._keeper, self._folder
            self._folder = None
        if process is not None:
            end(process)
        if keeper is not None and keeper is not threading.current_thread():
            keeper.join(5.0)
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    @property
    def state(self) -> State:
        """Where the process stands."""
        return self._state

    @property
    def detail(self) -> str:
        """Why it does not answer, in one line."""
        return self._why

    @property
    def loaded(self) -> Loaded | None:
        """What was last loaded."""
        return self._last

    def wait_ready(self, timeout: float) -> bool:
        """Start if needed and wait. False while still loading, SettingsError when the file is refused."""
        self.start()
        with self._changed:
            self._changed.wait_for(lambda: self._state in ("ready", "failed", "stopped"), timeout)
            if self._state == "failed":
                raise SettingsError(self._why)
            return self._state == "ready"

    def running(self, wait: float) -> Running:
        """The process to ask. ModelUnavailable when there is none within `wait` seconds."""
        self.start_if_new()
        with self._changed:
            self._changed.wait_for(lambda: self._state != "starting", wait)
            if self._state == "ready" and self._running is not None:
                return self._running
            raise ModelUnavailable(self._why or "the model is still being loaded; try again in a moment")

    def start_if_new(self) -> None:
        """Start unless it was started, failed or closed before."""
        if self._state == "stopped" and not self._closing:
            self.start()

    def lost(self, running: Running) -> None:
        """A request found this process gone or stuck: end it for certain and do not offer it again."""
        running.process.kill()
        with self._changed:
            if self._running is running and not self._closing:
                self._running = None
                self._set("starting", "the model process stopped; it is being started again")

    # --- keeping ---------------------------------------------------------------------------------------------------

    def _keep(self) -> None:
        deaths = unready = 0
        while not self._closing:
            began = time.monotonic()
            was_ready = counts = False
            try:
                running = self._spawn()
                was_ready = True
                running.process.wait()
                self.lost(running)
            except SettingsError as error:
                self._fail(str(error))
                return
            except ModelUnavailable:
                counts = self._last is None  # a file that was loaded before is not the cause: memory may be short
            except OSError:  # no process, no file handle, no room for the log: it may pass
                pass
            except Exception as error:
                if self._closing:  # closed while starting: its folder went away under it
                    return
                self._fail(f"the model process cannot be kept ({type(error).__name__}); restart the desk")
                raise
            unready = 0 if was_ready else unready + counts
            if unready >= _NEVER_READY:
                self._fail(
                    f"{self.embedded.path}: the model process ended {unready} times while loading this file; "
                    f"see {self._log() or 'model.log'}, or choose a smaller model"
                )
                return
            deaths = 0 if time.monotonic() - began > _STEADY_S else min(deaths + 1, len(_BACKOFF_S))
            self._rest(_BACKOFF_S[max(0, deaths - 1)])

    def _rest(self, delay: float) -> None:
        """Wait before the next start; meanwhile requests are refused at once."""
        with self._changed:
            if self._closing:
                return
            if delay:
                self._set("waiting", f"the model process keeps stopping; the next start is in {delay:g} s")
                self._changed.wait_for(lambda: self._closing, delay)
            if not self._closing:
                self._set("starting", "the model process stopped; it is being started again")

    def _spawn(self) -> Running:
        """Start a process and wait until it has loaded. SettingsError when it says why not, ModelUnavailable if it dies."""
        spec = self._spec()
        log = self._log()
        with opened(log) as errors:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "copilot.models.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=environment(),
                start_new_session=True,
            )
        with self._changed:
            self._process = process
            if self._closing:
                end(process)
        assert process.stdin is not None
        assert process.stdout is not None
        with process.stdout as control:
            try:
                process.stdin.write(spec.to_json().encode() + b"\n")
                process.stdin.flush()
                line = control.readline() if says(control, self.embedded.load_s) else b""
            except OSError:
                line = b""
        answer = json.loads(line) if line.endswith(b"\n") else {}
        if "ready" not in answer:
            end(process)
            if "failed" in answer:
                raise SettingsError(answer["failed"])
            raise ModelUnavailable("the model process ended while loading")
        running = Running(process, spec, Loaded(**answer["ready"]), time.monotonic())
        with self._changed:
            if not self._closing:
                self._running, self._last = running, running.loaded
                self._set("ready")
        return running

    def _spec(self) -> WorkerSpec:
        e = self.embedded
        folder = self._folder
        if folder is None or not folder.is_dir():
            folder = self._folder = private_folder()
        spec = WorkerSpec(
            str(e.path), e.sha256, e.context, e.threads, e.gpu_layers, str(folder / "s"), secrets.token_hex(32)
        )
        Path(spec.socket).unlink(missing_ok=True)
        return replace(spec, validator_file=self._validator[0], validator_name=self._validator[1])

    def _log(self) -> Path | None:
        return self.embedded.log_dir / "model.log" if self.embedded.log_dir else None

    def _fail(self, why: str) -> None:
        with self._changed:
            self._running = None
            self._set("failed", why)

    def _set(self, state: State, why: str = "") -> None:
        with self._changed:
            self._state, self._why = state, why
            self._changed.notify_all()


def count_tokens(running: Running, text: str, timeout: float = 2.0) -> int:
    """Tokens of a text, as the model counts them. ModelUnavailable when the process does not say."""
    try:
        reader = running.connect()
        with reader.connection:
            send_frame(reader.connection, {"token": running.spec.token, "op": "count", "text": text})
            return int(reader.read(timeout)["count"])
    except (OSError, EOFError, KeyError) as error:
        raise ModelUnavailable("the model process did not count these tokens; try again") from error


def _where(validate: Validator | None) -> tuple[str, str]:
    """File and name of the validator, by which the model's process loads it too."""
    if validate is None:
        return "", ""
    name = validate.__qualname__
    file = inspect.getsourcefile(validate)
    if "." in name or "<" in name or file is None:
        raise ValueError("validate must be a function of a module, so that the model's process can load it")
    return str(Path(file).resolve()), name


__all__ = ["Embedded", "ModelProcess", "Running", "State", "Validator", "count_tokens"]
