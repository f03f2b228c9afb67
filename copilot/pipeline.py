"""The line.

    message ─ understand ─ retrieve ─ draft ─ guard ─┊ advisor edits ┊─ guard ─ release ─ record

`propose` runs up to the person, `release` after. Nothing unguarded leaves either of them, and nothing leaves unrecorded:
an error of guard or record is raised, never passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from threading import Event
from typing import Any

from copilot.drafting import Gathered, ModelDrafter, ScriptedDrafter, gather
from copilot.drafting.scripted import last_resort
from copilot.errors import InputError, ReleaseRefused
from copilot.types import (
    INTENTS,
    Candidate,
    Clock,
    Conversation,
    Customer,
    Draft,
    DraftRequest,
    Edit,
    Finding,
    Guard,
    GuardContext,
    Library,
    PlannedMove,
    Product,
    Proposal,
    Provenance,
    Record,
    Release,
    Retrieve,
    SearchResult,
    Source,
    Tone,
    Understand,
    Understanding,
    Verdict,
)
from copilot.written import plain

Gate = Callable[[Product, Customer | None, date], bool]
"""Whether a product may be offered to a customer on a day."""
Plan = Callable[[Understanding, bool, bool, Customer | None, str], Sequence[PlannedMove]]
"""(understanding, found, has_offer, customer, message) → the two or three moves worth making."""


Quarantine = Callable[[str], tuple[str, tuple[Finding, ...]]]
"""A text without the orders in it, and those orders."""


def _as_it_is(text: str) -> tuple[str, tuple[Finding, ...]]:
    return text, ()


SecondReader = Callable[[str, GuardContext, Verdict], Verdict]
"""A whole text and the guard's word on it → that word, perhaps with more findings, never with fewer."""


def _only_the_guard(text: str, context: GuardContext, verdict: Verdict) -> Verdict:
    return verdict


@dataclass(frozen=True)
class Line:
    """The stages, wired. `again` is the model's second try for a text the guard held; None where no model is configured."""

    understand: Understand
    retrieve: Retrieve
    library: Library
    plan: Plan
    gate: Gate
    drafter: ModelDrafter | ScriptedDrafter
    scripted: ScriptedDrafter
    guard: Guard
    record: Record
    clock: Clock
    provenance: Callable[[], Provenance]
    top_k: int = 6
    quarantine: Quarantine = _as_it_is
    second_reader: SecondReader = _only_the_guard

    def read(self, text: str, context: GuardContext, *, approved: bool = False) -> Verdict:
        """The guard's word on a whole text, and the second reader's where one is set. GuardError as it comes.

        A script is `approved`: compliance has read it, so the second reader is not asked.
        """
        verdict = self.guard.check(text, context)
        return verdict if approved else self.second_reader(text, context, verdict)


@dataclass(frozen=True)
class Opened:
    """The part of a proposal known before any draft, shown at once; and the conversation as a model may see it."""

    proposal: Proposal
    gathered: Gathered
    harmless: Conversation


def propose(line: Line, conversation: Conversation, **wishes: Any) -> Proposal:
    """Understand, retrieve, draft and guard one customer turn. See `stream` for the wishes."""
    proposal: Proposal | None = None
    for step in stream(line, conversation, **wishes):
        proposal = step
    if proposal is None:
        raise InputError("nothing to answer: the conversation ends without a customer message")
    return proposal


def stream(
    line: Line,
    conversation: Conversation,
    *,
    actor: str = "system",
    tone: Tone = "warm",
    instruction: str = "",
    intent: str | None = None,
    cancel: Event | None = None,
) -> Iterator[Proposal]:
    """The proposal as it grows: first without candidates, then with one more guarded candidate each time.

    `intent` is the advisor's own word on the intent and replaces the classifier's; `cancel`, once set, ends the drafting
    with ModelCancelled. Every candidate is in the record before it is yielded. Raises InputError when there is no customer message, GuardError and RecordError as they come.
    """
    if not conversation.message.strip():
        raise InputError("nothing to answer: the conversation ends without a customer message")
    opened = _open(line, conversation, intent, actor)
    proposal = opened.proposal
    yield proposal
    request = DraftRequest(
        opened.harmless,
        proposal.understanding,
        proposal.passages,
        proposal.moves,
        opened.gathered.references,
        opened.gathered.products,
        opened.gathered.roles,
        tone,
        instruction,
        cancel,
    )
    for candidate in _guarded(line, request, proposal):
        _note_candidate(line, proposal, candidate, actor)
        proposal = replace(proposal, candidates=(*proposal.candidates, candidate))
        yield proposal


