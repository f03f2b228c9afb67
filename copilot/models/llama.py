"""The embedded model: the only module that imports llama_cpp, and only the model process imports this one.

One context, never reset: llama_cpp keeps the common prefix of one prompt and the next. The caller holds one lock for it.
"""

from __future__ import annotations

import codecs
import ctypes
import math
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any

import llama_cpp
import numpy as np
from llama_cpp import Llama
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from copilot.errors import GrammarError, InputError, SettingsError
from copilot.models.frames import Finish, Generation, Loaded, Outcome

Cancelled = Callable[[], bool]
Emit = Callable[[str], None]

_BATCH = 256
_WATCHED = 32
"""A prompt of more tokens than this is watched for cancellation while it is read."""
_CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)

_LAST = 64
"""Tokens a repetition penalty looks back on."""
_MIN_P = 0.05
_DATA = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])


class _Stopped(Exception):
    """The request was withdrawn while its prompt was read."""


class _Model(Llama):  # type: ignore[misc, unused-ignore]
    """llama_cpp's model with our sampler, counting what it evaluates and stopping inside a long prompt."""

    cancelled: Cancelled
    evaluated: int
    request: Generation
    sampler: _Sampler | None = None

    def prepare(self, request: Generation, cancelled: Cancelled) -> None:
        """Set what the next generation needs."""
        self.request, self.cancelled, self.evaluated = request, cancelled, 0

    def eval(self, tokens: Sequence[int]) -> None:
        """Evaluate tokens; a long run of them can be aborted between the nodes of the computation."""
        self.evaluated += len(tokens)
        if len(tokens) <= _WATCHED:
            super().eval(tokens)
            return
        watch = llama_cpp.ggml_abort_callback(lambda _: self.cancelled())
        llama_cpp.llama_set_abort_callback(self.ctx, watch, None)
        try:
            super().eval(tokens)
        except RuntimeError as error:
            self._requires_eval = True
            if self.cancelled():
                raise _Stopped from error
            raise
        finally:
            llama_cpp.llama_set_abort_callback(self.ctx, llama_cpp.ggml_abort_callback(), None)

    def _init_sampler(self, *_: Any, **__: Any) -> _Sampler:
        self.sampler = _Sampler(self.model, self.request)
        return self.sampler


