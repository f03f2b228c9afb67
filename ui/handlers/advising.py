"""Suggestions for a customer turn: asked for, streamed as they pass the guard, and read back from the record."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from pydantic import TypeAdapter

from copilot.drafting import gather
from copilot.errors import CopilotError, InputError, TooMany
from copilot.pipeline import stream
from copilot.records import User
from copilot.types import (
    Candidate,
    Citation,
    Conversation,
    Customer,
    Library,
    Move,
    PlannedMove,
    Proposal,
    Provenance,
    Source,
    Tone,
    Turn,
    Understanding,
)
from ui.desk import Desk
from ui.handlers.rights import only
from ui.handlers.talking import conversation_of
from ui.handlers.views import Card, Quoted, Suggestion, failure_of

log = logging.getLogger(__name__)
LONGEST_INSTRUCTION = 500
REASONS = ("wrong", "off", "stiff", "long", "pushy")
"""Why a suggestion is not liked."""
AROUND = 60
"""Characters shown on each side of a cited value."""


@only("advisor")
def demand_pace(desk: Desk, user: User) -> None:
    """TooMany when this user asks for suggestions faster than the bank allows."""
    seconds = desk.asking.take(user.name)
    if seconds:
        raise TooMany(seconds)


@only("advisor")
def suggest(
    desk: Desk,
    user: User,
    conversation: str,
    intent: str | None = None,
    tone: Tone = "warm",
    move: Move | None = None,
) -> Iterator[Suggestion]:
    """The suggestion as it grows. Ends at once, without a word, when a newer generation has begun for this conversation.

    What the advisor has typed himself is taken as an instruction.
    """
    left = desk.left(user, conversation)
    instruction = left.text if left.candidate is None else ""
    asked = conversation_of(desk.app.conversations.get(conversation, user.name))
    if not asked.message.strip():
        yield Suggestion("nothing")
        return
    begun = desk.workspaces.begin(conversation)
    yield Suggestion("reading")
    shown = Suggestion("reading")
    try:
        for proposal in stream(
            desk.app.line,
            asked,
            actor=user.name,
            tone=tone,
            instruction=instruction[:LONGEST_INSTRUCTION],
            intent=intent,
            move=move,
            cancel=begun.cancel,
        ):
            if not desk.workspaces.hold(conversation, begun.generation, proposal):
                return
            shown = suggestion_of(desk, proposal, "drafting")
            yield shown
    except CopilotError as error:
        if begun.cancel.is_set() and desk.workspaces.get(conversation).generation == begun.generation:
            return  # the advisor stopped it
        log.warning("no suggestion for %s: %s", conversation, error)
        shown = replace(shown, stage="failed", failure=failure_of(error), detail=str(error))
    except Exception:
        log.exception("no suggestion for %s", conversation)
        shown = replace(shown, stage="failed", failure="other")
    if desk.workspaces.finish(conversation, begun.generation):
        yield shown if shown.stage == "failed" else replace(shown, stage="done")


@only("advisor")
def current(desk: Desk, user: User, conversation: str) -> Suggestion:
    """What lies on the table of one's own conversation, after a reload or in another process."""
    if not conversation:
        return Suggestion()
    stored = desk.app.conversations.get(conversation, user.name)
    proposal = proposal_of(desk, conversation)
    if proposal is not None and not stale(proposal, len(stored.messages)):
        stage = "drafting" if desk.workspaces.get(conversation).working else "done"
        return suggestion_of(desk, proposal, "drafting" if stage == "drafting" else "done")
    waiting = bool(stored.messages) and stored.messages[-1].role == "customer"
    return Suggestion("waiting" if waiting else "nothing")


@only("advisor")
def offered(desk: Desk, user: User, conversation: str, place: int) -> str:
    """The first or second of the two intents offered for one's own conversation; InputError when they are offered no more."""
    desk.app.conversations.get(conversation, user.name)
    proposal = proposal_of(desk, conversation)
    labels = [label for label, _ in proposal.understanding.offered] if proposal else []
    if place >= len(labels):
        raise InputError("these intents are offered no more: choose one from the list")
    return labels[place]


@only("advisor")
def corrected(desk: Desk, user: User, conversation: str) -> str | None:
    """The intent that the advisor gave this conversation's newest turn, None while it is the copilot's own."""
    desk.app.conversations.get(conversation, user.name)
    proposal = proposal_of(desk, conversation)
    return proposal.understanding.intent if proposal and proposal.understanding.by == "advisor" else None


@only("advisor")
def stop(desk: Desk, user: User, conversation: str) -> None:
    """End a running generation; what came stays on the table."""
    desk.app.conversations.get(conversation, user.name)
    kept = desk.workspaces.get(conversation)
    kept.cancel.set()
    desk.workspaces.finish(conversation, kept.generation)


