"""Grows the trees that weigh an intent classifier's scores together: labels meant beside the first, and trouble.

They learn from scores of models that never met a turn's author, as they will have to judge; and their own figures come from
trees that never met that author either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from sklearn.ensemble import GradientBoostingClassifier

from copilot.intent.model import extent
from copilot.intent.opinion import Opinion
from copilot.intent.weighing import Weighing, beside_rows, candidates, trouble_rows
from copilot.reading.trees import Trees
from copilot.types import INTENTS
from training.data import Message, bucket
from training.growth import from_sklearn

SEED = 13
PARTS = 4
"""Groups of authors; each is judged by trees grown on the others."""


@dataclass(frozen=True)
class Growth:
    """How trees grow: few leaves, slow steps, each on a part of rows and columns, so that no author is learnt by heart."""

    trees: int
    step: float = 0.06
    depth: int = 4
    rows: float = 0.4
    columns: float = 0.3
    least: int = 25

    def __call__(self, rows: np.ndarray, wanted: np.ndarray) -> Trees:
        """Trees for one yes or no. A question that is always answered alike grows none."""
        sure = np.clip(wanted.mean(), 1e-4, 1 - 1e-4)
        base = np.array([np.log(sure / (1 - sure))], dtype=np.float32)
        if len(set(wanted.tolist())) < 2:
            return from_sklearn((), 0.0, base)
        model = GradientBoostingClassifier(
            n_estimators=self.trees,
            learning_rate=self.step,
            max_depth=self.depth,
            subsample=self.rows,
            max_features=self.columns,
            min_samples_leaf=self.least,
            random_state=SEED,
        ).fit(rows, wanted)
        return from_sklearn([row[0].tree_ for row in model.estimators_], self.step, base)


@dataclass(frozen=True)
class Turns:
    """Turns with the scores of a model that never met their authors, and what is true of them."""

    messages: Sequence[Message]
    scores: Opinion
    silent: np.ndarray

    @property
    def extent(self) -> np.ndarray:
        """n × 2, as the runtime measures it."""
        return extent([(m.text, m.history) for m in self.messages])

    def of(self, chosen: np.ndarray) -> Turns:
        """Those of a mask."""
        parts = (self.scores.intent, self.scores.meant, self.scores.state, self.scores.trouble)
        kept = [m for m, is_in in zip(self.messages, chosen, strict=True) if is_in]
        return Turns(kept, Opinion(*(part[chosen] for part in parts)), self.silent[chosen])


def grow(turns: Turns, trees: int) -> Weighing:
    """Trees from all of these turns."""
    shares, told, labels = second_shares(turns.messages), turns.extent, candidates(turns.scores)
    wanted = np.array(
        [
            [INTENTS[label] in message.secondary for label in line]
            for message, line in zip(turns.messages, labels, strict=True)
        ],
        dtype=bool,
    )
    growth = Growth(trees)
    return Weighing(
        growth(beside_rows(turns.scores, told, labels, shares), wanted.ravel()),
        shares,
        growth(trouble_rows(turns.scores, told), turns.silent),
    )


def second_shares(messages: Sequence[Message]) -> np.ndarray:
    """The log of how often each label is meant where another is first; intents × intents."""
    counts, total = np.full((len(INTENTS), len(INTENTS)), 0.3), np.full(len(INTENTS), 10.0)
    for message in messages:
        first = INTENTS.index(message.intent)
        total[first] += 1
        for label in message.secondary:
            counts[first, INTENTS.index(label)] += 1
    return np.asarray(np.log(counts / total[:, None])).astype(np.float32)


def unseen(turns: Turns, trees: int) -> Opinion:
    """Every turn judged by trees that never met its author."""
    part = np.array([bucket(m.author) % PARTS for m in turns.messages])
    found = [np.zeros_like(turns.scores.meant), np.zeros_like(turns.scores.trouble)]
    for n in sorted(set(part.tolist())):
        inside, outside = turns.of(part != n), turns.of(part == n)
        judged = grow(inside, trees)(outside.scores, outside.extent)
        found[0][part == n], found[1][part == n] = judged.meant, judged.trouble
    return replace(turns.scores, meant=found[0], trouble=found[1])
