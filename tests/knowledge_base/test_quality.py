"""Figures on hand-written questions do not fall below what was reached (docs/knowledge.md)."""

from __future__ import annotations

from pathlib import Path

import pytest

from copilot.settings import KnowledgeSettings, Settings
from knowledge_base.library import ContentLibrary
from knowledge_base.search import open_search
from tests.knowledge_base.scoring import DEVELOPMENT, HELD, evaluate, mean, questions, report

FLOORS = {
    ("bundled", DEVELOPMENT): (0.93, 0.76, 0.95, 0.85),
    ("bundled", HELD): (0.94, 0.75, 0.96, 0.82),
    ("words", DEVELOPMENT): (0.88, 0.66, 0.90, 0.70),
}
"""recall@5, nDCG@10, answerable questions found, unanswerable ones not found."""


@pytest.mark.parametrize(("embedder", "parts"), FLOORS, ids=[f"{k[0]}-{k[1][0]}" for k in FLOORS])
def test_quality(tmp_path: Path, library: ContentLibrary, embedder: str, parts: tuple[str, ...]) -> None:
    if embedder == "bundled":
        settings = Settings(data=tmp_path)
        if not settings.embedder_dir.is_dir():
            pytest.skip("no bundled embedder")
    else:
        settings = Settings(data=tmp_path, knowledge=KnowledgeSettings(embedder=tmp_path / "none"))
    slices = evaluate(open_search(settings, library), [q for part in parts for q in questions(part)])
    overall = slices["all"]
    recall, ndcg, found, not_found = FLOORS[embedder, parts]
    assert mean(overall.recall) >= recall, report(slices)
    assert mean(overall.ndcg) >= ndcg, report(slices)
    assert mean(overall.answerable) >= found, report(slices)
    assert mean(overall.unanswerable) >= not_found, report(slices)


def test_questions_name_known_documents(library: ContentLibrary) -> None:
    for name in (*DEVELOPMENT, *HELD):
        for item in questions(name):
            assert all(library.text(d) for d in item["gold"]), item
