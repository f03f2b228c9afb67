"""The model that writes drafts: in a process of its own, at an OpenAI-compatible server, or none (scripts answer).

chat = build_chat(settings.model, path, expected_sha256, validate, log_dir)
chat.start()                        # loads in the background
chat.wait_ready(30)                 # True ready, False still loading, SettingsError when the file is refused
chat.invoke([System, Human], grammar=…, max_tokens=…, seed=…, temperature=…, cancel=event)
chat.info(), chat.ready, chat.close()
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the model's process imports this package too, and must start fast
    from copilot.models.base import CopilotChat
    from copilot.settings import ModelSettings

__all__ = ["build_chat"]

_SMALL = 64_000_000
"""Bytes of a model that is faster on one thread: more of them spend their time waiting for one another."""


def build_chat(
    settings: ModelSettings,
    path: Path,
    expected_sha256: str | None,
    validate: Callable[[str], str] | None,
    log_dir: Path | None,
) -> CopilotChat:
    """The chat model the settings ask for; nothing is started or loaded yet.

    `path` is the GGUF of an embedded model; with `expected_sha256` empty, the hash recorded beside the file counts.
    Unless they were set, a small model gets one thread, and the context is no longer than the model was trained for.
    `validate` must be a function of a module: the model's process loads it as well. SettingsError, in one line, for a
    file that is missing or no GGUF, and for a server without an address.
    """
    if settings.kind == "scripted":
        from copilot.models.scripted import FakeChat

        return FakeChat()
    if settings.kind == "remote":
        from copilot.models.remote import RemoteChat

        return RemoteChat.from_settings(settings, validate)
    from copilot.models.chat import LlamaChat
    from copilot.models.gguf import read_header
    from copilot.models.process import Embedded

    header, given = read_header(path), settings.model_fields_set
    fits = min(settings.context, header.context or settings.context)
    embedded = Embedded(
        path=path,
        sha256=expected_sha256 or "",
        context=settings.context if "context" in given else fits,
        threads=1 if header.bytes < _SMALL and "threads" not in given else settings.threads,
        gpu_layers=settings.gpu_layers,
        queue=settings.queue,
        timeout_s=settings.timeout_s,
        first_token_timeout_s=settings.first_token_timeout_s,
        log_dir=log_dir,
    )
    return LlamaChat(
        embedded=embedded,
        validate_grammar=validate,
        max_tokens=settings.max_tokens,
        temperature=settings.temperature,
    )
