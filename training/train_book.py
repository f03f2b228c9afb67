"""Makes the reply book the desk searches, and fits the judge of drafts to readers' verdicts. A minute on two cores."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from copilot.drafting.book import Entry, Heard, Listen, ReplyBook, centred
from copilot.drafting.fitness import SIGNS, Fitness
from copilot.drafting.grammar import written
from copilot.drafting.handwritten import DIRECTIONS, HEARING, JUDGE, NOTE, REPLIES, STEPS, TREES, VECTORS, Handwritten
from copilot.intent import IntentModel
from copilot.reading.trees import Trees
from copilot.types import Turn
from knowledge_base.embed import load_embedder
from training.data import REPLIES as SOURCES
from training.data import ROOT, load_replies, turns
from training.growth import from_lightgbm
from training.hearings import fit as fit_hearing
from training.manifest import file_hash
from training.verdicts import Read, load_verdicts

BUNDLED = ROOT / "copilot" / "bundled"
FOLDER = BUNDLED / "book"
FOLDS, STRENGTH = 5, 0.5
ROUNDS = 120
GROWN = {
    "objective": "cross_entropy",
    "learning_rate": 0.03,
    "num_leaves": 15,
    "min_data_in_leaf": 60,
    "lambda_l2": 5.0,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "verbose": -1,
    "num_threads": 2,
    "deterministic": True,
    "seed": 1,
}
"""Small and slow: there are 5,800 verdicts."""
KEPT = ("intent", "move", "tone", "state", "message", "history", "kind", "role", "faq", "reply", "author", "reuse")


def listener() -> Listen:
    """Vectors of a message by the bundled classifier and embedder."""
    classifier, embedder = IntentModel(BUNDLED / "intent"), load_embedder(BUNDLED / "embedder")
    if embedder is None:
        raise SystemExit("no embedder: run `make train-embedder` first")

    def listen(text: str, history: Sequence[Turn]) -> tuple[np.ndarray, np.ndarray]:
        return classifier.topic(text, history), embedder.encode([text])[0]

    return listen


def entries() -> list[Entry]:
    """All hand-written replies, each once a message."""
    load_replies()  # names file and line of a bad one
    found: dict[tuple[str, str, str], Entry] = {}
    for path in sorted(SOURCES.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                row = json.loads(line) | {"author": path.stem}
                entry = Entry.model_validate({name: row[name] for name in KEPT if name in row})
                found.setdefault((entry.message, entry.move, entry.reply), entry)
    return list(found.values())


def hear(book: Sequence[Entry], listen: Listen) -> Heard:
    """Vectors of all messages."""
    known: dict[tuple[str, str], tuple[np.ndarray, np.ndarray]] = {}
    for entry in book:
        key = (entry.message, entry.history)
        if key not in known:
            known[key] = listen(entry.message, turns(entry.history))
    topics = np.stack([known[(e.message, e.history)][0] for e in book])
    middle = topics.mean(axis=0)
    said = [listen(written(e.reply), ()) for e in book]
    return Heard(
        centred(topics, middle),
        middle,
        np.stack([known[(e.message, e.history)][1] for e in book]),
        centred(np.stack([topic for topic, _ in said]), middle),
        np.stack([sense for _, sense in said]),
    )


def fit(signs: np.ndarray, verdicts: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights and offset by which a text's fitness is what a reader would say of it: 1 send, 0.5 touch, 0 discard."""
    share = verdicts / 2
    model = LogisticRegression(C=STRENGTH, max_iter=2000)
    scale = signs.std(axis=0) + 1e-6
    model.fit(
        np.concatenate([signs, signs]) / scale,
        np.concatenate([np.ones(len(signs)), np.zeros(len(signs))]),
        sample_weight=np.concatenate([share, 1 - share]),
    )
    return model.coef_[0] / scale, float(model.intercept_[0])


def grow(signs: np.ndarray, verdicts: np.ndarray, weights: np.ndarray, offset: float) -> Trees:
    """Trees for what the weights leave over."""
    import lightgbm

    data = lightgbm.Dataset(signs, verdicts / 2, init_score=signs @ weights + offset, free_raw_data=False)
    booster = lightgbm.train(GROWN, data, ROUNDS)
    return from_lightgbm(booster.dump_model()["tree_info"])


