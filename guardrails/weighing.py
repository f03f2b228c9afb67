"""The classifier's opinion of a text, taken apart for a person."""

from __future__ import annotations

from dataclasses import dataclass

from guardrails.meaning import Meaning, pieces


@dataclass(frozen=True)
class Sign:
    """Something the classifier sees, in words, and what it adds to the score: above zero speaks for holding."""

    seen: str
    adds: float


@dataclass(frozen=True)
class Weighing:
    """The piece of a text that weighs most: how likely it is held, from where it would be, for which check, and why."""

    piece: str
    probability: float
    bar: float
    sentence_bar: float
    check: str
    signs: tuple[Sign, ...]


def weigh(meaning: Meaning, folded: str, most: int = 10) -> Weighing:
    """What the classifier thinks of a folded text, with the heaviest signs."""
    parts = [folded[a:b] for a, b in pieces(folded)] or [folded]
    opinions = [(meaning.opinion(part), part) for part in parts]
    opinion, piece = max(opinions, key=lambda pair: pair[0].held)
    signs = tuple(Sign(spoken(sign), adds) for sign, adds in meaning.telling(piece)[:most])
    return Weighing(piece, opinion.held, meaning.bar, meaning.sentence_bar, opinion.check, signs)


def spoken(sign: str) -> str:
    """A sign as a person reads it: characters in quotation marks, words by themselves, pairs with a plus between."""
    left, tab, right = sign.partition("\t")
    if not tab:
        return f"“{sign}”"
    if left:
        return f"{left} + {right}"
    word = right.removeprefix("¬")
    asked = word.startswith("?") and len(word) > 1
    marks = [mark for mark, holds in (("denied", word != right), ("asked", asked)) if holds]
    return (word[1:] if asked else word) + (f" ({', '.join(marks)})" if marks else "")
