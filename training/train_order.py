"""Trains the order of the best passages (knowledge_base/order.py): boosted trees that learn lists (LambdaMART, by LightGBM).

They learn from questions of `content/asked` of which somebody said all entries that answer. A question stands in the index by
its own words and the embedder learnt it, so each author asks an index without his questions, by an embedder that has not met
them: with half of the authors left out at a time.

    python -m training.train_order [--toy] [--out FOLDER] [EMBEDDER=AUTHOR,AUTHOR …]

Without embedders two are trained first, some minutes each.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from copilot.reading.trees import Trees
from evals.searching import ON, ndcg
from knowledge_base.asked import Asked, read_asked
from knowledge_base.order import NAME, NOTE, TREES
from knowledge_base.search import Search
from knowledge_base.second import POOL, signs
from training.data import ASKED, ROOT, data_hash
from training.fit_search import search_without
from training.growth import from_lightgbm
from training.manifest import file_hash, write_manifest
from training.train_embedder import train as train_embedder

FOLDER = ROOT / "copilot" / "bundled" / "order"
HALVES = (
    ("laconic", "provinces", "settled", "young", "claims_and_fraud", "service_editor"),
    ("plain_city", "retired", "trades", "careful", "planner", "wealth_trainer"),
)
"""Authors left out together by an embedder."""
CUSTOMERS = frozenset({"laconic", "provinces", "settled", "young", "plain_city", "retired", "trades", "careful"})
"""Authors whose entries others ask for too: without the questions of the rest an entry has no cue at all, as none has when it serves."""
PARTS = 4
"""Pairs of authors, each ordered by trees that never met them: the figures."""
SEED = 5
GROWN = {
    "objective": "lambdarank",
    "num_leaves": 8,
    "learning_rate": 0.03,
    "min_data_in_leaf": 30,
    "bagging_fraction": 0.6,
    "bagging_freq": 1,
    "feature_fraction": 0.4,
    "lambdarank_truncation_level": 15,
    "seed": SEED,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 2,
    "verbosity": -1,
}
TREE_COUNT = 500


@dataclass(frozen=True)
class List:
    """A question's passages in the first look's order: the trees' rows, each passage's document, and those that answer."""

    author: str
    rows: np.ndarray
    documents: tuple[str, ...]
    gold: tuple[str, ...]

    @property
    def answers(self) -> list[int]:
        """1 for a passage of a document that answers."""
        return [int(document in self.gold) for document in self.documents]

    def quality(self, order: Iterable[int]) -> float:
        """nDCG@10 of the documents in an order."""
        return ndcg(tuple(dict.fromkeys(self.documents[i] for i in order)), self.gold)


def lists(search: Search, asked: Iterable[Asked]) -> list[List]:
    """What the search finds for each question; a question of which no passage of the pool answers teaches nothing, but counts."""
    found = []
    for one in asked:
        looked = search.look(one.text, on=ON, top_k=POOL)
        if looked.pool:
            documents = tuple(search.index.units[passage.unit].document.id for passage in looked.pool)
            found.append(List(one.author, signs(search.second(looked)), documents, one.gold))
    return found


def of_author(author: str, embedder: Path, asked: Iterable[Asked]) -> list[List]:
    """The questions of one author, asked of an index without them."""
    return lists(search_without(frozenset({author}), embedder), [a for a in asked if a.author == author])


def grow(learnt: Sequence[List], count: int = TREE_COUNT) -> Trees:
    """Trees under which what answers stands first."""
    import lightgbm

    rows = np.vstack([one.rows for one in learnt])
    wanted = [answer for one in learnt for answer in one.answers]
    data = lightgbm.Dataset(rows, wanted, group=[len(one.rows) for one in learnt], free_raw_data=False)
    booster = lightgbm.train(GROWN, data, count)
    return from_lightgbm(booster.dump_model()["tree_info"])


def unseen(found: Sequence[List], count: int) -> dict[str, float]:
    """nDCG@10 of the first look, and of trees that never met a question's author."""
    authors = sorted({one.author for one in found})
    parts: dict[str, int] = {author: place % PARTS for place, author in enumerate(authors)}
    first, second = [], []
    for part in sorted(set(parts.values())):
        trees = grow([one for one in found if parts[one.author] != part], count)
        for one in (one for one in found if parts[one.author] == part):
            first.append(one.quality(range(len(one.rows))))
            second.append(one.quality(np.argsort(-trees(one.rows), kind="stable").tolist()))
    return {
        "first_look": round(float(np.mean(first)), 4),
        "in_order": round(float(np.mean(second)), 4),
        "n": len(first),
    }


def train(
    folder: Path = FOLDER, *, toy: bool = False, halves: Sequence[tuple[Path, Sequence[str]]] = ()
) -> dict[str, object]:
    """The whole recipe. `halves` are embedders with the authors they have not met; trained first when left out."""
    started, data = time.monotonic(), data_hash()
    asked = [a for a in read_asked(ASKED) if a.gold and a.author in CUSTOMERS]
    if toy:
        asked = asked[:: len(asked) // 40]
    found: list[List] = []
    for embedder, authors in halves or embedders(toy):
        for author in sorted(CUSTOMERS.intersection(authors)):
            found += of_author(author, embedder, asked)
            print(f"  {author}: {len(found)} questions so far", flush=True)
    count = 10 if toy else TREE_COUNT
    figures = unseen(found, count)
    print(f"  {figures}", flush=True)
    arrays = grow(found, count).arrays(NAME)
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / TREES, **arrays)  # type: ignore[arg-type]
    note = {"format": 1, "sha256": {TREES: file_hash(folder / TREES)}}
    (folder / NOTE).write_text(json.dumps(note, indent=1) + "\n", encoding="utf-8")
    values: dict[str, object] = {
        "model": "order",
        "seed": SEED,
        "data": data,
        "questions": len(found),
        "trees": count,
        "minutes": round((time.monotonic() - started) / 60, 1),
        "figures": figures,
    }
    write_manifest(folder, **values)
    return values


def embedders(toy: bool) -> list[tuple[Path, Sequence[str]]]:
    """An embedder for each half of the authors, which it has not met."""
    made: list[tuple[Path, Sequence[str]]] = []
    for authors in HALVES:
        folder = Path(tempfile.mkdtemp()) / "embedder"
        train_embedder(folder, toy=toy, without=frozenset(authors))
        made.append((folder, authors))
    return made


def main() -> None:
    """`python -m training.train_order [--toy] [--out FOLDER] [EMBEDDER=AUTHOR,AUTHOR …]`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--toy", action="store_true")
    parser.add_argument("--out", type=Path, default=FOLDER)
    parser.add_argument("halves", nargs="*", metavar="EMBEDDER=AUTHOR,AUTHOR")
    options = parser.parse_args()
    parts = [half.partition("=") for half in options.halves]
    print(train(options.out, toy=options.toy, halves=[(Path(path), authors.split(",")) for path, _, authors in parts]))


if __name__ == "__main__":
    main()
