"""What follows from the linear scores of a turn taken together: which labels are meant beside the first, and trouble.

A score says how much a turn sounds like one label. Whether a second wish is meant depends on the first one too (whom a loss
angers often complains; who asks a fee seldom asks the market), and whether nothing may be sold depends on intent and state
together. Both are weighed by small boosted trees (J. Friedman 2001) over the scores. Training and serving read rows here, so
that they cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from copilot.intent.opinion import Opinion, sigmoid
from copilot.reading.trees import Trees, trees_from

CANDIDATES = 8
"""Labels looked at as the second one: those that the turn sounds most like."""


def trouble_rows(scores: Opinion, extent: np.ndarray) -> np.ndarray:
    """One row a turn: all its scores and its `extent` (n × 2: log of its length, whether there was talk before)."""
    return np.concatenate([scores.intent, scores.meant, scores.state, scores.trouble, extent], axis=1, dtype=np.float32)


def candidates(scores: Opinion) -> np.ndarray:
    """For each turn the labels that may be meant beside its first; n × CANDIDATES."""
    meant = scores.meant.copy()
    meant[np.arange(len(meant)), scores.intent.argmax(1)] = -np.inf
    return np.argsort(-meant, axis=1)[:, :CANDIDATES]


def beside_rows(scores: Opinion, extent: np.ndarray, labels: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """One row for each turn and label of `labels` (n × k, flattened): how it sounds as that label, beside which first.

    `shares` (intents × intents) is the log of how often the second is meant where the first is.
    """
    line = np.arange(len(labels))[:, None]
    first = scores.intent.argmax(1)
    order = np.sort(scores.intent, axis=1)[:, ::-1]
    place = np.argsort(np.argsort(-scores.intent, axis=1), axis=1)
    told = [
        scores.meant[line, labels],
        scores.intent[line, labels],
        order[:, :1] - scores.intent[line, labels],
        place[line, labels],
        shares[first[:, None], labels],
        np.broadcast_to(order[:, :1], labels.shape),
        np.broadcast_to(order[:, :1] - order[:, 1:2], labels.shape),
        np.broadcast_to(scores.meant[line, first[:, None]], labels.shape),
        np.broadcast_to(extent[:, :1], labels.shape),
        np.broadcast_to(extent[:, 1:], labels.shape),
        labels,
    ]
    return np.stack(told, axis=-1, dtype=np.float32).reshape(-1, len(told))


@dataclass(frozen=True)
class Weighing:
    """The trees of both questions, and the shares of second labels that one of them reads."""

    beside: Trees
    shares: np.ndarray
    trouble: Trees

    def __call__(self, scores: Opinion, extent: np.ndarray) -> Opinion:
        """The scores of turns, with the chance that a label is meant beside the first in `meant`, and trouble weighed."""
        labels = candidates(scores)
        chances = sigmoid(self.beside(beside_rows(scores, extent, labels, self.shares))).reshape(labels.shape)
        meant = np.zeros(scores.meant.shape, dtype=np.float32)
        meant[np.arange(len(labels))[:, None], labels] = chances
        return replace(scores, meant=meant, trouble=self.trouble(trouble_rows(scores, extent))[:, None])

    def arrays(self) -> dict[str, np.ndarray]:
        """As saved."""
        return self.beside.arrays("beside") | self.trouble.arrays("trouble") | {"shares": self.shares}


def weighing_from(arrays: Mapping[str, np.ndarray]) -> Weighing:
    """As saved. KeyError where an array is missing."""
    return Weighing(trees_from(arrays, "beside"), arrays["shares"], trees_from(arrays, "trouble"))
