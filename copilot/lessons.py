"""What advisors said their customers wanted, as lines the intent classifier can learn from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from copilot.types import Entry

HEADER = ("intent", "secondary", "state", "text", "history")
_SPEAKER = {"customer": "C", "advisor": "A"}


def lessons(entries: Iterable[Entry]) -> list[tuple[str, ...]]:
    """A row a turn, in order of the first word on it; the last word counts."""
    found: dict[tuple[str, str, int], tuple[str, ...]] = {}
    for entry in entries:
        told = entry.payload
        if told is None:
            continue
        turns: Any = told["history"]
        found[entry.conversation, str(told["text"]), len(turns)] = _row(told, turns)
    return list(found.values())


def _row(told: Mapping[str, Any], turns: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    history = "⏎".join(f"{_SPEAKER[t['role']]}:{_cell(t['text'])}" for t in turns)
    return str(told["intent"]), ",".join(told["secondary"]), str(told["state"]), _cell(told["text"]), history


def _cell(text: object) -> str:
    """A text without what would end its cell or line."""
    return "⏎".join(part.strip() for part in str(text).replace("\t", " ").splitlines() if part.strip())
