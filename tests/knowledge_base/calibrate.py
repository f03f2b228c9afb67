"""Fits the judgement `found` (knowledge_base/fuse.py): prints the constants to put there. Needs scikit-learn.

Run from the repository root: `python -m tests.knowledge_base.calibrate`. The held questions take no part in the fit.
"""

from __future__ import annotations

import csv
import random
import tempfile
from pathlib import Path

from copilot.settings import KnowledgeSettings, Settings
from copilot.types import Turn
from knowledge_base.fuse import measures
from knowledge_base.library import load_library
from knowledge_base.search import Search, open_search
from tests.knowledge_base.scoring import ON, questions

ROOT = Path(__file__).parents[2]

ANSWERABLE = {
    "risk_assessment",
    "fee_inquiry",
    "fraud_security",
    "deposit_rate",
    "holiday_arrangement",
    "risk_concern",
    "transaction_help",
    "liquidity_need",
}
SMALL_TALK = {"greeting_smalltalk", "other_unclear"}
Case = tuple[str, tuple[Turn, ...], int, float]


def hand_written(name: str) -> list[Case]:
    return [
        (q["query"], tuple(Turn(t["role"], t["text"]) for t in q.get("history", ())), int(bool(q["gold"])), 4.0)
        for q in questions(name)
    ]


def messages(limit: int) -> list[Case]:
    """Customers' messages written for the intent model: small talk answers nothing, some intents nearly always something."""
    found: list[Case] = []
    for path in sorted((ROOT / "training/intent/messages").glob("*.tsv")):
        with path.open(encoding="utf-8") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                text = row["text"] or ""
                if "[" in text or row.get("history"):
                    continue
                if row["intent"] in SMALL_TALK:
                    found.append((text, (), 0, 1.0))
                elif row["intent"] in ANSWERABLE and 6 <= len(text) <= 40:
                    found.append((text, (), 1, 0.5))
    random.Random(7).shuffle(found)
    return [c for c in found if c[2] == 0][:limit] + [c for c in found if c[2] == 1][:limit]


def rows(search: Search, cases: list[Case]) -> tuple[list[tuple[float, ...]], list[int], list[float]]:
    x, y, weight = [], [], []
    for text, history, answerable, w in cases:
        looked = search.look(text, history=history, on=ON, top_k=10)
        signs = search.signs(looked)
        if looked.question.social or signs is None:
            continue
        x.append(measures(signs))
        y.append(answerable)
        weight.append(w)
    return x, y, weight


def main() -> None:
    from sklearn.linear_model import LogisticRegression

    for name, embedder in (("_WITH_VECTORS", None), ("_WORDS_ALONE", Path("/nowhere"))):
        settings = Settings(data=Path(tempfile.mkdtemp()), knowledge=KnowledgeSettings(embedder=embedder))
        search = open_search(settings, load_library(settings.content_dir))
        x, y, weight = rows(search, hand_written("dev") + messages(300))
        positive = sum(w for w, label in zip(weight, y, strict=True) if label)
        negative = sum(weight) - positive
        balanced = [w / (positive if label else negative) * 300 for w, label in zip(weight, y, strict=True)]
        model = LogisticRegression(C=3.0, max_iter=2000).fit(x, y, sample_weight=balanced)
        print(name, "=", tuple(round(float(v), 2) for v in (model.intercept_[0], *model.coef_[0])))
        for part in ("dev", "held", "messages"):
            xs, ys, _ = rows(search, hand_written(part))
            guess = [p > 0.5 for p in model.predict_proba(xs)[:, 1]]
            right = [[g == bool(t) for g, t in zip(guess, ys, strict=True) if t == side] for side in (1, 0)]
            print(part, "found", [round(sum(r) / len(r), 3) for r in right], "n", [len(r) for r in right])


if __name__ == "__main__":
    main()
