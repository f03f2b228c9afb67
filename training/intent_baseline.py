"""The baseline the encoder must beat, and its partner if both together do better: TF-IDF with logistic regression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from copilot.intent.encode import grams
from copilot.intent.model import STATES, Grams, Opinion
from copilot.types import INTENTS, Turn
from training.data import Message

LIMIT = 24000


@dataclass(frozen=True)
class Baseline:
    """Known n-grams with their rarity, and the weights of each for each label of the three tasks."""

    names: list[str]
    idf: np.ndarray
    weights: np.ndarray
    bias: np.ndarray

    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays as saved."""
        joined = np.frombuffer("\n\n".join(self.names).encode("utf-8"), dtype=np.uint8)
        return {
            "grams": joined,
            "idf": self.idf.astype(np.float32),
            "weights": self.weights.astype(np.float16),
            "bias": self.bias.astype(np.float32),
        }

    def predict(self, messages: Sequence[Message]) -> Opinion:
        """Probabilities as the runtime computes them."""
        serve = Grams(self.arrays())
        said = [serve(m.text, m.history) for m in messages]
        return Opinion(
            np.stack([o.intent for o in said]), np.stack([o.secondary for o in said]), np.stack([o.state for o in said])
        )


def fit_baseline(messages: Sequence[Message], untold: frozenset[str]) -> Baseline:
    """TF-IDF of the runtime's own n-grams, logistic regressions on top; `untold` authors give no secondary labels."""

    def analyse(item: tuple[str, tuple[Turn, ...]]) -> list[str]:
        return [g for g in grams(*item) if "\n" not in g]

    vectors = TfidfVectorizer(analyzer=analyse, sublinear_tf=True, min_df=2, max_features=LIMIT)
    rows = vectors.fit_transform([(m.text, m.history) for m in messages])
    told = [i for i, m in enumerate(messages) if m.author not in untold]
    parts = [
        _several(rows, [INTENTS.index(m.intent) for m in messages], len(INTENTS), 12.0),
        *(_one(rows[told], [label in messages[i].secondary for i in told]) for label in INTENTS),
        _several(rows, [STATES.index(m.state) for m in messages], len(STATES), 6.0),
    ]
    weights = np.concatenate([w for w, _ in parts], axis=1)
    bias = np.concatenate([b for _, b in parts])
    return Baseline(list(vectors.get_feature_names_out()), vectors.idf_, weights, bias)


def _several(rows: Any, wanted: Sequence[int], classes: int, strength: float) -> tuple[np.ndarray, np.ndarray]:
    """One of several labels; a label that never occurs is never said."""
    model = LogisticRegression(C=strength, max_iter=300, class_weight="balanced").fit(rows, wanted)
    weights = np.zeros((rows.shape[1], classes), dtype=np.float32)
    bias = np.full(classes, -9.0, dtype=np.float32)
    if len(model.classes_) == 2:
        weights[:, model.classes_[1]], bias[model.classes_] = model.coef_[0], (0.0, model.intercept_[0])
        return weights, bias
    weights[:, model.classes_] = model.coef_.T
    bias[model.classes_] = model.intercept_
    return weights, bias


def _one(rows: Any, wanted: Sequence[bool]) -> tuple[np.ndarray, np.ndarray]:
    """Whether one label applies; never, when it was met less than three times."""
    if sum(wanted) < 3:
        return np.zeros((rows.shape[1], 1), dtype=np.float32), np.full(1, -9.0, dtype=np.float32)
    model = LogisticRegression(C=10.0, solver="liblinear", class_weight={True: 6.0, False: 1.0}).fit(rows, wanted)
    return model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32)


def save_baseline(baseline: Baseline, path: Path) -> None:
    """Write the arrays, compressed."""
    np.savez_compressed(path, **baseline.arrays())  # type: ignore[arg-type]