class Engine:
    """A loaded GGUF: prompts by its own chat template, tokens by our sampler."""

    def __init__(self, path: str, *, sha256: str, context: int, threads: int, gpu_layers: int) -> None:
        try:
            self._llama = _Model(
                model_path=path,
                n_ctx=context,
                n_batch=_BATCH,
                n_ubatch=_BATCH,
                n_threads=threads,
                n_threads_batch=threads,
                n_gpu_layers=gpu_layers,
                verbose=False,
            )
        except (ValueError, RuntimeError, OSError) as error:
            raise SettingsError(
                f"{path}: llama.cpp cannot load this file ({error}); check that it is a complete GGUF of a chat model "
                "and that memory suffices"
            ) from error
        self._vocab = llama_cpp.llama_model_get_vocab(self._llama.model)
        metadata: Mapping[str, str] = self._llama.metadata
        template = metadata.get("tokenizer.chat_template", "")
        self._bos = self._text(self._llama.token_bos())
        self._format = Jinja2ChatFormatter(
            template=template or _CHATML, eos_token=self._text(self._llama.token_eos()), bos_token=self._bos
        )
        self._control = self._control_tokens()
        self.loaded = Loaded(
            name=metadata.get("general.name", ""),
            sha256=sha256,
            context=self._llama.n_ctx(),
            parameters=int(llama_cpp.llama_model_n_params(self._llama.model)),
            template=bool(template),
            trained_context=int(llama_cpp.llama_model_n_ctx_train(self._llama.model)),
        )

    def count(self, text: str) -> int:
        """Tokens of a text. Reads the vocabulary alone, so it may run beside a generation."""
        return len(self._llama.tokenize(text.encode(), add_bos=False, special=False))

    def generate(self, request: Generation, emit: Emit, cancelled: Cancelled) -> Outcome:
        """Write a reply, handing pieces of text to `emit`.

        GrammarError for a grammar llama.cpp cannot read, InputError for a prompt that does not fit.
        """
        begun = time.perf_counter()
        prompt = self.prompt_tokens(request.messages)
        room = self._llama.n_ctx() - len(prompt) - 1
        if room < 1:
            raise InputError(
                f"the prompt has {len(prompt)} tokens and the model's context is {self._llama.n_ctx()}; "
                "raise model.context or shorten the prompt"
            )
        self._llama.prepare(request, cancelled)
        tokens = self._tokens(prompt, min(request.max_tokens, room), cancelled)
        text = _Pieces(request.stop, emit)
        written, first = 0, 0.0
        trace: list[tuple[int, float]] = []
        try:
            for token in tokens:
                written += 1
                first = first or time.perf_counter() - begun
                if llama_cpp.llama_vocab_is_eog(self._vocab, token):
                    text.finish()
                    finish: Finish = "stop"
                    break
                stopped = text.add(self._piece(token))
                trace.append((text.length, round(self._llama.sampler.last, 3) if self._llama.sampler else 0.0))
                if stopped:
                    finish = "stop"
                    break
            else:
                text.finish()
                finish = "cancelled" if cancelled() else "length"
        except _Stopped:
            finish = "cancelled"
        finally:
            tokens.close()
        total = time.perf_counter() - begun
        reused = len(prompt) + max(0, written - 1) - self._llama.evaluated
        sure = self._llama.sampler.logprob / max(1, written) if self._llama.sampler else 0.0
        return Outcome(
            finish,
            len(prompt),
            max(0, reused),
            written,
            round(first * 1e3, 2),
            round(total * 1e3, 2),
            round(sure, 4),
            tuple(trace),
        )

    def prompt_tokens(self, messages: Sequence[Mapping[str, str]]) -> list[int]:
        """Tokens of a conversation by the model's template. What people wrote cannot form a control token."""
        plain = [{"role": m["role"], "content": self._plain(m["content"])} for m in messages]
        try:
            prompt = self._format(messages=plain, enable_thinking=False).prompt  # type: ignore[arg-type, unused-ignore]
        except Exception as error:
            raise InputError(f"the model's chat template refuses these messages: {error}") from error
        wants_bos = llama_cpp.llama_vocab_get_add_bos(self._vocab) and bool(self._bos)
        bos = wants_bos and not prompt.startswith(self._bos)
        return list(self._llama.tokenize(prompt.encode(), add_bos=bos, special=True))

    def _tokens(self, prompt: list[int], limit: int, cancelled: Cancelled) -> Generator[int, None, None]:
        """Tokens as sampled, at most `limit`; ends early when cancelled."""
        for written, token in enumerate(self._llama.generate(prompt), 1):
            if cancelled():
                return
            yield token
            if written >= limit:
                return

    def _piece(self, token: int) -> bytes:
        """A token's bytes. llama_cpp's own `detokenize` drops tokens of more than 32 bytes."""
        size = 64
        while True:
            buffer = ctypes.create_string_buffer(size)
            written = llama_cpp.llama_token_to_piece(self._vocab, token, buffer, size, 0, False)
            if written >= 0:
                return buffer.raw[:written]
            size = -written

    def _text(self, token: int) -> str:
        return str(self._llama._model.token_get_text(token)) if token >= 0 else ""

    def _control_tokens(self) -> tuple[str, ...]:
        control = (t for t in range(self._llama.n_vocab()) if llama_cpp.llama_vocab_is_control(self._vocab, t))
        texts = {self._text(t) for t in control}
        return tuple(sorted((t for t in texts if len(t) > 2), key=len, reverse=True))

    def _plain(self, content: str) -> str:
        for token in self._control:
            if token in content:
                content = content.replace(token, f"{token[0]} {token[1:]}")
        return content


