"""Finds the products a text names: by name, full name, code or alias, by sound, and with a slip of one character."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from copilot.reading.normalise import is_han, read
from copilot.reading.sounds import readings_of

_LOOSE_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"))
_LOOSE_FINALS = (("ang", "an"), ("eng", "en"), ("ing", "in"))
_NO_SLIP = frozenset("一二两三四五六七八九十半百千万零0123456789日天周月季年期号")
"""Characters whose change makes another product, not a typo."""
_CUE = re.compile(
    r"理财|产品|基金|这[个款只支]|那[个款只支]|[买卖赎存投]|净值|持有|[亏跌涨赚]|开放|封闭|风险|期限|到期|基准|收益|费|多少|怎么样|[「“《]|R[1-5]|r[1-5]"
)
_FUZZY_FROM = 3
"""Characters a name needs to be heard by its sound; one more to be seen through a slip."""


@dataclass(frozen=True)
class Mention:
    """A product named at `start:end` of the original text."""

    product: str
    start: int
    end: int


@dataclass(frozen=True)
class _Name:
    folded: str
    product: str
    sound: tuple[str, ...]
    needs_cue: bool
    code: bool


@lru_cache(maxsize=8192)
def syllable(character: str) -> str:
    """The usual syllable of a character with the distinctions that voice input and dialects blur taken away."""
    readings = readings_of(character) if is_han(character) else ()
    if not readings:
        return character
    sound = readings[0]
    for exact, loose in _LOOSE_INITIALS:
        if sound.startswith(exact):
            sound = loose + sound[len(exact) :]
    for exact, loose in _LOOSE_FINALS:
        if sound.endswith(exact):
            sound = sound[: -len(exact)] + loose
    return sound


class NameIndex:
    """All ways to name the catalogue's products."""

    def __init__(self, names: Iterable[tuple[str, str, bool]], is_common_word: Sequence[str] = ()) -> None:
        """`names` gives (spoken name, product id, is a code); a name in `is_common_word` counts only beside a product's cue."""
        common = frozenset(is_common_word)
        seen: dict[str, _Name] = {}
        for spoken, product, code in names:
            folded = read(spoken).text.replace(" ", "")
            sound = tuple(map(syllable, folded))
            seen.setdefault(folded, _Name(folded, product, sound, folded in common, code))
        self._names = sorted(seen.values(), key=lambda n: -len(n.folded))
        self._by_text = {n.folded: n for n in self._names}
        self._by_first: dict[str, list[_Name]] = {}
        self._by_syllable: dict[str, list[_Name]] = {}
        for name in self._names:
            self._by_first.setdefault(name.folded[0], []).append(name)
            if not name.code and _FUZZY_FROM <= len(name.folded) <= 12 and all(map(is_han, name.folded)):
                self._by_syllable.setdefault(name.sound[0], []).append(name)
                if len(name.folded) > _FUZZY_FROM:
                    self._by_syllable.setdefault("", []).append(name)

        self._slipping = self._by_syllable.get("", [])
        self._opening: dict[tuple[int, str], list[int]] = {}
        self._letters = [frozenset(name.folded) for name in self._slipping]
        for i, name in enumerate(self._slipping):
            for at in (0, 1):
                self._opening.setdefault((at, name.folded[at]), []).append(i)

    def find(self, text: str) -> tuple[Mention, ...]:
        """Products named, in the order of the text, without overlaps; the longest name at a place wins."""
        kept = [i for i, character in enumerate(text) if not character.isspace()]  # a name is a name with a blank in it
        reading = read("".join(text[i] for i in kept))
        folded = reading.text
        found: list[tuple[_Name, int, int]] = []
        taken = [False] * len(folded)
        for start in range(len(folded)):
            if not taken[start]:
                self._exact(folded, start, found, taken)
        sounds = tuple(map(syllable, folded))
        for start in range(len(folded)):
            if not taken[start]:
                self._by_ear(folded, sounds, start, found, taken)
        present = frozenset(folded)
        near = frozenset(i for i, letters in enumerate(self._letters) if len(letters - present) <= 1)
        for start in range(len(folded)) if near else ():
            if not taken[start]:
                self._slip(folded, start, near, found, taken)
        spans = [(name.product, *reading.span(start, end)) for name, start, end in found]
        mentions = [Mention(product, kept[start], kept[end - 1] + 1) for product, start, end in spans]
        return tuple(sorted(mentions, key=lambda m: m.start))

    def _exact(self, folded: str, start: int, found: list[tuple[_Name, int, int]], taken: list[bool]) -> None:
        for name in self._by_first.get(folded[start], ()):
            end = start + len(name.folded)
            if not folded.startswith(name.folded, start) or any(taken[start:end]):
                continue
            if name.code and (_joined(folded, start - 1) or _joined(folded, end)):
                continue
            if name.folded[0].isdigit() and start and folded[start - 1].isdigit():
                continue
            if name.needs_cue and not _cued(folded, start, end):
                continue
            _take(name, start, end, found, taken)
            return

    def _by_ear(
        self, folded: str, sounds: tuple[str, ...], start: int, found: list[tuple[_Name, int, int]], taken: list[bool]
    ) -> None:
        """The same sounds in other characters: 稳建半年. Numerals must be the same characters."""
        for name in self._by_syllable.get(sounds[start], ()):
            end = start + len(name.sound)
            if sounds[start:end] != name.sound or any(taken[start:end]):
                continue
            pairs = list(zip(folded[start:end], name.folded, strict=True))
            same = sum(a == b for a, b in pairs)
            if same >= 1 and _may_differ(pairs) and (same >= len(pairs) - 2 or len(pairs) >= 5):
                _take(name, start, end, found, taken)
                return

    def _may_slip(self, folded: str, start: int, near: frozenset[int]) -> list[_Name]:
        """Of the names all but one of whose characters the text has: those with one of their first two where it should be."""
        first, second = folded[start], folded[start + 1 : start + 2]
        places = {
            *self._opening.get((0, first), ()),
            *self._opening.get((1, first), ()),
            *self._opening.get((1, second), ()),
        }
        return [self._slipping[i] for i in sorted(places & near)]

    def _slip(
        self, folded: str, start: int, near: frozenset[int], found: list[tuple[_Name, int, int]], taken: list[bool]
    ) -> None:
        """One character wrong or missing in a name of four or more."""
        for name in self._may_slip(folded, start, near):
            size = len(name.folded)
            end = start + size
            if end <= len(folded) and not any(taken[start:end]):
                pairs = list(zip(folded[start:end], name.folded, strict=True))
                wrong = [i for i, (a, b) in enumerate(pairs) if a != b]
                if len(wrong) == 1 and _may_differ(pairs) and _distinct(name, wrong[0]) and is_han(pairs[wrong[0]][0]):
                    _take(name, start, end, found, taken)
                    return
            end = start + size - 1
            if size >= 5 and end <= len(folded) and not any(taken[start:end]):
                gap = _missing(folded[start:end], name.folded)
                if gap is not None and name.folded[gap] not in _NO_SLIP and _distinct(name, gap):
                    _take(name, start, end, found, taken)
                    return


