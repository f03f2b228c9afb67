"""Figures on hand-written questions do not fall below what was reached (docs/knowledge.md)."""

from __future__ import annotations

from pathlib import Path

import pytest

from copilot.settings import KnowledgeSettings, Settings
from knowledge_base.library import ContentLibrary
from knowledge_base.search import open_search
from tests.knowledge_base.scoring import evaluate, mean, questions, report

FLOORS = {
    ("bundled", "dev"): (0.97, 0.83, 0.90),
    ("bundled", "held"): (0.95, 0.79, 0.87),
    ("words", "dev"): (0.93, 0.75, 0.90),
}


@pytest.mark.parametrize(("embedder", "name"), FLOORS, ids=["-".join(k) for k in FLOORS])
def test_quality(tmp_path: Path, library: ContentLibrary, embedder: str, name: str) -> None:
    if embedder == "bundled":
        settings = Settings(data=tmp_path)
        if not settings.embedder_dir.is_dir():
            pytest.skip("no bundled embedder")
    else:
        settings = Settings(data=tmp_path, knowledge=KnowledgeSettings(embedder=tmp_path / "none"))
    slices = evaluate(open_search(settings, library), questions(name))
    overall = slices["all"]
    found = mean([*overall.answerable, *overall.unanswerable])
    recall, ndcg, judged = FLOORS[embedder, name]
    assert mean(overall.recall) >= recall, report(slices)
    assert mean(overall.ndcg) >= ndcg, report(slices)
    assert found >= judged, report(slices)


def test_questions_name_known_documents(library: ContentLibrary) -> None:
    for name in ("dev", "held", "messages"):
        for item in questions(name):
            assert all(library.text(d) for d in item["gold"]), item
