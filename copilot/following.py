"""Rules that were published at the workbench, taken over by each process that reads texts."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from copilot.errors import CopilotError
from copilot.rulebook import Rulebook
from guardrails.amending import NOTHING, Amendment

RULES_S = 1.0
"""How soon after they were published rules are in force, in every process."""
_log = logging.getLogger(__name__)


@dataclass
class Following:
    """What of the workbench is in force here. `rulebook` is asked for only once there may be something in it."""

    rulebook: Callable[[], Rulebook]
    written: Callable[[], bool]
    amendment: Amendment = NOTHING
    _seen: int = -1
    _looked: float = field(default=float("-inf"))

    def begin(self) -> Amendment:
        """The changes in force. A record that was never written holds none."""
        if self.written():
            bench = self.rulebook().bench()
            self._seen, self.amendment = bench.last, bench.in_force
        return self.amendment

    def look(self, exchange: Callable[[Amendment], None]) -> None:
        """Have changes taken over that came into force since the last look; what fails is told and those before stay."""
        if time.monotonic() - self._looked < RULES_S:
            return
        self._looked = time.monotonic()
        try:
            if not self.written() or self.rulebook().newest() == self._seen:
                return
            bench = self.rulebook().bench()
            if bench.in_force != self.amendment:
                exchange(bench.in_force)
            self._seen, self.amendment = bench.last, bench.in_force
        except CopilotError:
            _log.exception("the published rules could not be taken over; those before stay in force")
