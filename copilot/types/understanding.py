"""What was understood of a customer's turn."""

from __future__ import annotations

from dataclasses import dataclass

from copilot.types.inputs import EntityType, Move, Spin, State


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
class Ledger:
    """What the customer has revealed so far, by letter of SPIN."""

    S: tuple[Evidence, ...] = ()
    P: tuple[Evidence, ...] = ()
    I: tuple[Evidence, ...] = ()  # noqa: E741 - the letters are the method's own
    N: tuple[Evidence, ...] = ()

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


@dataclass(frozen=True)
class PlannedMove:
    """A move worth making and the reason an advisor can read (Chinese)."""

    move: Move
    reason: str
