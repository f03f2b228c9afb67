"""What is read again when rules change: the library's approved texts, the record's released ones, and rules of another folder."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from copilot.records import RecordStore
from copilot.settings import Settings
from copilot.types import INTENTS, GuardContext, Verdict
from guardrails.approved import answer_texts, context_at, product_texts, script_texts
from guardrails.changes import rules_of
from guardrails.engine import Engine, RuleSet
from guardrails.entries import refused_texts, released_texts
from guardrails.reread import Text
from knowledge_base.library import ContentLibrary

ORIGINS = ("scripts", "faq", "products", "records")
"""What `guard rescan` can read."""


class Read(Protocol):
    """What of the wired product is read again (`copilot.wiring.App`)."""

    settings: Settings

    @property
    def library(self) -> ContentLibrary:
        """The bank's knowledge."""
        ...

    @property
    def guard(self) -> Engine:
        """The guard in use."""
        ...

    @property
    def record(self) -> RecordStore:
        """The append-only record."""
        ...

    def clock(self) -> datetime:
        """The time."""
        ...


def guard_of(product: Read, folder: Path) -> Engine:
    """A guard with the rules of another folder, else as the one in use."""
    return Engine(rules_of(folder, product.settings.guard), product.library, product.guard.meaning)


def approved_texts(product: Read, origins: Collection[str]) -> tuple[Text, ...]:
    """The library's texts of some origins, those that hold today."""
    library, now = product.library, product.clock()
    context = context_at(now)
    found: tuple[Text, ...] = ()
    if "scripts" in origins:
        found += script_texts((s for intent in INTENTS for s in library.scripts(intent)), context)
    if "faq" in origins:
        answers = [a for a in library.content.faq if library.documents[a.id].holds(now.date())]
        found += answer_texts(answers, context)
    if "products" in origins:
        found += product_texts(library.products(), library.text, lambda name: library.documents[name].pieces, context)
    return found


def released(product: Read) -> tuple[Text, ...]:
    """Every text of the record that went out; `OnItsDay` reads it with the catalogue as it stood that day."""
    return released_texts(product.record.read(kinds=("proposal", "release")))


def refused(product: Read) -> tuple[Text, ...]:
    """Every text of the record that compliance kept from the customer."""
    return refused_texts(product.record.read(kinds=("proposal", "referral", "decision")))


class OnItsDay:
    """A guard that reads each text on its own day: a product that has closed since was on sale then."""

    def __init__(self, product: Read, rules: Path | RuleSet | None = None) -> None:
        self._moment = product.clock()
        guard = guard_of(product, rules) if isinstance(rules, Path) else product.guard
        then = replace(product.library, now=lambda: self._moment)
        self._today = self._moment
        ruleset = rules if isinstance(rules, RuleSet) else guard.ruleset
        self._guard = Engine(ruleset, then, guard.meaning)

    @property
    def version(self) -> str:
        """The version of its rules."""
        return self._guard.version

    def check(self, text: str, context: GuardContext) -> Verdict:
        """The verdict on a text on the day of its context."""
        self._moment = context.at or self._today
        return self._guard.check(text, context)
