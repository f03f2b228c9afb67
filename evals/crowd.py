"""The bank's own knowledge among thousands of statutes: neither may drown in the other.

python -m evals.crowd FOLDER    (the papers that were taken in, made by `python -m evals.statutes FOLDER`)

Asks the index of the settings for articles by number and in plain words, made from the papers themselves, and the development
questions with and without the papers beside. Without them is an index of its own in a temporary folder.
"""

from __future__ import annotations

import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from copilot.errors import CopilotError, InputError
from copilot.types import SearchResult
from copilot.wiring import build
from evals.cases import SearchCase, search_cases
from evals.searching import Scored, score
from knowledge_base.library import load_library
from knowledge_base.search import open_search

ASKED = 40
_ARTICLE = re.compile(r"^(第[零一二三四五六七八九十百千]+条)　(?:([^，。；\n]+)，)?([^，。；\n]+)", re.MULTILINE)
Ask = Callable[[str], SearchResult]


@dataclass(frozen=True)
class Question:
    """A question that one article of one paper answers."""

    text: str
    document: str
    told: str
    """What a passage that answers says."""


def questions(folder: Path, n: int = ASKED, seed: int = 3) -> list[Question]:
    """Half by article number, half in plain words; the same for the same papers. InputError where there are too few papers."""
    rng = random.Random(seed)
    papers = sorted(folder.glob("*.txt"))
    if len(papers) < n:
        raise InputError(f"{folder}: {len(papers)} papers, {n} needed; run `python -m evals.statutes {folder}`")
    found = []
    for at, path in enumerate(rng.sample(papers, n)):
        article, when, act = rng.choice(_ARTICLE.findall(path.read_text(encoding="utf-8")))
        plain = f"按{path.stem}，{when}{act.replace('应当', '是不是要').replace('可以', '能不能').replace('不得', '能不能')}？"
        by_number = rng.choice((f"{path.stem}{article}怎么规定的", f"《{path.stem}》{article}是什么内容"))
        found.append(Question(plain if at % 2 else by_number, path.name, f"{article}　{when}"))
    return found


def right(ask: Ask, asked: Iterable[Question]) -> tuple[int, int, int]:
    """How many questions find their paper first, find the very article among five, and are said to be answered."""
    paper = passage = answered = 0
    for question in asked:
        result = ask(question.text)
        first = result.passages[:5]
        paper += bool(first) and first[0].document == question.document
        passage += any(p.document == question.document and question.told in p.text for p in first)
        answered += result.found
    return paper, passage, answered


def told(name: str, scored: Sequence[Scored]) -> str:
    """The development questions in a line."""
    yes, no = [s for s in scored if s.answerable], [s for s in scored if not s.answerable]
    took = sorted(s.ms for s in scored)
    papers = sum(document.endswith(".txt") for s in scored for document in s.ranked[:5])
    return (
        f"{name}: recall@5 {sum(bool(s.recall) for s in yes) / len(yes):.3f}, nDCG@10 {sum(s.ndcg or 0 for s in yes) / len(yes):.3f}, "
        f"answerable refused {sum(not s.found for s in yes) / len(yes):.3f} (n={len(yes)}), not found when not "
        f"{sum(not s.found for s in no) / len(no):.3f} (n={len(no)}), papers among the first five {papers}; "
        f"ms p50 {took[len(took) // 2]:.1f} p95 {took[int(len(took) * 0.95)]:.1f} p99 {took[int(len(took) * 0.99)]:.1f}"
    )


def main(folder: Path) -> int:
    """Ask and tell."""
    app = build()
    try:
        asked = questions(folder)
        cases: Sequence[SearchCase] = search_cases("development")
        started = time.perf_counter()
        crowded = open_search(app.settings, app.library, print)
        print(f"opened in {time.perf_counter() - started:.1f} s: {len(crowded.index.units):,} passages")
        for name, part in (("by number", asked[::2]), ("in plain words", asked[1::2])):
            paper, passage, answered = right(crowded, part)
            print(f"{name}: paper first {paper}, article among five {passage}, found {answered} of {len(part)}")
        score(crowded, cases[0])
        print(told("with the papers", [score(crowded, case) for case in cases]))
        with tempfile.TemporaryDirectory() as own:
            settings = app.settings.model_copy(update={"data": Path(own)})
            alone = open_search(settings, load_library(app.settings.content_dir))
            score(alone, cases[0])
            print(told("without", [score(alone, case) for case in cases]))
    except CopilotError as error:
        print(f"crowd: {error}", file=sys.stderr)
        return 1
    finally:
        app.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
