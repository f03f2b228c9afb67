"""Figures of the intent classifier, and the few numbers tuned on held-out authors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from copilot.intent.model import STATES, Opinion, blend, softmax
from copilot.types import INTENTS
from training.data import Message

SHARES = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0)
"""How much the n-grams may say."""
TEMPERATURES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.4, 1.7, 2.0, 2.5)


def truth(messages: Sequence[Message]) -> np.ndarray:
    """Index of each message's intent."""
    return np.asarray([INTENTS.index(m.intent) for m in messages])


def state_truth(messages: Sequence[Message]) -> np.ndarray:
    """Index of each message's state."""
    return np.asarray([STATES.index(m.state) for m in messages])


def macro_f1(guess: np.ndarray, wanted: np.ndarray, classes: int) -> float:
    """Mean F1 over the classes that occur."""
    scores = []
    for c in range(classes):
        if (wanted == c).any():
            hit = int(((guess == c) & (wanted == c)).sum())
            scores.append(2 * hit / max(1, int((guess == c).sum()) + int((wanted == c).sum())))
    return float(np.mean(scores))


def tune_mixture(encoder: Opinion, counted: Opinion, dev: Sequence[Message]) -> dict[str, float]:
    """Shares by macro F1, temperatures by least surprise, the secondary threshold by F1."""
    wanted, states = truth(dev), state_truth(dev)
    intent = _share(encoder.intent, counted.intent, wanted, len(INTENTS))
    state = _share(encoder.state, counted.state, states, len(STATES))
    mixture = {
        "intent": intent,
        "temperature": _temperature((1 - intent) * encoder.intent + intent * counted.intent, wanted),
        "state": state,
        "state_temperature": _temperature((1 - state) * encoder.state + state * counted.state, states),
    }
    best = (-1.0, 0.0, 1.0)
    for share in SHARES:
        for bar in np.arange(0.15, 0.95, 0.05):
            tried = mixture | {"secondary": share, "threshold": round(float(bar), 2)}
            right, said, asked = secondary_counts(blend(encoder, counted, tried), dev, float(bar))
            best = max(best, (2 * right / max(1, said + asked), share, round(float(bar), 2)))
    return mixture | {"secondary": best[1], "threshold": best[2]}


def _share(encoder: np.ndarray, counted: np.ndarray, wanted: np.ndarray, classes: int) -> float:
    scored = [
        (macro_f1(((1 - s) * encoder + s * counted).argmax(1), wanted, classes), -abs(s - 0.4), s) for s in SHARES
    ]
    return max(scored)[2]


def _temperature(both: np.ndarray, wanted: np.ndarray) -> float:
    scores, rows = np.log(both + 1e-9), np.arange(len(wanted))
    losses = [-np.log(softmax(scores / t)[rows, wanted] + 1e-9).mean() for t in TEMPERATURES]
    return TEMPERATURES[int(np.argmin(losses))]


def secondary_counts(said: Opinion, dev: Sequence[Message], bar: float) -> tuple[int, int, int]:
    """Right, named and wanted secondary labels at a threshold, at most two a turn, as the runtime names them."""
    best = said.intent.argmax(1)
    right = named = wanted = 0
    for row, message in enumerate(dev):
        order = np.argsort(-said.secondary[row])
        labels = {INTENTS[i] for i in [i for i in order if said.secondary[row, i] >= bar and i != best[row]][:2]}
        right += len(labels & set(message.secondary))
        named += len(labels)
        wanted += len(message.secondary)
    return right, named, wanted


def figures(dev: Sequence[Message], encoder: Opinion, counted: Opinion, mixture: dict[str, float]) -> dict[str, Any]:
    """All figures on held-out authors."""
    wanted, states = truth(dev), state_truth(dev)
    shipped = blend(encoder, counted, mixture)
    found: dict[str, Any] = {"n": len(dev), "authors": sorted({m.author for m in dev}), "mixture": mixture}
    for name, said in (("encoder", encoder), ("TF-IDF", counted), ("shipped", shipped)):
        right, named, asked = secondary_counts(said, dev, mixture["threshold"])
        found[name] = {
            "accuracy": _accuracy(said.intent, wanted),
            "macro F1": round(macro_f1(said.intent.argmax(1), wanted, len(INTENTS)), 3),
            "top 3": round(float((np.argsort(-said.intent, axis=1)[:, :3] == wanted[:, None]).any(1).mean()), 3),
            "state accuracy": _accuracy(said.state, states),
            "state macro F1": round(macro_f1(said.state.argmax(1), states, len(STATES)), 3),
            "secondary precision": round(right / max(1, named), 3),
            "secondary recall": round(right / max(1, asked), 3),
            "secondary n": asked,
        }
    found["calibration error"] = round(calibration_error(shipped.intent, wanted), 3)
    found["recall"] = _recalls(shipped.intent.argmax(1), wanted, INTENTS)
    found["state recall"] = _recalls(shipped.state.argmax(1), states, STATES)
    found["by author"] = {
        a: _accuracy(shipped.intent[rows], wanted[rows])
        for a in found["authors"]
        for rows in [[i for i, m in enumerate(dev) if m.author == a]]
    }
    return found


def _accuracy(scores: np.ndarray, wanted: np.ndarray) -> float:
    return round(float((scores.argmax(1) == wanted).mean()), 3)


def _recalls(guess: np.ndarray, wanted: np.ndarray, names: Sequence[str]) -> dict[str, str]:
    return {
        name: f"{int(((guess == c) & (wanted == c)).sum())}/{int((wanted == c).sum())}"
        for c, name in enumerate(names)
        if (wanted == c).any()
    }


def calibration_error(mixed: np.ndarray, wanted: np.ndarray) -> float:
    """Mean gap between confidence and being right, in ten bins."""
    sure, right = mixed.max(1), mixed.argmax(1) == wanted
    total = 0.0
    for low in np.arange(0, 1, 0.1):
        inside = (sure > low) & (sure <= low + 0.1)
        if inside.any():
            total += inside.mean() * abs(float(sure[inside].mean()) - float(right[inside].mean()))
    return float(total)
