"""What the guard is given and says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from copilot.types.inputs import Channel, Customer, Outcome, ProductType, Severity, Turn
from copilot.types.knowledge import Product

NOT_HEARD = "judge"
"""Stands in `not_checked` when a larger model was set to read the text too and gave no answer."""


@dataclass(frozen=True)
class Finding:
    """One violation in a text. `quote == text[start:end]` of the original; a missing line has start == end == len(text)."""

    rule: str
    check: str
    severity: Severity
    start: int
    end: int
    quote: str
    reason: str
    basis: str
    replacement: str | None = None
    insert: str | None = None


@dataclass(frozen=True)
class Verdict:
    """The guard's word on one text."""

    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    not_checked: tuple[str, ...] = ()
    rules_version: str = ""

    @property
    def releasable(self) -> bool:
        """Whether a person may release the text without compliance."""
        return self.outcome in ("pass", "warn")


@dataclass(frozen=True)
class Source:
    """A text a figure may come from."""

    text: str
    id: str = ""
    product: str | None = None


@dataclass(frozen=True)
class GuardContext:
    """The records a check may use. `None` means not given: that part of a † check is `not_checked`; an empty tuple means none."""

    history: tuple[Turn, ...] = ()
    at: datetime | None = None
    product_type: ProductType | None = None
    products: tuple[Product, ...] | None = None
    customer: Customer | None = None
    sources: tuple[Source, ...] | None = None
    channel: Channel = "one_to_one"
    material: str | None = None
