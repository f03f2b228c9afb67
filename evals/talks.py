"""Labelled talks: whole conversations with what a good advisor would have heard in each of the customer's turns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from copilot.edges import CustomerIn, Moment
from copilot.errors import ContentError
from copilot.types import INTENTS, Conversation, EntityType, Spin, State, Turn
from evals.cases import CASES, Strict

HELD_OUT = CASES / "talks_heldout.jsonl"
LETTERS: tuple[Spin, ...] = ("S", "P", "I", "N")
_PLAIN_UNITS = frozenset(("", "CNY", "day", "percent", "元", "%"))


class Labelled(Strict):
    """One entity as its writer marked it."""

    type: EntityType
    text: str = Field(min_length=1)
    value: float | str = ""
    unit: str = ""


class Said(Strict):
    """One turn of a talk; only the customer's carry labels."""

    role: Literal["customer", "advisor"]
    text: str = Field(min_length=1)
    at: Moment | None = None
    intent: str = ""
    secondary: tuple[str, ...] = ()
    state: State = "calm"
    selling: bool = True
    entities: tuple[Labelled, ...] = ()
    S: tuple[str, ...] = ()
    P: tuple[str, ...] = ()
    I: tuple[str, ...] = ()  # noqa: E741 - the letters are the method's own
    N: tuple[str, ...] = ()

    def quotes(self, letter: Spin) -> tuple[str, ...]:
        """Her own words that are evidence for a letter."""
        found: tuple[str, ...] = getattr(self, letter)
        return found


class Talk(Strict):
    """One talk as its file has it."""

    id: str
    customer: CustomerIn | None = None
    turns: tuple[Said, ...]


@dataclass(frozen=True)
class Heard:
    """One turn of the customer: its labels, and the conversation that ends with it."""

    talk: str
    index: int
    said: Said
    conversation: Conversation


def heard_turns(path: Path = HELD_OUT) -> list[Heard]:
    """Every labelled turn of the talks in a file; ContentError names the line of a bad one."""
    return [heard for talk, where in _talks(path) for heard in _heard(talk, where)]


def _talks(path: Path) -> Iterator[tuple[Talk, str]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ContentError(path.name, f"{error.strerror}") from error
    for number, line in enumerate(lines, 1):
        where = f"{path.name}:{number}"
        try:
            yield Talk.model_validate(_plain_units(json.loads(line))), where
        except ValidationError as error:
            first = error.errors()[0]
            raise ContentError(where, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
        except ValueError as error:
            raise ContentError(where, f"not JSON: {error}") from error


def _plain_units(talk: Any) -> Any:
    """Yuan, days and percent go without saying."""
    for turn in talk.get("turns", ()) if isinstance(talk, dict) else ():
        for entity in turn.get("entities", ()):
            if entity.get("unit") in _PLAIN_UNITS:
                entity["unit"] = ""
    return talk


def _heard(talk: Talk, where: str) -> Iterator[Heard]:
    customer = talk.customer.value() if talk.customer else None
    before: list[Turn] = []
    for index, said in enumerate(talk.turns):
        before.append(Turn(said.role, said.text, said.at))
        if said.role == "advisor":
            continue
        if said.intent not in INTENTS:
            raise ContentError(where, f"{said.intent!r} is not an intent label")
        for quote in (*(e.text for e in said.entities), *(q for letter in LETTERS for q in said.quotes(letter))):
            if quote not in said.text:
                raise ContentError(where, f"{quote!r} does not stand in the turn {said.text[:20]!r}")
        conversation = Conversation(tuple(before), customer, said.at or datetime.now())
        yield Heard(talk.id, index, said, conversation)
