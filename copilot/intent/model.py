"""The bundled intent classifier at run time: linear weights over the signs of a turn, calibrated. No torch."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any, get_args

import numpy as np

from copilot.errors import SettingsError
from copilot.intent.encode import VIEWS, views
from copilot.sealed import Sealed
from copilot.types import INTENTS, IntentGuess, State, Turn

STATES: tuple[State, ...] = tuple(state for state in get_args(State) if state != "crisis")
"""States the classifier tells apart. Danger of life is for the patterns: too rare to be learnt, too grave to be weighed."""
NOTE, WEIGHTS = "intent.json", "weights.npz"
MOST_SECONDARY = 2
_FIX = "restore the folder from the release, or run `make train-intent`"


@dataclass(frozen=True)
class Opinion:
    """Of one turn or, row by row, of many: scores before calibration, or probabilities after it.

    In the order of `INTENTS`, `INTENTS` (whether a label is meant at all, first or second) and `STATES`; `trouble` is one
    column: whether nothing may be sold on this turn.
    """

    intent: np.ndarray
    meant: np.ndarray
    state: np.ndarray
    trouble: np.ndarray


@dataclass(frozen=True)
class Calibration:
    """What turns scores into probabilities, tuned on authors kept out of training."""

    intent: float
    meant: tuple[float, float]
    state: float
    secondary: float
    """The probability from which a second label is named."""
    trouble: float
    """The score from which nothing is sold: one calm turn in forty is over it."""

    def __call__(self, scores: Opinion) -> Opinion:
        """Probabilities of the three tasks; trouble as a distance from its threshold."""
        slope, offset = self.meant
        return Opinion(
            softmax(scores.intent / self.intent),
            sigmoid(slope * scores.meant + offset),
            softmax(scores.state / self.state),
            scores.trouble - self.trouble,
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
            self._kept = kept = (asked, self._calibration(self._weights(text, history)))
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
            return calibration_from(self._note["calibration"])
        except (KeyError, TypeError, ValueError) as error:
            raise SettingsError(f"{self.folder / NOTE}: no calibration in it; {_FIX}") from error

    @cached_property
    def _weights(self) -> Weights:
        with np.load(BytesIO(self._sealed.read(WEIGHTS)), allow_pickle=False) as arrays:
            return Weights({name: arrays[name] for name in arrays.files})


def calibration_from(saved: Mapping[str, Any]) -> Calibration:
    """A calibration as saved."""
    slope, offset = saved["meant"]
    return Calibration(
        float(saved["intent"]),
        (float(slope), float(offset)),
        float(saved["state"]),
        float(saved["secondary"]),
        float(saved["trouble"]),
    )


def parted(scores: np.ndarray) -> Opinion:
    """Scores along the last axis as the tasks they belong to."""
    one, two, three = len(INTENTS), 2 * len(INTENTS), 2 * len(INTENTS) + len(STATES)
    return Opinion(scores[..., :one], scores[..., one:two], scores[..., two:three], scores[..., three:])


def secondary(meant: np.ndarray, first: int, bar: float) -> list[int]:
    """The labels meant beside the first, likeliest first, at most two."""
    return [int(i) for i in np.argsort(-meant) if meant[i] >= bar and i != first][:MOST_SECONDARY]


def softmax(scores: np.ndarray) -> np.ndarray:
    """Probabilities along the last axis."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def sigmoid(scores: np.ndarray) -> np.ndarray:
    """Probabilities of labels that stand each for themselves."""
    return np.asarray(1 / (1 + np.exp(-scores)))
