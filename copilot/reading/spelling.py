"""One spelling a character: simplified, lower case, every digit 0; spaces stay as they are and emoji are kept."""

from __future__ import annotations

from functools import lru_cache

from copilot.reading.normalise import fold_character


def fold(text: str) -> str:
    """The text in one spelling, without space around it."""
    return "".join(map(_folded, text)).strip()


@lru_cache(maxsize=16384)
def _folded(character: str) -> str:
    folded = fold_character(character)
    if folded == "\ue000":
        folded = character
    return "0" if folded.isdigit() else folded
