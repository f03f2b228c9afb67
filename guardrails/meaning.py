"""What a message says between its words: a small bundled classifier for what no list of words can hold.

A linear model over the signs of the folded text (`guardrails.signs`), so that every verdict can be taken apart. One score
says whether a strict officer would hold the text, one for each check says which rule it breaks; both are mixed and
calibrated on authors whose lines were not learnt. A text over the bar is held for review; nothing it says clears a text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from copilot.errors import SettingsError
from guardrails.numbered import Numbered, Vocabulary, count, scores
from guardrails.signs import Files, Lexicon, plain, signs

CHECKS: tuple[str, ...] = tuple(f"G{number:02d}" for number in range(1, 38))
NOTE, WEIGHTS = "meaning.json", "weights.npz"
LONGEST = 320
"""Characters read at once; a longer text is read in pieces of whole sentences."""
_FIX = "restore the folder from the release, or run `make train-guard`"
_SENTENCE = re.compile(r"[^。!?\n]+[。!?\n]*")


@dataclass(frozen=True)
class Opinion:
    """How likely a text is held, and how much it sounds like breaking each check (margins, in the order of `CHECKS`)."""

    held: float
    checks: np.ndarray

    @property
    def check(self) -> str:
        """The check the text most likely breaks."""
        return CHECKS[int(np.argmax(self.checks))]


_BLANK = Opinion(0.0, np.full(len(CHECKS), -np.inf, dtype=np.float32))


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
    """What each sign weighs, from the saved arrays: for being held, and, of the commoner signs, for each check."""

    def __init__(self, arrays: Mapping[str, np.ndarray]) -> None:
        self._held, self._checks = Lexicon(arrays, "held"), Lexicon(arrays, "checks")
        self._held_bias = float(arrays["held_bias"][0])
        self._scale = arrays["checks_scale"].astype(np.float32)
        self._bias = arrays["checks_bias"].astype(np.float32)
        number = {sign: at for at, sign in enumerate(dict.fromkeys((*self._held.names, *self._checks.names)))}
        self._vocabulary = Vocabulary(number)
        self._rows = [np.full(len(number), -1, dtype=np.int64) for _ in range(2)]
        for rows, lexicon in zip(self._rows, (self._held, self._checks), strict=True):
            rows[[number[sign] for sign in lexicon.names]] = np.arange(len(lexicon.names))

    def scores(self, text: str, spans: Sequence[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
        """Margins of stretches of a plain text: for being held, and for every check."""
        numbered = Numbered(text, self._vocabulary)
        counts = count([numbered.of(start, end) for start, end in spans], len(self._vocabulary.sizes))
        of_held, of_checks = self._rows
        held = scores(self._held, of_held, counts) + self._held_bias
        return held, scores(self._checks, of_checks, counts) * self._scale + self._bias

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
        read = text[:LONGEST]
        return self._opinions(read, [(0, len(read))])[0]

    def stretches(self, text: str) -> tuple[Stretch, ...]:
        """A folded text read piece by piece, and sentence by sentence within each."""
        return tuple(self._stretch(text, start, end) for start, end in pieces(text))

    def _stretch(self, text: str, start: int, end: int) -> Stretch:
        part = text[start:end]
        found = sentences(part)
        spans = found if len(found) > 1 else []
        whole, *alone = self._opinions(part, [(0, len(part)), *spans])
        parts = zip(spans, alone, strict=True)
        return Stretch(start, end, whole, tuple(Stretch(start + a, start + b, opinion) for (a, b), opinion in parts))

    def _opinions(self, text: str, spans: Sequence[tuple[int, int]]) -> list[Opinion]:
        """What it thinks of stretches of a folded text; of a blank one nothing."""
        read = plain(text)
        opinions = mixed(*self._weights.scores(read, spans), self._note["mixture"])
        return [o if read[a:b].strip() else _BLANK for o, (a, b) in zip(opinions, spans, strict=True)]

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
    """How likely a text is held, calibrated: the strongest check speaks too."""
    return mixed(np.array([held]), checks[None], mixture)[0]


def mixed(held: np.ndarray, checks: np.ndarray, mixture: Mapping[str, float]) -> list[Opinion]:
    """The same of several texts, a row each."""
    score = mixture["held"] * held.astype(np.float64) + mixture["strongest"] * checks.max(axis=1) + mixture["bias"]
    chances = 1 / (1 + np.exp(-np.clip(score, -30, 30)))
    return [Opinion(float(p), each) for p, each in zip(chances, checks, strict=True)]


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


def sentences(text: str) -> list[tuple[int, int]]:
    """Where the sentences of a folded text begin and end."""
    return [m.span() for m in _SENTENCE.finditer(text)]
