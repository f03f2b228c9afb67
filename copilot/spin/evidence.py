"""Which clauses are evidence for a letter of SPIN: a small bundled linear model over their signs, no torch."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from copilot.errors import SettingsError
from copilot.reading.plain import Clause
from copilot.sealed import Sealed
from copilot.spin.signs import SIZE, Before, Signs, before, read_clauses
from copilot.types import Spin, Turn

LETTERS: tuple[Spin, ...] = ("S", "P", "I", "N")
NOTE, WEIGHTS = "ledger.json", "weights.npz"
REMEMBERED = 256
"""Messages whose reading is kept: every turn of a talk is read again with each new one."""
Read = tuple[Clause, tuple[Spin, ...]]
_FIX = "restore the folder from the release, or run `make train-ledger`"


class EvidenceModel:
    """Names the letters of each clause; files load at the first message."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._remembered = lru_cache(maxsize=REMEMBERED)(self._read)

    def __call__(self, text: str, at: datetime | None, turns: Sequence[Turn]) -> Sequence[Read]:
        """The clauses of a customer's message with the letters they are evidence for; `turns` is the talk before it."""
        return self._remembered(text, at, before(turns))

    def _read(self, text: str, at: datetime | None, talk: Before) -> Sequence[Read]:
        found = []
        for clause, signs in read_clauses(text, at, talk):
            chances = self.chances(signs)
            found.append((clause, tuple(x for x in LETTERS if chances[x] >= self._bars[x])))
        return tuple(found)

    def chances(self, signs: Signs) -> Mapping[Spin, float]:
        """How likely a clause with these signs is evidence for each letter."""
        rows = np.fromiter(signs, dtype=np.int64, count=len(signs))
        values = np.fromiter(signs.values(), dtype=np.float32, count=len(signs))
        scores = values @ self._weights[rows].astype(np.float32) + self._bias
        return {letter: 1 / (1 + math.exp(-float(score))) for letter, score in zip(LETTERS, scores, strict=True)}

    def load(self) -> None:
        """Load now; SettingsError with one line when a file is missing or not the recorded one."""
        _ = self._bars, self._weights

    @property
    def version(self) -> str:
        """`ledger@` and the start of the weights' hash."""
        return f"ledger@{self._note['sha256'][WEIGHTS][:12]}"

    @cached_property
    def _sealed(self) -> Sealed:
        return Sealed(self.folder, NOTE, _FIX)

    @cached_property
    def _note(self) -> dict[str, Any]:
        note = self._sealed.said
        if note.get("size") != SIZE or set(note.get("bars") or ()) != set(LETTERS):
            raise SettingsError(f"{self.folder / NOTE}: made for other signs; {_FIX}")
        return note

    @cached_property
    def _bars(self) -> Mapping[Spin, float]:
        return {letter: float(self._note["bars"][letter]) for letter in LETTERS}

    @cached_property
    def _arrays(self) -> tuple[np.ndarray, np.ndarray]:
        with np.load(io.BytesIO(self._sealed.read(WEIGHTS)), allow_pickle=False) as arrays:
            return arrays["weights"], arrays["bias"].astype(np.float32)

    @property
    def _weights(self) -> np.ndarray:
        return self._arrays[0]

    @property
    def _bias(self) -> np.ndarray:
        return self._arrays[1]
