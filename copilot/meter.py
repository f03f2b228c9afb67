"""What may be counted, timed and traced of a running desk, told in closed words: no name, no word of a customer, no number of hers.

The product knows a `Meter` and not who reads it. SILENT hears everything and does nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Protocol, get_args

from copilot.errors import CopilotError
from copilot.types import INTENTS, MOVES, Origin, Outcome, Severity, State
from copilot.types.understanding import Decided

OTHER = "other"
"""What is told in place of a word that is not in the closed set."""
STEPS = ("understand", "retrieve", "draft", "guard", "record")
WORKS = ("proposal", "release", "referral")
MODEL_OUTCOMES = ("ok", "timeout", "busy", "unavailable", "cancelled", "error")
ENTRY_KINDS = (
    *("proposal", "candidate", "correction", "rewrite", "thumb", "release", "held", "referral", "sent"),
    *("case", "decision", "sample", "quality", "export", "import", "account", "rules", "script", "case_added"),
)


def _tree(kind: type[CopilotError]) -> Iterator[str]:
    yield kind.__name__
    for below in kind.__subclasses__():
        yield from _tree(below)


_CHECK = re.compile(r"G\d{2}")
_CLOSED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "work": frozenset(WORKS),
        "step": frozenset(STEPS),
        "intent": frozenset(INTENTS),
        "state": frozenset(get_args(State)),
        "by": frozenset(get_args(Decided)),
        "origin": frozenset(get_args(Origin)),
        "move": frozenset(MOVES),
        "outcome": frozenset((*get_args(Outcome), *MODEL_OUTCOMES, "refused", "approved", "returned", "rejected")),
        "severity": frozenset(get_args(Severity)),
        "kind": frozenset(ENTRY_KINDS),
        "way": frozenset(("password", "oidc")),
        "error": frozenset(_tree(CopilotError)),
    }
)


def closed(label: str, word: str) -> str:
    """The word, if the label's closed set has it, else `other`. A label that nobody described lets no word through."""
    if label == "check":
        return word if _CHECK.fullmatch(word) else OTHER
    return word if word in _CLOSED.get(label, ()) else OTHER


Gauges = Mapping[str, Callable[[], float]]
"""What is read when somebody asks, by name."""


class Span(Protocol):
    """A stretch of work, from `Meter.begin` on."""

    def tell(self, **said: str | int) -> None:
        """Add closed words and counts."""
        ...

    def end(self, error: BaseException | None = None) -> None:
        """It is over; of an error only its kind is told."""
        ...


class Meter(Protocol):
    """Hears what happens. Never raises, never waits for a network."""

    def count(self, what: str, **labels: str) -> None:
        """One more."""
        ...

    def time(self, what: str, seconds: float, **labels: str) -> None:
        """How long it took."""
        ...

    def begin(self, name: str, within: Span | None = None) -> Span:
        """A stretch of work begins."""
        ...

    def open(self, gauges: Gauges) -> None:
        """Begin to answer those who may read. SettingsError when the address cannot be used."""
        ...

    def close(self) -> None:
        """Stop answering; send what is left, for a few seconds at most."""
        ...


class _Unheard:
    def tell(self, **said: str | int) -> None:
        pass

    def end(self, error: BaseException | None = None) -> None:
        pass


_UNHEARD = _Unheard()


class _Silent:
    def count(self, what: str, **labels: str) -> None:
        pass

    def time(self, what: str, seconds: float, **labels: str) -> None:
        pass

    def begin(self, name: str, within: Span | None = None) -> Span:
        return _UNHEARD

    def open(self, gauges: Gauges) -> None:
        pass

    def close(self) -> None:
        pass


SILENT: Meter = _Silent()
UNHEARD: Span = _UNHEARD
