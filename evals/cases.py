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
    """What a good answer to a conversation must and must not be. An empty field asks nothing."""

    intent: tuple[str, ...]
    state: tuple[str, ...]
    selling: bool | None
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
    batch: str = ""


Part = Literal["development", "heldout"]
"""Cases that weights and judgements were chosen on, and cases that are only scored."""
Slice = Literal[
    "colloquial", "typo", "turns", "code", "figure", "holiday", "comparison", "product", "market", "compliance", "message",
    "nowhere",
]  # fmt: skip
_OTHER_NAMES: dict[str, Slice] = {
    "figures": "figure",
    "none": "nowhere",
    "unanswerable": "nowhere",
    "social": "nowhere",
}


class SearchCase(Strict):
    """A customer's question with every entry that answers it, at most five; none where the knowledge has no answer."""

    batch: str
    slice: Slice
    query: str = Field(min_length=1)
    gold: tuple[str, ...]
    history: tuple[Turn, ...] = ()


def search_cases(part: Part, folder: Path = CASES) -> list[SearchCase]:
    """The hand-labelled questions of a part, by author batch."""
    paths = sorted(folder.glob(f"search_{part}_*.jsonl"))
    if not paths:
        raise ContentError(f"search_{part}_*.jsonl", f"no such file in {folder}")
    return [_search_case(path, data, where) for path in paths for data, where in json_lines(path)]


def _search_case(path: Path, data: dict[str, Any], where: str) -> SearchCase:
    batch, named = path.stem.split("_", 2)[2], data.get("slice")
    known = _OTHER_NAMES.get(str(named), "message" if batch == "messages" else named)
    case: SearchCase = parsed(SearchCase, data | {"batch": batch, "slice": known}, where)
    return case


def conversations(path: Path = CASES / "conversations.jsonl") -> list[ConversationCase]:
    """The conversations."""
    return [parsed(ConversationCase, data, where) for data, where in json_lines(path)]


def guard_cases(path: Path = CASES / "guard_heldout.jsonl") -> list[GuardCase]:
    """The guard's held-out messages."""
    return [parsed(GuardCase, data, where) for data, where in json_lines(path)]


def desk_lines(path: Path = CASES / "guard_desk.tsv") -> list[Said]:
    """Messages of a branch's whole desk, written for measuring alone."""
    found = []
    for row, where in rows(path):
        checks = tuple(c for c in row["checks"].split(",") if c and c != "chat")
        kind = "forbidden" if checks else "chat" if row["checks"] == "chat" else "twin" if row["twin"] else "hard"
        data = {"kind": kind, "checks": checks, "text": _lines(row["text"]), "author": path.stem}
        found.append(parsed(Said, data, where))
    return found


def stranger_lines(folder: Path = CASES) -> list[Said]:
    """An ordinary day's messages of people whose like the guard never learnt from, a file each."""
    return [line for path in sorted(folder.glob("guard_strangers_*.tsv")) for line in desk_lines(path)]


def chat_lines(path: Path = CASES / "guard_chat.tsv") -> list[str]:
    """Ordinary messages of advisors, all fine."""
    return [_lines(row["text"]) for row, _ in rows(path)]


def polarity_pairs(path: Path = CASES / "polarity.tsv") -> list[PolarityPair]:
    """Pairs that differ in polarity alone."""
    return [
        parsed(PolarityPair, row | {"checks": tuple(c for c in row["checks"].split(",") if c)}, where)
        for row, where in rows(path)
    ]


def attacks(path: Path = CASES / "injection.tsv") -> list[Attack]:
    """Attacks on the system through messages, documents and fields, and innocent texts like them."""
    return [parsed(Attack, row | {"text": _lines(row["text"])}, where) for row, where in rows(path)]


def rows(path: Path) -> Iterator[tuple[dict[str, str], str]]:
    """Rows of a table with a header line, and where each stands."""
    with _open(path) as handle:
        for number, row in enumerate(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE), start=2):
            if None in row or None in row.values():
                raise ContentError(f"{path.name}:{number}", "the number of columns differs from the header's")
            yield {k: v.strip() if k != "text" else v for k, v in row.items()}, f"{path.name}:{number}"


def _lines(text: str) -> str:
    return text.replace("\\n", "\n")


STRANGERS = "strangers"
"""Cases of writers of whom only the first score is to be believed: a group, and figures, of their own."""


def intent_cases(folder: Path = CASES) -> list[IntentCase]:
    """The held-out customer turns of every `intent_heldout*.tsv`, then those of strangers, `intent_strangers_*.tsv`, file by file."""
    paths = [*sorted(folder.glob("intent_heldout*.tsv")), *sorted(folder.glob("intent_strangers_*.tsv"))]
    return [case for path in paths for case in _intents(path)]


def _intents(path: Path) -> list[IntentCase]:
    cases = []
    with _open(path) as handle:
        for number, row in enumerate(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE), start=2):
            where = f"{path.name}:{number}"
            if row.get("intent") not in INTENTS:
                raise ContentError(where, f"{row.get('intent')!r} is not an intent label")
            cases.append(
                parsed(
                    IntentCase,
                    {
                        "intent": row["intent"],
                        "secondary": tuple(s for s in (row.get("secondary") or "").split(",") if s),
                        "state": row.get("state") or "calm",
                        "text": (row.get("text") or "").replace("⏎", "\n"),
                        "history": _history(row.get("history") or ""),
                        "batch": path.stem.removeprefix("intent_heldout").removeprefix("intent_").strip("_") or "first",
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


def json_lines(path: Path) -> Iterator[tuple[dict[str, Any], str]]:
    """The objects of a file of JSON lines, and where each stands; ContentError names a line that is none."""
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


def parsed(model: type[Any], data: dict[str, Any], where: str) -> Any:
    """The case that a line holds; ContentError names the field that is wrong."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(p) for p in first["loc"])
        raise ContentError(where, f"{field}: {first['msg']}") from error
