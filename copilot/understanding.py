"""The understanding stage: intent, entities, state and ledger of one customer turn, put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from copilot.types import (
    GUESSED,
    Conversation,
    Customer,
    Entity,
    IntentGuess,
    Ledger,
    State,
    Turn,
    Understanding,
    believed,
)

SURE_STATE = 0.8
"""How sure the classifier must be of a state that no pattern shows, to name it."""


class Classifier(Protocol):
    """The intent classifier with its word on the person's state."""

    @property
    def version(self) -> str:
        """What trained it, for the record."""
        ...

    def classify(self, text: str, history: Sequence[Turn] = ()) -> IntentGuess:
        """The intent, with its probability."""
        ...

    def state(self, text: str, history: Sequence[Turn] = ()) -> tuple[State, float]:
        """The person's state and its probability."""
        ...

    def trouble(self, text: str, history: Sequence[Turn] = ()) -> bool:
        """Whether the turn reads like those on which nothing is sold."""
        ...


Decide = Callable[[Conversation, IntentGuess], IntentGuess | None]
"""A better reader's guess instead of an unsure one; None when it was not heard."""


class Extract(Protocol):
    """Finds the entities of a message."""

    def __call__(
        self, text: str, *, at: datetime | None, customer: Customer | None, history: Sequence[Turn]
    ) -> tuple[Entity, ...]:
        """Entities of `text`, dates read relative to `at`."""
        ...


@dataclass(frozen=True)
class Understander:
    """Satisfies `types.Understand`. Patterns see a state first; the classifier may only add one, never clear it."""

    classifier: Classifier
    extract: Extract
    ledger: Callable[[Conversation], Ledger]
    detect_state: Callable[[str, Sequence[Turn], str, Customer | None], State]
    selling_allowed: Callable[[str, State, Customer | None, Sequence[str]], bool]
    troubled: Callable[[Sequence[Turn], Customer | None], bool]
    wants_peace: Callable[[str], bool]
    decide: Decide | None = None

    def __call__(self, conversation: Conversation) -> Understanding:
        """Understand the customer's turn at the end of a conversation."""
        message, history = conversation.message, conversation.history
        first = self.classifier.classify(message, history)
        decided = self.decide(conversation, first) if self.decide is not None and first.unsure else None
        guess = decided or first
        entities = self.extract(message, at=conversation.at, customer=conversation.customer, history=history)
        heard = believed(guess.intent, not decided and guess.confidence < GUESSED)
        state = self.detect_state(message, history, heard, conversation.customer)
        if state == "calm":
            felt, probability = self.classifier.state(message, history)
            if probability >= SURE_STATE:
                state = felt
        intent = "fraud_security" if state == "fraud" else guess.intent
        return Understanding(
            intent,
            guess.confidence,
            guess.secondary,
            guess.ranked,
            entities,
            state,
            not self.classifier.trouble(message, history)
            and self._selling(intent, first, state, conversation.customer, guess.secondary)
            and not self.troubled(history, conversation.customer)
            and not self.wants_peace(message),
            self.ledger(conversation),
            self.classifier.version,
            "model" if decided else "classifier",
        )

    def _selling(
        self, intent: str, first: IntentGuess, state: State, customer: Customer | None, secondary: Sequence[str]
    ) -> bool:
        """A model's word on the intent may switch selling off, never on."""
        return all(
            self.selling_allowed(label, state, customer, secondary) for label in dict.fromkeys((intent, first.intent))
        )
