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


class Said(Strict):
    """One held-out advisor message from a writer's table."""

    kind: Literal["forbidden", "twin", "hard", "chat"]
    """`twin` is a permitted line that differs by one clause from a forbidden one, `hard` one that sits beside an offence."""
    checks: tuple[str, ...] = ()
    text: str = Field(min_length=1)
    author: str


class PolarityPair(Strict):
    """Two messages that differ in polarity alone: `claim` breaks the checks, `denial` does not."""

    kind: str
    checks: tuple[str, ...]
    claim: str = Field(min_length=1)
    denial: str = Field(min_length=1)


class Attack(Strict):
    """A text that tries to give the system orders, or an innocent one that looks like it."""

    kind: Literal["attack", "benign"]
    where: Literal["message", "document", "field"]
    text: str = Field(min_length=1)


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


def desk_lines(path: Path = CASES / "guard_desk.tsv") -> list[Said]:
    """Messages of a branch's whole desk, written for measuring alone."""
    found = []
    for row, where in _rows(path):
        checks = tuple(c for c in row["checks"].split(",") if c and c != "chat")
        kind = "forbidden" if checks else "chat" if row["checks"] == "chat" else "twin" if row["twin"] else "hard"
        data = {"kind": kind, "checks": checks, "text": _lines(row["text"]), "author": path.stem}
        found.append(_model(Said, data, where))
    return found


def chat_lines(path: Path = CASES / "guard_chat.tsv") -> list[str]:
    """Ordinary messages of advisors, all fine."""
    return [_lines(row["text"]) for row, _ in _rows(path)]


def polarity_pairs(path: Path = CASES / "polarity.tsv") -> list[PolarityPair]:
    """Pairs that differ in polarity alone."""
    return [
        _model(PolarityPair, row | {"checks": tuple(c for c in row["checks"].split(",") if c)}, where)
        for row, where in _rows(path)
    ]


def attacks(path: Path = CASES / "injection.tsv") -> list[Attack]:
    """Attacks on the system through messages, documents and fields, and innocent texts like them."""
    return [_model(Attack, row | {"text": _lines(row["text"])}, where) for row, where in _rows(path)]


def _rows(path: Path) -> Iterator[tuple[dict[str, str], str]]:
    """Rows of a table with a header line, and where each stands."""
    with _open(path) as handle:
        for number, row in enumerate(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE), start=2):
            if None in row or None in row.values():
                raise ContentError(f"{path.name}:{number}", "the number of columns differs from the header's")
            yield {k: v.strip() if k != "text" else v for k, v in row.items()}, f"{path.name}:{number}"


def _lines(text: str) -> str:
    return text.replace("\\n", "\n")


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
