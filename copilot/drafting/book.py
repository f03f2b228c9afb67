"""The reply book: replies written by hand to messages like hers, found again and filled with today's facts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from pydantic import BaseModel

from copilot.drafting.alike import Alike
from copilot.drafting.fitness import Matter, Writing
from copilot.drafting.grammar import written
from copilot.drafting.vocabulary import Vocabulary, talk, vocabulary_of
from copilot.types import Move, Turn

_REF = re.compile(r"\{([^{}]+)\}")
NEAR = 48
"""Entries looked at closely."""
_TOPIC, _SENSE, _INTENT, _STATE, _BEFORE, _ASKED = 0.5, 0.5, 0.25, 0.1, 0.1, 0.1
"""What a like topic, sense, intent, state, last word and question are worth beside alike messages, when near ones are picked."""
_NOBODY = np.zeros(0, dtype=np.int64)
CIRCLE, COMPANY = 24, 12
"""Replies to messages like hers that a text is held against; the mean is taken of so many of them, those to its own message left out."""
Listen = Callable[[str, Sequence[Turn]], tuple[np.ndarray, np.ndarray]]
"""A message and its history as vectors: topic (not yet centred) and sense (of length one)."""
_KEPT = 4096
"""Texts whose vectors are kept: scripts come again and again."""
_CALM = frozenset({"calm", "hurried"})
"""States that one reply may serve."""
ALWAYS = frozenset({"客户.称呼", "行.名称", "行.电话", "行.投诉", "行.营业时间"})


class Entry(BaseModel, frozen=True, extra="ignore"):
    """One hand-written reply and what it was written to."""

    intent: str
    move: Move
    tone: str
    state: str
    message: str
    history: str = ""
    kind: str = ""
    role: str = ""
    faq: str = ""
    reply: str
    author: str = ""
    reuse: int = 1
    """2 for a reply that would serve nearly anyone who asks this, 1 for one that leans on what only she said, 0 for a weak one."""

    @property
    def before(self) -> str:
        """The advisor's last words before the message."""
        said = [part[2:].strip() for part in self.history.split("⏎") if part.startswith(("A:", "A："))]
        return said[-1] if said else ""


@dataclass(frozen=True)
class Heard:
    """The entries as vectors, row by row: of their messages and, with `says`, of the replies themselves.

    A topic is centred on `middle`; all are of length one.
    """

    topic: np.ndarray
    middle: np.ndarray
    sense: np.ndarray
    says_topic: np.ndarray
    says_sense: np.ndarray


