"""Whether she comes with the matter whose pattern fired: a pattern hears words, and the same words serve many a matter.

`还有没有额度` is asked of a deposit, a card and a swap of currency. What the classifier takes her to want, how like her turn is
to the messages an occasion was written for and to those that only come close, and how often the occasion was heard wrongly
are weighed together; the weights are fitted to people's verdicts on 13,500 such hearings (`training/train_hearing.py`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from copilot.types import Occasion

Vector = tuple[np.ndarray, np.ndarray]
"""Topic, centred, and sense of a text; both of length one."""

SIGNS = (
    "wanted",
    "wanted_most",
    "likeliest",
    "certain",
    "topic",
    "topic_mean",
    "topic_near",
    "sense",
    "sense_mean",
    "sense_near",
    "rate",
)
"""What is weighed. `wanted` is the log-odds of the share of its intents, `rate` how much oftener than expected it was heard rightly."""
_BARE = 0.01
"""Keeps the log-odds of a share finite."""


def signs(occasion: Occasion, wants: Mapping[str, float], hers: Vector, says: Sequence[Vector], near: Sequence[Vector], rate: float) -> np.ndarray:  # fmt: skip
    """The numbers of one hearing, in the order of `SIGNS`. `wants` is the share of every intent."""
    shares = [wants.get(intent, 0.0) for intent in occasion.intents]
    wanted, likeliest = min(1.0, sum(shares)), max(wants, key=lambda intent: wants[intent], default="")
    topic, sense = hers
    topics, senses = [float(t @ topic) for t, _ in says], [float(s @ sense) for _, s in says]
    return np.array(
        [
            math.log((wanted + _BARE) / (1 + _BARE - wanted)),
            max(shares, default=0.0),
            float(likeliest in occasion.intents),
            max(wants.values(), default=0.0),
            max(topics, default=0.0),
            sum(topics) / max(1, len(topics)),
            max((float(t @ topic) for t, _ in near), default=0.0),
            max(senses, default=0.0),
            sum(senses) / max(1, len(senses)),
            max((float(s @ sense) for _, s in near), default=0.0),
            rate,
        ]
    )


@dataclass(frozen=True)
class Hearing:
    """`weights` in the order of `SIGNS`; `rates` of the occasions that were read, 0 for a bank's own."""

    weights: np.ndarray
    offset: float
    rates: Mapping[str, float]
    _known: dict[Occasion, tuple[list[Vector], list[Vector]]] = field(default_factory=dict, compare=False)
    """By the occasion itself: when content is renewed, an id may come with other examples."""

    def share(self, occasion: Occasion, wants: Mapping[str, float], hers: Vector, read: Callable[[str], Vector]) -> float:  # fmt: skip
        """Probability that she comes with it. `read` makes the vectors of its example messages, once for each occasion."""
        known = self._known.get(occasion)
        if known is None:
            known = [read(text) for text in occasion.says], [read(text) for text in occasion.near]
            self._known[occasion] = known
        row = signs(occasion, wants, hers, *known, self.rates.get(occasion.id, 0.0))
        return 1 / (1 + math.exp(-float(self.weights @ row) - self.offset))
