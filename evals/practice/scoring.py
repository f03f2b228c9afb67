"""What a talk was worth: nine scores, each with a line of the advisor's own and one that would have been better."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from copilot.types import Spin
from evals.practice.customer import LETTERS, Buyer
from evals.practice.hearing import AIM
from evals.practice.talk import Exchange, Talk

HELD = ("block", "review")
NAMES = ("S", "P", "I", "N", "met", "compliance", "tone", "length", "question")


@dataclass(frozen=True)
class Score:
    """One score from 0 to 1. `turn` is the advisor's line it is tied to, `why` what stood against that line, if anything."""

    name: str
    value: float
    some: int
    of: int
    turn: int
    quote: str
    better: str
    why: str = ""


@dataclass(frozen=True)
class Scored:
    """A talk's scores."""

    scores: tuple[Score, ...]

    @property
    def whole(self) -> float:
        """All in one figure: their mean."""
        return sum(s.value for s in self.scores) / len(self.scores)

    def of(self, name: str) -> Score:
        """One of them."""
        return next(s for s in self.scores if s.name == name)


def scored(buyer: Buyer, talk: Talk) -> Scored:
    """The scores of a talk in which something was said."""
    spared = buyer.urgent and talk.ended == "good"
    asked = [x for x in LETTERS if not spared or len(talk.letters(buyer, x)) == len(buyer.held(x))]
    told = [_letter(buyer, talk, letter) for letter in asked]
    return Scored((*told, _met(buyer, talk), *(_clean(talk, *rule) for rule in _rules(buyer))))


def _letter(buyer: Buyer, talk: Talk, letter: Spin) -> Score:
    """How much of a letter she told; tied to the line that brought the last of it, or to one that brought nothing."""
    held, found = buyer.held(letter), talk.letters(buyer, letter)
    missing = [name for name in held if name not in found]
    brought = [i for i, e in enumerate(talk.exchanges) if set(e.facts) & set(held)]
    idle = [i for i, e in enumerate(talk.exchanges) if not e.facts and not e.needs]
    last = len(talk.exchanges) - 1
    turn = next(iter(idle), last) if missing else brought[-1]
    better = buyer.facts[missing[0] if missing else found[-1]].better
    return _score(letter, talk, turn, len(found), len(held), better)


def _met(buyer: Buyer, talk: Talk) -> Score:
    """How much of what would help her was said; nothing, when something was offered where nothing may be."""
    missing = [name for name in buyer.needs if name not in talk.met]
    offered = [i for i, e in enumerate(talk.exchanges) if "pitched" in e.heard.acts]
    if offered and not buyer.sell:
        better = buyer.needs[missing[0] if missing else talk.met[-1]].better
        return _score("met", talk, offered[0], 0, len(buyer.needs), better, "pitched")
    met = [i for i, e in enumerate(talk.exchanges) if e.needs]
    turn = met[-1] if met and not missing else len(talk.exchanges) - 1
    better = buyer.needs[missing[0] if missing else talk.met[-1]].better
    return _score("met", talk, turn, len(talk.met), len(buyer.needs), better)


Fault = Callable[[Exchange], str]
"""What is wrong with a line, "" for nothing."""


def _rules(buyer: Buyer) -> Sequence[tuple[str, Fault, Callable[[Exchange], float], str]]:
    """Rules that each line keeps or breaks: name, fault, how bad it is among others, and the better line."""
    own = buyer.better
    return (
        ("compliance", _held, lambda e: len(e.heard.flaws), own.compliance),
        ("tone", _harsh, lambda e: len(e.heard.acts & {"cold", "pressed", "unfeeling"}), own.tone),
        ("length", lambda e: "long" if len(e.said) > AIM else "", lambda e: len(e.said), own.length),
        ("question", _questions, lambda e: e.heard.questions, own.question),
    )


def _clean(talk: Talk, name: str, fault: Fault, worse: Callable[[Exchange], float], better: str) -> Score:
    """The share of lines that keep a rule; tied to the worst that breaks it, else to the one nearest to it."""
    faults = [fault(e) for e in talk.exchanges]
    kept = faults.count("")
    turn = max(range(len(faults)), key=lambda i: (bool(faults[i]), worse(talk.exchanges[i])))
    return _score(name, talk, turn, kept, len(faults), better, faults[turn])


def _held(exchange: Exchange) -> str:
    """The reason for which the guard would have held the line."""
    if exchange.heard.outcome not in HELD:
        return ""
    flaw = next(f for f in exchange.heard.flaws if f.severity in HELD)
    return f"{flaw.check} {flaw.reason}"


def _harsh(exchange: Exchange) -> str:
    return next((act for act in ("cold", "pressed", "unfeeling") if act in exchange.heard.acts), "")


def _questions(exchange: Exchange) -> str:
    """One question at most; none in a breath with comfort that asks nothing of her."""
    return "many" if exchange.heard.questions > 1 else ""


def _score(name: str, talk: Talk, turn: int, some: int, of: int, better: str, why: str = "") -> Score:
    return Score(name, some / of, some, of, turn, talk.exchanges[turn].said, better, why)