@only("advisor")
def thumb(desk: Desk, user: User, conversation: str, index: int, up: bool, reason: str = "") -> None:
    """Record what an advisor thinks of a suggestion: liked, or not and why. InputError when it is no longer there."""
    desk.app.conversations.get(conversation, user.name)
    proposal = proposal_of(desk, conversation)
    if proposal is None or not 0 <= index < len(proposal.candidates) or (reason not in REASONS if not up else reason):
        raise InputError("this suggestion is no longer there")
    candidate = proposal.candidates[index]
    payload = {
        "proposal": proposal.entry,
        "candidate": index,
        "up": up,
        "reason": reason,
        "intent": proposal.understanding.intent,
        "move": candidate.move,
        "origin": candidate.origin,
        "script": candidate.script,
    }
    desk.app.record.append("thumb", user.name, conversation, payload, desk.app.clock())


def _thumbs(desk: Desk, proposal: Proposal) -> dict[int, bool]:
    """What was thought of a proposal's suggestions, the last word each."""
    said = desk.app.record.read(conversation=proposal.conversation.id, kinds=("thumb",), newest=20)
    found = [e.payload for e in said if e.payload is not None and e.payload.get("proposal") == proposal.entry]
    return {int(str(p["candidate"])): bool(p["up"]) for p in found}


def suggestion_of(desk: Desk, proposal: Proposal, stage: str) -> Suggestion:
    """A proposal with the places of its figures."""
    thumbs = _thumbs(desk, proposal) if stage == "done" else {}
    cards = tuple(
        Card(n, candidate, tuple(_quoted(desk, proposal, c) for c in _once(candidate)), thumbs.get(n))
        for n, candidate in enumerate(proposal.candidates)
    )
    return Suggestion("done" if stage == "done" else "drafting", proposal, cards, len(proposal.moves))


def proposal_of(desk: Desk, conversation: str) -> Proposal | None:
    """The newest proposal of a conversation: from memory, else read back from the record."""
    kept = desk.workspaces.get(conversation)
    if kept.proposal is not None or kept.generation:
        return kept.proposal
    proposal = recorded_of(desk, conversation)
    if proposal is not None:
        desk.workspaces.restore(conversation, proposal)
    return proposal


def recorded_of(desk: Desk, conversation: str) -> Proposal | None:
    """The newest proposal of a conversation as the record has it, with the sources found again."""
    entries = desk.app.record.read(conversation=conversation, kinds=("proposal",), newest=1)
    if not entries or entries[0].payload is None:
        return None
    opening = entries[0].payload
    understanding = TypeAdapter(Understanding).validate_python(opening["understanding"])
    customer: Customer | None = TypeAdapter(Customer | None).validate_python(opening["customer"])
    turns = TypeAdapter(tuple[Turn, ...]).validate_python(opening["turns"])
    asked = Conversation(turns, customer, TypeAdapter(datetime).validate_python(opening["at"]), conversation)
    line, on = desk.app.line, (asked.at or desk.app.clock()).date()
    result = line.retrieve(asked.message, history=asked.history, top_k=line.top_k, on=on, customer=customer)
    passages = result.passages if result.found else ()
    gathered = gather(
        asked, understanding, passages, line.library, on, lambda product: line.gate(product, customer, on)
    )
    sources = [Source(r.value, r.document, r.product) for r in gathered.references]
    sources += [Source(line.library.text(p.document), p.document, p.id) for p in gathered.products.values()]
    sources += [Source(p.text, p.document, p.product) for p in result.passages]
    shown = []
    for entry in desk.app.record.read(conversation=conversation, kinds=("candidate",), newest=8):
        if entry.payload is not None and entry.payload["proposal"] == entries[0].sequence:
            shown.append(TypeAdapter(Candidate).validate_python(entry.payload["candidate"]))
    return Proposal(
        asked,
        understanding,
        passages,
        result.found,
        tuple(shown),
        TypeAdapter(Provenance).validate_python(opening["provenance"]),
        TypeAdapter(tuple[PlannedMove, ...]).validate_python(opening["moves"]),
        tuple(sources),
        entries[0].sequence,
    )


def stale(proposal: Proposal, messages: int) -> bool:
    """Whether something was said since the proposal was made."""
    return len(proposal.conversation.turns) != messages


def _once(candidate: Candidate) -> tuple[Citation, ...]:
    """Citations worth a line of their own: not the name on the card, each place once."""
    seen: dict[tuple[str, str, int], Citation] = {}
    for citation in candidate.citations:
        if citation.reference != "客户.称呼":
            seen.setdefault((citation.value, citation.document, citation.start), citation)
    return tuple(seen.values())


def _quoted(desk: Desk, proposal: Proposal, citation: Citation) -> Quoted:
    library: Library = desk.app.line.library
    if citation.document in ("card", "message"):
        return Quoted(citation.value, citation.document, "", citation.value, "")
    text = library.text(citation.document)
    title = next((p.title for p in proposal.passages if p.document == citation.document), "")
    return Quoted(
        citation.value,
        title or _named(library, citation.document),
        text[max(0, citation.start - AROUND) : citation.start],
        text[citation.start : citation.end],
        text[citation.end : citation.end + AROUND],
    )


def _named(library: Library, document: str) -> str:
    """A document as a person calls it: its product's name, also for its daily values; else the title that its text begins with."""
    named = (p.name for p in library.products() if document in {p.document, *(f.document for f in p.facts)})
    return next(named, library.text(document).partition("\n")[0] or document)