def _take(name: _Name, start: int, end: int, found: list[tuple[_Name, int, int]], taken: list[bool]) -> None:
    found.append((name, start, end))
    taken[start:end] = [True] * (end - start)


def _joined(folded: str, at: int) -> bool:
    return 0 <= at < len(folded) and folded[at].isascii() and folded[at].isalnum()


def _cued(folded: str, start: int, end: int) -> bool:
    return len(folded) == end - start or bool(
        _CUE.search(folded[max(0, start - 5) : start] + "|" + folded[end : end + 6])
    )


def _may_differ(pairs: Sequence[tuple[str, str]]) -> bool:
    return all(a == b or (a not in _NO_SLIP and b not in _NO_SLIP) for a, b in pairs)


def _distinct(name: _Name, at: int) -> bool:
    """Whether enough of the name stays: two further characters that are neither numerals nor units."""
    rest = [c for i, c in enumerate(name.folded) if i != at and c not in _NO_SLIP]
    return len(rest) >= (2 if len(name.folded) == 4 and any(c in _NO_SLIP for c in name.folded) else 3)


def _missing(shorter: str, longer: str) -> int | None:
    """Where `longer` has one character more, or None when they differ otherwise."""
    for i, character in enumerate(longer):
        if i >= len(shorter) or shorter[i] != character:
            return i if shorter[i:] == longer[i + 1 :] else None
    return None
