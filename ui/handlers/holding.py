"""What an advisor may say while a text of his waits for compliance: an approved reply, guarded and recorded like any candidate."""

from __future__ import annotations

import logging

from copilot.errors import CopilotError
from copilot.further import hold
from copilot.records import User
from ui.desk import Desk
from ui.handlers.advising import proposal_of, stale
from ui.handlers.rights import only
from ui.handlers.views import Sent

log = logging.getLogger(__name__)


@only("advisor")
def waits(desk: Desk, user: User, conversation: str) -> Sent:
    """The newest text of one's own conversation that still waits for compliance, with what may be said meanwhile.

    Nothing while suggestions are being made, once something was said since, and where the text had gone out already.
    """
    stored = desk.app.conversations.get(conversation, user.name)
    found = [c for c in desk.app.cases.within(conversation) if c.author == user.name and not c.outcome]
    entry = desk.app.record.get(found[-1].referral) if found else None
    if entry is None or entry.payload is None or entry.payload.get("sent"):
        return Sent()
    proposal = proposal_of(desk, conversation)
    if proposal is None or stale(proposal, len(stored.messages)) or desk.workspaces.get(conversation).working:
        return Sent()
    index, text = holding_of(desk, user, conversation)
    if index is None:
        return Sent()
    return Sent("referred", str(entry.payload["text"]), entry=entry.sequence, holding=index, holding_text=text)


@only("advisor")
def holding_of(desk: Desk, user: User, conversation: str) -> tuple[int | None, str]:
    """The approved reply that keeps the customer company meanwhile: its place on the table and its words; None when there is none."""
    none = (None, "")
    desk.app.conversations.get(conversation, user.name)
    proposal = proposal_of(desk, conversation)
    if proposal is None:
        return none
    try:
        held = hold(desk.app.line, proposal, user.name)
    except CopilotError as error:
        log.warning("no holding reply: %s", error)
        return none
    if not desk.workspaces.hold(conversation, desk.workspaces.get(conversation).generation, held.proposal):
        return none
    return held.index, held.proposal.candidates[held.index].text
