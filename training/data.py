"""What the bundled models learn from: hand-written messages and replies, and the knowledge base's own text.

Nothing under evals/ or tests/ is ever read here. Loaders take whatever files are there and name file and line of a bad one.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args

import yaml

from copilot.errors import ContentError
from copilot.types import INTENTS, MOVES, Role, State, Turn
from knowledge_base.asked import Asked, read_asked

ROOT = Path(__file__).resolve().parent.parent
MESSAGES = ROOT / "training" / "intent" / "messages"
REPLIES = ROOT / "training" / "drafter" / "replies"
RARE = ROOT / "training" / "drafter" / "rare"
"""Replies to messages unlike any other: ordinary talk to learn from, but of too particular a life to be offered to others."""
WORDINGS = ROOT / "training" / "embedder"
TALKS = ROOT / "training" / "talks"
GUARD = ROOT / "training" / "guard"
ORDERS = ROOT / "training" / "orders"
LEDGER = ROOT / "training" / "ledger"
CONTENT = ROOT / "knowledge_base" / "content"
ASKED = CONTENT / "asked"
STATES: tuple[str, ...] = get_args(State)
_CHECK = re.compile(r"G(?:0[1-9]|[12][0-9]|3[0-7])")
_ROLES: Mapping[str, Role] = {"A": "advisor", "C": "customer"}


@dataclass(frozen=True)
class Message:
    """One labelled customer turn; `text` may hold several messages joined by newlines."""

    intent: str
    secondary: tuple[str, ...]
    state: str
    text: str
    history: tuple[Turn, ...]
    author: str


@dataclass(frozen=True)
class Marked:
    """A customer's turn of a talk, with everything a good advisor would have heard in it.

    `history` is the talk before. Entities are (type, text, value, unit); `quotes` holds her words by letter of SPIN.
    """

    talk: str
    message: Message
    selling: bool
    entities: tuple[tuple[str, str, float | str, str], ...]
    quotes: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Reply:
    """One hand-written reply to a message, with what its writer was told."""

    intent: str
    move: str
    tone: str
    state: str
    address: str
    message: str
    history: tuple[Turn, ...]
    has: tuple[str, ...]
    kind: str
    role: str
    faq: str
    facts: tuple[str, ...]
    reply: str
    author: str


@dataclass(frozen=True)
class Line:
    """One thing an advisor might write, and the checks it breaks: none when it is permitted.

    `twin` names the pair of lines that differ by one clause; `chat` is ordinary talk without any offence near it.
    """

    text: str
    checks: tuple[str, ...]
    twin: str
    author: str
    chat: bool = False

    @property
    def forbidden(self) -> bool:
        """Whether a strict officer would hold it."""
        return bool(self.checks)


@dataclass(frozen=True)
class Entry:
    """One question and answer of the FAQ."""

    id: str
    question: str
    variants: tuple[str, ...]
    answer: str
    short: str
    intent: str


def turns(cell: str) -> tuple[Turn, ...]:
    """`A:…⏎C:…` as turns; a line without a speaker goes on the turn before."""
    found: list[Turn] = []
    for line in cell.split("⏎"):
        head, _, rest = line.strip().replace("：", ":", 1).partition(":")
        role = _ROLES.get(head.strip())
        if role is not None:
            found.append(Turn(role, rest.strip()))
        elif found and line.strip():
            found[-1] = Turn(found[-1].role, f"{found[-1].text}\n{line.strip()}")
    return tuple(t for t in found if t.text)


def load_messages(folder: Path = MESSAGES) -> list[Message]:
    """All labelled messages, in the order of files and lines."""
    found: list[Message] = []
    for path in sorted(folder.glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            next(rows, None)
            for number, row in enumerate(rows, 2):
                if row and any(cell.strip() for cell in row):
                    found.append(_message(row, path, number))
    return found


def _message(row: Sequence[str], path: Path, number: int) -> Message:
    cells = [cell.strip() for cell in [*row, "", "", "", "", ""][:5]]
    where = f"{path.name}:{number}"
    secondary = tuple(s.strip() for s in cells[1].split(",") if s.strip())
    for label in (cells[0], *secondary):
        if label not in INTENTS:
            raise ContentError(where, f"{label!r} is not an intent of the closed set")
    if cells[2] not in STATES:
        raise ContentError(where, f"{cells[2]!r} is not a state")
    if not cells[3]:
        raise ContentError(where, "a message without text")
    return Message(cells[0], secondary, cells[2], cells[3].replace("⏎", "\n"), turns(cells[4]), path.stem)


def load_talks(source: Path = TALKS) -> list[Marked]:
    """Every customer turn of all labelled talks; `source` is a folder or one file. ContentError names file and line."""
    paths = sorted(source.glob("*.jsonl")) if source.is_dir() else [source]
    return [
        marked
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for marked in _talk(json.loads(line), path, number)
    ]


def _talk(talk: Mapping[str, Any], path: Path, number: int) -> Iterator[Marked]:
    before: list[Turn] = []
    for row in talk["turns"]:
        role: Role = "advisor" if row["role"] == "advisor" else "customer"
        at = datetime.fromisoformat(row["at"]) if row.get("at") else None
        if role == "customer":
            yield _marked(row, talk["id"], tuple(before), f"{path.name}:{number}", path.stem)
        before.append(Turn(role, row["text"], at))


def _marked(row: Mapping[str, Any], talk: str, before: tuple[Turn, ...], where: str, author: str) -> Marked:
    text, secondary = row["text"], tuple(row["secondary"])
    entities = tuple((e["type"], e["text"], e["value"], _unit(e.get("unit", ""))) for e in row["entities"])
    quotes = {letter: tuple(row[letter]) for letter in "SPIN"}
    if row["intent"] not in INTENTS or not set(secondary) <= set(INTENTS) or row["state"] not in STATES:
        raise ContentError(where, f"{row['intent']!r}, {secondary!r} or {row['state']!r} is not of the closed set")
    for quote in (*(e[1] for e in entities), *(q for found in quotes.values() for q in found)):
        if not quote or quote not in text:
            raise ContentError(where, f"{quote!r} does not stand in the turn {text[:20]!r}")
    message = Message(row["intent"], secondary, row["state"], text, before, author)
    return Marked(talk, message, bool(row["selling"]), entities, quotes)


def _unit(unit: str) -> str:
    """Yuan, days and percent go without saying."""
    return "" if unit in ("CNY", "day", "percent") else unit


def load_replies(folder: Path = REPLIES) -> list[Reply]:
    """All hand-written replies, in the order of files and lines."""
    return [
        _reply(json.loads(line), path, number)
        for path in sorted(folder.glob("*.jsonl"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if line.strip()
    ]


def load_every_reply() -> list[Reply]:
    """Those of the book and the rare ones."""
    return load_replies() + load_replies(RARE)


def _reply(row: Mapping[str, Any], path: Path, number: int) -> Reply:
    where = f"{path.name}:{number}"
    if row["intent"] not in INTENTS or row["move"] not in MOVES or row["state"] not in STATES:
        raise ContentError(where, "intent, move or state is not of the closed set")
    history = row.get("history") or ()
    spoken = (
        turns(history)
        if isinstance(history, str)
        else tuple(t for item in history for t in _turn(item))
        if history
        else ()
    )
    return Reply(
        row["intent"],
        row["move"],
        row["tone"],
        row["state"],
        row.get("address", ""),
        row["message"].replace("⏎", "\n"),
        spoken,
        tuple(row.get("has", ())),
        row.get("kind", ""),
        row.get("role", ""),
        row.get("faq", ""),
        tuple(row["facts"]),
        row["reply"].strip(),
        path.stem,
    )


def _turn(item: Any) -> tuple[Turn, ...]:
    if isinstance(item, str):
        return turns(item)
    role: Role = "advisor" if item["role"] == "advisor" else "customer"
    return (Turn(role, item["text"]),)


def load_asked(folder: Path = ASKED) -> tuple[Asked, ...]:
    """All questions written for a document of the knowledge base, in the order of files and lines."""
    return read_asked(folder)


def load_lines(folder: Path = GUARD) -> list[Line]:
    """All forbidden and permitted lines, in the order of files and lines."""
    found: list[Line] = []
    for path in sorted(folder.glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            next(rows, None)
            found.extend(_line(row, path, number) for number, row in enumerate(rows, 2) if any(row))
    return found


def _line(row: Sequence[str], path: Path, number: int) -> Line:
    where = f"{path.name}:{number}"
    if len(row) != 4 or row[0] not in ("forbidden", "permitted") or not row[3].strip():
        raise ContentError(where, "expected label, checks, twin and text, separated by tabs")
    named = tuple(c.strip() for c in row[1].split(",") if c.strip())
    checks = tuple(c for c in named if _CHECK.fullmatch(c))
    if bool(checks) != (row[0] == "forbidden") or (named and not checks and named != ("chat",)):
        raise ContentError(where, f"a {row[0]} line with the checks {row[1]!r}")
    twin = f"{path.stem}:{row[2].strip()}" if row[2].strip() else ""
    return Line(row[3].replace("\\n", "\n").strip(), checks, twin, path.stem, named == ("chat",))


def documents(folder: Path = CONTENT) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Every YAML file of the knowledge base, parsed."""
    for path in sorted(folder.rglob("*.yaml")):
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
        if isinstance(loaded, dict):
            yield path, loaded


