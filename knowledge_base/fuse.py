"""One score from several, and the judgement whether the best passage answers. The weights were chosen on the dev questions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from knowledge_base.embed import Vectors


@dataclass(frozen=True)
class Weights:
    """How much each view of a row counts, and what a passage gains or loses for what it is."""

    word: float = 0.45
    gram: float = 0.25
    sound: float = 0.20
    dense: float = 0.50
    before: float = 0.30
    before_judged: float = 0.60
    no_holiday: float = 0.40
    sayings: float = 0.30
    linked: float = 0.50
    unlinked_product: float = 0.85
    other_product: float = 0.55
    compliance: float = 0.85
    market: float = 0.95
    holiday: float = 0.25


WEIGHTS = Weights()


def fuse(views: Mapping[str, Vectors], weights: Weights = WEIGHTS) -> Vectors:
    """The rows' scores by interpolation, 0 to 1: every view is on an absolute scale, so none needs stretching."""
    shares = {name: float(getattr(weights, name)) for name in views}
    total = sum(shares.values())
    first, *rest = views
    fused = views[first] * (shares[first] / total)
    for name in rest:
        fused = fused + views[name] * (shares[name] / total)
    return fused


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
    )


def confidence(signs: Signs) -> float:
    """The probability that the best passages answer, by a logistic fit (`python -m tests.knowledge_base.calibrate`)."""
    first, *weights = _WITH_VECTORS if signs.dense is not None else _WORDS_ALONE
    z = first + sum(w * v for w, v in zip(weights, measures(signs), strict=True))
    return 1 / (1 + math.exp(-z))


_WITH_VECTORS = (-3.08, -0.14, -0.66, 3.6, 3.64, 5.93, 1.93, -2.53, 3.3, 3.66)
_WORDS_ALONE = (-1.49, 0.45, -0.33, 4.61, 0.0, 5.41, 2.07, -2.96, 3.38, 3.3)
ANSWERS = 0.5
"""From this probability on a result counts as found."""
