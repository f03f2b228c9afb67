"""A pasted chat laid over what a conversation holds already: what is there twice is one message, what is new finds its place."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from difflib import SequenceMatcher

from copilot.types import Turn

PASTED_AT_LEAST = timedelta(minutes=1)
"""A message is pasted after it was sent: one sent so much later than an equal one came here is another."""


@dataclass(frozen=True)
class Merged:
    """The conversation with the chat laid over it. `new` are places of what was not there, `seen` of what stands in both.

    `fresh` are the places of the new ones in the chat.
    """

    turns: tuple[Turn, ...]
    new: frozenset[int]
    seen: frozenset[int]
    fresh: frozenset[int]


@dataclass(frozen=True)
class _Line:
    key: tuple[str, str]
    owner: int


def merge(kept: Sequence[Turn], pasted: Sequence[Turn]) -> Merged:
    """Lay `pasted` over `kept`, line by line: the same words pasted in other pieces are still the same."""
    ours, theirs = _lines(kept), _lines(pasted)
    matcher = SequenceMatcher(None, [line.key for line in ours], [line.key for line in theirs], autojunk=False)
    twins: dict[int, set[int]] = {}
    open_lines = {n: sum(line.owner == n for line in theirs) for n in range(len(pasted))}
    for block in matcher.get_matching_blocks():
        for step in range(block.size):
            mine, other = ours[block.a + step].owner, theirs[block.b + step].owner
            if not _said_since(kept[mine], pasted[other]):
                twins.setdefault(other, set()).add(mine)
                open_lines[other] -= 1
    known = {n: twins[n] for n, left in open_lines.items() if not left and n in twins}
    return _laid(kept, pasted, known)


def append(kept: Sequence[Turn], pasted: Sequence[Turn]) -> Merged:
    """Put messages without times after those that are there; only the advisor's own, copied again, are known."""
    spoken = {same(turn.text): n for n, turn in enumerate(kept) if turn.role == "advisor"}
    known = {n: {spoken[same(t.text)]} for n, t in enumerate(pasted) if t.role == "advisor" and same(t.text) in spoken}
    merged = (*kept, *(turn for n, turn in enumerate(pasted) if n not in known))
    new = frozenset(range(len(kept), len(merged)))
    seen = frozenset(place for found in known.values() for place in found)
    return Merged(merged, new, seen, frozenset(range(len(pasted))) - frozenset(known))


def _laid(kept: Sequence[Turn], pasted: Sequence[Turn], known: dict[int, set[int]]) -> Merged:
    after: dict[int, list[int]] = {}
    place = len(kept) - 1
    if known:
        place = min(min(mine) for mine in known.values()) - 1
    elif kept and pasted and _earlier(pasted[-1], kept[0]):
        place = -1
    for n in range(len(pasted)):
        if n in known:
            place = max(place, *known[n])
        else:
            after.setdefault(place, []).append(n)
    told = {mine: pasted[n].at for n, found in known.items() for mine in found if pasted[n].at is not None}
    there = {mine for found in known.values() for mine in found}
    turns: list[Turn] = []
    new: set[int] = set()
    seen: set[int] = set()
    for mine in range(-1, len(kept)):
        if mine >= 0:
            if mine in there:
                seen.add(len(turns))
            turns.append(replace(kept[mine], at=told.get(mine, kept[mine].at)))
        for n in after.get(mine, ()):
            new.add(len(turns))
            turns.append(pasted[n])
    fresh = frozenset(range(len(pasted))) - frozenset(known)
    return Merged(tuple(turns), frozenset(new), frozenset(seen), fresh)


def same(text: str) -> str:
    """What two copies of one message have in common: no spaces, no variants of width or of a sign's colour."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(c for c in plain if not c.isspace() and c not in "\ufe0e\ufe0f\u200b\u200d\ufeff")


def _lines(turns: Sequence[Turn]) -> list[_Line]:
    return [
        _Line((turn.role, same(line)), n)
        for n, turn in enumerate(turns)
        for line in (turn.text.split("\n") if turn.text.strip() else [turn.text])
        if same(line) or not turn.text.strip()
    ]


def _said_since(kept: Turn, pasted: Turn) -> bool:
    """Whether a customer's message was sent after the same words were here: she said them again."""
    if kept.at is None or pasted.at is None or pasted.role != "customer":
        return False
    return pasted.at > kept.at + PASTED_AT_LEAST


def _earlier(one: Turn, other: Turn) -> bool:
    return one.at is not None and other.at is not None and one.at < other.at
