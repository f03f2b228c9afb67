"""Passages by the thousand: what a search asks of all of them at once, laid out so that a question touches each but once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from copilot.types import KINDS, Kind
from knowledge_base.embed import Vectors
from knowledge_base.fuse import Weights
from knowledge_base.rows import Row

Mask = npt.NDArray[np.bool_]


class Cues:
    """Which rows are a passage's own text, and which the ways to ask for it. Most passages of a large corpus have no cue."""

    def __init__(self, rows: Sequence[Row]) -> None:
        units = np.fromiter((row.unit for row in rows), dtype=np.int64, count=len(rows))
        self._starts = np.flatnonzero(np.diff(units, prepend=-1))
        self._ends = np.append(self._starts[1:], len(rows))
        self._cued = np.flatnonzero(self._ends - self._starts > 1)
        self._cue_rows = np.setdiff1d(np.flatnonzero(np.isin(units, self._cued)), self._starts)
        lengths = (self._ends - self._starts)[self._cued] - 1
        self._cue_starts = np.cumsum(lengths) - lengths

    def __len__(self) -> int:
        """How many passages there are."""
        return len(self._starts)

    def rows(self, unit: int) -> npt.NDArray[np.int64]:
        """A passage's rows, its own text first."""
        return np.arange(self._starts[unit], self._ends[unit])

    def texts(self, marks: Mask) -> Mask:
        """From each row's mark each passage's."""
        return marks[self._starts]

    def sides(self, view: Vectors) -> tuple[Vectors, Vectors]:
        """From each row's score each passage's: by its own text, and by the best of its cues, or its text where it has none."""
        text = view[self._starts]
        if not len(self._cued):
            return text, text
        asked = text.copy()
        asked[self._cued] = np.maximum.reduceat(view[self._cue_rows], self._cue_starts)
        return text, asked


class Kinds:
    """What each passage gains or loses for the kind of its document, and which are hidden from a question."""

    def __init__(self, kinds: Sequence[Kind], papers: Mask, weights: Weights) -> None:
        told = np.array(kinds, dtype=str)
        self._masks: dict[str, Mask] = {kind: told == kind for kind in KINDS}
        self.gain = np.zeros(len(kinds), dtype=np.float32)
        for name in ("product", "compliance", "market", "calendar", "glossary"):
            self.gain[self._masks[name]] = getattr(weights, name)
        self.products = np.flatnonzero(self._masks["product"])
        self.gain[self.products] += weights.unlinked
        self.gain[papers] += weights.paper

    def hidden(self, kind: Kind | None) -> Mask:
        """Passages of other kinds than asked for; scripts, where none is."""
        return self._masks["script"] if kind is None else ~self._masks[kind]
