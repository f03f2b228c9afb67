"""What advisors made of the suggestions: shown, taken up, changed (by how much), sent, flagged; by intent, script and person, with the replies behind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import SequenceMatcher
from typing import Any, Literal

from copilot.types import Entry

KINDS = ("proposal", "candidate", "release", "held", "referral")
By = Literal["intent", "script", "person"]
BY: tuple[By, ...] = ("intent", "script", "person")
MODEL, FREE = "model", "free"
"""What stands where a reply came from no script: the model wrote it, or nobody but the advisor."""


@dataclass(frozen=True)
class Reply:
    """A text that an advisor sent, was held with, or referred. `shown` is None when it came from no suggestion."""

    entry: int
    kind: str
    at: datetime
    person: str
    conversation: str
    intent: str
    script: str
    move: str
    message: str
    shown: str | None
    text: str
    name: str = ""

    @property
    def changed(self) -> float:
        """The share of characters that were changed, 0 for none."""
        return edit_share(self.shown, self.text) if self.shown is not None else 0.0


@dataclass(frozen=True)
class Tally:
    """One line of the table. `flagged` are texts held or referred; `share` is the mean change of those that were edited."""

    key: str
    turns: int = 0
    shown: int = 0
    taken: int = 0
    edited: int = 0
    share: float | None = None
    sent: int = 0
    flagged: int = 0


@dataclass(frozen=True)
class Used:
    """What the record says of suggestions in some days: those shown, by proposal, and the replies."""

    turns: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Proposal → intent and person."""
    shown: tuple[tuple[int, str], ...] = ()
    """Proposal and script of each candidate."""
    replies: tuple[Reply, ...] = ()

    def table(self, by: By) -> tuple[Tally, ...]:
        """A line a key, the most used first."""
        found: dict[str, list[Any]] = {}
        for number, (intent, person) in self.turns.items():
            if by != "script":
                found.setdefault(intent if by == "intent" else person, [set(), 0, []])[0].add(number)
        for number, script in self.shown:
            key = script if by == "script" else self._key(number, by)
            known = found.setdefault(key, [set(), 0, []])
            known[0].add(number)
            known[1] += 1
        for reply in self.replies:
            found.setdefault(getattr(reply, by), [set(), 0, []])[2].append(reply)
        lines = [_tally(key, len(turns), shown, replies) for key, (turns, shown, replies) in found.items()]
        return tuple(sorted(lines, key=lambda t: (-t.shown, -t.sent, t.key)))

    def _key(self, proposal: int, by: By) -> str:
        intent, person = self.turns.get(proposal, ("", ""))
        return intent if by == "intent" else person


def used(entries: Iterable[Entry], since: date | None = None) -> Used:
    """Read the record's entries in order. What is redacted is left out; an evaluation is nobody's use."""
    openings: dict[int, Any] = {}
    turns: dict[int, tuple[str, str]] = {}
    shown: list[tuple[int, str]] = []
    candidates: dict[tuple[int, int], tuple[str, str]] = {}
    replies: list[Reply] = []
    for entry in entries:
        told: Any = entry.payload
        if told is None or entry.actor in ("eval", "system") or (since and entry.at.date() < since):
            continue
        if entry.kind == "proposal":
            openings[entry.sequence] = told
            turns[entry.sequence] = (told["understanding"]["intent"], entry.actor)
        elif entry.kind == "candidate":
            made = told["candidate"]
            script = (made.get("script") or MODEL) if made["origin"] == "script" else MODEL
            candidates[told["proposal"], told["index"]] = (script, made["move"])
            shown.append((told["proposal"], script))
        elif (opening := openings.get(told.get("proposal"))) is not None:
            replies.append(_reply(entry, told, opening, candidates))
    return Used(turns, tuple(shown), tuple(replies))


def _reply(entry: Entry, told: Any, opening: Any, candidates: dict[tuple[int, int], tuple[str, str]]) -> Reply:
    script, move = candidates.get((told["proposal"], told.get("candidate")), (FREE, ""))
    said = [t["text"] for t in opening["turns"] if t["role"] == "customer"]
    return Reply(
        entry.sequence,
        entry.kind,
        entry.at,
        entry.actor,
        entry.conversation,
        opening["understanding"]["intent"],
        script,
        move,
        said[-1] if said else "",
        told.get("shown"),
        str(told["text"]),
        str((opening.get("customer") or {}).get("name") or ""),
    )


def _tally(key: str, turns: int, shown: int, replies: Sequence[Reply]) -> Tally:
    sent = [r for r in replies if r.kind == "release"]
    taken = [r for r in sent if r.shown is not None]
    edited = [r.changed for r in taken if r.changed > 0]
    share = sum(edited) / len(edited) if edited else None
    return Tally(key, turns, shown, len(taken), len(edited), share, len(sent), len(replies) - len(sent))


def edit_share(before: str, after: str) -> float:
    """Characters taken out and put in, as a share of both texts: 0 for the same text, 1 for nothing in common."""
    return 0.0 if before == after else 1.0 - SequenceMatcher(None, before, after, autojunk=False).ratio()
