"""The pinyin view of a text: how it sounds, whatever characters were written.

The pinyin view holds, for every folded character, all its toneless readings (pypinyin's single-character table); runs of
Latin letters that are whole pinyin (`baoben`, `wen zhuan`) join it. Tables load on first use, never at import.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from copilot.reading.normalise import Reading


class Sound(NamedTuple):
    """One syllable of the pinyin view: its readings and the folded characters it stands on."""

    readings: tuple[str, ...]
    start: int
    end: int
    latin: bool = False


@lru_cache(maxsize=1)
def _table() -> dict[int, str]:
    from pypinyin.constants import PINYIN_DICT

    table: dict[int, str] = PINYIN_DICT
    return table


@lru_cache(maxsize=32768)
def readings_of(character: str) -> tuple[str, ...]:
    """All toneless readings of a Han character, most usual first; () for anything else."""
    line = _table().get(ord(character))
    if not line:
        return ()
    plain = unicodedata.normalize("NFD", line.replace("ü", "v"))
    bare = "".join(c for c in plain if unicodedata.category(c) != "Mn")
    return tuple(dict.fromkeys(bare.split(",")))


_INITIALS = (
    "",
    *[
        "b",
        "p",
        "m",
        "f",
        "d",
        "t",
        "n",
        "l",
        "g",
        "k",
        "h",
        "j",
        "q",
        "x",
        "r",
        "z",
        "c",
        "s",
        "y",
        "w",
        "zh",
        "ch",
        "sh",
    ],
)
_FINALS = [
    "a",
    "o",
    "e",
    "ai",
    "ei",
    "ao",
    "ou",
    "an",
    "en",
    "ang",
    "eng",
    "ong",
    "i",
    "ia",
    "ie",
    "iao",
    "iu",
    "ian",
    "in",
    "iang",
    "ing",
    "iong",
    "u",
    "ua",
    "uo",
    "uai",
    "ui",
    "uan",
    "un",
    "uang",
    "ue",
    "v",
    "ve",
    "er",
]


@lru_cache(maxsize=1)
def _syllables() -> frozenset[str]:
    """Every toneless syllable some character has."""
    spellings = {i + f for i in _INITIALS for f in _FINALS}
    known = {r for code in range(0x4E00, 0xA000) for r in readings_of(chr(code))}
    return frozenset(spellings & known)


@lru_cache(maxsize=2048)
def split_pinyin(letters: str) -> tuple[str, ...]:
    """Latin letters as pinyin syllables, longest first; () when they are not pinyin throughout."""
    if not letters:
        return ()
    syllables = _syllables()
    best: list[tuple[str, ...] | None] = [None] * (len(letters) + 1)
    best[len(letters)] = ()
    for i in range(len(letters) - 1, -1, -1):
        for size in range(min(6, len(letters) - i), 0, -1):
            rest = best[i + size]
            if rest is not None and letters[i : i + size] in syllables:
                best[i] = (letters[i : i + size], *rest)
                break
    return best[0] or ()


def sounds(reading: Reading, start: int = 0, end: int | None = None) -> tuple[Sound, ...]:
    """The pinyin view of a reading, or of a part; characters without a sound break it with an empty syllable."""
    found: list[Sound] = []
    text = reading.text
    i, n = start, len(text) if end is None else min(end, len(text))
    while i < n:
        character = text[i]
        if "a" <= character <= "z":
            j = i
            while j < n and "a" <= text[j] <= "z":
                j += 1
            found.extend(_latin(text[i:j], i))
            i = j
            continue
        if character != " ":
            found.append(Sound(readings_of(character) if character > "\u33ff" else (), i, i + 1))
        i += 1
    return tuple(found)


def _latin(letters: str, at: int) -> Iterator[Sound]:
    pieces: Sequence[str] = split_pinyin(letters)
    if not pieces:
        yield Sound((), at, at + len(letters), latin=True)
        return
    for piece in pieces:
        yield Sound((piece,), at, at + len(piece), latin=True)
        at += len(piece)


def sound_of(term: str) -> tuple[str, ...]:
    """The usual syllables of a term, for an index of homophones."""
    return tuple(readings_of(c)[0] for c in term if readings_of(c))


def characters_sounding(syllables: set[str]) -> frozenset[str]:
    """Every Han character of the unified block that can be read as one of the syllables."""
    return frozenset(chr(c) for c in range(0x4E00, 0xA000) if not syllables.isdisjoint(readings_of(chr(c))))
