"""Trains the bundled intent classifier: linear weights over the signs of a turn, and trees over what they say together."""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from copilot.intent.encode import VIEWS, views
from copilot.intent.model import NOTE, WEIGHTS, Calibration
from copilot.intent.opinion import STATES, Opinion, parted
from copilot.intent.weighing import Weighing
from copilot.reading.spelling import fold
from copilot.types import INTENTS, SILENT_INTENTS, SILENT_STATES
from training.data import (
    ROOT,
    Message,
    all_texts,
    bucket,
    data_hash,
    load_every_reply,
    load_faq,
    load_messages,
    load_talks,
)
from training.intent_figures import calibrate, figures, meant_truth, state_truth, truth
from training.intent_trees import Turns, grow
from training.intent_trees import unseen as unseen_trees
from training.manifest import file_hash, seed_all, write_manifest
from training.noise import Noise

FOLDER = ROOT / "copilot" / "bundled" / "intent"
SEED = 13
UNTOLD = frozenset({"faq", "reply"})
"""Sources without secondary labels."""
Signs = Mapping[str, list[str]]


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the outcome besides the data. `limits` are the most signs a view may keep."""

    limits: tuple[tuple[str, int], ...] = (("gram", 140000), ("word", 90000), ("sound", 70000), ("before", 16000))
    intent: float = 0.35
    meant: float = 0.15
    state: float = 0.25
    trouble: float = 0.25
    noisy: float = 0.15
    talks: float = 2.0
    folds: int = 6
    trees: int = 200


TOY = Recipe(limits=tuple((view, 1500) for view in VIEWS), folds=2, trees=5)


@dataclass(frozen=True)
class Sample:
    """A message, what is read of it, whether nothing may be sold on it, and how much it counts."""

    message: Message
    signs: Signs
    silent: bool
    weight: float = 1.0


def extra_messages() -> list[Message]:
    """FAQ wordings and the messages that replies answer: labelled too, by other hands."""
    found = [
        Message(e.intent, (), "calm", text, (), "faq")
        for e in load_faq()
        if e.intent in INTENTS
        for text in (e.question, *e.variants)
    ]
    told = {(r.message, r.history): r for r in load_every_reply()}
    return found + [Message(r.intent, (), r.state, r.message, r.history, "reply") for r in told.values()]


def samples(recipe: Recipe, folder: Path | None = None, *, toy: bool = False) -> tuple[list[Sample], list[Sample]]:
    """What authors wrote, and what always belongs to training; `folder` holds a bank's own corrections."""
    messages, talks = load_messages() + (load_messages(folder) if folder else []), load_talks()
    if toy:
        messages, talks = [m for m in messages if bucket(m.text) < 40], talks[:60]
    written = [_sample(m) for m in messages] + [_sample(m.message, not m.selling, recipe.talks) for m in talks]
    return written, [] if toy else [_sample(m) for m in extra_messages()]


def _sample(message: Message, silent: bool | None = None, weight: float = 1.0) -> Sample:
    found = nothing_sold(message) if silent is None else silent
    return Sample(message, views(message.text, message.history), found, weight)


def nothing_sold(message: Message) -> bool:
    """Whether nothing is sold on a turn so labelled: the policy of docs/understanding.md."""
    return (
        message.intent in SILENT_INTENTS
        or message.state in SILENT_STATES
        or (message.intent == "performance_concern" and message.state == "upset")
    )


def with_noise(told: Sequence[Sample], share: float, noise: Noise, rng: random.Random) -> list[Sample]:
    """The samples, and some of them again with typing noise."""
    again = [
        _sample(replace(s.message, text=noise(s.message.text, rng) or s.message.text), s.silent, s.weight)
        for s in told
        if rng.random() < share
    ]
    return [*told, *again]


