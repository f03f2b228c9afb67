"""Cases as data: loaders that refuse a malformed line and name it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from copilot.edges import CheckIn, DraftIn
from copilot.errors import ContentError
from copilot.settings import packaged
from copilot.types import INTENTS, Turn

CASES = packaged("evals", "cases")


class Strict(BaseModel):
    """A part of a case; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Expect(Strict):
    """What a good answer to a conversation must and must not be."""

    intent: tuple[str, ...]
    state: tuple[str, ...]
    selling: bool
    moves_any: tuple[str, ...] = ()
    moves_none: tuple[str, ...] = ()
    must: tuple[tuple[str, ...], ...] = ()
    must_not: tuple[str, ...] = ()
    documents_any: tuple[str, ...] = ()
    no_product_above: str | None = None


class ConversationCase(Strict):
    """One conversation with its expectation."""

    id: str
    author: str
    reason: str
    input: DraftIn
    expect: Expect


class GuardCase(Strict):
    """One advisor message, forbidden or permitted."""

    id: str
    text: str
    label: Literal["forbidden", "permitted"]
    checks: tuple[str, ...] = ()
    product_type: str | None = None
    customer: dict[str, Any] | None = None
    note: str = ""

    def request(self) -> CheckIn:
        """The line `check` would read."""
        return CheckIn.model_validate(
            {"text": self.text, "product_type": self.product_type or None, "customer": self.customer}
        )


class IntentCase(Strict):
    """One customer turn with its labels."""

    intent: str
    secondary: tuple[str, ...] = ()
    state: str = "calm"
    text: str = Field(min_length=1)
    history: tuple[Turn, ...] = ()


def conversations(path: Path = CASES / "conversations.jsonl") -> list[ConversationCase]:
    """The conversations."""
    return [_model(ConversationCase, data, where) for data, where in _json_lines(path)]


def guard_cases(path: Path = CASES / "guard_heldout.jsonl") -> list[GuardCase]:
    """The guard's held-out messages."""
    return [_model(GuardCase, data, where) for data, where in _json_lines(path)]


def intent_cases(path: Path = CASES / "intent_heldout.tsv") -> list[IntentCase]:
    """The held-out customer turns."""
    cases = []
    with _open(path) as handle:
        for number, row in enumerate(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE), start=2):
            where = f"{path.name}:{number}"
            if row.get("intent") not in INTENTS:
                raise ContentError(where, f"{row.get('intent')!r} is not an intent label")
            cases.append(
                _model(
                    IntentCase,
                    {
                        "intent": row["intent"],
                        "secondary": tuple(s for s in (row.get("secondary") or "").split(",") if s),
                        "state": row.get("state") or "calm",
                        "text": (row.get("text") or "").replace("⏎", "\n"),
                        "history": _history(row.get("history") or ""),
                    },
                    where,
                )
            )
    return cases


def _history(text: str) -> tuple[Turn, ...]:
    """`A:…⏎C:…` as turns; a piece without a mark goes on with the turn before."""
    turns: list[Turn] = []
    for piece in text.split("⏎"):
        mark, body = piece[:2], piece[2:]
        if mark in ("A:", "A：", "C:", "C："):
            turns.append(Turn("advisor" if mark[0] == "A" else "customer", body))
        elif turns and piece:
            turns[-1] = Turn(turns[-1].role, f"{turns[-1].text}\n{piece}")
    return tuple(turns)


def _json_lines(path: Path) -> Iterator[tuple[dict[str, Any], str]]:
    with _open(path) as handle:
        for number, line in enumerate(handle, start=1):
            if not line.strip():
                continue
            where = f"{path.name}:{number}"
            try:
                data = json.loads(line)
            except json.JSONDecodeError as error:
                raise ContentError(where, f"not JSON: {error}") from error
            yield data, where


def _open(path: Path) -> Any:
    try:
        return path.open(encoding="utf-8", newline="")
    except OSError as error:
        raise ContentError(str(path.name), f"{error.strerror}") from error


def _model(model: type[Any], data: dict[str, Any], where: str) -> Any:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(p) for p in first["loc"])
        raise ContentError(where, f"{field}: {first['msg']}") from error
