"""Runs one function in a process of its own, call after call: a hostile file, or work that eats the machine, ends only that process."""

from __future__ import annotations

import multiprocessing
import os
import resource
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, Literal

from copilot.errors import CopilotError, InputError

_GIVES_WAY = 10
"""Niceness: who is waiting at the desk goes first."""
_SOON_S = 3.0
Answer = tuple[Literal["given", "refused", "failed"], Any]


class Ended(CopilotError):
    """The process died, took too long, or was closed while it worked."""


class Apart:
    """`function`, importable by name, in a process that is started when first called and again after it died. For one caller at a time.

    A CopilotError of the function comes out as InputError with its words; what else goes wrong as Ended.
    """

    def __init__(
        self, function: Callable[..., Any], *, memory: int | None = None, seconds: float | None = None
    ) -> None:
        self._function = function
        self._memory = memory
        self._seconds = seconds
        self._lock = threading.Lock()
        self._process: multiprocessing.process.BaseProcess | None = None
        self._line: Connection | None = None
        self._closed = False

    def __call__(self, *args: Any) -> Any:
        """What the function returns."""
        line = self._started()
        try:
            line.send(args)
            if not line.poll(self._seconds):
                raise Ended(f"gave no answer within {self._seconds:.0f} seconds")
            kind, value = line.recv()
        except (EOFError, OSError) as error:
            self.rest()
            raise Ended("its process ended, for want of memory or by a fault") from error
        except Ended:
            self.rest()
            raise
        if kind == "refused":
            raise InputError(value)
        if kind == "failed":
            raise Ended(value)
        return value

    def close(self) -> None:
        """End the process; a call that is running raises Ended."""
        self._closed = True
        self.rest()

    def _started(self) -> Connection:
        with self._lock:
            if self._closed:
                raise Ended("was closed")
            if self._process is None or self._line is None or not self._process.is_alive():
                context = multiprocessing.get_context("spawn")
                ours, theirs = context.Pipe()
                process = context.Process(
                    target=_serve, args=(theirs, self._function, self._memory), daemon=True, name="apart"
                )
                try:
                    process.start()
                except OSError as error:
                    ours.close()
                    raise Ended(f"could not be started ({error.strerror})") from error
                finally:
                    theirs.close()
                self._process, self._line = process, ours
            return self._line

    def rest(self) -> None:
        """End the process; the next call starts another."""
        with self._lock:
            process, line = self._process, self._line
            self._process = self._line = None
        if process is not None:
            process.kill()
            process.join(_SOON_S)
        if line is not None:
            line.close()


def _serve(line: Connection, function: Callable[..., Any], memory: int | None) -> None:
    with suppress(OSError):
        os.nice(_GIVES_WAY)
    if memory is not None:
        with suppress(OSError, ValueError):  # a system that knows no such limit
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    while True:
        try:
            args = line.recv()
        except (EOFError, KeyboardInterrupt):
            return
        line.send(_answer(function, args))


def _answer(function: Callable[..., Any], args: tuple[Any, ...]) -> Answer:
    try:
        return "given", function(*args)
    except CopilotError as error:
        return "refused", str(error)
    except OSError as error:
        return "failed", f"{error.strerror or type(error).__name__}"
    except Exception as error:
        return "failed", f"{type(error).__name__}: {error}"