class _Sampler:
    """A chain of llama.cpp samplers for one generation, with the methods llama_cpp.Llama calls.

    It samples first and asks the grammar after. llama.cpp's grammar looks at every token of the vocabulary, and a trained
    model seldom breaks it: so the chosen token alone is shown to the grammar, and only when it is refused are all tokens
    filtered and one chosen again. llama.cpp's own programs do this; llama_cpp's chain filters all for every token.
    """

    def __init__(self, model: Any, request: Generation) -> None:
        vocab = llama_cpp.llama_model_get_vocab(model)
        self._size = int(llama_cpp.llama_vocab_n_tokens(vocab))
        self._ids = np.arange(self._size, dtype=np.int32)
        self._data = (llama_cpp.llama_token_data * self._size)()
        self._view = np.frombuffer(memoryview(self._data), dtype=_DATA)
        self._chain: Any = None
        self._grammar: Any = None
        self.logprob, self.last = 0.0, 0.0
        if request.grammar:
            self._grammar = llama_cpp.llama_sampler_init_grammar(vocab, request.grammar.encode(), b"root")
            if not self._grammar:
                raise GrammarError("llama.cpp cannot read this grammar; it was not used")
        self._chain = _chain(request, self._size)

    def sample(self, context: Any, index: int = -1) -> int:
        """The next token, which the grammar allows."""
        logits = llama_cpp.llama_get_logits_ith(context.ctx, index)
        values = np.ctypeslib.as_array(logits, shape=(self._size,))
        token = self._choose(values, filtered=False)
        if self._grammar and not self._allowed(token):
            token = self._choose(values, filtered=True)
        if self._grammar:
            llama_cpp.llama_sampler_accept(self._grammar, token)
        llama_cpp.llama_sampler_accept(self._chain, token)
        top = float(values.max())
        self.last = float(values[token]) - top - math.log(float(np.exp(values - top).sum()))
        self.logprob += self.last
        return token

    def close(self) -> None:
        """Free what llama.cpp holds."""
        chain, grammar, self._chain, self._grammar = self._chain, self._grammar, None, None
        if chain:
            llama_cpp.llama_sampler_free(chain)
        if grammar:
            llama_cpp.llama_sampler_free(grammar)

    def __del__(self) -> None:
        self.close()

    def _choose(self, logits: Any, *, filtered: bool) -> int:
        self._view["id"] = self._ids
        self._view["logit"] = logits
        candidates = llama_cpp.llama_token_data_array(
            data=ctypes.cast(self._data, llama_cpp.llama_token_data_p), size=self._size, selected=-1, sorted=False
        )
        if filtered:
            llama_cpp.llama_sampler_apply(self._grammar, ctypes.byref(candidates))
        llama_cpp.llama_sampler_apply(self._chain, ctypes.byref(candidates))
        return int(candidates.data[candidates.selected].id)

    def _allowed(self, token: int) -> bool:
        one = (llama_cpp.llama_token_data * 1)(llama_cpp.llama_token_data(token, 1.0, 0.0))
        candidates = llama_cpp.llama_token_data_array(
            data=ctypes.cast(one, llama_cpp.llama_token_data_p), size=1, selected=-1, sorted=False
        )
        llama_cpp.llama_sampler_apply(self._grammar, ctypes.byref(candidates))
        return not math.isinf(one[0].logit)


def _chain(request: Generation, size: int) -> Any:
    """Penalty, then greedy, or top-k, top-p, min-p, temperature and a seeded draw."""
    chain: Any = llama_cpp.llama_sampler_chain_init(llama_cpp.llama_sampler_chain_default_params())
    steps: list[Any] = []
    if request.repeat_penalty != 1.0:
        steps.append(llama_cpp.llama_sampler_init_penalties(size, _LAST, request.repeat_penalty, 0.0, 0.0))
    if request.temperature <= 0:
        steps.append(llama_cpp.llama_sampler_init_greedy())
    else:
        if request.top_k > 0:
            steps.append(llama_cpp.llama_sampler_init_top_k(request.top_k))
        steps.append(llama_cpp.llama_sampler_init_top_p(request.top_p, 1))
        steps.append(llama_cpp.llama_sampler_init_min_p(_MIN_P, 1))
        steps.append(llama_cpp.llama_sampler_init_temp(request.temperature))
        steps.append(llama_cpp.llama_sampler_init_dist(request.seed))
    for step in steps:
        llama_cpp.llama_sampler_chain_add(chain, step)
    return chain


class _Pieces:
    """Bytes to text, holding back half characters and what may begin a stop text."""

    def __init__(self, stop: Sequence[str], emit: Emit) -> None:
        self._stop = tuple(s for s in stop if s)
        self._emit = emit
        self._decoder = codecs.getincrementaldecoder("utf-8")("ignore")
        self._held = ""
        self._given = 0

    @property
    def length(self) -> int:
        """Characters decoded so far."""
        return self._given + len(self._held)

    def add(self, piece: bytes) -> bool:
        """Take a piece; True when a stop text was completed."""
        self._held += self._decoder.decode(piece)
        cut = min((at for s in self._stop if (at := self._held.find(s)) >= 0), default=-1)
        if cut >= 0:
            self._held = self._held[:cut]
            self.finish()
            return True
        keep = max((n for s in self._stop for n in range(1, len(s)) if self._held.endswith(s[:n])), default=0)
        self._give(len(self._held) - keep)
        return False

    def finish(self) -> None:
        """Give what was held back; half a character is dropped."""
        self._give(len(self._held))

    def _give(self, end: int) -> None:
        if end:
            self._emit(self._held[:end])
            self._given += end
            self._held = self._held[end:]
