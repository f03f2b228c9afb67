"""The drafter's tokenizer: byte-level BPE, short tokens, and the special tokens of the chat form."""

from __future__ import annotations

from collections.abc import Iterable

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from training.drafter_data import SPECIAL

LONGEST = 12
"""Bytes of a token: four Han characters. llama-cpp-python drops tokens of more than 32 bytes."""


def train_tokenizer(texts: Iterable[str], size: int) -> Tokenizer:
    """Learn merges on the texts; the pre-tokenizer is GPT-2's, which llama.cpp knows by that name."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        min_frequency=3,
        special_tokens=[AddedToken(t, special=True) for t in SPECIAL],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        max_token_length=LONGEST,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer
