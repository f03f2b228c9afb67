"""How often one person may act: so many a minute, evenly, counted in this process."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

_KNOWN = 10_000
"""People whose pace is remembered; of more, the one who acted longest ago starts afresh."""


class Pace:
    """A bucket a person, filled evenly over the minute. Safe to use from several threads."""

    def __init__(self, a_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = float(a_minute)
        self._clock = clock
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, who: str) -> int:
        """0 when the act is allowed, else the whole seconds to wait before the next try."""
        now = self._clock()
        with self._lock:
            left, since = self._left.pop(who, (self._most, now))
            left = min(self._most, left + max(0.0, now - since) * self._most / 60)
            allowed = left >= 1
            self._left[who] = (left - 1 if allowed else left, now)
            while len(self._left) > _KNOWN:
                self._left.popitem(last=False)
        return 0 if allowed else max(1, math.ceil((1 - left) * 60 / self._most))