def _open(line: Line, conversation: Conversation, intent: str | None, actor: str) -> Opened:
    """Everything before the drafts, recorded."""
    moment = conversation.at or line.clock()
    conversation = replace(conversation, at=moment)
    understanding = line.understand(conversation)
    if intent is not None:
        if intent not in INTENTS:
            raise InputError(f"{intent!r} is not an intent label")
        understanding = replace(understanding, intent=intent, confidence=1.0)
    result = line.retrieve(
        conversation.message,
        history=conversation.history,
        top_k=line.top_k,
        on=moment.date(),
        customer=conversation.customer,
    )
    gathered = gather(
        conversation,
        understanding,
        result.passages if result.found else (),
        line.library,
        moment.date(),
        lambda product: line.gate(product, conversation.customer, moment.date()),
    )
    moves = tuple(
        line.plan(understanding, result.found, gathered.has_offer, conversation.customer, conversation.message)
    )
    proposal = Proposal(
        conversation,
        understanding,
        result.passages if result.found else (),
        result.found,
        (),
        line.provenance(),
        moves,
        _sources(line, gathered, result),
    )
    harmless, orders = _harmless(line, conversation)
    proposal = replace(proposal, quarantined=orders)
    entry = line.record.append("proposal", actor, conversation.id, _opening(proposal), moment)
    return Opened(replace(proposal, entry=entry.sequence), gathered, harmless)


def _harmless(line: Line, conversation: Conversation) -> tuple[Conversation, tuple[Finding, ...]]:
    """The conversation without orders to the system in the customer's words, name or tags; and those orders."""
    orders: list[Finding] = []

    def clean(text: str) -> str:
        cleaned, found = line.quarantine(text)
        orders.extend(found)
        return cleaned

    turns = tuple(replace(t, text=clean(t.text)) if t.role == "customer" else t for t in conversation.turns)
    customer = conversation.customer
    if customer is not None:
        tags = tuple(clean(tag) for tag in customer.tags)
        customer = replace(customer, name=clean(customer.name) if customer.name else "", tags=tags)
    return replace(conversation, turns=turns, customer=customer), tuple(orders)


def _sources(line: Line, gathered: Gathered, result: SearchResult) -> tuple[Source, ...]:
    """Texts that figures may come from: the references, the products' documents, the passages found."""
    sources = [Source(r.value, r.document, r.product) for r in gathered.references]
    sources += [Source(line.library.text(p.document), p.document, p.id) for p in gathered.products.values()]
    sources += [Source(p.text, p.document, p.product) for p in result.passages]
    return tuple(sources)


def context_for(line: Line, proposal: Proposal, product: str | None = None) -> GuardContext:
    """What the guard may check a reply to this proposal against; `product` is the one the reply was drafted for.

    Products that a reply names the guard finds in the catalogue itself; 这款 without a name means the drafted one.
    """
    conversation = proposal.conversation
    known = line.library.get(product) if product else None
    return GuardContext(
        history=conversation.turns,
        at=conversation.at,
        products=(known,) if known else (),
        customer=conversation.customer,
        sources=proposal.sources,
    )


def whole(text: str, disclosure: str | None) -> str:
    """A reply and its disclosure as the guard reads them: one text, the reply first."""
    return f"{text}\n{disclosure}" if disclosure else text


def _guarded(line: Line, request: DraftRequest, proposal: Proposal) -> Iterator[Candidate]:
    """Candidates that may be shown: drafted, read whole by the guard, tried again or replaced where held."""
    shown: list[str] = []
    for draft in line.drafter(request):
        held: list[Finding] = []
        for attempt in _attempts(line, request, draft, shown, held):
            if attempt.text in shown:
                continue
            context = context_for(line, proposal, attempt.product)
            approved = attempt.origin == "script"
            verdict = line.read(whole(attempt.text, attempt.disclosure), context, approved=approved)
            if verdict.releasable:
                shown.append(attempt.text)
                yield _candidate(attempt, verdict)
                break
            held[:] = verdict.findings
    if not shown:
        draft = last_resort(request)
        verdict = line.read(draft.text, context_for(line, proposal), approved=True)
        if verdict.releasable:
            yield _candidate(draft, verdict)


