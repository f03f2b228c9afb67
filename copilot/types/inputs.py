"""What comes in: closed sets, turns, the customer's card, conversations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args

Role = Literal["customer", "advisor"]
Severity = Literal["warn", "review", "block"]
Outcome = Literal["pass", "warn", "review", "block"]
Move = Literal["situation", "problem", "implication", "need", "answer", "soothe", "safety", "decline", "find_out"]
Origin = Literal["model", "script", "book"]
Channel = Literal["one_to_one", "group", "mass"]
ProductType = Literal[
    "wealth", "cash", "deposit", "structured_deposit", "treasury", "fund", "insurance", "gold", "pension", "other"
]
State = Literal["calm", "upset", "grief", "crisis", "confused", "minor", "fraud", "hurried"]
Tone = Literal["warm", "brief", "formal"]
EntityType = Literal["amount", "term", "date", "product", "rate", "person", "institution", "purpose"]
Kind = Literal["product", "faq", "compliance", "script", "market", "calendar", "glossary", "document"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Spin = Literal["S", "P", "I", "N"]

INTENTS: tuple[str, ...] = (
    "maturity_reinvest",
    "product_inquiry",
    "performance_concern",
    "liquidity_need",
    "recommendation_request",
    "comparison_competitor",
    "risk_concern",
    "deposit_rate",
    "transaction_help",
    "holiday_arrangement",
    "fee_inquiry",
    "risk_assessment",
    "insurance_pension",
    "market_view",
    "loan_credit",
    "benefits_activity",
    "complaint",
    "outflow_churn",
    "life_planning",
    "objection_hesitation",
    "greeting_smalltalk",
    "fraud_security",
    "other_unclear",
)
"""The closed set of intent labels; their meaning is in `copilot.intent.labels`."""

SILENT_INTENTS: frozenset[str] = frozenset({"complaint", "fraud_security"})
"""Turns on which nothing is sold, whatever the state."""
LASTING_STATES: frozenset[State] = frozenset({"crisis", "grief", "minor", "fraud"})
"""States that do not pass with a turn, and that only words of their own may answer."""
SILENT_STATES: frozenset[State] = LASTING_STATES | {"confused"}
"""States in which nothing is sold."""

MOVES: tuple[Move, ...] = (
    "situation",
    "problem",
    "implication",
    "need",
    "answer",
    "soothe",
    "safety",
    "decline",
    "find_out",
)
QUIET_MOVES: frozenset[Move] = frozenset({"soothe", "safety"})
"""Moves that ask nothing."""


@dataclass(frozen=True)
class Turn:
    """One message of a conversation."""

    role: Role
    text: str
    at: datetime | None = None


@dataclass(frozen=True)
class Holding:
    """What the customer holds. `product` is a catalogue id where known; `amount` in yuan."""

    name: str
    product: str | None = None
    risk_level: str | None = None
    amount: float | None = None
    maturity: date | None = None


@dataclass(frozen=True)
class LifeEvent:
    """A dated remark on the customer's card."""

    at: date
    text: str


@dataclass(frozen=True)
class Customer:
    """The customer's card as the bank keeps it."""

    name: str = ""
    risk_level: str | None = None
    assessed_on: date | None = None
    age: int | None = None
    aum: float | None = None
    tags: tuple[str, ...] = ()
    holdings: tuple[Holding, ...] = ()
    events: tuple[LifeEvent, ...] = ()


@dataclass(frozen=True)
class Conversation:
    """The history, oldest first, ending with the customer's message to be answered."""

    turns: tuple[Turn, ...]
    customer: Customer | None = None
    at: datetime | None = None
    id: str = ""

    @property
    def message(self) -> str:
        """The customer's turn to be answered: all her messages sent in a row at the end, joined by newlines."""
        tail: list[str] = []
        for turn in reversed(self.turns):
            if turn.role != "customer":
                break
            tail.append(turn.text)
        return "\n".join(reversed(tail))

    @property
    def history(self) -> tuple[Turn, ...]:
        """Everything before `message`."""
        n = len(self.turns)
        while n and self.turns[n - 1].role == "customer":
            n -= 1
        return self.turns[:n]
