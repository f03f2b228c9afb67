"""Trains the model that finds orders hidden in messages, documents and fields (G35)."""

from __future__ import annotations

import argparse
import csv
import json
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from copilot.errors import ContentError
from copilot.reading.normalise import read
from guardrails.orders import LONGEST, NOTE, WEIGHTS
from guardrails.signs import plain, signs
from training.data import ORDERS, data_hash, knowledge_texts, load_messages
from training.manifest import file_hash, list_bundled, seed_all
from training.train_guard import FOLDER, SEED, Vectors

STRENGTH, LIMIT, FOLDS = 30.0, 60_000, 5
ALARMS = 0.05
"""Share of the harmless look-alikes that may be quarantined; of ordinary messages far less."""


@dataclass(frozen=True)
class Text:
    """A text that gives orders or does not; `plain` ones are ordinary messages and passages, not look-alikes."""

    text: str
    attack: bool
    ordinary: bool = False


def load_orders(folder: Path = ORDERS) -> list[Text]:
    """Attacks and look-alikes. ContentError names file and line of a bad one."""
    found: list[Text] = []
    for path in sorted(folder.glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            for number, row in enumerate(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE), 2):
                if row.get("kind") not in ("attack", "benign") or not row.get("text"):
                    raise ContentError(f"{path.name}:{number}", "expected kind (attack, benign), where and text")
                found.append(Text(row["text"].replace("\\n", "\n"), row["kind"] == "attack"))
    return found


def ordinary() -> list[Text]:
    """Customers' messages and the bank's own passages."""
    texts = [m.text for m in load_messages()[::3]] + knowledge_texts()[::6]
    return [Text(text, False, True) for text in dict.fromkeys(texts)]


def folded(text: str) -> str:
    """A text as the model reads it."""
    return plain(read(text).text)[:LONGEST]


def fit(texts: Sequence[Text]) -> tuple[Vectors, np.ndarray, float]:
    """Known signs, their weights and the bias."""
    counted = [signs(folded(t.text)) for t in texts]
    vectors = Vectors(counted, LIMIT, 2)
    model = LogisticRegression(C=STRENGTH, solver="liblinear", class_weight={True: 3.0, False: 1.0})
    model.fit(vectors.rows(counted), [t.attack for t in texts])
    return vectors, model.coef_[0], float(model.intercept_[0])


def train(folder: Path = FOLDER, *, toy: bool = False) -> dict[str, Any]:
    """The bar from texts judged by models that had not seen them; then the shipped model, on all."""
    started = time.monotonic()
    seed_all(SEED)
    texts = [*load_orders(), *ordinary()]
    texts = texts[::12] if toy else texts
    attack = np.array([t.attack for t in texts])
    plain_text = np.array([t.ordinary for t in texts])
    score = np.zeros(len(texts))
    for inside, outside in StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(texts, attack):
        vectors, weights, bias = fit([texts[i] for i in inside])
        score[outside] = vectors.rows([signs(folded(texts[i].text)) for i in outside]) @ weights + bias
    platt = LogisticRegression(C=10.0).fit(score[:, None], attack)
    scale, shift = float(platt.coef_[0][0]), float(platt.intercept_[0])
    alike = np.sort(score[~attack & ~plain_text])[::-1]
    over = alike[int(len(alike) * ALARMS)] if len(alike) else 0.0
    bar = 1 / (1 + math.exp(-(scale * over + shift))) + 1e-6
    found = {
        "attacks": int(attack.sum()),
        "found": round(float((score[attack] > over).mean()), 4),
        "alike": len(alike),
        "alike_alarms": round(float((alike > over).mean()), 4),
        "ordinary": int(plain_text.sum()),
        "ordinary_alarms": round(float((score[plain_text] > over).mean()), 4),
    }
    print(f"  {found}", flush=True)
    vectors, weights, bias = fit(texts)
    arrays = {
        "orders_signs": np.frombuffer("\n".join(vectors.names).encode("utf-8"), dtype=np.uint8),
        "orders_idf": vectors.idf.astype(np.float16),
        "orders": weights.astype(np.float16),
    }
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / WEIGHTS, **arrays)  # type: ignore[arg-type]
    note = {
        "format": 1,
        "sha256": {WEIGHTS: file_hash(folder / WEIGHTS)},
        "scale": scale,
        "bias": scale * bias + shift,
        "bar": bar,
        "data": data_hash(),
        "figures": found,
        "minutes": round((time.monotonic() - started) / 60, 1),
    }
    (folder / NOTE).write_text(json.dumps(note, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    list_bundled(folder)
    return note


def main() -> None:
    """`python -m training.train_orders [--toy] [--out FOLDER]`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--toy", action="store_true")
    parser.add_argument("--out", type=Path, default=FOLDER)
    options = parser.parse_args()
    print(train(options.out, toy=options.toy))


if __name__ == "__main__":
    main()
