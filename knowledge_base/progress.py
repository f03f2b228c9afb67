"""Tells a person every few seconds how far a long work is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

Progress = Callable[[str], None]
_EVERY_S = 2.0


@dataclass
class Steps:
    """Counts towards `total`; tells no oftener than every two seconds, so that neither a small work chatters nor a large one is silent."""

    say: Progress
    what: str
    total: int
    clock: Callable[[], float] = time.monotonic
    _told: float = field(init=False)

    def __post_init__(self) -> None:
        self._told = self.clock()

    def __call__(self, done: int) -> None:
        """So many are done."""
        now = self.clock()
        if now - self._told >= _EVERY_S:
            self._told = now
            self.say(f"  {self.what} {done:,} of {self.total:,}")
