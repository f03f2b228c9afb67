"""The editor: take up a candidate, check while typing, release, refer to compliance, and learn what compliance said."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from copilot.errors import CopilotError, InputError, RecordError, ReleaseRefused
from copilot.pipeline import context_for, refer, release, whole
from copilot.records import User
from copilot.records.conversations import StoredMessage
from copilot.types import Edit, Entry, Proposal, Release
from copilot.written import plain
from ui.desk import Desk
from ui.handlers.advising import proposal_of
from ui.handlers.views import Editing, Outcome, Sent, failure_of

log = logging.getLogger(__name__)
OWN_SHOWN = 6
"""Own referrals shown in the advisor's list."""


def adopt(desk: Desk, user: User, conversation: str, index: int) -> Editing:
    """Put a candidate into the editor; nothing when that candidate is no longer on the table."""
    stored = desk.app.conversations.get(conversation, user.name)
    proposal = proposal_of(desk, conversation)
    if proposal is None or not 0 <= index < len(proposal.candidates) or _stale(proposal, len(stored.messages)):
        return Editing(stale=True)
    return check(desk, user, conversation, proposal.candidates[index].text, index)


def check(desk: Desk, user: User, conversation: str, text: str, candidate: int | None) -> Editing:
    """The guard's word on the text as it stands. The text is remembered, so that a reload loses nothing."""
    if not conversation:
        return Editing(text)
    stored = desk.app.conversations.get(conversation, user.name)
    desk.workspaces.write(conversation, text, candidate)
    proposal = proposal_of(desk, conversation)
    if proposal is None:
        return Editing(text, candidate)
    stale = _stale(proposal, len(stored.messages))
    origin, disclosure = _origin(proposal, None if stale else candidate)
    editing = Editing(text, origin, disclosure, None, stale, True)
    if not text.strip():
        return editing
    try:
        verdict = desk.app.line.guard.check(
            whole(text, disclosure), context_for(desk.app.line, proposal, _product(proposal, origin))
        )
    except CopilotError as error:
        log.warning("the editor's text could not be checked: %s", error)
        return replace(editing, failure="guard")
    except Exception:
        log.exception("the editor's text could not be checked")
        return replace(editing, failure="guard")
    return replace(editing, verdict=verdict)


def _product(proposal: Proposal, candidate: int | None) -> str | None:
    """The product a candidate was drafted for."""
    return proposal.candidates[candidate].product if candidate is not None else None


def resume(desk: Desk, user: User, conversation: str) -> Editing:
    """The editor as it was left."""
    kept = desk.workspaces.get(conversation)
    return check(desk, user, conversation, kept.text, kept.candidate)


def after(desk: Desk, user: User, conversation: str, sent: Sent) -> Editing:
    """The editor after a text was not released: the last reading may know more than the one while typing."""
    editing = resume(desk, user, conversation)
    if sent.verdict is not None and editing.text == sent.text:
        return replace(editing, verdict=sent.verdict)
    return editing


def send(desk: Desk, user: User, conversation: str, text: str, candidate: int | None) -> Sent:
    """Release the text: guarded again, recorded, then handed back to be copied."""
    return _close(desk, user, conversation, text, candidate, None)


def ask_compliance(desk: Desk, user: User, conversation: str, text: str, candidate: int | None, remark: str) -> Sent:
    """Send a held text to compliance with a remark."""
    return _close(desk, user, conversation, text, candidate, remark.strip())


def _close(desk: Desk, user: User, conversation: str, text: str, candidate: int | None, remark: str | None) -> Sent:
    if not conversation or not text.strip():
        return Sent("failed", text, failure="input")
    stored = desk.app.conversations.get(conversation, user.name)
    proposal = proposal_of(desk, conversation)
    if proposal is None or _stale(proposal, len(stored.messages)):
        return Sent("stale", text)
    origin, disclosure = _origin(proposal, candidate)
    edit = Edit(text, user.name, origin, disclosure)
    try:
        line = desk.app.line
        done = release(line, proposal, edit) if remark is None else refer(line, proposal, edit, remark)
    except ReleaseRefused:
        return Sent("failed", text, disclosure, failure="input")
    except CopilotError as error:
        log.warning("a text was held: %s", error)
        return Sent("failed", text, disclosure, failure=failure_of(error))
    except Exception:
        log.exception("a text was held")
        return Sent("failed", text, disclosure, failure="other")
    return _closed(desk, user, conversation, done, remark is not None)


def _closed(desk: Desk, user: User, conversation: str, done: Release, referred: bool) -> Sent:
    if referred:
        desk.workspaces.write(conversation, "", None)
        return Sent("referred", done.text, done.disclosure, done.entry)
    if not done.released:
        return Sent("held", done.text, done.disclosure, done.entry, verdict=done.verdict)
    noted = _note(desk, user, conversation, done.text, done.disclosure)
    desk.workspaces.clear(conversation)
    return Sent("released", done.text, done.disclosure, done.entry, noted=noted)


