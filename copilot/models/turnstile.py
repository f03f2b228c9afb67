"""One request at a time, in order of arrival, and no more waiting than the bank allows."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass

from copilot.errors import ModelBusy, ModelCancelled, ModelTimeout

_GLANCE_S = 0.02
"""How often a waiting request looks whether it was withdrawn."""


@dataclass(frozen=True)
class Queue:
    """How many wait now, how many were let through since the start, and the seconds those waited in all."""

    waiting: int = 0
    entered: int = 0
    seconds: float = 0.0


class Turnstile:
    """Lets one through; at most `limit` wait."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._waiting: deque[object] = deque()
        self._taken = False
        self._entered, self._seconds = 0, 0.0
        self._changed = threading.Condition()

    @property
    def queue(self) -> Queue:
        """How it stands."""
        with self._changed:
            return Queue(len(self._waiting), self._entered, self._seconds)

    def enter(self, deadline: float, cancel: threading.Event | None = None) -> None:
        """Wait for the turn. ModelBusy when too many wait, ModelTimeout after `deadline`, ModelCancelled on `cancel`."""
        ticket, came = object(), time.monotonic()
        with self._changed:
            if not self._taken and not self._waiting:
                self._taken = True
                self._entered += 1
                return
            if len(self._waiting) >= self._limit:
                raise ModelBusy(f"{len(self._waiting)} requests already wait for the model; try again in a moment")
            self._waiting.append(ticket)
            try:
                while self._taken or self._waiting[0] is not ticket:
                    self._pause(deadline, cancel)
            except BaseException:
                self._waiting.remove(ticket)
                self._changed.notify_all()
                raise
            self._waiting.popleft()
            self._taken = True
            self._entered += 1
            self._seconds += time.monotonic() - came

    def leave(self) -> None:
        """Let the next one through."""
        with self._changed:
            self._taken = False
            self._changed.notify_all()

    def _pause(self, deadline: float, cancel: threading.Event | None) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise ModelTimeout("other requests kept the model busy for longer than model.timeout_s; try again")
        if cancel is not None and cancel.is_set():
            raise ModelCancelled("the request was withdrawn")
        self._changed.wait(left if cancel is None else min(left, _GLANCE_S))
