"""Light noise a phone keyboard and a voice input make: homophones, typos, lost punctuation, other figures, other script."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

import opencc
from pypinyin import pinyin_dict

_MARKS = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ"
_PLAIN = "aaaaeeeeiiiioooouuuuvvvvnnnm"
_TONE = str.maketrans(dict(zip(_MARKS, _PLAIN, strict=True)) | {"ü": "v", "ê": "e"})
_DIGITS = re.compile(r"[0-9]+")


@lru_cache(maxsize=65536)
def syllable(char: str) -> str:
    """The first reading of a character without tone, `""` when it has none."""
    readings = pinyin_dict.pinyin_dict.get(ord(char), "")
    return str(readings).split(",")[0].translate(_TONE)


@lru_cache(maxsize=2)
def _converter(name: str) -> opencc.OpenCC:
    return opencc.OpenCC(name)


def traditional(text: str) -> str:
    """The text in traditional script."""
    return str(_converter("s2t").convert(text))


def simplified(text: str) -> str:
    """The text in simplified script."""
    return str(_converter("t2s").convert(text))


class Noise:
    """Makes noisy copies; homophones come from the characters of the given texts."""

    def __init__(self, texts: Iterable[str]) -> None:
        sound: dict[str, set[str]] = defaultdict(set)
        for text in texts:
            for char in text:
                if syllable(char):
                    sound[syllable(char)].add(char)
        self._alike = {s: sorted(chars) for s, chars in sound.items() if len(chars) > 1}

    def __call__(self, text: str, rng: random.Random) -> str:
        """One noisy copy of a message."""
        draw = rng.random()
        if draw < 0.08:
            return traditional(text)
        if draw < 0.2:
            text = _bare(text, rng)
        text = _DIGITS.sub(lambda m: self._figure(m.group(), rng), text) if rng.random() < 0.5 else text
        rate = rng.choice((0.0, 0.02, 0.05))
        return "".join(self._char(c, rng, rate) for c in text) or text

    def _char(self, char: str, rng: random.Random, rate: float) -> str:
        if rng.random() >= rate:
            return char
        alike = self._alike.get(syllable(char))
        if alike and rng.random() < 0.7:
            return rng.choice(alike)
        return rng.choice(("", char + char)) if char not in "不没" else char

    @staticmethod
    def _figure(run: str, rng: random.Random) -> str:
        return "".join(rng.choice("123456789") if i == 0 else rng.choice("0123456789") for i in range(len(run)))


def _bare(text: str, rng: random.Random) -> str:
    """Without punctuation, or with spaces for it."""
    return re.sub(r"[，。、；！？,.!?]", rng.choice(("", " ")), text) or text
