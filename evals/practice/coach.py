"""One talk of practice from its first word to its scores: read, answered, kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from random import SystemRandom

from copilot.errors import InputError
from copilot.pipeline import Line
from copilot.records import PracticeStore
from copilot.records.practice import StoredPractice
from evals.practice.customer import Buyer, customer_of
from evals.practice.hearing import hear
from evals.practice.scoring import Scored, scored
from evals.practice.talk import Talk, answer, begin, leave, readable
from evals.practice.voice import Voice, written
from evals.practice.written import exchange_json, scores_json, scores_of, talk_of


@dataclass(frozen=True)
class Kept:
    """A talk as it is kept, with its customer; `scored` once it has ended."""

    stored: StoredPractice
    buyer: Buyer
    talk: Talk
    scored: Scored | None = None


@dataclass(frozen=True)
class Coach:
    """Talks with an advisor in a customer's place."""

    line: Line
    clock: Callable[[], datetime]
    voice: Voice = written

    def said(self, buyer: Buyer, talk: Talk, text: str) -> Talk:
        """The talk after one more line of the advisor. InputError for a line that cannot be taken."""
        words = readable(text)
        heard = hear(self.line, buyer, talk.turns, words, at=self.clock(), known=talk.known, hurt=talk.hurt(buyer))
        after = answer(buyer, talk, words, heard)
        last = after.exchanges[-1]
        spoken = replace(last, reply=self.voice(buyer, talk, words, last.reply))
        return replace(after, exchanges=(*talk.exchanges, spoken))


@dataclass(frozen=True)
class Room:
    """The coach with a store: a talk survives a reload, a restart and another process."""

    coach: Coach
    store: PracticeStore

    def begin(self, person: str, customer: str, seed: int | None = None) -> str:
        """Begin a talk; returns its id."""
        buyer = customer_of(customer)
        talk = begin(buyer, SystemRandom().randrange(1 << 31) if seed is None else seed)
        return self.store.begin(person, buyer.id, talk.seed, talk.opening, self.coach.clock())

    def say(self, person: str, practice: str, text: str) -> Kept:
        """One line of the advisor's own talk, answered and kept."""
        kept = self.own(person, practice)
        after = self.coach.said(kept.buyer, kept.talk, text)
        number = len(after.exchanges)
        self.store.append(practice, number, exchange_json(after.exchanges[-1]), self.coach.clock())
        return self._ended(practice, kept.buyer, after) if after.ended else replace(kept, talk=after)

    def leave(self, person: str, practice: str) -> Kept:
        """The advisor ends his talk, and it is scored as it stands."""
        kept = self.own(person, practice)
        return kept if kept.scored else self._ended(practice, kept.buyer, leave(kept.talk))

    def own(self, person: str, practice: str) -> Kept:
        """A talk of this person. InputError when there is none."""
        kept = self.read(practice)
        if kept.stored.person != person:
            raise InputError("no such talk of practice")
        return kept

    def read(self, practice: str) -> Kept:
        """Any talk, whole. InputError when there is none."""
        stored = self.store.get(practice)
        if stored is None:
            raise InputError("no such talk of practice")
        buyer = customer_of(stored.customer)
        head = {"customer": stored.customer, "seed": stored.seed, "opening": stored.opening}
        talk = talk_of(head, stored.lines, stored.ended)
        return Kept(stored, buyer, talk, scores_of(stored.scores) if stored.scores else None)

    def _ended(self, practice: str, buyer: Buyer, talk: Talk) -> Kept:
        self.store.end(practice, talk.ended, scores_json(scored(buyer, talk)), self.coach.clock())
        return self.read(practice)
