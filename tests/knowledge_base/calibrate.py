"""Fits the judgement `found` (knowledge_base/fuse.py): prints the constants to put there. Needs the training extras.

The questions in the content stand in the index by their own words, so they can only be judged by an index, and an embedder,
that has not met them: half of the authors are left out, judged, and the other half likewise.

    python -m training.train_embedder --without A,B --out EMB1      (and --without C,D --out EMB2)
    python -m tests.knowledge_base.calibrate EMB1=A,B EMB2=C,D
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from copilot.types import Turn
from knowledge_base.asked import read_asked
from knowledge_base.fuse import measures
from knowledge_base.search import Search
from tests.knowledge_base.scoring import DEVELOPMENT, HELD, ON, questions
from training.data import ASKED
from training.fit_search import search_without

UNANSWERABLE = 1.3
"""Weight of a question without an answer: there are fewer of them."""


@dataclass(frozen=True)
class Case:
    """A question, whether the content answers it, and its signs."""

    part: str
    answerable: bool
    signs: tuple[float, ...]


def judged(search: Search, part: str, asked: list[tuple[str, tuple[Turn, ...], bool]]) -> list[Case]:
    """The signs of each question that gets any passage and is no small talk."""
    found = []
    for text, history, answerable in asked:
        looked = search.look(text, history=history, on=ON, top_k=10)
        signs = search.signs(looked)
        if signs is not None and not looked.question.social:
            found.append(Case(part, answerable, measures(signs)))
    return found


def cases(embedder: Path, authors: frozenset[str]) -> list[Case]:
    """The left-out authors' questions to learn from, and the hand-labelled ones to look at."""
    search = search_without(authors, embedder)
    found = judged(search, "asked", [(a.text, (), bool(a.gold)) for a in read_asked(ASKED) if a.author in authors])
    for part in (*DEVELOPMENT, *HELD):
        asked = [
            (q["query"], tuple(Turn(t["role"], t["text"]) for t in q.get("history", ())), bool(q["gold"]))
            for q in questions(part)
        ]
        found += judged(search, part, asked)
    return found


def main() -> None:
    from sklearn.linear_model import LogisticRegression

    halves = [argument.split("=") for argument in sys.argv[1:]]
    for name, vectors in (("_WITH_VECTORS", True), ("_WORDS_ALONE", False)):
        found = [
            c
            for path, authors in halves
            for c in cases(Path(path) if vectors else Path("/nowhere"), frozenset(authors.split(",")))
        ]
        learnt = [c for c in found if c.part == "asked" or c.part in DEVELOPMENT]
        model = LogisticRegression(C=3.0, max_iter=5000).fit(
            [c.signs for c in learnt],
            [c.answerable for c in learnt],
            sample_weight=[1.0 if c.answerable else UNANSWERABLE for c in learnt],
        )
        print(name, "=", tuple(round(float(v), 2) for v in (model.intercept_[0], *model.coef_[0])))
        for part in ("asked", *DEVELOPMENT, *HELD):
            for answerable in (True, False):
                mine = [c.signs for c in found if c.part == part and c.answerable is answerable]
                right = (model.predict_proba(mine)[:, 1] > 0.5) == answerable
                print(f"  {part:9} {'found' if answerable else 'not found'} right {right.mean():.3f} n {len(mine)}")


if __name__ == "__main__":
    main()
