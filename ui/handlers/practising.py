"""Practice: an advisor's own talks with made-up customers; trainers read them all. Nobody sets anybody a task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from copilot.records import User
from copilot.records.practice import StoredPractice
from evals.practice.coach import Coach, Kept, Room
from evals.practice.customer import Buyer, customers
from evals.practice.scoring import Scored
from evals.practice.voice import voiced_by
from evals.practice.written import scores_of
from ui.desk import Desk
from ui.handlers.rights import only
from ui.handlers.training import TRAINERS

TALKS_SHOWN = 200


@dataclass(frozen=True)
class Choice:
    """A customer one can talk to, how often one did, the best of it, and a talk that still goes on."""

    buyer: Buyer
    times: int
    best: float | None
    open: str


@dataclass(frozen=True)
class Done:
    """A talk in a list."""

    stored: StoredPractice
    scored: Scored | None


@dataclass(frozen=True)
class Progress:
    """One person's talks, newest first."""

    person: str
    talks: tuple[Done, ...]

    @property
    def wholes(self) -> tuple[float, ...]:
        """The scores of the finished ones in one figure each, oldest first."""
        return tuple(d.scored.whole for d in reversed(self.talks) if d.scored is not None)


def room(desk: Desk) -> Room:
    """Where the talks are held."""
    app = desk.app
    return Room(Coach(app.line, app.clock, voiced_by(app.larger)), app.practices)


@only("advisor")
def choices(desk: Desk, user: User) -> tuple[Choice, ...]:
    """Everybody one can talk to, the easy ones first."""
    done = progress_of(desk, user.name).talks
    found = []
    for buyer in customers().values():
        own = [d for d in done if d.stored.customer == buyer.id]
        scores = [d.scored.whole for d in own if d.scored is not None]
        going = next((d.stored.id for d in own if d.scored is None), "")
        found.append(Choice(buyer, len(own), max(scores, default=None), going))
    return tuple(found)


@only("advisor")
def begin(desk: Desk, user: User, customer: str) -> str:
    """Begin a talk; its id."""
    return room(desk).begin(user.name, customer)


@only("advisor")
def say(desk: Desk, user: User, practice: str, text: str) -> Kept:
    """Say one line in one's own talk."""
    return room(desk).say(user.name, practice, text)


@only("advisor")
def leave(desk: Desk, user: User, practice: str) -> Kept:
    """End one's own talk."""
    return room(desk).leave(user.name, practice)


@only("advisor")
def opened(desk: Desk, user: User, practice: str) -> Kept:
    """One's own talk."""
    return room(desk).own(user.name, practice)


@only("advisor")
def mine(desk: Desk, user: User) -> Progress:
    """One's own talks."""
    return progress_of(desk, user.name)


@only(*TRAINERS)
def talks(desk: Desk, user: User, person: str) -> tuple[Progress, ...]:
    """Everybody's talks by person, or one person's."""
    if person:
        return (progress_of(desk, person),)
    people = dict.fromkeys(s.person for s in desk.app.practices.newest(most=TALKS_SHOWN))
    return tuple(progress_of(desk, name) for name in people)


@only(*TRAINERS)
def whole(desk: Desk, user: User, practice: str) -> Kept:
    """Anybody's talk as it was held."""
    return room(desk).read(practice)


def progress_of(desk: Desk, person: str) -> Progress:
    """A person's talks of customers that are still there."""
    stored: Sequence[StoredPractice] = desk.app.practices.newest(person, TALKS_SHOWN)
    known = [s for s in stored if s.customer in customers()]
    return Progress(person, tuple(Done(s, scores_of(s.scores) if s.scores else None) for s in known))
