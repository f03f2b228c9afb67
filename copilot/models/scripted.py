"""A chat model that says what it is told to, for tests and for `model.kind = scripted`."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import ConfigDict, Field, PrivateAttr

from copilot.errors import ModelCancelled, ModelUnavailable
from copilot.models.base import CopilotChat
from copilot.types import ModelInfo


class FakeChat(CopilotChat):
    """Gives `replies` in turn, over and over; an exception among them is raised. Without replies, no model answers.

    `asked` keeps the messages and keywords of every call.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    replies: Sequence[str | Exception] = ()
    delay_s: float = 0.0
    asked: list[tuple[list[BaseMessage], dict[str, Any]]] = Field(default_factory=list)

    _lock: threading.Lock = PrivateAttr(default_factory=threading.Lock)

    @property
    def _llm_type(self) -> str:
        return "advisor-copilot-scripted"

    def info(self) -> ModelInfo:
        """No file: scripts answer."""
        return ModelInfo("scripted", "", "", 0, bool(self.replies), "" if self.replies else "model.kind is scripted")

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        *,
        cancel: threading.Event | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        with self._lock:
            turn = len(self.asked)
            self.asked.append((messages, kwargs | ({"stop": stop} if stop else {})))
        if cancel is not None and cancel.wait(self.delay_s):
            raise ModelCancelled("the request was withdrawn")
        if cancel is None and self.delay_s:
            time.sleep(self.delay_s)
        if not self.replies:
            raise ModelUnavailable("no model is set (model.kind is scripted); approved scripts answer")
        reply = self.replies[turn % len(self.replies)]
        if isinstance(reply, Exception):
            raise reply
        return ChatResult(generations=[ChatGeneration(message=AIMessage(reply))])
