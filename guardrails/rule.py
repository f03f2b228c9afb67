"""What a rule is: a frozen value that carries its own reason, legal basis and proof."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Literal

from copilot.types import Channel, GuardContext, ProductType, Severity

if TYPE_CHECKING:
    from guardrails.message import Message

Stance = Literal["claim", "request", "none"]


@dataclass(frozen=True)
class Hit:
    """A place in the folded text where a rule bites. `severity`, `reason` and others, when given, replace the rule's."""

    start: int
    end: int
    severity: Severity | None = None
    reason: str | None = None
    replacement: str | None = None
    insert: str | None = None
    raw: bool = False
    """The offsets lie in the original text already."""
    turned: bool = False
    """A negation that the pattern does not ask for stands between its words."""


@dataclass(frozen=True)
class Judgement:
    """What a Python rule found, and whether a record it needs was missing."""

    hits: tuple[Hit, ...] = ()
    not_checked: bool = False


Logic = Callable[["Message"], Judgement]


@dataclass(frozen=True)
class Pattern:
    """A compiled pattern and the literals without which it cannot match: of every group at least one."""

    source: str
    regex: re.Pattern[str]
    anchors: tuple[frozenset[str], ...]


@dataclass(frozen=True)
class Example:
    """A message that proves a rule, with the context it is read in."""

    text: str
    context: GuardContext = field(default_factory=GuardContext)


@dataclass(frozen=True)
class Scope:
    """Where a rule applies. Empty means everywhere. `marketing`: one-to-one chat only where the bank's setting says so."""

    types: tuple[ProductType, ...] = ()
    not_types: tuple[ProductType, ...] = ()
    not_records: tuple[ProductType, ...] = ()
    channels: tuple[Channel, ...] = ()
    marketing: bool = False


@dataclass(frozen=True)
class Rule:
    """One rule of the guard."""

    id: str
    check: str
    severity: Severity
    title: str
    title_en: str
    message: str
    basis: str
    basis_status: Literal["verified", "secondary"]
    where: str
    statutory: bool = True
    in_force_from: date | None = None
    in_force_to: date | None = None
    scope: Scope = Scope()
    stance: Stance = "claim"
    firm: bool = False
    """Its words are meant even beside a negation, so that a doubt about it does not make a warning of a hit."""
    patterns: tuple[Pattern, ...] = ()
    sounds: tuple[str, ...] = ()
    unless: tuple[re.Pattern[str], ...] = ()
    unless_text: tuple[re.Pattern[str], ...] = ()
    when_text: tuple[re.Pattern[str], ...] = ()
    logic: Logic | None = None
    replacement: str | None = None
    insert: str | None = None
    fails: tuple[Example, ...] = ()
    passes: tuple[Example, ...] = ()

    def in_force(self, on: date) -> bool:
        """Whether the rule applies on a day."""
        after = self.in_force_from is None or on >= self.in_force_from
        return after and (self.in_force_to is None or on <= self.in_force_to)


def longest(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """Hits of one rule in order, those that lie inside or across an earlier one joined to it."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda h: (h.start, -h.end)):
        if kept and hit.start < kept[-1].end and hit.raw == kept[-1].raw:
            last = kept[-1]
            if hit.end > last.end and hit.severity == last.severity:
                kept[-1] = Hit(last.start, hit.end, last.severity, last.reason, last.replacement, last.insert, last.raw)
            elif hit.severity != last.severity:
                kept.append(hit)
            continue
        kept.append(hit)
    return tuple(kept)
