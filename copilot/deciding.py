"""A larger model's word on what a customer wants, asked where the classifier is unsure.

It chooses among the classifier's best by a grammar, several times over; how often it named each, with the classifier's
own opinion as one voice more, are the probabilities. A model that does not answer leaves the classifier's guess.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from copilot.choosing import Chooser
from copilot.drafting.compose import fenced, spoken
from copilot.errors import GrammarError, ModelError
from copilot.intent.labels import LABELS
from copilot.types import Conversation, IntentGuess

log = logging.getLogger(__name__)
BEST = 5
"""Intents to choose from: the right one is among the classifier's first five nearly always."""
VOTES = 3
_TURNS = 4


@dataclass(frozen=True)
class Decider:
    """Satisfies `understanding.Decide`."""

    choose: Chooser
    votes: int = VOTES

    def __call__(self, conversation: Conversation, guess: IntentGuess) -> IntentGuess | None:
        """The guess with the model's probabilities; None when the model was not heard."""
        priors = dict(guess.ranked[:BEST])
        names = {LABELS[label].zh: label for label in priors}
        told = "\n".join(_told(label) for label in priors)
        counted: Counter[str] = Counter()
        try:
            for vote in range(self.votes):
                word = self.choose(
                    tuple(names),
                    vote=vote,
                    before=spoken(conversation.history[-_TURNS:]) or "没有",
                    text=fenced(conversation.message),
                    choices=told,
                )
                counted[names[word]] += 1
        except (ModelError, GrammarError) as error:
            log.warning("the model gave no intent: %s", error)
            if not counted:
                return None
        return _weighed(guess, priors, counted)


def _told(label: str) -> str:
    meant = LABELS[label]
    return f"{meant.zh}：{meant.wants}" + (f"（{meant.unless}）" if meant.unless else "")


def _weighed(guess: IntentGuess, priors: Mapping[str, float], votes: Counter[str]) -> IntentGuess:
    """Votes and, as one voice, the classifier's shares of the same few; the rest keeps its order behind them."""
    whole = sum(priors.values()) or 1.0
    weighed = {label: (votes[label] + p / whole) / (votes.total() + 1) for label, p in priors.items()}
    first = tuple(sorted(weighed.items(), key=lambda item: -item[1]))
    rest = tuple((label, 0.0) for label, _ in guess.ranked if label not in priors)
    best = first[0][0]
    return IntentGuess(best, first[0][1], tuple(s for s in guess.secondary if s != best), (*first, *rest))
