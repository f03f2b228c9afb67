"""Finds the products a text names: by name, full name, code or alias, by sound, and with a slip of one character."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

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
_FIRST, _UNHEARD = 0x100, "\x00"
"""The letter of the first syllable, and of all that no name has."""


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


class _Spots:
    """Where names could stand in a text, found in one pass by pieces of them that must be there as they are."""

    def __init__(self, pieces: Iterable[tuple[str, int, int]]) -> None:
        """`pieces` gives (piece, characters of the name before it, number of the name)."""
        import ahocorasick

        names: dict[str, list[tuple[int, int]]] = {}
        for piece, before, number in pieces:
            names.setdefault(piece, []).append((len(piece) + before - 1, number))
        self._automaton: Any = ahocorasick.Automaton()
        for piece, found in names.items():
            self._automaton.add_word(piece, found)
        self._automaton.make_automaton()

    def places(self, text: str) -> list[tuple[int, int]]:
        """(start, number of the name), in the order of the text, at one place the names in theirs."""
        if not len(self._automaton):
            return []
        places = {(at - back, number) for at, names in self._automaton.iter(text) for back, number in names}
        return sorted(place for place in places if place[0] >= 0)


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
        numbered = list(enumerate(self._names))
        by_ear = [(i, n) for i, n in numbered if _heard(n)]
        self._letters = {
            one: chr(_FIRST + at) for at, one in enumerate(sorted({s for _, n in by_ear for s in n.sound}))
        }
        self._spelt = _Spots((n.folded, 0, i) for i, n in numbered)
        self._sounding = _Spots((self._spell(n.sound), 0, i) for i, n in by_ear)
        self._near = _Spots(
            (half, before, i) for i, n in by_ear if len(n.folded) > _FUZZY_FROM for half, before in _halves(n.folded)
        )

    def find(self, text: str) -> tuple[Mention, ...]:
        """Products named, in the order of the text, without overlaps; the longest name at a place wins."""
        bare = "".join(text.split())  # a name is a name with a blank in it
        kept = range(len(text)) if len(bare) == len(text) else [i for i, c in enumerate(text) if not c.isspace()]
        reading = read(bare)
        folded = reading.text
        found: list[tuple[_Name, int, int]] = []
        taken = [False] * len(folded)
        ways = (
            (self._spelt.places(folded), self._exact),
            (self._sounding.places(self._spell(map(syllable, folded))), self._by_ear),
            (self._near.places(folded), self._slip),
        )
        for places, stands in ways:
            for start, number in places:
                name = self._names[number]
                if not taken[start] and (end := stands(folded, start, name, taken)):
                    found.append((name, start, end))
                    taken[start:end] = [True] * (end - start)
        spans = [(name.product, *reading.span(start, end)) for name, start, end in found]
        mentions = [Mention(product, kept[start], kept[end - 1] + 1) for product, start, end in spans]
        return tuple(sorted(mentions, key=lambda m: m.start))

    def _spell(self, sound: Iterable[str]) -> str:
        """Syllables as a string with a letter for each, so that sounds are looked for as characters are."""
        letter = self._letters.get
        return "".join([letter(one, _UNHEARD) for one in sound])

    def _exact(self, folded: str, start: int, name: _Name, taken: list[bool]) -> int | None:
        """Where the name ends, when it may be meant here."""
        end = start + len(name.folded)
        if any(taken[start:end]):
            return None
        if name.code and (_joined(folded, start - 1) or _joined(folded, end)):
            return None
        if name.folded[0].isdigit() and start and folded[start - 1].isdigit():
            return None
        return None if name.needs_cue and not _cued(folded, start, end) else end

    def _by_ear(self, folded: str, start: int, name: _Name, taken: list[bool]) -> int | None:
        """The same sounds in other characters: 稳建半年. Numerals must be the same characters."""
        end = start + len(name.sound)
        if any(taken[start:end]):
            return None
        pairs = list(zip(folded[start:end], name.folded, strict=True))
        same = sum(a == b for a, b in pairs)
        return end if same >= 1 and _may_differ(pairs) and (same >= len(pairs) - 2 or len(pairs) >= 5) else None

    def _slip(self, folded: str, start: int, name: _Name, taken: list[bool]) -> int | None:
        """One character wrong or missing in a name of four or more."""
        size = len(name.folded)
        end = start + size
        if end <= len(folded) and not any(taken[start:end]):
            pairs = list(zip(folded[start:end], name.folded, strict=True))
            wrong = [i for i, (a, b) in enumerate(pairs) if a != b]
            if len(wrong) == 1 and _may_differ(pairs) and _distinct(name, wrong[0]) and is_han(pairs[wrong[0]][0]):
                return end
        end = start + size - 1
        if size >= 5 and end <= len(folded) and not any(taken[start:end]):
            gap = _missing(folded[start:end], name.folded)
            if gap is not None and name.folded[gap] not in _NO_SLIP and _distinct(name, gap):
                return end
        return None


def _heard(name: _Name) -> bool:
    """Whether a name is told by its sound."""
    return not name.code and _FUZZY_FROM <= len(name.folded) <= 12 and all(map(is_han, name.folded))


def _halves(name: str) -> Iterator[tuple[str, int]]:
    """Its halves with the characters before each: a slip of one character, wrong or missing, leaves one of them whole."""
    middle = len(name) // 2
    yield name[:middle], 0
    yield name[middle:], middle
    yield name[middle:], middle - 1


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
