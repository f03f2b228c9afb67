"""A record that keeps nothing: what is only measured does not belong among what a bank's advisors did."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import count

from copilot.types import Entry


class OffRecord:
    """Satisfies Record; counts entries and forgets them."""

    def __init__(self) -> None:
        self._next = count(1)

    def append(
        self, kind: str, actor: str, conversation: str, payload: Mapping[str, object], at: datetime | None = None
    ) -> Entry:
        """An entry as the record would return it."""
        return Entry(next(self._next), kind, at or datetime.now(), actor, conversation, payload, "", "")
