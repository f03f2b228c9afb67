"""What every chat model of ours can do beyond answering: start, say what it is, close."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatResult
from langchain_core.runnables.config import run_in_executor

from copilot.errors import InputError
from copilot.models.turnstile import Queue
from copilot.types import ModelInfo


class CopilotChat(BaseChatModel):
    """A chat model with a life: `start` begins to load and returns, `info` says where it stands, `close` ends it.

    Called with `grammar`, `max_tokens`, `seed`, `temperature`, `top_p`, `repeat_penalty`, `stop`, and `cancel`, a
    threading.Event that withdraws the request. Failures are subclasses of copilot.errors.ModelError, and GrammarError.
    """

    def start(self) -> None:
        """Begin to load in the background; returns at once."""

    def wait_ready(self, timeout: float) -> bool:
        """Start if needed and wait. False while still loading; SettingsError when the model is refused for good."""
        return True

    def info(self) -> ModelInfo:
        """Which model answers, and whether it is ready."""
        raise NotImplementedError

    def close(self) -> None:
        """End what was started."""

    @property
    def queue(self) -> Queue:
        """How long requests wait here for their turn; a server keeps its own queue."""
        return Queue()

    @property
    def ready(self) -> bool:
        """Whether a request would be answered now."""
        return self.info().ready

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        """`_generate` in a thread; cancelling the task withdraws the request."""
        cancel = kwargs.pop("cancel", None) or threading.Event()
        manager = run_manager.get_sync() if run_manager else None
        try:
            return await run_in_executor(None, self._generate, messages, stop, manager, cancel=cancel, **kwargs)
        except asyncio.CancelledError:
            cancel.set()
            raise


def plain_text(message: BaseMessage) -> str:
    """The message's text. InputError for images and other parts that are no text."""
    if isinstance(message.content, str):
        return message.content
    for block in message.content:
        if not isinstance(block, str) and block.get("type") != "text":
            raise InputError(f"the model reads text only, not {block.get('type')!r}")
    return str(message.text)


def all_stops(*given: Sequence[str] | None) -> tuple[str, ...]:
    """Stop texts of a model and of a call together, without empty ones."""
    return tuple(dict.fromkeys(s for stops in given for s in stops or () if s))
