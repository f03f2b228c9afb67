"""A customer of practice: her card, what she hides, and her lines for every turn a talk may take. A file each, read strictly."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from copilot.edges import CustomerLevel
from copilot.errors import ContentError, InputError
from copilot.settings import packaged
from copilot.types import Customer, LifeEvent, Spin
from evals.practice.topics import TOPICS

LETTERS: tuple[Spin, ...] = ("S", "P", "I", "N")
LONGEST_LINE = 120


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is not a pattern ({error})") from error
    return text


Line = Annotated[str, Field(min_length=1, max_length=LONGEST_LINE)]
Lines = Annotated[tuple[Line, ...], Field(min_length=2)]
"""Two at least, so that no talk is like another."""
Pattern = Annotated[str, AfterValidator(_pattern)]


class Strict(BaseModel):
    """Unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Told(Strict):
    """Something said to the reader, in both languages."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Card(Strict):
    """What the bank knows of her. An assessment is `fresh`, `old` or `none`, so that a card does not age on the shelf."""

    name: str = Field(min_length=1)
    age: int = Field(ge=5, le=110)
    risk_level: CustomerLevel | None = None
    assessed: Literal["fresh", "old", "none"] = "none"
    tags: tuple[str, ...] = ()
    events: tuple[str, ...] = ()

    def customer(self, on: date) -> Customer:
        """The card as of a day."""
        days = {"fresh": 90, "old": 500, "none": 0}[self.assessed]
        events = tuple(LifeEvent(on - timedelta(days=20), text) for text in self.events)
        assessed = on - timedelta(days=days) if days else None
        return Customer(self.name, self.risk_level, assessed, self.age, None, self.tags, (), events)


class Fact(Strict):
    """One thing she tells when asked. `trust` is what she must have come to feel first; `better` asks for it well."""

    letter: Spin
    lines: Lines
    better: Line
    when: tuple[Pattern, ...] = ()
    trust: int = Field(0, ge=0, le=3)
    after: tuple[str, ...] = ()
    feels: bool = False
    """Whether it hurts to tell: the next words of an advisor with a heart show that he heard it."""


class Need(Strict):
    """What would help her: `said` is heard in an answer that fits, once what stands in `after` is known."""

    what: Told
    said: tuple[Pattern, ...] = Field(min_length=1)
    lines: Lines
    better: Line
    after: tuple[str, ...] = ()


class Replies(Strict):
    """Her lines for what is neither a fact nor a need."""

    pressed: Lines
    soothed: Lines
    promised: Lines
    pitched: Lines
    guarded: Lines
    repeated: Lines
    ignored: Lines
    many: Lines
    good: Lines
    bad: Lines
    over: Lines


class Better(Strict):
    """How it would have been said well to her."""

    compliance: Line
    tone: Line
    length: Line
    question: Line


class Buyer(Strict):
    """The file as a whole. `sell` is False where the right thing is to sell nothing."""

    id: str
    name: Told
    about: Told
    hidden: Told
    hard: Literal[1, 2, 3]
    card: Card
    patience: int = Field(ge=2, le=8)
    sell: bool = True
    urgent: bool = False
    """Whether help comes before questions: a talk that ends well owes nothing for what was not asked."""
    opening: Lines
    facts: Mapping[str, Fact] = Field(min_length=4)
    needs: Mapping[str, Need] = Field(min_length=1)
    replies: Replies
    better: Better

    @model_validator(mode="after")
    def _whole(self) -> Buyer:
        missing = [letter for letter in LETTERS if not self.held(letter)]
        if missing:
            raise ValueError(f"facts: nothing under {', '.join(missing)}")
        for name, fact in self.facts.items():
            if not fact.when and name not in TOPICS:
                raise ValueError(f"facts.{name}: no topic has this name, so it needs `when`")
        afters = {n: f.after for n, f in self.facts.items()} | {n: f.after for n, f in self.needs.items()}
        for name, after in afters.items():
            if set(after) - set(self.facts):
                raise ValueError(f"{name}: after names no fact of hers")
        return self

    def held(self, letter: Spin) -> tuple[str, ...]:
        """What she holds under a letter."""
        return tuple(name for name, fact in self.facts.items() if fact.letter == letter)

    @cached_property
    def asked(self) -> Mapping[str, re.Pattern[str]]:
        """How each fact is asked for in words of its own."""
        return {n: re.compile("|".join(f.when)) for n, f in self.facts.items() if f.when}

    @cached_property
    def helps(self) -> Mapping[str, re.Pattern[str]]:
        """How each need is heard to be met."""
        return {n: re.compile("|".join(need.said)) for n, need in self.needs.items()}


def folder() -> Path:
    """Where the customers lie."""
    return packaged("evals", "practice", "customers")


@cache
def customers(where: Path | None = None) -> Mapping[str, Buyer]:
    """Every customer by id, the easy ones first. ContentError names the file and the line of what is wrong."""
    read = [read_customer(path) for path in sorted((where or folder()).glob("*.yaml"))]
    if not read:
        raise ContentError(str(where or folder()), "no customers; restore them from the release")
    return {c.id: c for c in sorted(read, key=lambda c: (c.hard, c.id))}


def customer_of(name: str) -> Buyer:
    """One customer. InputError when there is none of this id."""
    found = customers().get(name)
    if found is None:
        raise InputError(f"no practice customer {name}; `advisor-copilot practice list` names them")
    return found


def read_customer(path: Path) -> Buyer:
    """One file, checked."""
    try:
        text = path.read_text(encoding="utf-8")
        told, tree = yaml.safe_load(text), yaml.compose(text, Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError(str(path), f"cannot be read ({error}); restore it from the release") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        raise ContentError(where, f"not valid YAML: {getattr(error, 'problem', error)}") from error
    try:
        found = Buyer.model_validate(told)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "file"
        raise ContentError(f"{path}:{_line(tree, first['loc'])}", f"{where}: {first['msg']}") from error
    if found.id != path.stem:
        raise ContentError(f"{path}:1", f"id {found.id!r} is not the file's name")
    return found


def _line(node: yaml.Node | None, place: tuple[str | int, ...]) -> int:
    """The line of a place, as near as the path leads."""
    line = node.start_mark.line if node else 0
    for part in place:
        if isinstance(node, yaml.MappingNode):
            pair = next(((k, v) for k, v in node.value if k.value == str(part)), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line
        else:
            break
    return line + 1
