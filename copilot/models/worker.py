"""The model's own process: `python -m copilot.models.worker`, started and spoken to by `process.ModelProcess` alone.

Its standard input brings one line of WorkerSpec and then stays open: when it closes, the parent is gone and this process
ends. Its standard output carries one line back, ready or failed; whatever llama.cpp prints goes to standard error, a log.
Requests come over a Unix socket in a folder only its user can enter, each on a connection of its own that begins with the
token of the spec; closing the connection withdraws the request. One lock guards the one context.
"""

from __future__ import annotations

import contextlib
import hmac
import importlib.util
import json
import os
import select
import signal
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from copilot.errors import CopilotError, GrammarError, InputError
from copilot.models.frames import Frame, FrameReader, Generation, WorkerSpec, send_frame
from copilot.models.hashing import verified

if TYPE_CHECKING:
    from copilot.models.llama import Engine

Validator = Callable[[str], str]
_HELLO_S = 5.0


def main() -> int:
    """Load, say so, and serve until the parent goes away."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.umask(0o077)
    control = _own_stdout()
    spec = WorkerSpec.from_json(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, args=(Path(spec.socket), os.getppid()), daemon=True).start()
    try:
        digest = verified(Path(spec.path), spec.sha256)
        engine = _load(spec, digest)
        validator = _validator(spec)
        listener = _listen(spec.socket)
    except CopilotError as error:
        _say(control, {"failed": str(error)})
        return 1
    _say(control, {"ready": asdict(engine.loaded)})
    service = Service(engine, spec.token, validator)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=service.answer, args=(connection,), daemon=True).start()


@dataclass
class Service:
    """Answers connections: generate, count."""

    engine: Engine
    token: str
    validator: Validator | None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, connection: socket.socket) -> None:
        """One connection, one request. A stranger gets no word."""
        with connection, contextlib.suppress(OSError, EOFError):
            if not _same_user(connection):
                return
            frame = FrameReader(connection).read(_HELLO_S)
            if not hmac.compare_digest(str(frame.get("token", "")), self.token):
                return
            connection.settimeout(None)
            send_frame(connection, self._reply(connection, frame))
            connection.shutdown(socket.SHUT_RDWR)

    def _reply(self, connection: socket.socket, frame: Frame) -> Frame:
        try:
            if frame.get("op") == "count":
                return {"count": self.engine.count(str(frame["text"]))}
            return self._generate(connection, Generation.from_frame(frame["request"]), bool(frame.get("stream")))
        except GrammarError as error:
            return {"error": "grammar", "message": str(error)}
        except InputError as error:
            return {"error": "input", "message": str(error)}
        except Exception as error:
            print(f"{time.strftime('%F %T')} {type(error).__name__}: {error}", file=sys.stderr, flush=True)
            return {"error": "failed", "message": f"the model failed: {type(error).__name__}; see its log"}

    def _generate(self, connection: socket.socket, request: Generation, stream: bool) -> Frame:
        if request.grammar and self.validator:
            self.validator(request.grammar)
        gone = threading.Event()
        threading.Thread(target=_await_end, args=(connection, gone), daemon=True).start()
        pieces: list[str] = []

        def emit(text: str) -> None:
            if not pieces or stream:
                try:
                    send_frame(connection, {"text": text if stream else ""})
                except OSError:
                    gone.set()
            pieces.append(text)

        with self.lock:
            outcome = self.engine.generate(request, emit, gone.is_set)
        return {"done": asdict(outcome), "text": "" if stream else "".join(pieces)}


def _await_end(connection: socket.socket, gone: threading.Event) -> None:
    """Set `gone` when the other side closes its end, which is how a request is withdrawn."""
    with contextlib.suppress(OSError):
        while connection.recv(64):
            pass
    gone.set()


def _own_stdout() -> IO[str]:
    """Keep standard output for ourselves; whoever prints prints to standard error."""
    control = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return control


def _say(control: IO[str], value: Mapping[str, Any]) -> None:
    control.write(json.dumps(value, ensure_ascii=False) + "\n")
    control.flush()


def _end_with_parent(path: Path, parent: int) -> None:
    """End this process once standard input closes or the parent changes; the socket's folder goes too."""
    while os.getppid() == parent:
        readable, _, _ = select.select([0], [], [], 1.0)
        if readable and not os.read(0, 4096):
            break
    with contextlib.suppress(OSError):
        path.unlink()
    with contextlib.suppress(OSError):
        path.parent.rmdir()
    os._exit(0)


def _load(spec: WorkerSpec, digest: str) -> Engine:
    from copilot.models.llama import Engine

    return Engine(spec.path, sha256=digest, context=spec.context, threads=spec.threads, gpu_layers=spec.gpu_layers)


def _validator(spec: WorkerSpec) -> Validator | None:
    """The grammar's validator, from its own file: its package would bring in a second of imports."""
    if not spec.validator_file:
        return None
    module_spec = importlib.util.spec_from_file_location("copilot_grammar_validator", spec.validator_file)
    if module_spec is None or module_spec.loader is None:
        raise InputError(f"{spec.validator_file}: the grammar's validator cannot be loaded")
    module = importlib.util.module_from_spec(module_spec)
    module_spec.loader.exec_module(module)
    found: Validator = getattr(module, spec.validator_name)
    return found


def _listen(path: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    Path(path).chmod(0o600)
    listener.listen(64)
    return listener


def _same_user(connection: socket.socket) -> bool:
    """Whether the other side runs as this user, where the system tells."""
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return True
    _, uid, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, option, struct.calcsize("3i")))
    return bool(uid == os.getuid())


if __name__ == "__main__":
    sys.exit(main())
