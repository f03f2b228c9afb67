"""Scores a search on hand-written questions: recall@5, nDCG@10 and how often `found` is right."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from copilot.types import SearchResult, Turn

DATA = Path(__file__).parent / "data"
ON = date(2026, 11, 22)
DEVELOPMENT = ("dev", "messages", "city", "laconic")
"""Questions that weights and judgement were chosen on, by author batch."""
HELD = ("held", "mixed", "elders", "settled")
"""Questions that were only scored."""


def questions(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / f"{name}_questions.jsonl").read_text(encoding="utf-8").splitlines()]


def documents(result: SearchResult) -> list[str]:
    return list(dict.fromkeys(p.document for p in result.passages))


@dataclass
class Scores:
    recall: list[float] = field(default_factory=list)
    ndcg: list[float] = field(default_factory=list)
    answerable: list[bool] = field(default_factory=list)
    unanswerable: list[bool] = field(default_factory=list)

    def add(self, gold: Sequence[str], result: SearchResult) -> None:
        if not gold:
            self.unanswerable.append(not result.found)
            return
        self.answerable.append(result.found)
        ranked = documents(result)
        self.recall.append(float(any(d in gold for d in ranked[:5])))
        gain = sum(1 / math.log2(i + 2) for i, d in enumerate(ranked[:10]) if d in gold)
        best = sum(1 / math.log2(i + 2) for i in range(min(len(gold), 10)))
        self.ndcg.append(gain / best)


def mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else float("nan")


def evaluate(search: Callable[..., SearchResult], asked: list[dict[str, Any]]) -> dict[str, Scores]:
    slices: dict[str, Scores] = defaultdict(Scores)
    for item in asked:
        history = tuple(Turn(t["role"], t["text"]) for t in item.get("history", ()))
        result = search(item["query"], history=history, top_k=10, on=ON)
        for name in (item["slice"], "all"):
            slices[name].add(item["gold"], result)
    return dict(slices)


def report(slices: dict[str, Scores]) -> str:
    lines = []
    for name, s in slices.items():
        n = len(s.recall) + len(s.unanswerable)
        lines.append(
            f"{name:13} n={n:3} recall@5={mean(s.recall):.3f} nDCG@10={mean(s.ndcg):.3f} "
            f"found={mean(s.answerable):.3f} not-found={mean(s.unanswerable):.3f}"
        )
    return "\n".join(lines)
