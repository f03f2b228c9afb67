"""What was understood of a customer's turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from copilot.types.inputs import EntityType, Move, Spin, State

Decided = Literal["classifier", "model", "advisor"]
"""Whose word the intent is."""
UNSURE = 0.6
"""A confidence under which the two best intents are offered: about a tenth of the turns."""
GUESSED = 0.45
"""A confidence under which what she wants is a guess."""


def believed(intent: str, guessed: bool) -> str:
    """An intent, but none for a complaint that is only guessed: who asked for a leaflet would be soothed."""
    return "" if guessed and intent == "complaint" else intent


@dataclass(frozen=True)
class Entity:
    """A normalised mention. `value`: yuan for amounts, days for terms, ISO text for dates, percent for rates, catalogue id for products."""

    type: EntityType
    text: str
    value: float | str
    start: int
    end: int
    unit: str = ""


@dataclass(frozen=True)
class Evidence:
    """A quotation from the customer's own messages; `turn` is its index in `Conversation.turns`."""

    quote: str
    turn: int


@dataclass(frozen=True)
class Commitment:
    """Something she left open: `who` she will ask ("" when she decides herself), `when` ISO or "" when she named no day."""

    quote: str
    turn: int
    who: str = ""
    when: str = ""


@dataclass(frozen=True)
class Ledger:
    """What the customer has revealed so far, by letter of SPIN; `withdrawn` is what she corrected since, `open` what is not settled."""

    S: tuple[Evidence, ...] = ()
    P: tuple[Evidence, ...] = ()
    I: tuple[Evidence, ...] = ()  # noqa: E741 - the letters are the method's own
    N: tuple[Evidence, ...] = ()
    withdrawn: tuple[Evidence, ...] = ()
    open: tuple[Commitment, ...] = ()

    def letter(self, spin: Spin) -> tuple[Evidence, ...]:
        """The evidence under one letter."""
        found: tuple[Evidence, ...] = getattr(self, spin)
        return found

    @property
    def present(self) -> tuple[Spin, ...]:
        """The letters with evidence."""
        letters: tuple[Spin, ...] = ("S", "P", "I", "N")
        return tuple(s for s in letters if self.letter(s))

    @property
    def missing(self) -> tuple[Spin, ...]:
        """The letters without evidence."""
        letters: tuple[Spin, ...] = ("S", "P", "I", "N")
        return tuple(s for s in letters if not self.letter(s))


@dataclass(frozen=True)
class IntentGuess:
    """What the classifier says. `ranked` holds (label, probability), best first."""

    intent: str
    confidence: float
    secondary: tuple[str, ...]
    ranked: tuple[tuple[str, float], ...]

    @property
    def unsure(self) -> bool:
        """Whether someone who knows better should be asked."""
        return self.confidence < UNSURE


@dataclass(frozen=True)
class Understanding:
    """One customer turn, understood."""

    intent: str
    confidence: float
    secondary: tuple[str, ...]
    ranked: tuple[tuple[str, float], ...]
    entities: tuple[Entity, ...]
    state: State
    selling: bool
    ledger: Ledger
    version: str = ""
    by: Decided = "classifier"

    @property
    def believed(self) -> str:
        """The intent as far as it may be acted on, "" where it is a guess that would offend her."""
        return believed(self.intent, self.guessed)

    @property
    def guessed(self) -> bool:
        """Whether the intent is a guess."""
        return self.by == "classifier" and self.confidence < GUESSED

    @property
    def offered(self) -> tuple[tuple[str, float], ...]:
        """The two best intents with their probabilities when nobody is sure of one, else nothing."""
        if self.by == "advisor" or self.confidence >= UNSURE:
            return ()
        return self.ranked[:2]


@dataclass(frozen=True)
class PlannedMove:
    """A move worth making and the reason an advisor can read (Chinese)."""

    move: Move
    reason: str
