"""Figures of the intent classifier, and the few numbers tuned on authors kept out of training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from copilot.intent.model import Calibration, secondary
from copilot.intent.opinion import STATES, Opinion, softmax
from copilot.types import INTENTS
from training.data import Message

TEMPERATURES = np.geomspace(0.05, 3.0, 60)
BARS = np.arange(0.1, 0.9, 0.02)
FALSE_TROUBLE = 0.025
"""Of the turns on which something may be sold, how many the classifier may silence."""


def truth(messages: Sequence[Message]) -> np.ndarray:
    """Index of each message's intent."""
    return np.asarray([INTENTS.index(m.intent) for m in messages])


def state_truth(messages: Sequence[Message]) -> np.ndarray:
    """Index of each message's state; danger of life, which the classifier is not to name, counts as distress."""
    return np.asarray([STATES.index("upset" if m.state == "crisis" else m.state) for m in messages])


def meant_truth(messages: Sequence[Message]) -> np.ndarray:
    """Whether each label is meant by each message, first or second; n × intents."""
    table = np.zeros((len(messages), len(INTENTS)), dtype=bool)
    for row, message in enumerate(messages):
        table[row, [INTENTS.index(label) for label in (message.intent, *message.secondary)]] = True
    return table


def macro_f1(guess: np.ndarray, wanted: np.ndarray, classes: int) -> float:
    """Mean F1 over the classes that occur."""
    scores = []
    for c in range(classes):
        if (wanted == c).any():
            hit = int(((guess == c) & (wanted == c)).sum())
            scores.append(2 * hit / max(1, int((guess == c).sum()) + int((wanted == c).sum())))
    return float(np.mean(scores))


def calibrate(scores: Opinion, messages: Sequence[Message], silent: np.ndarray) -> Calibration:
    """Temperatures by least surprise, the secondary threshold by F1, that of trouble by its false alarms."""
    found = Calibration(
        _temperature(scores.intent, truth(messages)),
        _temperature(scores.state, state_truth(messages)),
        0.5,
        round(float(np.quantile(scores.trouble[~silent, 0], 1 - FALSE_TROUBLE)), 4),
    )
    best = max((f1(*secondary_counts(scores, messages, float(bar))), -bar) for bar in BARS)
    return replace(found, secondary=round(-best[1], 2))


def _temperature(scores: np.ndarray, wanted: np.ndarray) -> float:
    rows = np.arange(len(wanted))
    losses = [-np.log(softmax(scores / t)[rows, wanted] + 1e-9).mean() for t in TEMPERATURES]
    return round(float(TEMPERATURES[int(np.argmin(losses))]), 4)


def f1(right: int, named: int, wanted: int) -> float:
    """F1 of counts."""
    return 2 * right / max(1, named + wanted)


def secondary_counts(said: Opinion, messages: Sequence[Message], bar: float) -> tuple[int, int, int]:
    """Right, named and wanted secondary labels at a threshold, as the runtime names them."""
    right = named = wanted = 0
    for row, message in enumerate(messages):
        labels = {INTENTS[i] for i in secondary(said.meant[row], int(said.intent[row].argmax()), bar)}
        right += len(labels & set(message.secondary))
        named += len(labels)
        wanted += len(message.secondary)
    return right, named, wanted


def figures(
    messages: Sequence[Message], scores: Opinion, tuned: Calibration, baseline: np.ndarray, silent: np.ndarray
) -> dict[str, Any]:
    """All figures on authors that the scores' models never met; `baseline` is TF-IDF with logistic regression beside it."""
    wanted, states, said = truth(messages), state_truth(messages), tuned(scores)
    guess = said.intent.argmax(1)
    right, named, asked = secondary_counts(said, messages, tuned.secondary)
    authors = sorted({m.author for m in messages})
    return {
        "n": len(messages),
        "authors": len(authors),
        "accuracy": _share(guess == wanted),
        "macro F1": round(macro_f1(guess, wanted, len(INTENTS)), 3),
        "TF-IDF with logistic regression": _share(baseline == wanted),
        "without talk before": _share((guess == wanted)[[not m.history for m in messages]]),
        "with talk before": _share((guess == wanted)[[bool(m.history) for m in messages]]),
        "among the first two": _share((np.argsort(-said.intent, axis=1)[:, :2] == wanted[:, None]).any(1)),
        "calibration error": round(calibration_error(said.intent, wanted), 3),
        "secondary": {
            "precision": round(right / max(1, named), 3),
            "recall": round(right / max(1, asked), 3),
            "n": asked,
        },
        "trouble": {"found": _share(said.trouble[silent, 0] > 0), "falsely": _share(said.trouble[~silent, 0] > 0)},
        "state accuracy": _share(said.state.argmax(1) == states),
        "state macro F1": round(macro_f1(said.state.argmax(1), states, len(STATES)), 3),
        "recall": _recalls(guess, wanted, INTENTS),
        "state recall": _recalls(said.state.argmax(1), states, STATES),
        "confused": confused(guess, wanted),
        "by author": {a: _share((guess == wanted)[[m.author == a for m in messages]]) for a in authors},
    }


def confused(guess: np.ndarray, wanted: np.ndarray, most: int = 15) -> dict[str, int]:
    """The commonest mistakes: what was meant and what was said."""
    pairs = Counter((INTENTS[w], INTENTS[g]) for w, g in zip(wanted, guess, strict=True) if w != g)
    return {f"{meant} as {said}": n for (meant, said), n in pairs.most_common(most)}


def _share(right: np.ndarray) -> float:
    return round(float(np.mean(right)), 3) if len(right) else 0.0


def _recalls(guess: np.ndarray, wanted: np.ndarray, names: Sequence[str]) -> dict[str, str]:
    return {
        name: f"{int(((guess == c) & (wanted == c)).sum())}/{int((wanted == c).sum())}"
        for c, name in enumerate(names)
        if (wanted == c).any()
    }


def calibration_error(shares: np.ndarray, wanted: np.ndarray) -> float:
    """Mean gap between confidence and being right, in ten bins."""
    sure, right = shares.max(1), shares.argmax(1) == wanted
    total = 0.0
    for low in np.arange(0, 1, 0.1):
        inside = (sure > low) & (sure <= low + 0.1)
        if inside.any():
            total += inside.mean() * abs(float(sure[inside].mean()) - float(right[inside].mean()))
    return float(total)