def _attempts(
    line: Line, request: DraftRequest, draft: Draft, shown: Sequence[str], held: Sequence[Finding]
) -> Iterator[Draft]:
    """The draft; if that is held, one more from the model, told what was `held` against it; then the approved script."""
    yield draft
    planned = PlannedMove(draft.move, draft.reason)
    if draft.origin == "model":
        if isinstance(line.drafter, ModelDrafter):
            second = line.drafter.again(request, planned, list(shown), tuple(held))
            if second is not None:
                yield second
        scripted = line.scripted.one(request, planned)
        if scripted is not None:
            yield replace(scripted, note="模型的文本未通过合规检查")


def _candidate(draft: Draft, verdict: Verdict) -> Candidate:
    return Candidate(
        draft.move,
        draft.text,
        draft.origin,
        verdict,
        draft.reason,
        draft.disclosure,
        draft.citations,
        draft.template,
        draft.product,
        draft.script,
    )


def release(line: Line, proposal: Proposal, edit: Edit) -> Release:
    """Read the edited text once more and release it if the rules allow. Recorded before it is returned, either way."""
    if not edit.text.strip():
        raise InputError("there is no text to release")
    verdict = _final(line, proposal, edit)
    released = verdict.releasable
    entry = line.record.append(
        "release" if released else "held",
        edit.by,
        proposal.conversation.id,
        _closing(proposal, edit, verdict),
        line.clock(),
    )
    return Release(released, edit.text, edit.disclosure, verdict, entry.sequence)


def _final(line: Line, proposal: Proposal, edit: Edit) -> Verdict:
    """The last reading of a text that is to leave."""
    drafted = proposal.candidates[edit.candidate] if edit.candidate is not None else None
    approved = drafted is not None and drafted.origin == "script" and drafted.text == edit.text
    context = context_for(line, proposal, drafted.product if drafted else None)
    return line.read(whole(edit.text, edit.disclosure), context, approved=approved)


def refer(line: Line, proposal: Proposal, edit: Edit, remark: str) -> Release:
    """Send a held text to compliance. A text that may be released is not compliance's business: ReleaseRefused."""
    verdict = _final(line, proposal, edit)
    if verdict.releasable:
        raise ReleaseRefused("the guard allows this text: release it instead")
    payload = {**_closing(proposal, edit, verdict), "remark": remark}
    entry = line.record.append("referral", edit.by, proposal.conversation.id, payload, line.clock())
    return Release(False, edit.text, edit.disclosure, verdict, entry.sequence, f"case-{entry.sequence}")


def _opening(proposal: Proposal) -> Mapping[str, object]:
    conversation = proposal.conversation
    return {
        "turns": [plain(t) for t in conversation.turns],
        "customer": plain(conversation.customer) if conversation.customer else None,
        "at": plain(conversation.at),
        "understanding": plain(proposal.understanding),
        "passages": [{"id": p.id, "document": p.document, "start": p.start, "end": p.end} for p in proposal.passages],
        "moves": [plain(m) for m in proposal.moves],
        "quarantined": [plain(f) for f in proposal.quarantined],
        "provenance": plain(proposal.provenance),
    }


def _note_candidate(line: Line, proposal: Proposal, candidate: Candidate, actor: str) -> None:
    payload = {"proposal": proposal.entry, "index": len(proposal.candidates), "candidate": plain(candidate)}
    line.record.append("candidate", actor, proposal.conversation.id, payload, line.clock())


def _closing(proposal: Proposal, edit: Edit, verdict: Verdict) -> dict[str, object]:
    shown = proposal.candidates[edit.candidate].text if edit.candidate is not None else None
    return {
        "proposal": proposal.entry,
        "candidate": edit.candidate,
        "shown": shown,
        "edited": shown is not None and shown != edit.text,
        "text": edit.text,
        "disclosure": edit.disclosure,
        "verdict": plain(verdict),
        "provenance": plain(proposal.provenance),
    }
