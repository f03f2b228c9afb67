"""Legal holds: which conversations may not be redacted. A hold is itself an entry of the record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from copilot.records.tables import entries, payloads


@dataclass(frozen=True)
class Hold:
    """A conversation under hold: since when, by whom and why."""

    conversation: str
    at: str
    actor: str
    reason: str


def held_in(connection: Connection) -> Mapping[str, Hold]:
    """The holds that stand, by conversation. One whose content cannot be read stands."""
    rows = connection.execute(
        select(entries.c.conversation, entries.c.at, entries.c.actor, payloads.c.body)
        .join_from(entries, payloads, entries.c.sequence == payloads.c.sequence, isouter=True)
        .where(entries.c.kind == "hold")
        .order_by(entries.c.sequence)
    )
    standing: dict[str, Hold] = {}
    for row in rows:
        said = json.loads(row.body) if row.body is not None else {}
        if said.get("outcome") == "removed":
            standing.pop(row.conversation, None)
        else:
            standing[row.conversation] = Hold(row.conversation, row.at, row.actor, said.get("reason", ""))
    return standing
