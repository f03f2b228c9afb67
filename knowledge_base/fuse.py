"""One score from several, and the judgement whether the best passage answers. The weights were chosen on the dev questions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from knowledge_base.embed import Vectors


@dataclass(frozen=True)
class Weights:
    """How much each view of a passage counts, and what a passage gains or loses for what it is.

    Of each view a pair: by the passage's own text, and by the best of the ways to ask for it. Learnt as a linear ranking of
    what 5,800 questions of eight authors ask for, each half of them in an index and by an embedder that had not met it
    (`python -m training.fit_search`). `before`, `told`, `sayings`, `linked`, `named`, `compliance` and `glossary` were then
    tried on the development questions.
    """

    word: tuple[float, float] = (0.076, 0.139)
    gram: tuple[float, float] = (0.059, 0.159)
    sound: tuple[float, float] = (0.071, 0.153)
    dense: tuple[float, float] = (0.163, 0.180)
    sayings: float = 0.10
    before: float = 0.45
    told: float = 0.40
    before_judged: float = 0.60
    linked: float = 0.16
    named: float = 0.16
    holiday: float = 0.053
    product: float = 0.047
    unlinked: float = -0.061
    other: float = 0.062
    compliance: float = 0.010
    market: float = -0.021
    calendar: float = -0.018
    glossary: float = -0.050


WEIGHTS = Weights()


def fuse(views: Mapping[str, tuple[Vectors, Vectors]], weights: Weights = WEIGHTS) -> Vectors:
    """The passages' scores by interpolation, 0 to 1: every view is on an absolute scale, so none needs stretching."""
    shares = [(getattr(weights, name), pair) for name, pair in views.items()]
    total = sum(sum(share) for share, _ in shares)
    return np.asarray(sum(of_text * text + of_cue * cue for (of_text, of_cue), (text, cue) in shares) / total)


@dataclass(frozen=True)
class Signs:
    """What speaks for or against the best passage being an answer."""

    word: float
    gram: float
    sound: float
    dense: float | None
    linked: float
    holiday: bool
    unknown: float
    saying: float
    length: int
    score: float
    elsewhere: float
    scope: float


def measures(signs: Signs) -> tuple[float, ...]:
    """The signs as the fit takes them."""
    return (
        signs.word,
        signs.gram,
        signs.sound,
        signs.dense or 0.0,
        signs.linked,
        float(signs.holiday),
        signs.unknown,
        signs.saying,
        min(signs.length, 10) / 10,
        signs.score,
        signs.elsewhere,
        signs.scope,
    )


def confidence(signs: Signs) -> float:
    """The probability that the best passages answer, by a logistic fit (`python -m tests.knowledge_base.calibrate`)."""
    first, *weights = _WITH_VECTORS if signs.dense is not None else _WORDS_ALONE
    z = first + sum(w * v for w, v in zip(weights, measures(signs), strict=True))
    return 1 / (1 + math.exp(-z))


_WITH_VECTORS = (-2.51, -1.23, 3.49, 3.76, 7.75, 5.81, 0.51, -1.63, 0.23, 1.1, 6.7, -7.84, 0.89)
_WORDS_ALONE = (-1.71, 2.04, 4.32, 4.71, 0.0, 4.93, 0.96, -2.27, 0.35, 1.45, 4.33, 0.0, 1.14)
ANSWERS = 0.5
"""From this probability on a result counts as found."""
