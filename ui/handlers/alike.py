"""Cases alike: the same rules, the same words up to whom they address, for customers of the same level. One reason may serve them all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from copilot.casework import OFFICERS
from copilot.errors import CopilotError
from copilot.records import Standing, User
from ui.desk import Desk
from ui.handlers.queueing import minutes, names_of
from ui.handlers.rights import only

MOST = 200
"""Cases compared with one."""
_ADDRESS = re.compile(
    r"^[\u4e00-\u9fff]{1,3}(?:姐姐|大姐|姐|大哥|哥|叔叔|叔|阿姨|姨|女士|先生|老师|总)(?=[，,：:！!。、\s])"
)
_SOMEBODY = "○"


@dataclass(frozen=True)
class Alike:
    """Another case like the one that is open; `seen` is its version on the screen."""

    entry: int
    seen: int
    advisor: str
    customer: str
    minutes: int


@only(*OFFICERS)
def alike(desk: Desk, user: User, case: Standing) -> tuple[Alike, ...]:
    """The other waiting cases that this person may decide together with this one, oldest first."""
    key = _key(desk, case)
    if key is None or not case.rules:
        return ()
    now, names = desk.app.clock(), names_of(desk)
    same = [c for c in desk.app.cases.waiting() if (c.rank, c.rules) == (case.rank, case.rules)]
    found = []
    for other in same[: MOST + 1]:
        if other.referral == case.referral or not _open_to(desk, user, other) or _key(desk, other) != key:
            continue
        name = str((_opening(desk, other).get("customer") or {}).get("name") or "")
        waited = minutes(other.at, now)
        found.append(Alike(other.referral, other.last, names.get(other.author, other.author), name, waited))
    return tuple(found)


def bare(text: str, name: str) -> str:
    """A text without the name of whom it addresses. Figures stay: another figure is another text."""
    named = text.replace(name.strip(), _SOMEBODY) if len(name.strip()) >= 2 else text
    return _ADDRESS.sub(_SOMEBODY, named)


def _open_to(desk: Desk, user: User, case: Standing) -> bool:
    try:
        desk.app.casework.open_to(user, case)
    except CopilotError:
        return False
    return True


def _key(desk: Desk, case: Standing) -> tuple[str, ...] | None:
    payload = _payload(desk, case.referral)
    if "text" not in payload:
        return None
    customer = _opening(desk, case).get("customer") or {}
    name = str(customer.get("name") or "")
    said = (bare(str(payload["text"]), name), bare(str(payload.get("disclosure") or ""), name))
    return (*said, str(customer.get("risk_level") or ""), "sent" if payload.get("sent") else "")


def _opening(desk: Desk, case: Standing) -> Mapping[str, Any]:
    own = _payload(desk, case.referral)
    if own.get("sent"):
        return own
    number = own.get("proposal")
    return _payload(desk, number) if isinstance(number, int) else {}


def _payload(desk: Desk, number: int) -> Mapping[str, Any]:
    entry = desk.app.record.get(number)
    return entry.payload if entry is not None and entry.payload is not None else {}
