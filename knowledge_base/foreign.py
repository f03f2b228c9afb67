"""Things that a bank's knowledge seldom tells anything about: a question that turns on one is probably answered nowhere.

Only where the passages found do not speak of it either: a bank that brings in its parking rules answers about parking.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from copilot.reading.normalise import read
from copilot.settings import packaged

FILE = "foreign.txt"


class Foreign:
    """Words of such things."""

    def __init__(self, words: Iterable[str]) -> None:
        import ahocorasick

        self._words: Any = ahocorasick.Automaton()
        for word in words:
            folded = read(word).text
            self._words.add_word(folded, folded)
        self._words.make_automaton()

    def named(self, text: str) -> frozenset[str]:
        """Those that a text names, folded."""
        return frozenset(word for _, word in self._words.iter(read(text).text)) if len(self._words) else frozenset()

    def strange(self, question: str, passages: Sequence[str]) -> int:
        """How many things a question names that none of the passages speaks of."""
        named = self.named(question)
        return len(named - frozenset().union(*map(self.named, passages))) if named else 0


@lru_cache(maxsize=1)
def foreign() -> Foreign:
    """The bundled words."""
    lines = packaged("knowledge_base", FILE).read_text(encoding="utf-8").splitlines()
    return Foreign(word for line in lines if not line.startswith("#") for word in line.split())
