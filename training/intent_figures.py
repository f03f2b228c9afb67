"""Figures of the intent classifier, and the few numbers tuned on held-out authors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from copilot.intent.model import STATES, mix, softmax
from copilot.types import INTENTS
from training.data import Message


def truth(messages: Sequence[Message]) -> np.ndarray:
    """Index of each message's intent."""
    return np.asarray([INTENTS.index(m.intent) for m in messages])


def macro_f1(guess: np.ndarray, wanted: np.ndarray, classes: int) -> float:
    """Mean F1 over the classes that occur."""
    scores = []
    for c in range(classes):
        if not (wanted == c).any():
            continue
        hit = int(((guess == c) & (wanted == c)).sum())
        scores.append(2 * hit / max(1, int((guess == c).sum()) + int((wanted == c).sum())))
    return float(np.mean(scores))


def pick_share(encoder: np.ndarray, counted: np.ndarray, dev: Sequence[Message]) -> float:
    """How much the n-grams may say: none unless that is right more often by half a point."""
    wanted = truth(dev)
    alone = float((encoder.argmax(1) == wanted).mean())
    scored = [
        (float((((1 - s) * encoder + s * counted).argmax(1) == wanted).mean()), -abs(s - 0.4), s)
        for s in (0.2, 0.3, 0.4, 0.5, 0.6)
    ]
    best = max(scored)
    return best[2] if best[0] >= alone + 0.005 else 0.0


def temperature_for(scores: np.ndarray, wanted: Sequence[int]) -> float:
    """The temperature with the least surprise."""
    target = np.asarray(wanted)
    grid = [0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.4, 1.7, 2.0, 2.5]
    losses = [-np.log(softmax(scores / t)[np.arange(len(target)), target] + 1e-9).mean() for t in grid]
    return grid[int(np.argmin(losses))]


def calibrate(encoder: np.ndarray, counted: np.ndarray, share: float, dev: Sequence[Message]) -> float:
    """The temperature of the mixture."""
    both = np.log((1 - share) * encoder + share * counted + 1e-9)
    return temperature_for(both, [int(i) for i in truth(dev)])


def secondary_counts(
    secondary: np.ndarray, mixed: np.ndarray, dev: Sequence[Message], bar: float
) -> tuple[int, int, int]:
    """Right, said and wanted secondary labels at a threshold."""
    sure = 1 / (1 + np.exp(-secondary))
    best = mixed.argmax(1)
    right = said = wanted = 0
    for row, message in enumerate(dev):
        order = [i for i in np.argsort(-sure[row]) if sure[row, i] >= bar and i != best[row]][:2]
        named = {INTENTS[i] for i in order}
        right += len(named & set(message.secondary))
        said += len(named)
        wanted += len(message.secondary)
    return right, said, wanted


def pick_secondary(secondary: np.ndarray, mixed: np.ndarray, dev: Sequence[Message]) -> float:
    """The threshold with the best F1."""
    grid = [round(0.3 + 0.05 * i, 2) for i in range(14)]

    def f1(bar: float) -> float:
        right, said, wanted = secondary_counts(secondary, mixed, dev, bar)
        return 2 * right / max(1, said + wanted)

    return max(grid, key=f1)


def figures(
    dev: Sequence[Message],
    intent: np.ndarray,
    secondary: np.ndarray,
    state: np.ndarray,
    counted: np.ndarray,
    share: float,
    temperature: float,
    bar: float,
) -> dict[str, Any]:
    """All figures on held-out authors."""
    wanted = truth(dev)
    mixed = mix(softmax(intent), counted, share, temperature)
    found: dict[str, Any] = {
        "n": len(dev),
        "authors": sorted({m.author for m in dev}),
        "share of n-grams": share,
        "temperature": temperature,
    }
    for name, scores in (("encoder", intent), ("TF-IDF", counted), ("shipped", mixed)):
        guess = scores.argmax(1)
        top3 = np.argsort(-scores, axis=1)[:, :3]
        found[name] = {
            "accuracy": round(float((guess == wanted).mean()), 3),
            "macro F1": round(macro_f1(guess, wanted, len(INTENTS)), 3),
            "top 3": round(float((top3 == wanted[:, None]).any(1).mean()), 3),
        }
    right, said, asked = secondary_counts(secondary, mixed, dev, bar)
    found["secondary"] = {
        "precision": round(right / max(1, said), 3),
        "recall": round(right / max(1, asked), 3),
        "n": asked,
        "threshold": bar,
    }
    states = np.asarray([STATES.index(m.state) for m in dev])
    said_state = state.argmax(1)
    found["state"] = {
        "accuracy": round(float((said_state == states).mean()), 3),
        "macro F1": round(macro_f1(said_state, states, len(STATES)), 3),
    }
    found["state recall"] = {
        STATES[c]: f"{int(((said_state == c) & (states == c)).sum())}/{int((states == c).sum())}"
        for c in range(len(STATES))
        if (states == c).any()
    }
    found["calibration error"] = round(calibration_error(mixed, wanted), 3)
    guess = mixed.argmax(1)
    found["recall"] = {
        INTENTS[c]: f"{int(((guess == c) & (wanted == c)).sum())}/{int((wanted == c).sum())}"
        for c in range(len(INTENTS))
    }
    return found


def calibration_error(mixed: np.ndarray, wanted: np.ndarray) -> float:
    """Mean gap between confidence and being right, in ten bins."""
    sure, right = mixed.max(1), mixed.argmax(1) == wanted
    total = 0.0
    for low in np.arange(0, 1, 0.1):
        inside = (sure > low) & (sure <= low + 0.1)
        if inside.any():
            total += inside.mean() * abs(float(sure[inside].mean()) - float(right[inside].mean()))
    return float(total)
