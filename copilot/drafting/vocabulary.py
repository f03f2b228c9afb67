"""What the words of hand-written replies say of a matter: how common each is, and how far it is said only to who said it first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from copilot.drafting.grammar import written
from copilot.reading.spelling import fold

_COMMON = 25
"""Replies of the book in which a word stands from which it says nothing of the matter."""
_ALONE = frozenset("娃妈爸爹娘房车店病药货孙儿女婚税奖卡")
"""Words of one character that name a matter."""
_SEEN, _DOUBT = 1.0, 0.2
"""A reply more in which a word stood, and was answered to a fifth: a word seen once is not yet tied."""
LOOSE = 0.3
"""Share of its replies up to which a word is anybody's: 利率, 网点 and 明天 are said unasked, 装修 and 孙子 hardly ever."""


@lru_cache(maxsize=32768)
def words(text: str) -> frozenset[str]:
    """Words of a text that can name a matter."""
    import rjieba

    return frozenset(w for w in rjieba.cut(fold(text)) if (len(w) > 1 or w in _ALONE) and "\u4e00" <= w[0] <= "\u9fff")


@lru_cache(maxsize=32768)
def talk(*parts: str) -> str:
    """Everything a reply was written to, as it is compared."""
    return fold(" ".join(parts))


@dataclass(frozen=True)
class Vocabulary:
    """`counts`: in how many replies a word stands, from two. `ties`: the share of them whose customer had said it, above `LOOSE`."""

    counts: Mapping[str, int] = field(default_factory=dict)
    ties: Mapping[str, float] = field(default_factory=dict)

    def weight(self, word: str) -> float:
        """How much a word says of the matter: 1 for a rare one, 0 for one in many replies."""
        count = self.counts.get(word, 0)
        return 0.0 if count >= _COMMON else 1.0 - count / _COMMON

    def tie(self, word: str) -> float:
        """How far a word belongs to who said it first, above what is anybody's: 0 to 0.7."""
        return max(0.0, self.ties.get(word, 0.0) - LOOSE)


def vocabulary_of(told: Iterable[tuple[str, str]]) -> Vocabulary:
    """The words of replies (templates), each with everything it was written to (see `talk`)."""
    counts: dict[str, int] = {}
    answered: dict[str, int] = {}
    for template, said in told:
        for word in words(written(template)):
            counts[word] = counts.get(word, 0) + 1
            if word in said:
                answered[word] = answered.get(word, 0) + 1
    ties = {word: (known + _DOUBT) / (counts[word] + _SEEN) for word, known in answered.items()}
    return Vocabulary(
        {word: count for word, count in counts.items() if count > 1},
        {word: tie for word, tie in ties.items() if tie > LOOSE},
    )
