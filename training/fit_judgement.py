"""Fits the judgement `found` (knowledge_base/fuse.py): prints the constants to put there. Needs the training extras.

The questions in the content stand in the index by their own words, so they can only be judged by an index, and an embedder,
that has not met them: half of the authors are left out, judged, and the other half likewise. The development questions and
those of `training/judging` (over six invented papers, and answered nowhere) are judged by the whole of the content.

    python -m training.train_embedder --without A,B --out EMB1      (and --without C,D --out EMB2)
    python -m training.fit_judgement EMB1=A,B EMB2=C,D
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from copilot.settings import Settings
from copilot.types import Turn
from evals.cases import search_cases
from evals.searching import ON
from knowledge_base.asked import read_asked
from knowledge_base.fuse import measures
from knowledge_base.ingest.intake import Taking, take_in
from knowledge_base.ingest.shelf import Shelf
from knowledge_base.search import Search
from training.data import ASKED, ROOT
from training.fit_search import search_without

JUDGING = ROOT / "training" / "judging"
NOWHERE = Path("/nowhere")
UNANSWERABLE = 1.3
"""Weight of a question without an answer: there are fewer of them."""
LEFT_OUT = 0.05
"""Weight of a question judged by half of what the product knows."""
RESTRAINT = 0.3
"""Inverse strength by which the signs' weights are kept small: many signs say nearly the same."""
FOUND = 0.972
"""Share of the answerable development questions that shall count as found: the first constant follows."""
EVERY = 3
"""Of the content's answered questions every third is enough."""
Question = tuple[str, tuple[Turn, ...], bool]


@dataclass(frozen=True)
class Case:
    """A question, whether the content answers it, and its signs."""

    part: str
    answerable: bool
    signs: tuple[float, ...]


def judged(search: Search, part: str, asked: Iterable[Question]) -> list[Case]:
    """The signs of each question that is left to them: no small talk, no article of a rule, and some passage."""
    found = []
    for text, history, answerable in asked:
        looked = search.look(text, history=history, on=ON, top_k=10)
        signs = search.signs(looked)
        settled = looked.question.social or looked.cited.missing or looked.cited.units
        if signs is not None and not settled:
            found.append(Case(part, answerable, measures(signs)))
    return found


def left_out(embedder: Path, authors: frozenset[str]) -> list[Case]:
    """Questions of authors that neither index nor embedder has met."""
    asked = [a for a in read_asked(ASKED) if a.author in authors]
    chosen = [a for number, a in enumerate(asked) if not a.gold or number % EVERY == 0]
    return judged(search_without(authors, embedder), "asked", [(a.text, (), bool(a.gold)) for a in chosen])


def whole(embedder: Path) -> list[Case]:
    """The development questions and those written for the judgement, by the whole content and the invented papers."""
    search = search_without(frozenset(), embedder, papers(Path(tempfile.mkdtemp())))
    development = [(c.query, c.history, bool(c.gold)) for c in search_cases("development")]
    written = [(a.text, (), bool(a.gold)) for a in read_asked(JUDGING)]
    return [*judged(search, "development", development), *judged(search, "judging", written)]


def papers(folder: Path) -> Shelf:
    """A shelf with the invented papers."""
    shelf = Shelf(folder)
    list(take_in(shelf, [JUDGING / "papers"], Taking(lambda _text: (), datetime(2026, 11, 1))))
    return shelf


def main() -> None:
    """`python -m training.fit_judgement EMBEDDER=AUTHOR,AUTHOR …`."""
    halves = [argument.split("=") for argument in sys.argv[1:]]
    for name, vectors in (("_WITH_VECTORS", True), ("_WORDS_ALONE", False)):
        found = whole(Settings().embedder_dir if vectors else NOWHERE)
        for path, authors in halves:
            found += left_out(Path(path) if vectors else NOWHERE, frozenset(authors.split(",")))
        fit(name, found)


def fit(name: str, found: list[Case]) -> None:
    """Print the constants, and what they make of each part."""
    from sklearn.linear_model import LogisticRegression

    signs = np.array([c.signs for c in found])
    middle, spread = signs.mean(0), signs.std(0) + 1e-9
    weights = [(1.0 if c.answerable else UNANSWERABLE) * (LEFT_OUT if c.part == "asked" else 1.0) for c in found]
    model = LogisticRegression(C=RESTRAINT, max_iter=5000)
    model.fit((signs - middle) / spread, [c.answerable for c in found], sample_weight=weights)
    slopes = model.coef_[0] / spread
    heights = signs @ slopes
    bar = float(np.quantile([h for h, c in zip(heights, found, strict=True) if _wanted(c)], 1 - FOUND))
    print(name, "=", tuple(round(float(v), 2) for v in (-bar, *slopes)))
    for part in ("asked", "development", "judging"):
        for answerable in (True, False):
            mine = [h for h, c in zip(heights, found, strict=True) if c.part == part and c.answerable is answerable]
            right = np.mean([(h >= bar) == answerable for h in mine])
            print(f"  {part:11} {'found' if answerable else 'not found'} right {right:.3f} n {len(mine)}")


def _wanted(case: Case) -> bool:
    return case.part == "development" and case.answerable


if __name__ == "__main__":
    main()