def load_faq(folder: Path = CONTENT) -> list[Entry]:
    """The FAQ entries."""
    return [
        Entry(
            row["id"],
            row["question"],
            tuple(row.get("variants", ())),
            row.get("answer", ""),
            row.get("short", ""),
            row.get("intent", ""),
        )
        for _, document in documents(folder)
        for row in document.get("faq", ())
    ]


def knowledge_texts(folder: Path = CONTENT) -> list[str]:
    """Every Chinese string of the knowledge base of four characters or more, once."""
    found: dict[str, None] = {}
    for _, document in documents(folder):
        for text in _strings(document):
            if len(text) >= 4 and any("\u4e00" <= c <= "\u9fff" for c in text):
                found.setdefault(text)
    return list(found)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, Sequence):
        for item in value:
            yield from _strings(item)


def all_texts() -> list[str]:
    """All of the project's own Chinese text, each piece once: messages, histories, replies, knowledge."""
    found: dict[str, None] = {}
    for message in load_messages():
        found.setdefault(message.text)
        for turn in message.history:
            found.setdefault(turn.text)
    for reply in load_replies():
        found.setdefault(reply.message)
        found.setdefault(reply.reply)
    for asked in load_asked():
        found.setdefault(asked.text)
    for text in knowledge_texts():
        found.setdefault(text)
    return list(found)


def data_hash() -> str:
    """SHA-256 over names and bytes of every data file, first twelve digits."""
    total = sha256()
    for folder in (MESSAGES, TALKS, REPLIES, RARE, WORDINGS, GUARD, ORDERS, LEDGER, CONTENT):
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            total.update(path.relative_to(ROOT).as_posix().encode())
            total.update(sha256(path.read_bytes()).digest())
    return total.hexdigest()[:12]


def bucket(text: str, parts: int = 1000) -> int:
    """A number below `parts` that depends on the text alone: splits that stay when data grow."""
    return int.from_bytes(sha256(text.encode()).digest()[:8], "big") % parts
