"""Ways people get words past a scanner: each takes a text and a random generator and gives the same words in another dress."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

Mutation = Callable[[str, random.Random], str]
_SIGNS = "*·-_.~|/、 "
_EMOJI = "💰👍😊✨🔥❤️🎉🌹"
_HIDDEN = "\u200b\u200c\u2060\ufeff\u00ad"
_ALIKE = {
    "保": "葆堡褓",
    "本": "夲苯",
    "不": "卟",
    "稳": "穏",
    "赚": "嫌",
    "赔": "陪",
    "亏": "虧",
    "返": "反",
    "证": "証",
}


def _han(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"


def _between(text: str, rng: random.Random, share: float, sign: Callable[[], str]) -> str:
    """The text with a sign after some Han characters that another follows."""
    out = []
    for at, character in enumerate(text):
        out.append(character)
        if _han(character) and at + 1 < len(text) and _han(text[at + 1]) and rng.random() < share:
            out.append(sign())
    return "".join(out)


def spaced(text: str, rng: random.Random) -> str:
    """Blanks between all characters."""
    return _between(text, rng, 1.0, lambda: " ")


def separated(text: str, rng: random.Random) -> str:
    """Signs between some characters."""
    return _between(text, rng, 0.4, lambda: rng.choice(_SIGNS))


def emoji(text: str, rng: random.Random) -> str:
    """Emoji between some characters."""
    return _between(text, rng, 0.25, lambda: rng.choice(_EMOJI))


def hidden(text: str, rng: random.Random) -> str:
    """Invisible characters between many characters."""
    return _between(text, rng, 0.6, lambda: rng.choice(_HIDDEN))


def traditional(text: str, _: random.Random) -> str:
    """In traditional script."""
    return str(_converter().convert(text))


def wide(text: str, _: random.Random) -> str:
    """Latin letters, digits and signs in full width."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def alike(text: str, _: random.Random) -> str:
    """Characters that look or sound alike in place of telling ones."""
    return "".join(_ALIKE[c][0] if c in _ALIKE else c for c in text)


def homophones(text: str, rng: random.Random) -> str:
    """Some characters replaced by others of the same sound, as voice input and evaders write them."""
    same = _same_sound()
    return "".join(rng.choice(same[c]) if c in same and rng.random() < 0.12 else c for c in text)


def pinyin(text: str, rng: random.Random) -> str:
    """Some characters written as their sound."""
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(c)[0] if _han(c) and rng.random() < 0.1 else c for c in text)


def broken(text: str, rng: random.Random) -> str:
    """Broken into lines at random places."""
    return "".join(c + ("\n" if _han(c) and rng.random() < 0.08 else "") for c in text)


def unmarked(text: str, _: random.Random) -> str:
    """Without any punctuation."""
    return "".join(c for c in text if c not in "，。！？；：、“”（）…~,.!?;:()\"'")


MUTATIONS: Mapping[str, Mutation] = {
    f.__name__: f
    for f in (spaced, separated, emoji, hidden, traditional, wide, alike, homophones, pinyin, broken, unmarked)
}


def mutated(name: str, text: str, key: str) -> str:
    """A text in another dress; the same key gives the same dress."""
    return MUTATIONS[name](text, random.Random(f"{name}:{key}"))


@lru_cache(maxsize=1)
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("s2t")


@lru_cache(maxsize=1)
def _same_sound() -> Mapping[str, str]:
    """Common characters by those that share their first reading, tone included."""
    from pypinyin import Style, pinyin

    common = [bytes([a, b]).decode("gb2312", "ignore") for a in range(0xB0, 0xD8) for b in range(0xA1, 0xFF)]
    common = [c for c in common if c]
    sound = {c: pinyin(c, style=Style.TONE3)[0][0] for c in common}
    by_sound: dict[str, list[str]] = {}
    for c, s in sound.items():
        by_sound.setdefault(s, []).append(c)
    return {c: "".join(o for o in by_sound[s] if o != c) for c, s in sound.items() if len(by_sound[s]) > 1}
