"""Readers' verdicts on replies: what the judge of drafts learns from. One JSON line a request, with its texts.

A script for an occasion says how surely she came with it (`called`), as the hearing of that day had it; older ones knew no occasions.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from copilot.drafting.fitness import Matter, Writing
from copilot.drafting.handwritten import Handwritten
from copilot.errors import ContentError
from copilot.types import Turn
from training.data import ROOT

VERDICTS = ROOT / "training" / "drafter" / "verdicts"
SEND, TOUCH, DISCARD = 2, 1, 0


@dataclass(frozen=True)
class Read:
    """A text somebody read for a request; `entry` is (author, message) of the book's reply it is, else empty."""

    matter: Matter
    writing: Writing
    verdict: int
    request: str


def matter_of_row(row: dict[str, Any]) -> Matter:
    """A request as saved."""
    history = tuple(Turn(t["role"], t["text"]) for t in row["history"])
    return Matter(
        row["said"], row["message"], history, row["before"], row["intent"], tuple(row["second"]), row["state"],
        row["kind"], row["role"], row["tone"], row["faq"], float(row["found"]), frozenset(row["lengths"]),
        {name: int(length) for name, length in row["lengths"].items()},
    )  # fmt: skip


def load_verdicts(hand: Handwritten, folder: Path = VERDICTS) -> Iterator[Read]:
    """Every text with its verdict; one of the book's is compared with the request anew. ContentError names file and line."""
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                row = json.loads(line)
                matter = matter_of_row(row["matter"])
                yield from _texts(row, matter, hand)
            except (ValueError, KeyError, TypeError) as error:
                raise ContentError(f"{path.name}:{number}", f"not a verdict row ({error})") from error


def _texts(row: dict[str, Any], matter: Matter, hand: Handwritten) -> Iterator[Read]:
    written: dict[tuple[str, str, str], Writing] = {}
    wanted = {text["message"] for text in row["texts"] if text["source"] == "book"}
    for move in {text["move"] for text in row["texts"]}:
        for writing in hand.book.near(matter, move, matter.message, limit=len(hand.book.entries)):
            for found in (writing, *hand.trims(matter, writing)) if writing.message in wanted else ():
                written.setdefault((move, found.template, found.message), found)
    for text in row["texts"]:
        if text["source"] == "book":
            read = written.get((text["move"], text["template"], text["message"]))
        else:
            own = _of_model(text, matter) if text["source"] == "model" else _of_script(text)
            read = hand.compared(matter, own, matter.message)
        if read is not None:
            yield Read(matter, read, int(text["verdict"]), row["id"])


def _of_model(text: dict[str, Any], matter: Matter) -> Writing:
    return Writing(
        text["template"], text["move"], "model", matter.intent, matter.state, matter.kind, matter.role, matter.tone,
        certainty=float(text["certainty"]),
    )  # fmt: skip


def _of_script(text: dict[str, Any]) -> Writing:
    return Writing(
        text["template"], text["move"], "script", text["intent"], text["state"], tone=text["tone"],
        called=float(text.get("called", 0.0)),
    )  # fmt: skip