class Vectors:
    """TF-IDF of each view at the view's own length, as the runtime weighs it."""

    def __init__(self, told: Sequence[Signs], recipe: Recipe) -> None:
        self._views = [
            (
                view,
                TfidfVectorizer(
                    analyzer=lambda signs: signs, sublinear_tf=True, min_df=2, max_features=limit, dtype=np.float32
                ).fit([signs[view] for signs in told]),
            )
            for view, limit in recipe.limits
        ]

    def rows(self, told: Sequence[Signs]) -> csr_matrix:
        """One row a turn."""
        return hstack([VIEWS[view] * v.transform([s[view] for s in told]) for view, v in self._views]).tocsr()

    def arrays(self) -> dict[str, np.ndarray]:
        """Names and rarity as the runtime reads them."""
        names = [name for _, v in self._views for name in v.get_feature_names_out()]
        joined = np.frombuffer("\n\n".join(names).encode("utf-8"), dtype=np.uint8)
        return {"names": joined, "idf": np.concatenate([v.idf_ for _, v in self._views]).astype(np.float16)}


@dataclass(frozen=True)
class Fitted:
    """Vectors and the weights of every label: signs × (intents + intents + states)."""

    vectors: Vectors
    weights: np.ndarray
    bias: np.ndarray

    def scores(self, told: Sequence[Sample]) -> Opinion:
        """Scores of many turns."""
        rows = self.vectors.rows([s.signs for s in told])
        both = np.asarray(rows @ self.weights) + self.bias
        return parted(both)

    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays as saved: a byte a weight, a scale a label."""
        scale = np.maximum(np.abs(self.weights).max(axis=0), 1e-9) / 127
        return {
            **self.vectors.arrays(),
            "weights": np.round(self.weights / scale).astype(np.int8),
            "scale": scale.astype(np.float32),
            "bias": self.bias.astype(np.float32),
        }


def fit(told: Sequence[Sample], recipe: Recipe) -> Fitted:
    """One linear separator a label."""
    vectors = Vectors([s.signs for s in told], recipe)
    rows = vectors.rows([s.signs for s in told])
    messages, counts = [s.message for s in told], np.asarray([s.weight for s in told])
    known = np.asarray([m.author not in UNTOLD for m in messages])
    parts = [
        _one_of(rows, truth(messages), counts, len(INTENTS), recipe.intent, 0.5),
        _any_of(rows[known], meant_truth(messages)[known], counts[known], recipe.meant),
        _one_of(rows, state_truth(messages), counts, len(STATES), recipe.state, 0.8),
        _any_of(rows, np.asarray([[s.silent] for s in told]), counts, recipe.trouble),
    ]
    return Fitted(vectors, np.concatenate([w for w, _ in parts], axis=1), np.concatenate([b for _, b in parts]))


def _one_of(
    rows: csr_matrix, wanted: np.ndarray, counts: np.ndarray, classes: int, strength: float, evened: float
) -> tuple[np.ndarray, np.ndarray]:
    """One of several labels, the rare ones weighed up (fully at `evened` 1); one that never occurs is never said."""
    return _any_of(rows, wanted[:, None] == np.arange(classes)[None, :], counts, strength, evened)


def _any_of(
    rows: csr_matrix, wanted: np.ndarray, counts: np.ndarray, strength: float, evened: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    weights = np.zeros((rows.shape[1], wanted.shape[1]), dtype=np.float32)
    bias = np.full(wanted.shape[1], -3.0, dtype=np.float32)
    total = len(wanted) / wanted.shape[1]
    for label in range(wanted.shape[1]):
        hits = int(wanted[:, label].sum())
        if hits < 2:
            continue
        more = np.where(wanted[:, label], (total / hits) ** evened, 1.0)
        model = LinearSVC(C=strength, tol=1e-3).fit(rows, wanted[:, label], sample_weight=counts * more)
        weights[:, label], bias[label] = model.coef_[0], model.intercept_[0]
    return weights, bias


def baseline(told: Sequence[Sample], asked: Sequence[Sample]) -> np.ndarray:
    """What everyone would try first: TF-IDF of characters with logistic regression."""
    vectors = TfidfVectorizer(analyzer=lambda signs: signs, sublinear_tf=True, min_df=2, max_features=24000)
    rows = vectors.fit_transform([s.signs["gram"] for s in told])
    model = LogisticRegression(C=12.0, max_iter=150, class_weight="balanced").fit(
        rows, truth([s.message for s in told])
    )
    return np.asarray(model.predict(vectors.transform([s.signs["gram"] for s in asked])))


def unseen(
    written: Sequence[Sample], always: Sequence[Sample], recipe: Recipe, noise: Noise
) -> tuple[list[Sample], Opinion, np.ndarray]:
    """Every author's turns with the scores of a model that never met that author, and the baseline's word beside them."""
    authors = sorted({s.message.author for s in written}, key=bucket)
    out: list[Sample] = []
    found: list[Opinion] = []
    plain: list[np.ndarray] = []
    for part in range(recipe.folds):
        kept = set(authors[part :: recipe.folds])
        told = [s for s in written if s.message.author not in kept] + list(always)
        known = {fold(s.message.text) for s in told if not s.message.history}
        asked = [
            s for s in written if s.message.author in kept and (s.message.history or fold(s.message.text) not in known)
        ]
        if not asked:
            continue
        model = fit(with_noise(told, recipe.noisy, noise, random.Random(SEED + part)), recipe)
        found.append(model.scores(asked))
        plain.append(baseline(told, asked))
        out += asked
        right = found[-1].intent.argmax(1) == truth([s.message for s in asked])
        print(f"  part {part}: {len(asked)} turns of {len(kept)} authors, {right.mean():.3f}", flush=True)
    scores = Opinion(
        *(np.concatenate([getattr(o, name) for o in found]) for name in ("intent", "meant", "state", "trouble"))
    )
    return out, scores, np.concatenate(plain)


def train(
    folder: Path = FOLDER, *, toy: bool = False, recipe: Recipe | None = None, corrections: Path | None = None
) -> dict[str, Any]:
    """Figures and calibration on authors kept out; then the shipped weights, from everyone."""
    chosen = recipe or (TOY if toy else Recipe())
    started, data = time.monotonic(), data_hash()
    rng = seed_all(SEED)
    written, always = samples(chosen, corrections, toy=toy)
    noise = Noise(all_texts()[:2000] if toy else all_texts())
    asked, scores, plain = unseen(written, always, chosen, noise)
    messages = [s.message for s in asked]
    silent = np.asarray([s.silent for s in asked])
    turns = Turns(messages, scores, silent)
    judged = unseen_trees(turns, chosen.trees)
    tuned = calibrate(judged, messages, silent)
    found = figures(messages, judged, tuned, plain, silent)
    for name, value in found.items():
        print(f"  {name}: {value}")
    model = fit(with_noise([*written, *always], chosen.noisy, noise, rng), chosen)
    write(folder, model, grow(turns, chosen.trees), tuned)
    values: dict[str, Any] = {
        "model": "intent",
        "data": data,
        "seed": SEED,
        "recipe": asdict(chosen),
        "minutes": round((time.monotonic() - started) / 60, 1),
        "figures": found,
    }
    write_manifest(folder, **values)
    return values


def write(folder: Path, model: Fitted, weighing: Weighing, tuned: Calibration) -> None:
    """The weights and the note that names their hash."""
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / WEIGHTS, **model.arrays(), **weighing.arrays())  # type: ignore[arg-type]
    note = {
        "format": 3,
        "intents": INTENTS,
        "states": STATES,
        "views": dict(VIEWS),
        "calibration": asdict(tuned),
        "sha256": {WEIGHTS: file_hash(folder / WEIGHTS)},
    }
    (folder / NOTE).write_text(json.dumps(note, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    """`python -m training.train_intent [--toy] [--corrections FOLDER] [--out FOLDER]`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--toy", action="store_true")
    parser.add_argument("--corrections", type=Path, help="folder of files written by `advisor-copilot corrections`")
    parser.add_argument("--out", type=Path, default=FOLDER)
    options = parser.parse_args()
    print(f"data {data_hash()}")
    train(options.out, toy=options.toy, corrections=options.corrections)


if __name__ == "__main__":
    main()
