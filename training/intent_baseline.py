"""The baseline the encoder must beat, and its partner if both together do better: TF-IDF with logistic regression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from copilot.intent.encode import grams
from copilot.intent.model import Grams
from copilot.types import INTENTS, Turn
from training.data import Message

LIMIT = 24000


@dataclass(frozen=True)
class Baseline:
    """Known n-grams with their rarity, and the weights of each for each intent."""

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

    def predict(self, messages: Sequence[Message]) -> np.ndarray:
        """Probabilities as the runtime computes them."""
        serve = Grams(self.arrays())
        return np.stack([serve(m.text, m.history) for m in messages])


def fit_baseline(messages: Sequence[Message]) -> Baseline:
    """TF-IDF of the runtime's own n-grams, logistic regression on top."""

    def analyse(item: tuple[str, tuple[Turn, ...]]) -> list[str]:
        return [g for g in grams(*item) if "\n" not in g]

    vectors = TfidfVectorizer(analyzer=analyse, sublinear_tf=True, min_df=2, max_features=LIMIT)
    rows = vectors.fit_transform([(m.text, m.history) for m in messages])
    model = LogisticRegression(C=12.0, max_iter=300, class_weight="balanced")
    model.fit(rows, [INTENTS.index(m.intent) for m in messages])
    weights = np.zeros((rows.shape[1], len(INTENTS)), dtype=np.float32)
    bias = np.full(len(INTENTS), -9.0, dtype=np.float32)
    weights[:, model.classes_] = model.coef_.T
    bias[model.classes_] = model.intercept_
    return Baseline(list(vectors.get_feature_names_out()), vectors.idf_, weights, bias)


def save_baseline(baseline: Baseline, path: Path) -> None:
    """Write the arrays, compressed."""
    np.savez_compressed(path, **baseline.arrays())  # type: ignore[arg-type]
