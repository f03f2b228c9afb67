"""What an index can take over from the build before: a text that was there is neither cut into words nor embedded again.

Rows are known by the hash of their text. Each distinct text has a number for as long as builds follow each other; under it its
vector lies in Chroma. Rows of one text share it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np
import numpy.typing as npt

ROWS = "rows.npz"
_DIGEST = np.dtype("V16")
_WORN = 0.25
"""Share of the old texts that are gone from which all is built anew: Chroma's graph keeps the places of what was deleted."""

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Kept:
    """A build's rows: the hash of each one's text, and that text's number."""

    digests: npt.NDArray[np.void]
    numbers: Numbers

    def save(self, folder: Path) -> None:
        """Write them into a build."""
        np.savez(folder / ROWS, digests=self.digests, numbers=self.numbers)


NOTHING = Kept(np.zeros(0, dtype=_DIGEST), np.zeros(0, dtype=np.int64))


@dataclass(frozen=True)
class Plan:
    """How the rows of a new build come about."""

    rows: Kept
    fresh: Sequence[int]
    """Rows whose texts are new, the first of each text."""
    places: Numbers
    """Where each row's words are: among the old rows, or behind them in the order of `fresh`."""
    gone: Numbers
    """Numbers of the texts that are no longer there."""
    before: Path | None = None
    """The build that is continued; None where all is made anew."""

    @property
    def added(self) -> Numbers:
        """The numbers of the new texts, in the order of `fresh`."""
        return self.rows.numbers[np.asarray(self.fresh, dtype=np.int64)]


def load_kept(folder: Path) -> Kept:
    """What `save` wrote; OSError, ValueError or KeyError when it cannot be read."""
    with np.load(folder / ROWS, allow_pickle=False) as kept:
        return Kept(kept["digests"].view(_DIGEST), kept["numbers"])


def plan(texts: Sequence[str], before: Path | None) -> Plan:
    """How to come from the build in `before` to one with these texts; from nothing, where that is None or too little of it stays."""
    old = load_kept(before) if before is not None else NOTHING
    digests = [blake2b(text.encode(), digest_size=_DIGEST.itemsize).digest() for text in texts]
    found = _plan(digests, old, before)
    if before is not None and len(found.gone) > _WORN * len(np.unique(old.numbers)):
        return _plan(digests, NOTHING, None)
    return found


def _plan(digests: Sequence[bytes], old: Kept, before: Path | None) -> Plan:
    place_of: dict[bytes, int] = {}
    for place, digest in enumerate(old.digests.tolist()):
        place_of.setdefault(digest, place)
    number_of = {digest: int(old.numbers[place]) for digest, place in place_of.items()}
    following = int(old.numbers.max()) + 1 if len(old.numbers) else 0
    fresh: list[int] = []
    for row, digest in enumerate(digests):
        if digest not in place_of:
            place_of[digest] = len(old.digests) + len(fresh)
            number_of[digest] = following + len(fresh)
            fresh.append(row)
    places = np.fromiter((place_of[d] for d in digests), dtype=np.int64, count=len(digests))
    numbers = np.fromiter((number_of[d] for d in digests), dtype=np.int64, count=len(digests))
    gone = np.setdiff1d(old.numbers, numbers)
    return Plan(Kept(np.array(digests, dtype=_DIGEST), numbers), fresh, places, gone, before)
