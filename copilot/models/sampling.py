"""How the embedded model chooses a token: sample first, ask the grammar after.

llama.cpp's grammar looks at every token of the vocabulary. A trained model seldom breaks its grammar, so the token is
sampled freely and shown to the grammar alone; only when refused are all tokens filtered and sampled again. This is what
llama.cpp's own programs do; llama_cpp's default chain filters the whole vocabulary for every token.
"""

from __future__ import annotations

import ctypes
import math
from typing import Any

import llama_cpp
import numpy as np

from copilot.errors import GrammarError
from copilot.models.frames import Generation

_LAST = 64
"""Tokens a repetition penalty looks back on."""
_MIN_P = 0.05
_DATA = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])


class Sampler:
    """A chain of llama.cpp samplers for one generation; it has the methods llama_cpp.Llama calls."""

    def __init__(self, model: Any, request: Generation) -> None:
        vocab = llama_cpp.llama_model_get_vocab(model)
        self._size = int(llama_cpp.llama_vocab_n_tokens(vocab))
        self._ids = np.arange(self._size, dtype=np.int32)
        self._data = (llama_cpp.llama_token_data * self._size)()
        self._view = np.frombuffer(self._data, dtype=_DATA)
        self._chain: Any = None
        self._grammar: Any = None
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
