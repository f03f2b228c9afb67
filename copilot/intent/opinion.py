"""What the classifier thinks of a turn: scores of every label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import numpy as np

from copilot.types import INTENTS, State

STATES: tuple[State, ...] = tuple(state for state in get_args(State) if state != "crisis")
"""States the classifier tells apart. Danger of life is for the patterns: too rare to be learnt, too grave to be weighed."""


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


def parted(scores: np.ndarray) -> Opinion:
    """Scores along the last axis as the tasks they belong to."""
    one, two, three = len(INTENTS), 2 * len(INTENTS), 2 * len(INTENTS) + len(STATES)
    return Opinion(scores[..., :one], scores[..., one:two], scores[..., two:three], scores[..., three:])


def softmax(scores: np.ndarray) -> np.ndarray:
    """Probabilities along the last axis."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def sigmoid(scores: np.ndarray) -> np.ndarray:
    """Probabilities of labels that stand each for themselves."""
    return np.asarray(1 / (1 + np.exp(-scores)))
