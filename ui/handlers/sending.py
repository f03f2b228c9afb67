"""The editor: take up a candidate, check while typing, release, refer to compliance, and learn what compliance said."""

from __future__ import annotations

import logging
from dataclasses import replace

from copilot.errors import CaseRefused, CopilotError, InputError, RecordError, ReleaseRefused
from copilot.pipeline import context_for, refer, release, whole
from copilot.records import Standing, User
from copilot.records.conversations import StoredMessage
from copilot.types import Edit, Entry, Proposal, Release
from copilot.written import plain
from ui.desk import Desk
from ui.handlers.advising import proposal_of, recorded_of, stale
from ui.handlers.holding import holding_of
from ui.handlers.queueing import names_of
from ui.handlers.rights import only
from ui.handlers.talking import called
from ui.handlers.views import Editing, Outcome, Sent, failure_of

log = logging.getLogger(__name__)
OWN_SHOWN = 6
"""Own referrals shown in the advisor's list beside those that wait for somebody."""


@only("advisor")
def adopt(desk: Desk, user: User, conversation: str, index: int) -> Editing:
    """Put a candidate into the editor; nothing when that candidate is no longer on the table."""
    stored = desk.app.conversations.get(conversation, user.name)
    proposal = proposal_of(desk, conversation)
    if proposal is None or not 0 <= index < len(proposal.candidates) or stale(proposal, len(stored.messages)):
        return Editing(stale=True)
    return check(desk, user, conversation, proposal.candidates[index].text, index)


@only("advisor")
def check(desk: Desk, user: User, conversation: str, text: str, candidate: int | None) -> Editing:
    """The guard's word on the text as it stands. The text is remembered, so that a reload loses nothing."""
    if not conversation:
        return Editing(text)
    stored = desk.app.conversations.get(conversation, user.name)
    proposal = proposal_of(desk, conversation)
    desk.keep(user, conversation, text, candidate)
    if proposal is None:
        return Editing(text, candidate)
    old = stale(proposal, len(stored.messages))
    origin, disclosure = _origin(proposal, None if old else candidate)
    before = proposal.candidates[origin].text if origin is not None else None
    editing = Editing(text, origin, disclosure, None, old, True, before=before)
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


@only("advisor")
def resume(desk: Desk, user: User, conversation: str) -> Editing:
    """The editor as it was left."""
    proposal_of(desk, conversation)
    kept = desk.left(user, conversation)
    return check(desk, user, conversation, kept.text, kept.candidate)


@only("advisor")
def after(desk: Desk, user: User, conversation: str, sent: Sent) -> Editing:
    """The editor after a text was not released: the last reading may know more than the one while typing."""
    editing = resume(desk, user, conversation)
    if sent.verdict is not None and editing.text == sent.text:
        return replace(editing, verdict=sent.verdict)
    return editing


@only("advisor")
def send(desk: Desk, user: User, conversation: str, text: str, candidate: int | None) -> Sent:
    """Release the text: guarded again, recorded, then handed back to be copied."""
    return _close(desk, user, conversation, text, candidate, None)


@only("advisor")
def ask_compliance(desk: Desk, user: User, conversation: str, text: str, candidate: int | None, remark: str) -> Sent:
    """Send a held text to compliance. Never without a remark: whoever decides has to know why it should be said so."""
    if not remark.strip():
        return Sent("failed", text, failure="remark")
    return _close(desk, user, conversation, text, candidate, remark.strip())


def _close(desk: Desk, user: User, conversation: str, text: str, candidate: int | None, remark: str | None) -> Sent:
    if not conversation or not text.strip():
        return Sent("failed", text, failure="input")
    stored = desk.app.conversations.get(conversation, user.name)
    proposal = proposal_of(desk, conversation)
    if proposal is None or stale(proposal, len(stored.messages)):
        return Sent("stale", text)
    origin, disclosure = _origin(proposal, candidate)
    edit = Edit(text, user.name, origin, disclosure)
    try:
        line = desk.app.line
        done = (
            release(line, proposal, edit)
            if remark is None
            else refer(line, proposal, edit, remark, _followed(desk, user, conversation))
        )
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
        desk.keep(user, conversation, "", None)
        index, text = holding_of(desk, user, conversation)
        return Sent("referred", done.text, done.disclosure, done.entry, holding=index, holding_text=text)
    if not done.released:
        return Sent("held", done.text, done.disclosure, done.entry, verdict=done.verdict)
    noted = _note(desk, user, conversation, done.text, done.disclosure)
    desk.clear(user, conversation)
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


@only("advisor")
def outcomes(desk: Desk, user: User) -> tuple[Outcome, ...]:
    """One's own referrals: all that wait for oneself, then all that wait for compliance, then the newest others."""
    found = desk.app.cases.of(user.name, OWN_SHOWN)
    waiting = [_outcome(desk, user, case) for case in found]
    return tuple(sorted((o for o in waiting if o is not None), key=lambda o: (o.settled, not o.decision, -o.referral)))


