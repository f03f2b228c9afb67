"""A model at an OpenAI-compatible server (vLLM, llama.cpp server), with the embedded model's manners.

Requests stream inside, in a thread of their own, so that the limits of time and a withdrawal hold at once whatever the
server does.
"""

from __future__ import annotations

import queue
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import openai
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_openai import ChatOpenAI
from pydantic import ConfigDict, Field, PrivateAttr, SecretStr

from copilot.errors import (
    ModelBusy,
    ModelCancelled,
    ModelError,
    ModelTimeout,
    ModelUnavailable,
    SettingsError,
)
from copilot.models.base import CopilotChat, all_stops, plain_text
from copilot.models.process import Validator
from copilot.settings import ModelSettings
from copilot.types import ModelInfo

_GLANCE_S = 0.02
_CONNECT_S = 2.0
_SEEDS = 2**31
_LANGCHAIN = frozenset({"ls_structured_output_format", "stream_usage", "top_k", "repeat_penalty"})
"""Keywords that do not travel: langchain-core's own, and those servers name differently."""


class RemoteChat(CopilotChat):
    """Answers with the model of a server. `settings.grammar_field` says how that server takes a grammar."""

    model_config = ConfigDict(arbitrary_types_allowed=True, protected_namespaces=())

    settings: ModelSettings = Field(exclude=True)
    validate_grammar: Validator | None = Field(default=None, exclude=True)
    seed: int | None = None

    _slots: threading.BoundedSemaphore = PrivateAttr()
    _lock: threading.Lock = PrivateAttr(default_factory=threading.Lock)
    _chat: ChatOpenAI | None = PrivateAttr(default=None)
    _models: tuple[str, ...] | None = PrivateAttr(default=None)
    _detail: str = PrivateAttr(default="not asked yet")

    @classmethod
    def from_settings(cls, settings: ModelSettings, validate: Validator | None) -> RemoteChat:
        """SettingsError for an address that is missing or no http address."""
        parts = urlsplit(settings.base_url or "")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SettingsError(
                "model.base_url: needed when model.kind is remote, such as http://10.0.0.5:8000/v1; see docs/models.md"
            )
        return cls(settings=settings, validate_grammar=validate)

    def model_post_init(self, context: Any, /) -> None:
        """Prepare, but ask nothing."""
        super().model_post_init(context)
        self._slots = threading.BoundedSemaphore(self.settings.queue)

    # --- life ------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Ask the server, in the background, which models it has."""
        threading.Thread(target=self._ask_models, name="model-probe", daemon=True).start()

    def wait_ready(self, timeout: float) -> bool:
        """Ask until the server answers. SettingsError when it does not know `model.name`, or the key is refused."""
        end = time.monotonic() + timeout
        while not self._ask_models():
            if time.monotonic() >= end:
                return False
            time.sleep(min(0.5, max(0.0, end - time.monotonic())))
        return True

    def info(self) -> ModelInfo:
        """Which model at which address. A server's file cannot be hashed from here."""
        base = self.settings.base_url or ""
        return ModelInfo(self.model_name, base, "", self.settings.context, self._models is not None, self._detail)

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            chat, self._chat = self._chat, None
        if chat is not None and chat.root_client is not None:
            chat.root_client.close()

    @property
    def model_name(self) -> str:
        """The name asked for, else the server's first."""
        return self.settings.name or (self._models[0] if self._models else "default")

    @property
    def _llm_type(self) -> str:
        return "advisor-copilot-remote"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        s = self.settings
        return {"model_name": self.model_name, "base_url": s.base_url, "grammar_field": s.grammar_field}

    def get_num_tokens(self, text: str) -> int:
        """An estimate, one for each two bytes: the server's tokenizer is not here, and none is fetched."""
        return max(1, len(text.encode()) // 2)

    # --- answering -------------------------------------------------------------------------------------------------

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        *,
        cancel: threading.Event | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        whole: AIMessageChunk | None = None
        for chunk in self._stream(messages, stop, None, cancel=cancel, **kwargs):
            piece = chunk.message
            assert isinstance(piece, AIMessageChunk)
            whole = piece if whole is None else whole + piece
        if whole is None:
            raise ModelUnavailable("the model server sent nothing; see its log")
        message = AIMessage(
            content=whole.content, usage_metadata=whole.usage_metadata, response_metadata=whole.response_metadata
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
        for message in messages:
            plain_text(message)  # refuses what is no text
        call = self._call(kwargs, stop)
        finished = False
        for chunk in self._pumped(messages, call, cancel):
            finished = finished or bool((chunk.generation_info or {}).get("finish_reason"))
            said: dict[str, Any] = {k: v for k, v in (chunk.generation_info or {}).items() if v is not None}
            if said:
                said |= {"model_provider": "openai-compatible", "seed": call["seed"]}
            piece = AIMessageChunk(
                content=chunk.text,
                usage_metadata=getattr(chunk.message, "usage_metadata", None),
                response_metadata=said,
                chunk_position=getattr(chunk.message, "chunk_position", None),
            )
            given = ChatGenerationChunk(message=piece)
            if run_manager and chunk.text:
                run_manager.on_llm_new_token(chunk.text, chunk=given)
            yield given
        if not finished:  # llama_cpp.server ends a stream so when another request comes, unless told not to
            raise ModelUnavailable("the model server broke off before the reply was finished; see its log")

    def _call(self, given: Mapping[str, Any], stop: list[str] | None) -> dict[str, Any]:
        """Keywords for ChatOpenAI. An unknown one is a TypeError; a grammar is validated here."""
        values = {k: v for k, v in given.items() if v is not None and k not in _LANGCHAIN}
        grammar = values.pop("grammar", "")
        if grammar and self.validate_grammar is not None:
            self.validate_grammar(grammar)
        seed = values.pop("seed", self.seed)
        limit = int(values.pop("max_tokens", self.settings.max_tokens))
        call: dict[str, Any] = {
            "temperature": float(values.pop("temperature", self.settings.temperature)),
            "seed": secrets.randbelow(_SEEDS) if seed is None else int(seed) % _SEEDS,
            "extra_body": self._extra(grammar, limit),
            "stream_usage": True,
        }
        if "top_p" in values:
            call["top_p"] = float(values.pop("top_p"))
        if stops := all_stops(stop):
            call["stop"] = list(stops)
        if values:
            raise TypeError(f"unexpected keyword for the model: {', '.join(sorted(values))}")
        return call

    def _extra(self, grammar: str, limit: int) -> dict[str, Any]:
        """What goes beside OpenAI's own fields: llama_cpp.server honours `max_tokens` only, not its later name."""
        extra: dict[str, Any] = {"max_tokens": limit}
        field = self.settings.grammar_field
        if field == "none":  # a server of which nothing is known gets nothing OpenAI does not define
            return extra
        extra["chat_template_kwargs"] = {"enable_thinking": False}
        if grammar and field == "grammar":
            extra["grammar"] = grammar
        elif grammar:
            extra["structured_outputs"] = {"grammar": grammar}
        return extra

    def _pumped(
        self, messages: list[BaseMessage], call: dict[str, Any], cancel: threading.Event | None
    ) -> Iterator[ChatGenerationChunk]:
        if not self._slots.acquire(blocking=False):
            raise ModelBusy(f"{self.settings.queue} requests are already with the model server; try again in a moment")
        chunks: queue.SimpleQueue[ChatGenerationChunk | Exception | None] = queue.SimpleQueue()
        over = threading.Event()
        threading.Thread(target=self._pump, args=(messages, call, chunks, over), daemon=True).start()
        deadline = time.monotonic() + self.settings.timeout_s
        until = min(deadline, time.monotonic() + self.settings.first_token_timeout_s)
        try:
            while (item := _next(chunks, until, deadline, cancel)) is not None:
                if isinstance(item, Exception):
                    raise self._mapped(item) from item
                if item.text:
                    until = deadline
                yield item
        finally:
            over.set()

    def _pump(
        self,
        messages: list[BaseMessage],
        call: dict[str, Any],
        chunks: queue.SimpleQueue[ChatGenerationChunk | Exception | None],
        over: threading.Event,
    ) -> None:
        """Carry chunks from the server until they end or nobody wants them."""
        try:
            for chunk in self._twice(messages, call):
                chunks.put(chunk)
                if over.is_set():
                    break
            chunks.put(None)
        except Exception as error:
            chunks.put(error)
        finally:
            self._slots.release()

    def _twice(self, messages: list[BaseMessage], call: dict[str, Any]) -> Iterator[ChatGenerationChunk]:
        """Ask, and once more at once when the connection was gone before anything came: a server that was restarted."""
        came = False
        try:
            for chunk in self._client()._stream(messages, **call):
                came = True
                yield chunk
        except openai.APIConnectionError as error:
            if came or isinstance(error, openai.APITimeoutError):
                raise
            yield from self._client()._stream(messages, **call)

    # --- the server ------------------------------------------------------------------------------------------------

    def _client(self) -> ChatOpenAI:
        with self._lock:
            if self._chat is None:
                self._chat = _connect(self.settings, self.model_name)
            return self._chat

    def _ask_models(self) -> bool:
        try:
            names = tuple(m.id for m in self._client().root_client.with_options(timeout=_CONNECT_S).models.list())
        except openai.NotFoundError:
            names = (self.settings.name or "default",)  # answers, but keeps no list
        except (openai.AuthenticationError, openai.PermissionDeniedError) as error:
            raise SettingsError(str(self._mapped(error))) from error
        except openai.OpenAIError as error:
            self._models, self._detail = None, str(self._mapped(error))
            return False
        if self.settings.name and names and self.settings.name not in names:
            known = ", ".join(names[:5])
            self._models, self._detail = None, f"the server has no model {self.settings.name}"
            raise SettingsError(f"model.name: {self._detail}; it has {known}")
        self._models, self._detail = names or ("default",), ""
        with self._lock:
            if self._chat is not None and self._chat.model_name != self.model_name:
                self._chat = None
        return True

    def _mapped(self, error: Exception) -> Exception:
        """Our error for one of the client's. The server's words stay out: they may quote the customer's."""
        where = self.settings.base_url
        match error:
            case openai.APITimeoutError():
                return ModelTimeout(f"the model server at {where} did not answer in time; see its load")
            case openai.APIConnectionError():
                return ModelUnavailable(f"no model server answers at {where}; start it or correct model.base_url")
            case openai.AuthenticationError() | openai.PermissionDeniedError():
                return ModelUnavailable(f"the model server at {where} refuses the key; correct model.api_key")
            case openai.NotFoundError():
                return ModelUnavailable(f"{where} has no such model or path; correct model.name or model.base_url")
            case openai.RateLimitError():
                return ModelBusy("the model server is busy; try again in a moment")
            case openai.APIStatusError() if error.status_code >= 500:
                return ModelUnavailable(f"the model server at {where} failed (HTTP {error.status_code}); see its log")
            case openai.APIStatusError():
                return ModelError(
                    f"the model server refused the request (HTTP {error.status_code}); check model.context and "
                    "model.grammar_field"
                )
            case openai.OpenAIError() | OSError():
                return ModelUnavailable(f"the model server at {where} broke off; see its log")
        return ModelError(f"the model server's answer cannot be used ({type(error).__name__}); see docs/models.md")


def _next(
    chunks: queue.SimpleQueue[ChatGenerationChunk | Exception | None],
    until: float,
    deadline: float,
    cancel: threading.Event | None,
) -> ChatGenerationChunk | Exception | None:
    """The next chunk, an error, or None at the end. ModelTimeout, ModelCancelled."""
    while True:
        if cancel is not None and cancel.is_set():
            raise ModelCancelled("the request was withdrawn")
        left = until - time.monotonic()
        if left <= 0:
            which = "first_token_timeout_s" if until < deadline else "timeout_s"
            raise ModelTimeout(f"the model server took longer than model.{which} allows; raise it or see its load")
        try:
            return chunks.get(timeout=left if cancel is None else min(left, _GLANCE_S))
        except queue.Empty:
            continue


def _connect(settings: ModelSettings, name: str) -> ChatOpenAI:
    """A client that follows no redirect and uses no proxy: the customer's words go to the set address and nowhere else."""
    read = max(settings.first_token_timeout_s, 1.0)
    http = openai.DefaultHttpxClient(
        mounts=dict.fromkeys(("all://", "http://", "https://")),  # whatever HTTP_PROXY says; SSL_CERT_FILE still counts
        follow_redirects=False,
        timeout=openai.Timeout(settings.timeout_s, connect=_CONNECT_S, read=read),
    )
    return ChatOpenAI(
        model=name,
        base_url=settings.base_url,
        api_key=SecretStr(settings.api_key or "none"),
        http_client=http,
        openai_proxy="",
        max_retries=0,
        timeout=openai.Timeout(settings.timeout_s, connect=_CONNECT_S, read=read),
        use_responses_api=False,
        cache=False,
    )
