"""A talk of practice: a small state machine over a customer's hand-written lines. Pure: what was heard goes in, what she says comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Literal

from copilot.errors import InputError
from copilot.types import Spin, Turn
from evals.practice.customer import Buyer
from evals.practice.hearing import Heard

MOST = 12
"""Turns of an advisor; then the customer has to go."""
LONGEST = 500
TRUST = 3
Ending = Literal["", "good", "bad", "over", "left"]
"""How a talk ended: her needs were met, her patience was out, the turns were over, the advisor left."""


@dataclass(frozen=True)
class Exchange:
    """An advisor's line and her answer; `did` names the lines she spoke, `facts` and `needs` what it brought."""

    said: str
    heard: Heard
    reply: str
    did: tuple[str, ...]
    facts: tuple[str, ...]
    needs: tuple[str, ...]
    trust: int
    patience: int


@dataclass(frozen=True)
class Talk:
    """A talk as far as it went."""

    customer: str
    seed: int
    opening: str
    exchanges: tuple[Exchange, ...] = ()
    ended: Ending = ""

    @property
    def turns(self) -> tuple[Turn, ...]:
        """As a conversation that ends with her."""
        told = [Turn("customer", self.opening)]
        for e in self.exchanges:
            told += [Turn("advisor", e.said), Turn("customer", e.reply)]
        return tuple(told)

    @property
    def known(self) -> tuple[str, ...]:
        """What she has told, in order."""
        return tuple(name for e in self.exchanges for name in e.facts)

    @property
    def met(self) -> tuple[str, ...]:
        """What of her needs was met, in order."""
        return tuple(name for e in self.exchanges for name in e.needs)

    def letters(self, buyer: Buyer, letter: Spin) -> tuple[str, ...]:
        """What of one letter she has told."""
        return tuple(name for name in self.known if buyer.facts[name].letter == letter)

    def hurt(self, buyer: Buyer) -> bool:
        """Whether what she told last was hard to tell."""
        return bool(self.exchanges) and any(buyer.facts[name].feels for name in self.exchanges[-1].facts)


def begin(buyer: Buyer, seed: int) -> Talk:
    """Her first words."""
    return Talk(buyer.id, seed, Random(f"{seed}:opening").choice(buyer.opening))


def readable(text: str) -> str:
    """An advisor's line as it is taken. InputError for none, and for more than a person would read."""
    said = text.strip()
    if not said:
        raise InputError("there is no text to say")
    if len(said) > LONGEST:
        raise InputError(f"longer than {LONGEST} characters: say it shorter")
    return said


def answer(buyer: Buyer, talk: Talk, said: str, heard: Heard) -> Talk:
    """What she says to a line, and where the talk stands then. InputError when it has ended."""
    if talk.ended:
        raise InputError("this talk has ended; begin another")
    last = talk.exchanges[-1] if talk.exchanges else None
    trust, patience = (last.trust, last.patience) if last else (0, buyer.patience)
    if "soothed" in heard.acts and "cold" not in heard.acts:
        trust = min(TRUST, trust + 1)
    needs = _met(buyer, talk, heard)
    facts, guarded = _told(buyer, talk, heard, trust)
    did = _states(buyer, talk, heard, bool(needs), bool(facts), guarded)
    if needs:
        trust = min(TRUST, trust + 1)
    cost = _cost(buyer, talk, heard, did)
    trust, patience = max(0, trust - (cost > 0)), max(0, patience - cost)
    spoken = [_pick(buyer.needs[n].lines, talk, f"need {n}") for n in needs]
    spoken += [_pick(buyer.facts[n].lines, talk, f"fact {n}") for n in facts]
    spoken = [_pick(_lines(buyer, state), talk, state) for state in did] + spoken
    whole = {*talk.met, *needs} >= set(buyer.needs)
    ended: Ending = "bad" if not patience else "good" if whole else "over" if len(talk.exchanges) + 1 >= MOST else ""
    if ended:
        spoken.append(_pick(_lines(buyer, ended), talk, ended))
    exchange = Exchange(said, heard, "\n".join(spoken), did, facts, needs, trust, patience)
    return replace(talk, exchanges=(*talk.exchanges, exchange), ended=ended)


def leave(talk: Talk) -> Talk:
    """The advisor ends it. InputError when nothing was said."""
    if not talk.exchanges:
        raise InputError("nothing was said yet: there is nothing to score")
    return talk if talk.ended else replace(talk, ended="left")


def _met(buyer: Buyer, talk: Talk, heard: Heard) -> tuple[str, ...]:
    """Needs that the line meets: spoken to, with what must be known known, and without a threat or a promise."""
    if heard.acts & {"promised", "pressed", "cold"} or (not buyer.sell and "pitched" in heard.acts):
        return ()
    known = set(talk.known)
    return tuple(n for n in heard.needs if n not in talk.met and set(buyer.needs[n].after) <= known)


def _told(buyer: Buyer, talk: Talk, heard: Heard, trust: int) -> tuple[tuple[str, ...], bool]:
    """What she tells of what is asked: one thing at a time; and whether she keeps something back."""
    if heard.acts & {"promised", "pressed", "cold"}:
        return (), False
    new = [n for n in heard.facts if n not in talk.known and set(buyer.facts[n].after) <= set(talk.known)]
    free = [n for n in new if buyer.facts[n].trust <= trust]
    return tuple(free[:1]), bool(new) and not free


def _states(buyer: Buyer, talk: Talk, heard: Heard, met: bool, told: bool, guarded: bool) -> tuple[str, ...]:
    """Which of her lines she speaks before what she tells."""
    acts = heard.acts
    for state in ("promised", "pressed"):
        if state in acts:
            return (state,)
    if "cold" in acts:
        return ("ignored",)
    if "pitched" in acts and not met:
        return ("pitched",)
    if heard.questions > 2:
        return ("many",)
    if met or told:
        return ()
    if guarded:
        return ("guarded",)
    if "repeated" in acts:
        return ("repeated",)
    if "greets" in acts:
        return ("opening",)
    return ("soothed",) if acts & {"soothed", "answers"} else ("ignored",)


def _cost(buyer: Buyer, talk: Talk, heard: Heard, did: Sequence[str]) -> int:
    """What the line costs of her patience."""
    if "pitched" in did:
        early = not talk.letters(buyer, "P")
        return 2 if not buyer.sell else int(early)
    if "cold" in heard.acts:
        return 2
    if "many" in did:
        return int(heard.questions > 3)
    if {"guarded", "soothed", "opening"} & set(did):
        return 0
    return int(bool(did))


def _lines(buyer: Buyer, state: str) -> Sequence[str]:
    """Her lines of a state; greeted, she says once more what she came for."""
    found: Sequence[str] = buyer.opening if state == "opening" else getattr(buyer.replies, state)
    return found


def _pick(lines: Sequence[str], talk: Talk, state: str) -> str:
    """One of her lines, not one she has said in this talk while there is another."""
    spoken = {talk.opening, *(piece for e in talk.exchanges for piece in e.reply.split("\n"))}
    fresh = [line for line in lines if line not in spoken] or list(lines)
    return Random(f"{talk.seed}:{len(talk.exchanges)}:{state}").choice(fresh)