@only("advisor")
def revise(desk: Desk, user: User, referral: int) -> str:
    """Put a returned text into the editor of its conversation, to be changed and sent again; returns the conversation."""
    case = desk.app.cases.get(referral)
    entry = desk.app.record.get(referral)
    if case is None or entry is None or entry.payload is None or case.author != user.name:
        raise InputError("no such referral of yours")
    if case.outcome != "returned" or case.followed:
        raise InputError("this text was not returned, or has been sent again")
    desk.app.conversations.get(case.conversation, user.name)
    index = entry.payload.get("candidate")
    proposal = proposal_of(desk, case.conversation)
    same = proposal is not None and proposal.entry == entry.payload.get("proposal")
    candidate = index if same and isinstance(index, int) else None
    desk.keep(user, case.conversation, str(entry.payload["text"]), candidate)
    return case.conversation


def _followed(desk: Desk, user: User, conversation: str) -> int:
    """The returned case that a new referral of this conversation goes on from, 0 for none: nothing went out since."""
    returned = [c for c in desk.app.cases.within(conversation) if c.outcome == "returned" and not c.followed]
    newest = next((c for c in reversed(returned) if c.author == user.name), None)
    return newest.referral if newest is not None and not _went_on(desk, newest) else 0


def _went_on(desk: Desk, case: Standing) -> bool:
    """Whether something was released in the conversation after the case was decided."""
    newest = desk.app.record.read(conversation=case.conversation, kinds=("release",), newest=1)
    return bool(newest) and newest[0].sequence > case.decision


@only("advisor")
def send_approved(desk: Desk, user: User, referral: int) -> Sent:
    """Release a text that compliance approved: once, by the advisor who asked, and only if no rule blocks it by now."""
    case = desk.app.cases.get(referral)
    entry = desk.app.record.get(referral)
    if case is None or entry is None or case.author != user.name or entry.payload is None:
        raise InputError("no such referral of yours")
    text = str(entry.payload["text"])
    disclosure = str(entry.payload["disclosure"]) if entry.payload.get("disclosure") else None
    decided = desk.app.record.get(case.decision) if case.outcome == "approved" else None
    if decided is None:
        raise InputError("compliance has not approved this text")
    if entry.payload.get("sent"):
        raise InputError("this text had gone out already")
    if case.sent:
        return Sent("failed", text, disclosure, failure="input")
    return _release_approved(desk, user, entry, decided, text, disclosure)


def _release_approved(desk: Desk, user: User, entry: Entry, decided: Entry, text: str, disclosure: str | None) -> Sent:
    proposal = proposal_of(desk, entry.conversation) or _still_hers(desk, user, entry.conversation)
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
        once = desk.app.cases.check(entry.sequence, None, _unsent)
        written = desk.app.record.append("release", user.name, entry.conversation, payload, desk.app.clock(), once)
    except CaseRefused:
        return Sent("failed", text, disclosure, failure="input")
    except RecordError:
        return Sent("failed", text, disclosure, failure="record")
    except CopilotError:
        return Sent("failed", text, disclosure, failure="guard")
    noted = _note(desk, user, entry.conversation, text, disclosure)
    desk.clear(user, entry.conversation)
    return Sent("released", text, disclosure, written.sequence, noted=noted)


def _still_hers(desk: Desk, user: User, conversation: str) -> Proposal | None:
    """The proposal read back from the record, when only the advisor has written since, such as a holding reply."""
    recorded = recorded_of(desk, conversation)
    if recorded is None:
        return None
    said = [m.text for m in desk.app.conversations.get(conversation, user.name).messages if m.role == "customer"]
    asked = [t.text for t in recorded.conversation.turns if t.role == "customer"]
    return recorded if said == asked else None


def _unsent(case: Standing) -> None:
    """Under the lock: two clicks at once send one text."""
    if case.sent:
        raise CaseRefused("decided")


def _outcome(desk: Desk, user: User, case: Standing) -> Outcome | None:
    """One referral as its advisor sees it; None when its text was taken out of the record."""
    entry = desk.app.record.get(case.referral)
    if entry is None or entry.payload is None:
        return None
    decided = desk.app.record.get(case.decision) if case.decision else None
    said = decided.payload if decided and decided.payload else {}
    try:
        customer = called(desk.app.conversations.get(entry.conversation, user.name))
    except CopilotError:
        customer = ""
    return Outcome(
        case.referral,
        customer,
        str(entry.payload["text"]),
        case.at,
        case.outcome,
        str(said.get("reason", "")),
        bool(case.sent),
        names_of(desk).get(decided.actor, decided.actor) if decided else "",
        case.outcome == "returned" and not case.followed and not _went_on(desk, case),
        bool(entry.payload.get("sent")),
    )


def _origin(proposal: Proposal, candidate: int | None) -> tuple[int | None, str | None]:
    """The candidate a text came from, if it is on the table, and the disclosure that goes with it."""
    if candidate is None or not 0 <= candidate < len(proposal.candidates):
        return None, None
    return candidate, proposal.candidates[candidate].disclosure
