"""Trainers: what advisors made of the suggestions, habits among their edits, intents they corrected, and cases out of real conversations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from copilot.acceptance import KINDS, Reply, Tally, Used, used
from copilot.errors import AccessDenied, InputError
from copilot.lessons import HEADER, lessons
from copilot.mining import Cluster, clusters
from copilot.records import User
from copilot.scriptbook import NewScript
from copilot.types import INTENTS
from evals.own import put
from guardrails.privacy import mask
from ui.desk import Desk
from ui.handlers.queueing import names_of
from ui.handlers.rights import only
from ui.handlers.training import TRAINERS

REPLIES_SHOWN = 60
LESSONS_SHOWN = 200


@dataclass(frozen=True)
class Lesson:
    """One turn whose intent an advisor corrected."""

    entry: int
    text: str
    guessed: str
    intent: str
    confidence: float
    by: str


@dataclass(frozen=True)
class Fresh:
    """A case to be made of a conversation: without the customer's name and private data."""

    entry: int
    text: str
    history: str
    intent: str


@only(*TRAINERS)
def use(desk: Desk, user: User) -> Used:
    """Everything the record says of suggestions."""
    return used(desk.app.record.read(kinds=KINDS))


@only(*TRAINERS)
def table(desk: Desk, user: User, by: str) -> tuple[Tally, ...]:
    """A line an intent, a script or a person."""
    if by not in ("intent", "script", "person"):
        raise InputError(f"{by!r} is nothing to count by")
    return use(desk, user).table(by)  # type: ignore[arg-type]  # one of the three


def people(desk: Desk) -> dict[str, str]:
    """How people are called."""
    return names_of(desk)


@only(*TRAINERS)
def replies(desk: Desk, user: User, by: str, key: str) -> tuple[Reply, ...]:
    """The newest replies behind a line of the table."""
    table(desk, user, by)
    found = [r for r in use(desk, user).replies if getattr(r, by) == key]
    return tuple(reversed(found[-REPLIES_SHOWN:]))


@only(*TRAINERS)
def habits(desk: Desk, user: User) -> tuple[Cluster, ...]:
    """Edits that repeat themselves."""
    return clusters(use(desk, user).replies)


@only(*TRAINERS)
def habit(desk: Desk, user: User, key: int) -> Cluster:
    """One of them."""
    found = next((c for c in habits(desk, user) if c.key == key), None)
    if found is None:
        raise InputError("this habit is no longer one; look again")
    return found


@only(*TRAINERS)
def propose(desk: Desk, user: User, key: int, intent: str, move: str, tone: str, text: str) -> NewScript:
    """Offer a habit as a new script."""
    found = habit(desk, user, key)
    return desk.app.office.scriptbook.propose(user, intent, move, tone, text, [r.entry for r in found.replies])


@only(*TRAINERS)
def proposed(desk: Desk, user: User) -> tuple[NewScript, ...]:
    """Every script that was proposed, newest first."""
    if user.role not in (*TRAINERS, "compliance"):
        raise AccessDenied(f"new scripts are not for the role {user.role}")
    return tuple(reversed(desk.app.office.scriptbook.all()))


@only(*TRAINERS)
def corrected(desk: Desk, user: User) -> tuple[Lesson, ...]:
    """The newest corrections, newest first."""
    found = []
    for entry in reversed(desk.app.record.read(kinds=("correction",))):
        told: Any = entry.payload
        if told is not None:
            guessed, intent = str(told["guessed"]), str(told["intent"])
            sure = float(told["confidence"])
            found.append(Lesson(entry.sequence, mask(str(told["text"])), guessed, intent, sure, entry.actor))
    return tuple(found[:LESSONS_SHOWN])


@only(*TRAINERS)
def lesson_table(desk: Desk, user: User) -> str:
    """The corrections as lines the classifier can learn from."""
    rows: Sequence[Sequence[str]] = (HEADER, *lessons(desk.app.record.read(kinds=("correction",))))
    return "".join("\t".join(row) + "\n" for row in rows)


@only(*TRAINERS)
def fresh(desk: Desk, user: User, entry: int) -> Fresh:
    """A case out of a reply's or a correction's conversation, private data taken out; InputError where the words are gone."""
    found = desk.app.record.get(entry)
    told: Any = found.payload if found is not None else None
    opening = desk.app.record.get(told["proposal"]) if told and isinstance(told.get("proposal"), int) else None
    if found is None or opening is None or opening.payload is None:
        raise InputError(f"no conversation behind entry {entry}")
    turns: Any = opening.payload["turns"]
    card: Any = opening.payload.get("customer") or {}
    name = str(card.get("name") or "")
    last = max((i for i, t in enumerate(turns) if t["role"] == "customer"), default=-1)
    if last < 0:
        raise InputError(f"no conversation behind entry {entry}")
    mark = {"customer": "客户", "advisor": "经理"}
    history = "\n".join(f"{mark[t['role']]}：{_bare(t['text'], name)}" for t in turns[:last])
    said: Any = opening.payload["understanding"]
    intent = str(told["intent"]) if found.kind == "correction" else str(said["intent"])
    return Fresh(entry, _bare(turns[last]["text"], name), history, intent)


@only(*TRAINERS)
def keep(desk: Desk, user: User, entry: int, text: str, history: str, intent: str) -> bool:
    """Add the case as the trainer left it; whether it is new. Private data that he left or wrote is refused."""
    if intent not in INTENTS:
        raise InputError(f"{intent} is no intent")
    if not text.strip():
        raise InputError("there is no text")
    if mask(f"{text}\n{history}") != f"{text}\n{history}":
        raise InputError("private data is still in the case; take it out")
    turns = []
    for line in filter(None, map(str.strip, history.splitlines())):
        who, colon, said = line.partition("：")
        if not colon or who not in ("客户", "经理"):
            raise InputError("begin each turn with 客户： or 经理：")
        turns.append({"role": "customer" if who == "客户" else "advisor", "text": said})
    data = {"text": text.strip(), "intent": intent, "secondary": [], "history": turns}
    added = put("intent", data, desk.app.settings.data / "cases")
    desk.app.record.append("case_added", user.name, "", {"from": entry, "suite": "intent"}, desk.app.clock())
    return added.new > 0


def _bare(text: str, name: str) -> str:
    """A text without private data and without her name."""
    bare = mask(str(text)).replace("\n", " ")
    return bare.replace(name, "某某") if len(name) > 1 else bare