def _note(desk: Desk, user: User, conversation: str, text: str, disclosure: str | None) -> bool:
    """Add the released reply to the conversation. It is released and recorded by now: a failure is told, not raised."""
    said = [text] if disclosure is None else [text, disclosure]
    at = desk.app.clock()
    try:
        desk.app.conversations.add(conversation, user.name, [StoredMessage("advisor", t, at) for t in said])
    except Exception:
        log.exception("a released reply could not be added to conversation %s", conversation)
        return False
    return True


def outcomes(desk: Desk, user: User) -> tuple[Outcome, ...]:
    """One's own newest referrals and what compliance decided."""
    entries = desk.app.record.read(kinds=("referral", "decision", "release"), newest=500)
    own = [e for e in entries if e.kind == "referral" and e.actor == user.name and e.payload is not None]
    return tuple(_outcome(desk, user, entry, entries) for entry in reversed(own[-OWN_SHOWN:]))


def send_approved(desk: Desk, user: User, referral: int) -> Sent:
    """Release a text that compliance approved: once, by the advisor who asked, and only if no rule blocks it by now."""
    entries = desk.app.record.read(kinds=("referral", "decision", "release"), newest=500)
    entry = next((e for e in entries if e.sequence == referral and e.kind == "referral"), None)
    if entry is None or entry.actor != user.name or entry.payload is None:
        raise InputError("no such referral of yours")
    decided = decision_on(referral, entries)
    text = str(entry.payload["text"])
    disclosure = str(entry.payload["disclosure"]) if entry.payload.get("disclosure") else None
    if decided is None or decided.payload is None or decided.payload["outcome"] != "approved":
        raise InputError("compliance has not approved this text")
    if _was_sent(referral, entries):
        return Sent("failed", text, disclosure, failure="input")
    return _release_approved(desk, user, entry, decided, text, disclosure)


def _release_approved(desk: Desk, user: User, entry: Entry, decided: Entry, text: str, disclosure: str | None) -> Sent:
    proposal = proposal_of(desk, entry.conversation)
    if proposal is None:
        return Sent("stale", text, disclosure)
    try:
        verdict = desk.app.line.guard.check(whole(text, disclosure), context_for(desk.app.line, proposal))
        if verdict.outcome == "block":
            return Sent("held", text, disclosure, verdict=verdict)
        payload = {
            "proposal": proposal.entry,
            "referral": entry.sequence,
            "decision": decided.sequence,
            "approved_by": decided.actor,
            "text": text,
            "disclosure": disclosure,
            "edited": bool(entry.payload and entry.payload.get("edited")),
            "verdict": plain(verdict),
        }
        written = desk.app.record.append("release", user.name, entry.conversation, payload, desk.app.clock())
    except RecordError:
        return Sent("failed", text, disclosure, failure="record")
    except CopilotError:
        return Sent("failed", text, disclosure, failure="guard")
    noted = _note(desk, user, entry.conversation, text, disclosure)
    desk.workspaces.clear(entry.conversation)
    return Sent("released", text, disclosure, written.sequence, noted=noted)


def decision_on(referral: int, entries: Sequence[Entry]) -> Entry | None:
    """The decision on a referral: the first one counts."""
    return next(
        (e for e in entries if e.kind == "decision" and e.payload is not None and e.payload["referral"] == referral),
        None,
    )


def _outcome(desk: Desk, user: User, entry: Entry, entries: Sequence[Entry]) -> Outcome:
    payload = entry.payload or {}
    decided = decision_on(entry.sequence, entries)
    said = decided.payload if decided and decided.payload else {}
    try:
        customer = str(desk.app.conversations.get(entry.conversation, user.name).customer.get("name") or "")
    except CopilotError:
        customer = ""
    return Outcome(
        entry.sequence,
        customer,
        str(payload.get("text", "")),
        entry.at,
        str(said.get("outcome", "")),
        str(said.get("reason", "")),
        _was_sent(entry.sequence, entries),
    )


def _was_sent(referral: int, entries: Sequence[Entry]) -> bool:
    return any(e.kind == "release" and e.payload is not None and e.payload.get("referral") == referral for e in entries)


def _stale(proposal: Proposal, messages: int) -> bool:
    """Whether something was said since the proposal was made."""
    return len(proposal.conversation.turns) != messages


def _origin(proposal: Proposal, candidate: int | None) -> tuple[int | None, str | None]:
    """The candidate a text came from, if it is on the table, and the disclosure that goes with it."""
    if candidate is None or not 0 <= candidate < len(proposal.candidates):
        return None, None
    return candidate, proposal.candidates[candidate].disclosure
