"""A line for practice without models: the real guard's rules, and an understanding that hears nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from copilot.types import GuardContext, SearchResult, Verdict
from guardrails.engine import Engine
from guardrails.loading import load_rules

NOW = datetime(2026, 11, 22, 10, 0)


@dataclass
class QuietLibrary:
    """A bank without products."""

    def named(self, text: str) -> tuple[Any, ...]:
        return ()

    def text(self, document: str) -> str:
        return ""


class RuleLine:
    """What `hear` needs of a line."""

    top_k = 6

    def __init__(self) -> None:
        self.guard = Engine(load_rules())
        self.library = QuietLibrary()
        self.state = "calm"
        self.entities: tuple[Any, ...] = ()

    def read(self, text: str, context: GuardContext) -> Verdict:
        return self.guard.check(text, context)

    def understand(self, conversation: Any) -> Any:
        return SimpleNamespace(state=self.state, entities=self.entities)

    def retrieve(self, query: str, **_: Any) -> SearchResult:
        return SearchResult(False, ())
