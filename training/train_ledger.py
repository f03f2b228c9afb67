"""Trains the model that finds evidence for S, P, I and N in a customer's clauses. Seconds on two cores."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from copilot.errors import ContentError
from copilot.reading.plain import Clause
from copilot.spin.evidence import LETTERS, NOTE, WEIGHTS
from copilot.spin.signs import SIZE, Signs, before, read_clauses
from copilot.types import Spin, Turn
from training.data import LEDGER, ROOT, TALKS, data_hash, load_talks, turns
from training.manifest import file_hash, seed_all, write_manifest

FOLDER = ROOT / "copilot" / "bundled" / "ledger"

SEED, STRENGTH, BESIDE = 7, 6.0, 0.5
"""`BESIDE`: what a clause marked outside a whole talk counts beside one of a talk."""
SOME_DAY = datetime(2026, 11, 20, 10)
"""The signs tell that a date stands there, never which; so any day will do."""


@dataclass(frozen=True)
class Marking:
    """A customer's message with the words marked under each letter; `talk` when it stood in a whole conversation."""

    text: str
    before: tuple[Turn, ...]
    quotes: Mapping[Spin, Sequence[str]]
    author: str
    talk: bool


@dataclass(frozen=True)
class Example:
    """One clause of a message."""

    marking: int
    clause: Clause
    signs: Signs
    letters: tuple[bool, ...]


def load_markings(talks: Path = TALKS, folder: Path = LEDGER) -> list[Marking]:
    """Turns of the talks, single messages and single clauses. ContentError names file and line of a bad one."""
    found = []
    for turn in load_talks(talks):
        said, heard = turn.message, {letter: turn.quotes[letter] for letter in LETTERS}
        found.append(Marking(said.text, said.history, heard, said.author, True))
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            row = json.loads(line)
            quotes = {letter: tuple(row[letter]) for letter in LETTERS}
            if any(q not in row["text"] for found_quotes in quotes.values() for q in found_quotes):
                raise ContentError(f"{path.name}:{number}", "a quote that does not stand in the text")
            found.append(Marking(row["text"], turns(row["before"]), quotes, path.stem, False))
    for path in sorted(folder.glob("*.txt")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            found.append(_clauses(line, f"{path.name}:{number}", path.stem))
    return found


def _clauses(line: str, where: str, author: str) -> Marking:
    """`S我那笔到期|I取不出来房子就没了`: each clause after its letter, `-` for none."""
    parts = line.split("|")
    if any(len(part) < 2 or part[0] not in "SPIN-" for part in parts):
        raise ContentError(where, "expected clauses that begin with S, P, I, N or -, parted by |")
    quotes = {letter: tuple(p[1:] for p in parts if p[0] == letter) for letter in LETTERS}
    return Marking("，".join(p[1:] for p in parts), (), quotes, author, False)


def examples(markings: Sequence[Marking]) -> list[Example]:
    """Every clause with its signs and letters: a letter counts when half of the clause or of the quote is shared."""
    found = []
    for index, marking in enumerate(markings):
        spans = {letter: [_span(marking.text, q) for q in marking.quotes[letter]] for letter in LETTERS}
        for clause, signs in read_clauses(marking.text, SOME_DAY, before(marking.before)):
            letters = tuple(any(_shares(clause, *span) for span in spans[x]) for x in LETTERS)
            found.append(Example(index, clause, signs, letters))
    return found


def _span(text: str, quote: str) -> tuple[int, int]:
    at = text.find(quote)
    return at, at + len(quote)


def _shares(clause: Clause, start: int, end: int) -> bool:
    shorter = min(end - start, clause.end - clause.start)
    return min(end, clause.end) - max(start, clause.start) >= 0.5 * shorter > 0


def rows(found: Sequence[Example]) -> csr_matrix:
    """Signs as a sparse matrix."""
    ends = np.cumsum([0, *(len(e.signs) for e in found)])
    places = np.fromiter((p for e in found for p in e.signs), dtype=np.int64, count=int(ends[-1]))
    values = np.fromiter((v for e in found for v in e.signs.values()), dtype=np.float32, count=int(ends[-1]))
    return csr_matrix((values, places, ends), shape=(len(found), SIZE))


def fit(matrix: csr_matrix, wanted: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights of every sign and the biases, a column for each letter."""
    columns, biases = [], []
    for letter in range(len(LETTERS)):
        model = LogisticRegression(C=STRENGTH, solver="liblinear", tol=1e-2, random_state=SEED)
        model.fit(matrix, wanted[:, letter], sample_weight=weights)
        columns.append(model.coef_[0])
        biases.append(float(model.intercept_[0]))
    return np.stack(columns, axis=1), np.array(biases)


def f1(held: np.ndarray, wanted: np.ndarray) -> float:
    """F1 over clauses."""
    hit = int((held & wanted).sum())
    return 2 * hit / (int(held.sum()) + int(wanted.sum())) if hit else 0.0


def train(folder: Path = FOLDER, *, toy: bool = False) -> dict[str, Any]:
    """The bars from authors whose talks were not learnt; then the shipped model, on all."""
    started = time.monotonic()
    seed_all(SEED)
    markings = load_markings()
    markings = markings[::10] if toy else markings
    found = examples(markings)
    matrix, wanted = rows(found), np.array([e.letters for e in found])
    weights = np.array([1.0 if markings[e.marking].talk else BESIDE for e in found])
    author = np.array([markings[e.marking].author if markings[e.marking].talk else "" for e in found])
    chance = np.zeros(wanted.shape)
    for name in sorted(set(author) - {""}):
        out = author == name
        learnt, bias = fit(matrix[~out], wanted[~out], weights[~out])
        chance[out] = 1 / (1 + np.exp(-(matrix[out] @ learnt + bias)))
    talks = author != ""
    bars: dict[Spin, float] = {}
    figures: dict[str, Any] = {"clauses": len(found), "clauses_of_talks": int(talks.sum())}
    for column, letter in enumerate(LETTERS):
        tried = {
            round(bar, 3): f1(chance[talks, column] >= bar, wanted[talks, column]) for bar in np.arange(0.1, 0.6, 0.02)
        }
        bars[letter] = max(tried, key=lambda bar: tried[bar])
        figures[f"{letter}_clause_f1"] = round(tried[bars[letter]], 3)
    learnt, bias = fit(matrix, wanted, weights)
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / WEIGHTS, weights=learnt.astype(np.float16), bias=bias.astype(np.float32))
    note = {"format": 1, "size": SIZE, "sha256": {WEIGHTS: file_hash(folder / WEIGHTS)}, "bars": bars}
    (folder / NOTE).write_text(json.dumps(note, indent=1) + "\n", encoding="utf-8")
    minutes = round((time.monotonic() - started) / 60, 1)
    write_manifest(folder, model="ledger", seed=SEED, data=data_hash(), minutes=minutes, figures=figures)
    return figures


def main() -> None:
    """`python -m training.train_ledger [--toy] [--out FOLDER]`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--toy", action="store_true")
    parser.add_argument("--out", type=Path, default=FOLDER)
    options = parser.parse_args()
    print(train(options.out, toy=options.toy))


if __name__ == "__main__":
    main()
