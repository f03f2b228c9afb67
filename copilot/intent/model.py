"""The bundled intent classifier at run time: linear weights over the signs of a turn, then small trees over what they say."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from copilot.errors import SettingsError
from copilot.intent.encode import VIEWS, views
from copilot.intent.opinion import STATES, Opinion, parted, softmax
from copilot.intent.weighing import Weighing, weighing_from
from copilot.sealed import Sealed
from copilot.types import INTENTS, IntentGuess, State, Turn

NOTE, WEIGHTS = "intent.json", "weights.npz"
MOST_SECONDARY = 2
_FIX = "restore the folder from the release, or run `make train-intent`"


@dataclass(frozen=True)
class Calibration:
    """What turns scores into probabilities and verdicts, tuned on authors kept out of training."""

    intent: float
    state: float
    secondary: float
    """The probability from which a second label is named."""
    trouble: float
    """The score from which nothing is sold: one calm turn in forty is over it."""

    def __call__(self, weighed: Opinion) -> Opinion:
        """Probabilities of intent and state; trouble as a distance from its threshold."""
        return replace(
            weighed,
            intent=softmax(weighed.intent / self.intent),
            state=softmax(weighed.state / self.state),
            trouble=weighed.trouble - self.trouble,
        )


class Weights:
    """TF-IDF of each view's signs at the view's own length, times weights kept in one byte each."""

    def __init__(self, arrays: Mapping[str, np.ndarray]) -> None:
        self._place: dict[str, int] = {}
        for place, name in enumerate(bytes(arrays["names"]).decode("utf-8").split("\n\n")):
            self._place[name] = place
        self._idf = arrays["idf"].astype(np.float32)
        self._weights = arrays["weights"]
        self._scale = arrays["scale"].astype(np.float32)
        self._bias = arrays["bias"].astype(np.float32)

    def __call__(self, text: str, history: Sequence[Turn]) -> Opinion:
        """Scores of all tasks."""
        rows, values = self.signs(text, history)
        scores = self._bias + (values @ self._weights[rows].astype(np.float32)) * self._scale
        return parted(scores)

    def signs(self, text: str, history: Sequence[Turn]) -> tuple[np.ndarray, np.ndarray]:
        """The known signs of a turn and what each weighs."""
        rows: list[int] = []
        values: list[float] = []
        for view, found in views(text, history).items():
            counted = [(self._place[s], n) for s, n in Counter(found).items() if s in self._place]
            weighed = [(1 + math.log(n)) * float(self._idf[place]) for place, n in counted]
            length = math.sqrt(sum(w * w for w in weighed)) or 1.0
            rows += [place for place, _ in counted]
            values += [VIEWS[view] * w / length for w in weighed]
        return np.asarray(rows, dtype=np.int64), np.asarray(values, dtype=np.float32)


class IntentModel:
    """Names intent, secondary intents and state of a customer's turn; files load at the first question."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._kept: tuple[tuple[str, tuple[Turn, ...]], Opinion] | None = None

    @property
    def version(self) -> str:
        """`intent@` and the start of the weights' hash."""
        return f"intent@{self._note['sha256'][WEIGHTS][:12]}"

    def classify(self, text: str, history: Sequence[Turn] = ()) -> IntentGuess:
        """The intent of a message in its context, with calibrated confidence."""
        return self.guess(self.probabilities(text, history))

    def state(self, text: str, history: Sequence[Turn] = ()) -> tuple[State, float]:
        """The customer's state and its probability."""
        found = self.probabilities(text, history).state
        best = int(np.argmax(found))
        return STATES[best], float(found[best])

    def topic(self, text: str, history: Sequence[Turn] = ()) -> np.ndarray:
        """All scores of a turn but trouble's, before calibration: what it is about, as a vector."""
        said = self._weights(text, history)
        return np.concatenate([said.intent, said.meant, said.state])

    def trouble(self, text: str, history: Sequence[Turn] = ()) -> bool:
        """Whether the turn reads like those on which nothing is sold."""
        return bool(self.probabilities(text, history).trouble[0] > 0)

    def guess(self, said: Opinion) -> IntentGuess:
        """Probabilities as the line wants them: a secondary label only above the tuned threshold."""
        order = np.argsort(-said.intent)
        ranked = tuple((INTENTS[i], float(said.intent[i])) for i in order)
        second = tuple(INTENTS[i] for i in secondary(said.meant, int(order[0]), self._calibration.secondary))
        return IntentGuess(ranked[0][0], ranked[0][1], second, ranked)

    def probabilities(self, text: str, history: Sequence[Turn] = ()) -> Opinion:
        """All probabilities of one turn; those of the turn before are kept, as intent and state are asked one after the other."""
        asked = (text, tuple(history))
        kept = self._kept
        if kept is None or kept[0] != asked:
            calibrated, scores = self._calibration, self._weights(text, history)
            row = Opinion(scores.intent[None], scores.meant[None], scores.state[None], scores.trouble[None])
            said = calibrated(self._weighing(row, extent([(text, history)])))
            self._kept = kept = (asked, Opinion(said.intent[0], said.meant[0], said.state[0], said.trouble[0]))
        return kept[1]

    @cached_property
    def _sealed(self) -> Sealed:
        return Sealed(self.folder, NOTE, _FIX)

    @cached_property
    def _note(self) -> dict[str, Any]:
        note = self._sealed.said
        made_for = (tuple(note.get("intents") or ()), tuple(note.get("states") or ()), note.get("views"))
        if made_for != (INTENTS, STATES, dict(VIEWS)):
            raise SettingsError(f"{self.folder / NOTE}: made for other labels; {_FIX}")
        return note

    @cached_property
    def _calibration(self) -> Calibration:
        try:
            return Calibration(**{name: float(value) for name, value in self._note["calibration"].items()})
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise SettingsError(f"{self.folder / NOTE}: no calibration in it; {_FIX}") from error

    @cached_property
    def _weighing(self) -> Weighing:
        try:
            return weighing_from(self._arrays)
        except KeyError as error:
            raise SettingsError(f"{self.folder / WEIGHTS}: made by another version; {_FIX}") from error

    @cached_property
    def _weights(self) -> Weights:
        return Weights(self._arrays)

    @cached_property
    def _arrays(self) -> dict[str, np.ndarray]:
        with np.load(BytesIO(self._sealed.read(WEIGHTS)), allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}


def secondary(meant: np.ndarray, first: int, bar: float) -> list[int]:
    """The labels meant beside the first, likeliest first, at most two."""
    return [int(i) for i in np.argsort(-meant) if meant[i] >= bar and i != first][:MOST_SECONDARY]


def extent(turns: Sequence[tuple[str, Sequence[Turn]]]) -> np.ndarray:
    """Of each turn the log of its length and whether there was talk before; n × 2."""
    return np.array([[math.log(1 + len(text)), bool(history)] for text, history in turns], dtype=np.float32)
