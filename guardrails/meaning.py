"""What a message says between its words: a small bundled classifier for what no list of words can hold.

A linear model over the signs of the folded text (`guardrails.signs`), so that every verdict can be taken apart. One score
says whether a strict officer would hold the text, one for each check says which rule it breaks; both are mixed and
calibrated on authors whose lines were not learnt. A text over the bar is held for review; nothing it says clears a text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from copilot.errors import SettingsError
from guardrails.signs import Files, Lexicon, plain, signs

CHECKS: tuple[str, ...] = tuple(f"G{number:02d}" for number in range(1, 38))
NOTE, WEIGHTS = "meaning.json", "weights.npz"
LONGEST = 320
"""Characters read at once; a longer text is read in pieces of whole sentences."""
_FIX = "restore the folder from the release, or run `make train-guard`"
_SENTENCE = re.compile(r"[^。!?\n]+[。!?\n]*")


@dataclass(frozen=True)
class Opinion:
    """How likely a text is held, and how likely it breaks each check, in the order of `CHECKS`."""

    held: float
    checks: np.ndarray

    @property
    def check(self) -> str:
        """The check the text most likely breaks."""
        return CHECKS[int(np.argmax(self.checks))]


@dataclass(frozen=True)
class Stretch:
    """A stretch of a folded text with the opinion on it, and of a piece its sentences when it has several."""

    start: int
    end: int
    opinion: Opinion
    sentences: tuple[Stretch, ...] = ()


@dataclass(frozen=True)
class Concern:
    """A place the classifier would hold: offsets in the folded text."""

    start: int
    end: int
    check: str
    probability: float


class Weights:
    """What each sign weighs, from the saved arrays: for being held from all of them, for the checks from n-grams alone."""

    def __init__(self, arrays: Mapping[str, np.ndarray]) -> None:
        self._held, self._checks = Lexicon(arrays, "held"), Lexicon(arrays, "checks")
        self._held_bias = float(arrays["held_bias"][0])
        self._scale = arrays["checks_scale"].astype(np.float32)
        self._bias = arrays["checks_bias"].astype(np.float32)

    def scores(self, text: str) -> tuple[float, np.ndarray]:
        """Log odds of a plain text: of being held, and of every check."""
        counted = signs(text)
        held = self._held_bias + float(self._held.score(counted))
        return held, self._checks.score(counted) * self._scale + self._bias

    def telling(self, text: str) -> list[tuple[str, float]]:
        """Signs of a plain text with what each adds to the score of being held, the heaviest first."""
        counted = signs(text)
        rows, values = self._held.weighed(counted)
        added = zip(self._held.known(counted), values * self._held.weights[rows], strict=True)
        return sorted(((name, float(weight)) for name, weight in added), key=lambda pair: -abs(pair[1]))


class Meaning:
    """Tells how likely a text would be held by a strict officer; files load at the first text."""

    def __init__(self, folder: Path, bar: float | None = None) -> None:
        self.folder = folder
        self._own_bar = bar
        self._files = Files(folder, NOTE, _FIX)

    @property
    def version(self) -> str:
        """`meaning@` and the start of the weights' hash; with the bar, when the bank set its own."""
        own = f"@{self._own_bar}" if self._own_bar is not None else ""
        return f"meaning@{self._files.hash(WEIGHTS)[:12]}{own}"

    @property
    def bar(self) -> float:
        """The probability from which a text is held: the bank's own, else as set in training."""
        return float(self._note["mixture"]["bar"]) if self._own_bar is None else self._own_bar

    @property
    def sentence_bar(self) -> float:
        """The higher bar for a sentence read by itself, so that kind words round it do not carry it through."""
        return max(self.bar, float(self._note["mixture"]["sentence_bar"]))

    def opinion(self, text: str) -> Opinion:
        """What the classifier thinks of a folded text of at most `LONGEST` characters."""
        read = plain(text[:LONGEST])
        if not read.strip():
            return Opinion(0.0, np.zeros(len(CHECKS), dtype=np.float32))
        return mix(*self._weights.scores(read), self._note["mixture"])

    def stretches(self, text: str) -> tuple[Stretch, ...]:
        """A folded text read piece by piece, and sentence by sentence within each."""
        found = []
        for start, end in pieces(text):
            whole = self.opinion(text[start:end])
            spans = [(start + m.start(), start + m.end()) for m in _SENTENCE.finditer(text[start:end])]
            alone = [Stretch(a, b, self.opinion(text[a:b])) for a, b in spans] if len(spans) > 1 else []
            found.append(Stretch(start, end, whole, tuple(alone)))
        return tuple(found)

    def concerns(self, stretches: Sequence[Stretch]) -> tuple[Concern, ...]:
        """What would be held: of each piece the sentence that weighs most, if the piece or that sentence would be."""
        found = []
        for piece in stretches:
            worst = max(piece.sentences, key=lambda s: s.opinion.held, default=piece)
            if piece.opinion.held >= self.bar:
                found.append(Concern(worst.start, worst.end, piece.opinion.check, piece.opinion.held))
            elif worst.opinion.held >= self.sentence_bar:
                found.append(Concern(worst.start, worst.end, worst.opinion.check, worst.opinion.held))
        return tuple(found)

    def telling(self, text: str) -> list[tuple[str, float]]:
        """What in a folded text speaks for and against holding it, the heaviest first."""
        return self._weights.telling(plain(text[:LONGEST]))

    def load(self) -> None:
        """Read the files now, so that a broken one stops the start. SettingsError names it."""
        _ = self._note, self._weights

    @cached_property
    def _note(self) -> dict[str, Any]:
        note = self._files.note
        if tuple(note.get("checks", ())) != CHECKS:
            raise SettingsError(f"{self.folder / NOTE}: made for other checks; {_FIX}")
        return note

    @cached_property
    def _weights(self) -> Weights:
        return Weights(self._files.arrays(WEIGHTS))


def mix(held: float, checks: np.ndarray, mixture: Mapping[str, float]) -> Opinion:
    """Both scores as calibrated probabilities: the strongest check speaks too."""
    score = mixture["held"] * held + mixture["strongest"] * float(checks.max()) + mixture["bias"]
    return Opinion(1 / (1 + math.exp(-min(30.0, max(-30.0, score)))), 1 / (1 + np.exp(-np.clip(checks, -30, 30))))


def pieces(text: str) -> list[tuple[int, int]]:
    """A text in stretches of whole sentences, each at most `LONGEST` long; a longer sentence is cut."""
    spans: list[tuple[int, int]] = []
    for sentence in _SENTENCE.finditer(text):
        for start in range(sentence.start(), sentence.end(), LONGEST):
            end = min(start + LONGEST, sentence.end())
            if spans and end - spans[-1][0] <= LONGEST:
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((start, end))
    return spans


def sentences(text: str) -> Sequence[str]:
    """The sentences of a folded text."""
    return [m.group() for m in _SENTENCE.finditer(text)]
