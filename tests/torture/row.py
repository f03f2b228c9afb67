"""One fault, tried many times: what came of it."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """`tried` times the fault, what came of it, and the longest time until the next request was served."""

    fault: str
    tried: int
    outcome: str
    back_s: float | None = None
    seed: int | None = None


def counted(outcomes: Mapping[str, int]) -> str:
    """`refused 12, found 3`: how often each."""
    return ", ".join(f"{name} {count:,}" for name, count in sorted(outcomes.items(), key=lambda item: -item[1]))


class Watch:
    """The longest of several waits."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._since = time.perf_counter()

    def begin(self) -> None:
        """From now."""
        self._since = time.perf_counter()

    def end(self) -> float:
        """Until now; the longest is kept."""
        took = time.perf_counter() - self._since
        self.longest = max(self.longest, took)
        return took


def busy() -> str:
    """How loaded the machine is while this runs: figures of time mean little without it."""
    return f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}"
