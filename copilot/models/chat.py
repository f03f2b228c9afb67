"""The embedded model behind langchain-core's chat interface."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import InputTokenDetails, UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import ConfigDict, Field, PrivateAttr

from copilot.errors import ModelUnavailable
from copilot.models.asking import Asker, Piece
from copilot.models.base import CopilotChat, all_stops, plain_text
from copilot.models.frames import Generation, Outcome
from copilot.models.process import Embedded, ModelProcess, Validator, count_tokens
from copilot.models.turnstile import Queue
from copilot.types import ModelInfo

_ROLES = {"human": "user", "ai": "assistant", "system": "system", "tool": "tool"}
_SEEDS = 2**31


class LlamaChat(CopilotChat):
    """Answers with a GGUF loaded by llama.cpp in a process of its own, which starts at the first request or `start`."""

    model_config = ConfigDict(arbitrary_types_allowed=True, protected_namespaces=())

    embedded: Embedded = Field(exclude=True)
    validate_grammar: Validator | None = Field(default=None, exclude=True)
    max_tokens: int = 160
    temperature: float = 0.3
    top_p: float = 0.95
    top_k: int = 40
    repeat_penalty: float = 1.0
    seed: int | None = None
    stop: list[str] | None = None

    _asker: Asker = PrivateAttr()

    def model_post_init(self, context: Any, /) -> None:
        """Prepare, but start nothing."""
        super().model_post_init(context)
        self._asker = Asker(ModelProcess(self.embedded, self.validate_grammar))

    # --- life ------------------------------------------------------------------------------------------------------

    @property
    def process(self) -> ModelProcess:
        """The model's process."""
        return self._asker.process

    @property
    def queue(self) -> Queue:
        """How long requests wait for their turn."""
        return self._asker.queue

    def start(self) -> None:
        """Begin to load in the background; returns at once."""
        self.process.start()

    def wait_ready(self, timeout: float) -> bool:
        """Start if needed and wait. False while still loading; SettingsError when the file is refused."""
        return self.process.wait_ready(timeout)

    def info(self) -> ModelInfo:
        """Which file answers; name and hash are known once it was loaded."""
        loaded, state = self.process.loaded, self.process.state
        path = self.embedded.path
        return ModelInfo(
            name=(loaded.name if loaded else "") or path.stem,
            path=str(path),
            sha256=loaded.sha256 if loaded else self.embedded.sha256,
            context=loaded.context if loaded else self.embedded.context,
            ready=state == "ready",
            detail=self.process.detail,
        )

    def close(self) -> None:
        """End the model's process."""
        self.process.close()

    # --- answering -------------------------------------------------------------------------------------------------

    @property
    def _llm_type(self) -> str:
        return "advisor-copilot-llama"

    @property
    def model_name(self) -> str:
        """The file's name without its ending."""
        return Path(self.embedded.path).stem

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {
            "model_name": self.model_name,
            "sha256": self.info().sha256,
            "max_tokens": self.max_tokens,
            "temperature": self.temperature,
            "top_p": self.top_p,
            "top_k": self.top_k,
            "repeat_penalty": self.repeat_penalty,
            "seed": self.seed,
            "stop": self.stop,
        }

    def get_num_tokens(self, text: str) -> int:
        """Tokens of a text as the model counts them; an estimate, one for each two bytes, while it is not there."""
        try:
            return count_tokens(self.process.running(0.0), text)
        except ModelUnavailable:
            return max(1, len(text.encode()) // 2)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        *,
        cancel: threading.Event | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        request = self._request(messages, stop, kwargs)
        piece = self._asker.reply(request, cancel)
        message = AIMessage(
            content=piece.text,
            usage_metadata=_usage(piece.outcome),
            response_metadata=self._metadata(request, piece.outcome),
        )
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        *,
        cancel: threading.Event | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        request = self._request(messages, stop, kwargs)
        for piece in self._asker.stream(request, cancel):
            chunk = ChatGenerationChunk(message=self._chunk(request, piece))
            if run_manager and piece.text:
                run_manager.on_llm_new_token(piece.text, chunk=chunk)
            yield chunk

    def _chunk(self, request: Generation, piece: Piece) -> AIMessageChunk:
        if piece.outcome is None:
            return AIMessageChunk(content=piece.text)
        return AIMessageChunk(
            content=piece.text,
            usage_metadata=_usage(piece.outcome),
            response_metadata=self._metadata(request, piece.outcome),
            chunk_position="last",
        )

    def _request(self, messages: list[BaseMessage], stop: list[str] | None, given: dict[str, Any]) -> Generation:
        """The request of a call: what is bound or given, else the model's own settings. An unknown key is a TypeError."""
        values = {k: v for k, v in given.items() if v is not None and k not in _LANGCHAIN}
        seed = values.pop("seed", self.seed)
        return Generation(
            messages=tuple({"role": _role(m), "content": plain_text(m)} for m in messages),
            max_tokens=int(values.pop("max_tokens", self.max_tokens)),
            temperature=float(values.pop("temperature", self.temperature)),
            seed=secrets.randbelow(_SEEDS) if seed is None else int(seed) % _SEEDS,
            top_p=float(values.pop("top_p", self.top_p)),
            top_k=int(values.pop("top_k", self.top_k)),
            repeat_penalty=float(values.pop("repeat_penalty", self.repeat_penalty)),
            stop=all_stops(self.stop if stop is None else stop),
            **values,
        )

    def _metadata(self, request: Generation, outcome: Outcome | None) -> dict[str, Any]:
        loaded = self.process.loaded
        said: dict[str, Any] = {
            "model_name": self.model_name,
            "model_provider": "advisor-copilot",
            "sha256": loaded.sha256 if loaded else "",
            "seed": request.seed,
        }
        if outcome is not None:
            said |= {"finish_reason": outcome.finish, "first_ms": outcome.first_ms, "total_ms": outcome.total_ms}
            said |= {"mean_logprob": outcome.mean_logprob, "trace": outcome.trace}
        return said


_LANGCHAIN = frozenset({"ls_structured_output_format", "stream_usage"})
"""Keywords langchain-core may add to a call that are not for the model."""


def _role(message: BaseMessage) -> str:
    """The role a chat template knows."""
    return _ROLES.get(message.type) or str(getattr(message, "role", "user"))


def _usage(outcome: Outcome | None) -> UsageMetadata | None:
    if outcome is None:
        return None
    return UsageMetadata(
        input_tokens=outcome.prompt_tokens,
        output_tokens=outcome.output_tokens,
        total_tokens=outcome.prompt_tokens + outcome.output_tokens,
        input_token_details=InputTokenDetails(cache_read=outcome.reused_tokens),
    )
