"""How well the customer was heard: found entities and quotations against those a writer marked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from copilot.types import Entity
from evals.talks import Labelled

NEAR = 0.01
"""Amounts and rates agree within one per cent."""
NEAR_TERM = 0.03
"""Terms agree within three per cent: half a year is 180 or 182 days."""
COARSE = frozenset(("month", "year", "week", "about"))
"""Units of dates that name no day (九月, 明年, 过年). Writers were told to mark days alone, so these count neither way."""
HALF = 0.5
"""A quotation is found when at least half of the shorter one is shared."""


@dataclass
class Tally:
    """Hits, and what was found and wanted in all. `right` counts among the found, `met` among the wanted."""

    right: int = 0
    found: int = 0
    met: int = 0
    wanted: int = 0

    def add(self, right: int, found: int, met: int, wanted: int) -> None:
        """Count one turn."""
        self.right += right
        self.found += found
        self.met += met
        self.wanted += wanted


def match_entities(
    text: str, found: Sequence[Entity], wanted: Sequence[Labelled], *, values: bool = True
) -> Iterator[tuple[Labelled | None, Entity | None]]:
    """Pairs of a wanted and a found entity that agree, then the wanted ones missed and the found ones in excess.

    Same type, overlapping place and, with `values`, the same value. A mention that repeats one already met (我妈 … 我妈) is
    no error: writers mark a person once.
    """
    left = [e for e in found if not (e.type == "date" and e.unit in COARSE)]
    met: list[Labelled] = []
    for label in wanted:
        spots = list(_spots(text, label.text))
        hit = max(
            (e for e in left if e.type == label.type and _overlaps(e, spots) and (not values or agree(e, label))),
            key=lambda e: (e.text == label.text, -abs(len(e.text) - len(label.text))),
            default=None,
        )
        yield label, hit
        if hit is not None:
            left.remove(hit)
            met.append(label)
    for entity in left:
        if not any(entity.type == m.type and entity.text == m.text for m in met):
            yield None, entity


def agree(entity: Entity, label: Labelled) -> bool:
    """Whether the values are the same: numbers nearly, dates to the coarser one, words by their place alone."""
    if entity.type in ("amount", "term", "rate"):
        if not isinstance(entity.value, (int, float)) or not isinstance(label.value, (int, float)):
            return False
        near = NEAR_TERM if entity.type == "term" else NEAR
        unit = "" if entity.unit == "元" or entity.type != "amount" else entity.unit
        return abs(entity.value - label.value) <= near * abs(label.value) + 1e-9 and unit == label.unit
    if entity.type == "date":
        said, read = str(label.value), str(entity.value)
        return bool(said and read) and (said.startswith(read) or read.startswith(said))
    return entity.type != "product" or not label.value or entity.value == label.value


def entity_tallies(
    turns: Iterable[tuple[str, Sequence[Entity], Sequence[Labelled]]], *, values: bool = True
) -> dict[str, Tally]:
    """A tally for each type over turns of (text, found, wanted)."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    for text, found, wanted in turns:
        for label, entity in match_entities(text, found, wanted, values=values):
            kind = label.type if label else entity.type if entity else ""
            hit = label is not None and entity is not None
            tallies[kind].add(hit, entity is not None, hit, label is not None)
    return tallies


def match_quotes(text: str, found: Sequence[str], wanted: Sequence[str]) -> tuple[list[bool], list[bool]]:
    """For each found quotation whether it is one that was wanted, and for each wanted one whether it was found."""
    ours, theirs = ([_span(text, q) for q in quotes] for quotes in (found, wanted))
    return [any(_share(a, b) for b in theirs) for a in ours], [any(_share(a, b) for a in ours) for b in theirs]


def shared_characters(text: str, found: Sequence[str], wanted: Sequence[str]) -> tuple[int, int, int]:
    """Characters both quote, characters found, characters wanted: what quoting whole messages would spoil."""
    ours, theirs = ({i for q in quotes for i in range(*_span(text, q))} for quotes in (found, wanted))
    return len(ours & theirs), len(ours), len(theirs)


def _spots(text: str, piece: str) -> Iterator[tuple[int, int]]:
    at = text.find(piece)
    while at >= 0:
        yield at, at + len(piece)
        at = text.find(piece, at + 1)


def _overlaps(entity: Entity, spots: Sequence[tuple[int, int]]) -> bool:
    return any(entity.start < end and start < entity.end for start, end in spots)


def _span(text: str, quote: str) -> tuple[int, int]:
    at = text.find(quote)
    return (at, at + len(quote)) if at >= 0 else (0, 0)


def _share(a: tuple[int, int], b: tuple[int, int]) -> bool:
    shorter = min(a[1] - a[0], b[1] - b[0])
    return shorter > 0 and min(a[1], b[1]) - max(a[0], b[0]) >= HALF * shorter