def figures(read: Sequence[Read], signs: np.ndarray) -> dict[str, float]:
    """How the judge does on requests it was not fitted to: does it put what a reader would send first."""
    verdicts = np.array([r.verdict for r in read], dtype=float)
    groups = np.array([r.request for r in read])
    scores = np.zeros(len(read))
    for train, test in GroupKFold(FOLDS).split(signs, groups=groups):
        weights, offset = fit(signs[train], verdicts[train])
        trees = grow(signs[train], verdicts[train], weights, offset)
        scores[test] = 1 / (1 + np.exp(-(signs[test] @ weights + offset + trees(signs[test]))))
    by_request = defaultdict(list)
    for i, r in enumerate(read):
        by_request[(r.request, r.writing.move)].append(i)
    firsts = [max(rows, key=lambda i: scores[i]) for rows in by_request.values()]
    found = {
        "requests": float(len({r.request for r in read})),
        "texts": float(len(read)),
        "usable or not, area under the curve": float(roc_auc_score(verdicts > 0, scores)),
        "sent or not, area under the curve": float(roc_auc_score(verdicts > 1, scores)),
        "first choice sent": float(np.mean([verdicts[i] == 2 for i in firsts])),
        "first choice usable": float(np.mean([verdicts[i] > 0 for i in firsts])),
        "any text sent": float(np.mean([max(verdicts[i] for i in rows) == 2 for rows in by_request.values()])),
        "off by": float(np.mean(np.abs(_binned(scores, verdicts / 2)))),
    }
    for source in sorted({r.writing.source for r in read}):
        mine = [i for i, r in enumerate(read) if r.writing.source == source]
        found[f"{source}: sent"] = float(np.mean(verdicts[mine] == 2))
        found[f"{source}: usable"] = float(np.mean(verdicts[mine] > 0))
    return {name: round(value, 3) for name, value in found.items()}


def _binned(scores: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Fitness minus what readers said, by tenth of the texts."""
    order = np.argsort(scores)
    return np.array([scores[part].mean() - truth[part].mean() for part in np.array_split(order, 10)])


def main(folder: Path = FOLDER) -> None:
    """Write the folder: replies, vectors, and the note with weights, hashes and figures."""
    listen, book = listener(), entries()
    heard = hear(book, listen)
    replies = ReplyBook(book, heard, listen)
    plain = Fitness(dict.fromkeys(SIGNS, 0.0), 0.0, lambda: replies.vocabulary)
    read = list(load_verdicts(Handwritten(replies, plain)))
    signs = np.stack([plain.signs(r.matter, r.writing) for r in read])
    verdicts = np.array([r.verdict for r in read], dtype=float)
    weights, offset = fit(signs, verdicts)
    found = figures(read, signs)
    folder.mkdir(parents=True, exist_ok=True)
    lines = (e.model_dump_json(exclude_defaults=True) for e in book)
    (folder / REPLIES).write_text("\n".join(lines) + "\n", encoding="utf-8")
    np.savez_compressed(
        folder / VECTORS,
        middle=heard.middle.astype(np.float32),
        **{name: np.rint(getattr(heard, name) * STEPS).astype(np.int8) for name in DIRECTIONS},
    )
    grown: dict[str, Any] = grow(signs, verdicts, weights, offset).arrays(JUDGE)
    np.savez_compressed(folder / TREES, **grown)
    hearing = fit_hearing(listen, heard.middle)
    (folder / HEARING).write_text(json.dumps(hearing, ensure_ascii=False) + "\n", encoding="utf-8")
    note = {
        "entries": len(book),
        "authors": len({e.author for e in book}),
        "weights": {sign: round(float(weight), 4) for sign, weight in zip(SIGNS, weights, strict=True)},
        "offset": round(offset, 4),
        "figures": {**found, **hearing["figures"]},
        "sha256": {name: file_hash(folder / name) for name in (REPLIES, VECTORS, TREES, HEARING)},
    }
    (folder / NOTE).write_text(json.dumps(note, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(note, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
