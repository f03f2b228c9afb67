"""Fits what weighs a heard occasion to people's verdicts: did she come with that matter? Run by itself it scores their turns anew.

`occasions/marks.tsv` holds an occasion, a verdict (2 she comes with it, 1 near it, 0 another matter) and the turn with its author.
`occasions/scores.npz` says, row by row, what classifiers that had not met the author think of the turn: with the bundled one, which
learnt from these turns, everything would seem surer than it is. `python -m training.hearings` makes it anew (12 minutes).
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold
from sklearn.preprocessing import StandardScaler

from copilot.drafting.book import Listen, centred
from copilot.drafting.hearing import SIGNS, Vector, signs
from copilot.intent.opinion import softmax
from copilot.types import INTENTS
from knowledge_base.checks import occasion_of
from knowledge_base.load import load_content
from training.data import CONTENT, ROOT, Message, all_texts, load_messages
from training.intent_figures import calibrate
from training.intent_trees import Turns
from training.intent_trees import unseen as judged_unseen
from training.noise import Noise
from training.train_intent import Recipe, samples, unseen

MARKS = ROOT / "training" / "occasions" / "marks.tsv"
SCORES = MARKS.with_name("scores.npz")
FOLDS, SHRINK, RIGHT = 6, 4.0, 2
TOPICS, SHARES = 20.0, 250.0
"""What topics and shares are multiplied by to be kept in a byte."""


@dataclass(frozen=True)
class Mark:
    """A person's verdict on one hearing."""

    occasion: str
    verdict: int
    message: Message


def load_marks(path: Path = MARKS) -> list[Mark]:
    """The verdicts with their turns. ValueError names a turn that is in no file of messages."""
    known = {(m.author, m.text): m for m in load_messages()}
    marks: list[Mark] = []
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE), 2):
            message = known.get((row["author"], row["text"].replace("⏎", "\n")))
            if message is None:
                raise ValueError(f"{path}:{number}: no such turn of {row['author']}")
            marks.append(Mark(row["occasion"], int(row["verdict"]), message))
    return marks


def score(marks: Sequence[Mark], path: Path = SCORES) -> None:
    """What classifiers that never met the author think of every marked turn: topics, and shares of the intents."""
    recipe = Recipe()
    written, always = samples(recipe)
    asked, found, _ = unseen(written, always, recipe, Noise(all_texts()))
    messages, silent = [s.message for s in asked], np.asarray([s.silent for s in asked])
    judged = judged_unseen(Turns(messages, found, silent), recipe.trees)
    tuned = calibrate(judged, messages, silent)
    row = {(m.author, m.text): k for k, m in enumerate(messages)}
    at = np.array([row.get((m.message.author, m.message.text), -1) for m in marks])
    topics = np.concatenate([found.intent, found.meant, found.state], axis=1)
    np.savez_compressed(
        path,
        known=at >= 0,
        topics=np.clip(np.rint(topics[at] * TOPICS), -127, 127).astype(np.int8),
        shares=np.rint(softmax(judged.intent[at] / tuned.intent) * SHARES).astype(np.uint8),
    )


def fit(listen: Listen, middle: np.ndarray) -> dict[str, Any]:
    """Weights, offset, rates and figures, as `hearing.json` holds them."""
    occasions = {o.id: occasion_of(o) for o in load_content(CONTENT).occasions}
    with np.load(SCORES) as arrays:
        known, topics, shares = arrays["known"], arrays["topics"] / TOPICS, arrays["shares"] / SHARES
    marks = load_marks()
    rows = [k for k, mark in enumerate(marks) if known[k] and mark.occasion in occasions]
    read: dict[str, Vector] = {}

    def vector(text: str) -> Vector:
        if text not in read:
            topic, sense = listen(text, ())
            read[text] = centred(topic, middle), sense
        return read[text]

    found = []
    for k in rows:
        occasion, text = occasions[marks[k].occasion], marks[k].message.text
        wants = dict(zip(INTENTS, shares[k].tolist(), strict=True))
        hers = centred(topics[k], middle), vector(text)[1]
        says = [vector(t) for t in occasion.says if t != text]  # an example may be this very turn
        found.append(signs(occasion, wants, hers, says, [vector(t) for t in occasion.near], 0.0))
    table, names = np.stack(found), [marks[k].occasion for k in rows]
    right = np.array([marks[k].verdict >= RIGHT for k in rows])
    authors = [marks[k].message.author for k in rows]
    unmet, plain = np.zeros(len(rows)), np.zeros(len(rows))
    for told, asked in GroupKFold(FOLDS).split(table, right, authors):
        rates = _rates([names[k] for k in told], table[told], right[told])
        weights, offset = _weigh(_rated(table[told], [names[k] for k in told], right[told], rates), right[told])
        rated = table[asked].copy()
        rated[:, -1] = [rates.rate(names[k]) for k in asked]
        unmet[asked] = 1 / (1 + np.exp(-(rated @ weights + offset)))
        plain[asked] = table[asked, 0]
    rates = _rates(names, table, right)
    weights, offset = _weigh(_rated(table, names, right, rates), right)
    return {
        "weights": {sign: round(float(weight), 4) for sign, weight in zip(SIGNS, weights, strict=True)},
        "offset": round(offset, 4),
        "rates": {name: round(rates.rate(name), 3) for name in sorted(set(names))},
        "figures": {
            "hearings": len(rows),
            "auc_unmet_authors": round(float(roc_auc_score(right, unmet)), 4),
            "auc_by_intent_alone": round(float(roc_auc_score(right, plain)), 4),
        },
    }


@dataclass(frozen=True)
class _Rates:
    """How much oftener than its intents' share lets expect an occasion was heard rightly, shrunk towards none."""

    heard: Mapping[str, int]
    more: Mapping[str, float]
    expected: LogisticRegression

    def rate(self, name: str) -> float:
        return self.more.get(name, 0.0) / (self.heard.get(name, 0) + SHRINK)

    def without(self, name: str, own: float) -> float:
        """The rate as the others of its hearings have it: a verdict must not foretell itself."""
        return (self.more[name] - own) / (self.heard[name] - 1 + SHRINK)


def _rates(names: Sequence[str], table: np.ndarray, right: np.ndarray) -> _Rates:
    expected = LogisticRegression().fit(table[:, :1], right)
    apart = right - expected.predict_proba(table[:, :1])[:, 1]
    heard: dict[str, int] = defaultdict(int)
    more: dict[str, float] = defaultdict(float)
    for name, own in zip(names, apart, strict=True):
        heard[name] += 1
        more[name] += float(own)
    return _Rates(heard, more, expected)


def _rated(table: np.ndarray, names: Sequence[str], right: np.ndarray, rates: _Rates) -> np.ndarray:
    apart = right - rates.expected.predict_proba(table[:, :1])[:, 1]
    rated = table.copy()
    rated[:, -1] = [rates.without(name, float(own)) for name, own in zip(names, apart, strict=True)]
    return rated


def _weigh(table: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, float]:
    """A logistic regression over scaled signs, its scaling taken back into the weights."""
    scaler = StandardScaler().fit(table)
    model = LogisticRegression(max_iter=1000).fit(scaler.transform(table), right)
    weights = model.coef_[0] / scaler.scale_
    return weights, float(model.intercept_[0] - weights @ scaler.mean_)


if __name__ == "__main__":
    score(load_marks())