def centred(topic: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """Topics as directions from the middle of all."""
    apart = topic - middle
    return np.asarray(apart / np.maximum(np.linalg.norm(apart, axis=-1, keepdims=True), 1e-9))


class ReplyBook:
    """Hand-written replies by move, compared by message, last word and question."""

    def __init__(self, entries: Sequence[Entry], heard: Heard, listen: Listen) -> None:
        self.entries = tuple(entries)
        self._heard = heard
        self._listen = listen
        self._kept: dict[tuple[str, tuple[Turn, ...]], tuple[np.ndarray, np.ndarray]] = {}
        self._circles: dict[tuple[object, ...], np.ndarray] = {}

    def ready(self) -> None:
        """Make now what the first request would wait a second or two for."""
        _ = self.vocabulary, self._alike, self._places, self._columns, self._needs, self._by_move

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """In how many replies each word stands."""
        return vocabulary_of((e.reply, talk(e.message, e.history, e.before, e.faq)) for e in self.entries)

    def near(self, matter: Matter, move: Move, apart_from: str = "", limit: int = NEAR) -> list[Writing]:
        """Entries of a move whose references are all at hand, likeliest first; none written to the message `apart_from`."""
        rows = self._usable(matter, move)
        rows = np.array([r for r in rows if self.entries[r].message != apart_from]) if apart_from else rows
        if not len(rows):
            self._keep(self._circles, self._circle_of(matter, move, apart_from), _NOBODY)
            return []
        message, before, asked = self._compared(matter)
        found = self.asked_sense(matter)
        heard, (topic, sense) = self._heard, self.hear(matter)
        about, meant = heard.topic[rows] @ topic, heard.sense[rows] @ sense
        says_topic, says_sense = heard.says_topic[rows] @ topic, heard.says_sense[rows] @ sense
        at_message, at_before, at_asked = (column[rows] for column in self._places)
        alike, last, question = message[at_message], before[at_before], asked[at_asked]
        rough = alike + _TOPIC * about + _SENSE * meant + _BEFORE * last + _ASKED * question
        rough = (
            rough + _INTENT * self._is("intent", matter.intent)[rows] + _STATE * self._is("state", matter.state)[rows]
        )
        best = np.argsort(-rough, kind="stable")[:limit]
        company = np.zeros(len(rows))
        company[best] = self._company(heard.says_sense[rows[best]], rows[best[:CIRCLE]], at_message[best])
        columns = (alike, about, meant, says_topic, says_sense, last, question, company)
        self._keep(self._circles, self._circle_of(matter, move, apart_from), rows[best[:CIRCLE]])
        return [_writing(self.entries[int(rows[i])], [float(c[i]) for c in columns], found) for i in best]

    def company(self, matter: Matter, move: Move, sense: np.ndarray, apart_from: str = "") -> float:
        """How alike a text with this sense is to what was written to messages like hers, 0 where nothing was."""
        key = self._circle_of(matter, move, apart_from)
        if key not in self._circles:
            self.near(matter, move, apart_from)
        circle = self._circles.get(key, _NOBODY)  # another request may have emptied what is kept
        return float(self._company(sense[None], circle, np.array([-1]))[0]) if len(circle) else 0.0

    def _circle_of(self, matter: Matter, move: Move, apart_from: str) -> tuple[object, ...]:
        return matter.message, matter.history, matter.state, matter.kind, matter.names, move, apart_from

    def _company(self, senses: np.ndarray, circle: np.ndarray, messages: np.ndarray) -> np.ndarray:
        """For each sense, written to the message at `messages`, its mean likeness to the nearest of the circle."""
        others = self._places[0][circle][None, :] != messages[:, None]
        counted = others & (np.cumsum(others, axis=1) <= COMPANY)
        alike = senses @ self._heard.says_sense[circle].T
        return np.asarray((alike * counted).sum(axis=1) / np.maximum(counted.sum(axis=1), 1))

    def hear(self, matter: Matter) -> tuple[np.ndarray, np.ndarray]:
        """Topic and sense of what she wrote."""
        return self._vectors(matter.message, matter.history)

    def asked_sense(self, matter: Matter) -> float:
        """How alike in sense her message and the question found for it are; 0 without one."""
        return float(self.hear(matter)[1] @ self._vectors(matter.faq, ())[1]) if matter.faq else 0.0

    def says(self, template: str) -> tuple[np.ndarray, np.ndarray]:
        """Topic and sense of a text that is not in the book."""
        return self._vectors(written(template), ())

    def read(self, text: str, history: Sequence[Turn] = ()) -> tuple[np.ndarray, np.ndarray]:
        """Topic and sense of a customer's words."""
        return self._vectors(text, history)

    def _vectors(self, text: str, history: Sequence[Turn]) -> tuple[np.ndarray, np.ndarray]:
        known = self._kept.get((text, tuple(history)))
        if known is None:
            topic, sense = self._listen(text, history)
            known = centred(topic, self._heard.middle), sense
            self._keep(self._kept, (text, tuple(history)), known)
        return known

    def _keep(self, kept: dict[Any, Any], key: Any, value: Any) -> None:
        if len(kept) >= _KEPT:
            kept.clear()
        kept[key] = value

    def _usable(self, matter: Matter, move: Move) -> np.ndarray:
        """Rows of a move that may be said here.

        They need no reference the request has not, were written in the same state (no apology for mourners), and what they say
        of a product was said of one of its kind: 随取的活钱 is no insurance.
        """
        names = matter.names_for(move) | ALWAYS
        states = _CALM if matter.state in _CALM else {matter.state}
        return np.array(
            [
                row
                for row in self._by_move.get(move, ())
                if self._needs[row] <= names and self.entries[row].state in states and self._of_kind(row, matter)
            ],
            dtype=np.int64,
        )

    def _of_kind(self, row: int, matter: Matter) -> bool:
        return self.entries[row].kind == matter.kind or not any(name[0] in "甲乙" for name in self._needs[row])

    def _compared(self, matter: Matter) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        messages, befores, questions = self._alike
        return messages(matter.message), befores(matter.before), questions(matter.faq)

    def _is(self, name: str, value: str) -> np.ndarray:
        return np.asarray(self._columns[name] == value)

    @cached_property
    def _columns(self) -> dict[str, np.ndarray]:
        return {name: np.array([getattr(e, name) for e in self.entries]) for name in ("intent", "state")}

    @cached_property
    def _needs(self) -> list[frozenset[str]]:
        return [frozenset(_REF.findall(e.reply)) for e in self.entries]

    @cached_property
    def _by_move(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for row, entry in enumerate(self.entries):
            found[entry.move].append(row)
        return found

    @cached_property
    def _texts(self) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
        """Each message, last word and question once, with its place."""
        kinds = ([e.message for e in self.entries], [e.before for e in self.entries], [e.faq for e in self.entries])
        one, two, three = ({text: i for i, text in enumerate(dict.fromkeys(kind))} for kind in kinds)
        return one, two, three

    @cached_property
    def _alike(self) -> tuple[Alike, Alike, Alike]:
        one, two, three = (Alike(list(texts)) for texts in self._texts)
        return one, two, three

    @cached_property
    def _places(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        messages, befores, questions = self._texts
        return (
            np.array([messages[e.message] for e in self.entries]),
            np.array([befores[e.before] for e in self.entries]),
            np.array([questions[e.faq] for e in self.entries]),
        )


def _writing(entry: Entry, alike: Sequence[float], asked_sense: float) -> Writing:
    message, topic, sense, says_topic, says_sense, before, asked, company = alike
    return Writing(
        entry.reply, entry.move, "book", entry.intent, entry.state, entry.kind, entry.role, entry.tone,
        entry.message, entry.faq, entry.before, message, topic, sense, says_topic, says_sense, before, asked, asked_sense,
        history=entry.history, company=company, reuse=entry.reuse, whole=entry.reply,
    )  # fmt: skip
