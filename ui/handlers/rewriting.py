"""Have one part of the reply written anew, the rest as it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from copilot.drafting.part import Part
from copilot.errors import InputError, ModelError, ReleaseRefused
from copilot.further import rewrite
from copilot.records import User
from ui.desk import Desk
from ui.handlers.advising import proposal_of
from ui.handlers.rights import only

Why = Literal["", "none", "scripts", "nothing"]


@dataclass(frozen=True)
class Rewriting:
    """The reply after it, and what was there before; `why` nothing was changed, "" when something was."""

    text: str
    old: str
    why: Why = ""


@only("advisor")
def rewrite_part(
    desk: Desk, user: User, conversation: str, text: str, candidate: int | None, start: int, end: int
) -> Rewriting:
    """Rewrite the characters from `start` to `end`; the text stays as it is where nothing better may be sent."""
    desk.app.conversations.get(conversation, user.name)
    proposal = proposal_of(desk, conversation)
    if proposal is None:
        raise InputError("generate first: there is nothing to rewrite against")
    part = Part(text[:start], text[start:end], text[end:])
    if not 0 <= start < end <= len(text) or not part.old.strip():
        return Rewriting(text, part.old, "none")
    known = candidate if candidate is not None and 0 <= candidate < len(proposal.candidates) else None
    try:
        found = rewrite(desk.app.line, proposal, part, known, user.name)
    except ModelError:
        return Rewriting(text, part.old, "scripts")
    except ReleaseRefused:
        return Rewriting(text, part.old, "nothing")
    return Rewriting(found.text, part.old)
