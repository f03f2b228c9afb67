"""What passes between the copilot and its model process: values, and frames of length and JSON on a Unix socket."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Frame = dict[str, Any]
Finish = Literal["stop", "length", "cancelled"]

_HEADER = struct.Struct("!I")
MAX_FRAME = 8 * 1024 * 1024
"""Bytes of the largest frame; longer ones are refused unread."""


@dataclass(frozen=True)
class WorkerSpec:
    """What a model process is told at its start, on its standard input."""

    path: str
    sha256: str
    context: int
    threads: int
    gpu_layers: int
    socket: str
    token: str
    validator_file: str = ""
    validator_name: str = ""

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, line: str | bytes) -> WorkerSpec:
        """The reverse of `to_json`."""
        return cls(**json.loads(line))


@dataclass(frozen=True)
class Generation:
    """One request. `messages` are role and content; `grammar` is GBNF or empty."""

    messages: tuple[Mapping[str, str], ...]
    max_tokens: int
    temperature: float
    seed: int
    grammar: str = ""
    top_p: float = 0.95
    top_k: int = 40
    repeat_penalty: float = 1.0
    stop: tuple[str, ...] = ()

    def to_frame(self) -> Frame:
        """As JSON values."""
        return asdict(self)

    @classmethod
    def from_frame(cls, frame: Frame) -> Generation:
        """The reverse of `to_frame`; TypeError or KeyError for a frame of another shape."""
        values = dict(frame)
        values["messages"] = tuple({"role": str(m["role"]), "content": str(m["content"])} for m in frame["messages"])
        values["stop"] = tuple(str(s) for s in frame.get("stop", ()))
        return cls(**values)


@dataclass(frozen=True)
class Outcome:
    """How a generation ended. `reused_tokens` of the prompt were kept from the one before.

    `mean_logprob` is the natural logarithm of the probability the model gave each token it wrote, on average;
    `trace` has it token by token: characters written when the token was complete, and its logarithm.
    """

    finish: Finish
    prompt_tokens: int
    reused_tokens: int
    output_tokens: int
    first_ms: float
    total_ms: float
    mean_logprob: float = 0.0
    trace: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True)
class Loaded:
    """What a model process says of the file it loaded."""

    name: str
    sha256: str
    context: int
    parameters: int = 0
    template: bool = True
    trained_context: int = 0


def send_frame(connection: socket.socket, value: Mapping[str, Any]) -> None:
    """Write one frame."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    connection.sendall(_HEADER.pack(len(body)) + body)


@dataclass
class FrameReader:
    """Reads frames off a socket; a timeout keeps what came so far."""

    connection: socket.socket
    _buffer: bytearray = field(default_factory=bytearray)

    def read(self, timeout: float | None = None) -> Frame:
        """The next frame. TimeoutError when none is complete in time, EOFError when the other side is gone or talks nonsense."""
        self.connection.settimeout(timeout)
        while (frame := self._take()) is None:
            try:
                data = self.connection.recv(65536)
            except BlockingIOError as error:  # a timeout of zero
                raise TimeoutError from error
            except ConnectionError as error:
                raise EOFError from error
            if not data:
                raise EOFError
            self._buffer += data
        return frame

    def _take(self) -> Frame | None:
        if len(self._buffer) < _HEADER.size:
            return None
        (size,) = _HEADER.unpack_from(self._buffer)
        if size > MAX_FRAME:
            raise EOFError
        end = _HEADER.size + size
        if len(self._buffer) < end:
            return None
        body = bytes(self._buffer[_HEADER.size : end])
        del self._buffer[:end]
        try:
            frame = json.loads(body)
        except ValueError as error:
            raise EOFError from error
        if not isinstance(frame, dict):
            raise EOFError
        return frame
