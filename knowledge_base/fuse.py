"""One score from several, and the judgement whether the best passage answers. The weights were chosen on the dev questions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from knowledge_base.embed import Vectors


@dataclass(frozen=True)
class Weights:
    """How much each view of a passage counts, and what a passage gains or loses for what it is.

    Of each view a pair: by the passage's own text, and by the best of the ways to ask for it. Learnt as a linear ranking of
    what 5,800 questions of eight authors ask for, each half of them in an index and by an embedder that had not met it
    (`python -m training.fit_search`). `before`, `told`, `sayings`, `linked`, `named`, `compliance` and `glossary` were then
    tried on the development questions; `together` on them by author, with the links of the other authors;
    `paper` on them among 286,000 passages of statutes.
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
    together: float = 0.25
    paper: float = -0.05
    cited: float = 0.30
    article: float = 0.60


WEIGHTS = Weights()
_SORTED = 256
"""Passages put in order at once: the few that are asked for are nearly always among the first."""


def fuse(views: Mapping[str, tuple[Vectors, Vectors]], weights: Weights = WEIGHTS) -> Vectors:
    """The passages' scores by interpolation, 0 to 1: every view is on an absolute scale, so none needs stretching.

    Views that weigh nothing say nothing: so each part of the hybrid can be measured by itself.
    """
    shares = [(getattr(weights, name), pair) for name, pair in views.items()]
    total = sum(sum(share) for share, _ in shares)
    return np.asarray(sum(of_text * text + of_cue * cue for (of_text, of_cue), (text, cue) in shares) / (total or 1.0))


def in_order(scores: Vectors) -> Iterator[int]:
    """The numbers of the passages, best first, of equal ones the first; put in order no further than they are asked for."""
    if len(scores) > _SORTED:
        bar = np.partition(scores, -_SORTED)[-_SORTED]
        first, rest = np.flatnonzero(scores >= bar), np.flatnonzero(scores < bar)
    else:
        first, rest = np.arange(len(scores)), np.arange(0)
    for part in (first, rest):
        yield from part[np.argsort(-scores[part], kind="stable")]


_FOREIGN = 2
"""Foreign things after which more say nothing more."""


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
    foreign: int
    """Things named that a bank seldom speaks of, and the best passages do not."""
    bare: bool
    """The best passage is found by its own text alone: nobody wrote down yet how it is asked for."""


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
        min(signs.foreign, _FOREIGN),
        float(signs.bare),
    )


def confidence(signs: Signs) -> float:
    """The probability that the best passages answer, by a logistic fit (`python -m training.fit_judgement`)."""
    first, *weights = _WITH_VECTORS if signs.dense is not None else _WORDS_ALONE
    z = first + sum(w * v for w, v in zip(weights, measures(signs), strict=True))
    return 1 / (1 + math.exp(-z))


_WITH_VECTORS = (-1.08, -1.55, -0.48, 4.49, 3.98, 2.15, 1.16, -1.68, 0.5, 1.12, 10.98, -7.69, 0.95, -1.9, 1.52)
_WORDS_ALONE = (-1.42, -0.89, -0.6, 4.11, 0.0, 1.25, 1.44, -1.94, 0.65, 1.43, 9.2, 0.0, 1.21, -2.02, 0.91)
ANSWERS = 0.5
"""From this probability on a result counts as found."""
