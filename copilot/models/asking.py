"""Asks the model's process for one reply at a time, within limits of time, withdrawable."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from copilot.errors import GrammarError, ModelCancelled, ModelError, ModelTimeout, ModelUnavailable
from copilot.models.frames import Frame, FrameReader, Generation, Outcome, send_frame
from copilot.models.process import ModelProcess, Running
from copilot.models.turnstile import Queue, Turnstile

GRACE_S = 0.5
"""How long a withdrawn request may take to stop before the process is ended and started again."""
_GLANCE_S = 0.02
_GONE = "the model process stopped; it is being started again"


@dataclass(frozen=True)
class Piece:
    """Some text of a reply; the last piece carries how it ended."""

    text: str
    outcome: Outcome | None = None


@dataclass
class Asker:
    """The one way to the model's process."""

    process: ModelProcess
    _turnstile: Turnstile = field(init=False)

    def __post_init__(self) -> None:
        self._turnstile = Turnstile(self.process.embedded.queue)

    @property
    def queue(self) -> Queue:
        """How long requests wait for it."""
        return self._turnstile.queue

    def reply(self, request: Generation, cancel: threading.Event | None = None) -> Piece:
        """The whole reply."""
        last = Piece("")
        for piece in self._ask(request, False, cancel):
            last = piece
        return last

    def stream(self, request: Generation, cancel: threading.Event | None = None) -> Iterator[Piece]:
        """The reply as it is written. Closing the iterator withdraws the request."""
        return self._ask(request, True, cancel)

    def _ask(self, request: Generation, stream: bool, cancel: threading.Event | None) -> Iterator[Piece]:
        if request.grammar and self.process.validate is not None:
            self.process.validate(request.grammar)
        limits = self.process.embedded
        deadline = time.monotonic() + limits.timeout_s
        self._turnstile.enter(deadline, cancel)
        running: Running | None = None
        reader: FrameReader | None = None
        over = False
        try:
            running = self.process.running(limits.ready_wait_s)
            reader = running.connect()
            send_frame(
                reader.connection,
                {"token": running.spec.token, "op": "generate", "stream": stream, "request": request.to_frame()},
            )
            first = time.monotonic() + limits.first_token_timeout_s
            for frame in _frames(reader, min(first, deadline), deadline, cancel):
                over = "text" not in frame or "done" in frame
                yield _piece(frame)
        except (EOFError, OSError) as error:
            over = True
            if running is not None:
                self.process.lost(running)
            raise ModelUnavailable(_GONE) from error
        finally:
            if over or running is None or reader is None:
                _close(reader)
                self._turnstile.leave()
            else:
                threading.Thread(target=self._settle, args=(running, reader), daemon=True).start()

    def _settle(self, running: Running, reader: FrameReader) -> None:
        """See that a withdrawn request stops; a process that does not is ended. Only then comes the next one."""
        try:
            reader.connection.shutdown(socket.SHUT_WR)
            until = time.monotonic() + GRACE_S
            while "done" not in (frame := reader.read(max(0.0, until - time.monotonic()))) and "error" not in frame:
                pass
        except TimeoutError:
            self.process.lost(running)
        except (OSError, EOFError):
            pass
        finally:
            _close(reader)
            self._turnstile.leave()


def _frames(reader: FrameReader, first: float, deadline: float, cancel: threading.Event | None) -> Iterator[Frame]:
    """Frames of one answer, up to and with the last. ModelTimeout, ModelCancelled, EOFError."""
    until = first
    while True:
        try:
            left = until - time.monotonic()
            if cancel is not None:
                if cancel.is_set():
                    raise ModelCancelled("the request was withdrawn")
                left = min(left, _GLANCE_S)
            frame = reader.read(max(left, 0.0))
        except TimeoutError:
            if time.monotonic() < until:
                continue
            which = "first_token_timeout_s" if until < deadline else "timeout_s"
            raise ModelTimeout(
                f"the model took longer than model.{which} allows; raise it or choose a smaller model"
            ) from None
        until = deadline
        yield frame
        if "text" not in frame or "done" in frame:
            return


def _piece(frame: Frame) -> Piece:
    if "done" in frame:
        outcome = Outcome(**frame["done"])
        if outcome.finish == "cancelled":
            raise ModelCancelled("the request was withdrawn")
        return Piece(frame["text"], outcome)
    if "text" in frame:
        return Piece(frame["text"])
    message = str(frame.get("message", "the model failed; see its log"))
    raise GrammarError(message) if frame.get("error") == "grammar" else ModelError(message)


def _close(reader: FrameReader | None) -> None:
    if reader is not None:
        with contextlib.suppress(OSError):
            reader.connection.close()
