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
from copilot.drafting.references import ASKED
from copilot.drafting.scripted import ENOUGH, last_resort
from copilot.errors import GuardError, InputError, ReleaseRefused
from copilot.spin.state import selling_allowed
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
    Move,
    Passage,
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
from copilot.watch import Watch, streamed_work, unwatched, work
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


_HELD = "原来的文本未通过合规检查"
_MORE = 2
"""Other texts that are tried for a move whose own was held."""


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
    watch: Watch = unwatched

    def drafts(self, request: DraftRequest) -> Iterator[Draft]:
        """The drafter's drafts, as they are finished."""
        return self.drafter(request)

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


@streamed_work("proposal")
def stream(
    line: Line,
    conversation: Conversation,
    *,
    actor: str = "system",
    tone: Tone = "warm",
    instruction: str = "",
    intent: str | None = None,
    move: Move | None = None,
    cancel: Event | None = None,
) -> Iterator[Proposal]:
    """The proposal as it grows: first without candidates, then with one more guarded candidate each time.

    `intent` is the advisor's own word on the intent and replaces the classifier's: it may switch selling off, never on; `move`
    is the way he wants to go first; `cancel`, once set, ends the drafting
    with ModelCancelled. Every candidate is in the record before it is yielded. Raises InputError when there is no customer message, GuardError and RecordError as they come.
    """
    if not conversation.message.strip():
        raise InputError("nothing to answer: the conversation ends without a customer message")
    wishes = {"tone": tone, "instruction": instruction, "move": move or ""}
    opened = _open(line, conversation, intent, move, wishes, actor)
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
        note_candidate(line, proposal, candidate, actor)
        proposal = replace(proposal, candidates=(*proposal.candidates, candidate))
        yield proposal


def _open(
    line: Line,
    conversation: Conversation,
    intent: str | None,
    move: Move | None,
    wishes: Mapping[str, str],
    actor: str,
) -> Opened:
    """Everything before the drafts, recorded."""
    moment = conversation.at or line.clock()
    conversation = replace(conversation, at=moment)
    said = understanding = line.understand(conversation)
    if intent is not None:
        if intent not in INTENTS:
            raise InputError(f"{intent!r} is not an intent label")
        customer, state = conversation.customer, understanding.state
        selling = understanding.selling and selling_allowed(intent, state, customer, understanding.secondary)
        understanding = replace(understanding, intent=intent, confidence=1.0, by="advisor", selling=selling)
    result = line.retrieve(
        conversation.message,
        history=conversation.history,
        top_k=line.top_k,
        on=moment.date(),
        customer=conversation.customer,
    )
    if move == "need" and not understanding.selling:
        raise InputError("selling is out of place in the customer's state: choose another move")
    passages = result.passages if result.found else ()
    gathered = gathered_of(line, conversation, understanding, passages, moment.date())
    answered = result.found or gathered.answers
    moves = tuple(line.plan(understanding, answered, gathered.has_offer, conversation.customer, conversation.message))
    if move is not None:
        moves = (PlannedMove(move, "您选的走法"), *(m for m in moves if m.move != move))[: max(len(moves), 1)]
    proposal = Proposal(
        conversation,
        understanding,
        passages,
        result.found,
        (),
        line.provenance(),
        moves,
        _sources(line, gathered, result),
    )
    cleaned, orders = harmless(line, conversation)
    proposal = replace(proposal, quarantined=orders, instructed=bool(wishes["instruction"].strip()))
    opening = {**_opening(proposal), "wishes": dict(wishes)}
    entry = line.record.append("proposal", actor, conversation.id, opening, moment)
    if intent is not None:
        line.record.append("correction", actor, conversation.id, _correction(proposal, said, entry.sequence), moment)
    return Opened(replace(proposal, entry=entry.sequence), gathered, cleaned)


def gathered_of(
    line: Line, conversation: Conversation, understanding: Understanding, passages: Sequence[Passage], on: date
) -> Gathered:
    """The facts and products at hand for a turn. Her question is among them only if an advisor might say it himself."""
    gathered = gather(
        conversation,
        understanding,
        passages,
        line.library,
        on,
        lambda product: line.gate(product, conversation.customer, on),
    )
    fit = tuple(r for r in gathered.references if r.name != ASKED or _sayable(line, r.value))
    return replace(gathered, references=fit)


def _sayable(line: Line, words: str) -> bool:
    """Whether the guard lets her words pass as if they were the bank's: between quotation marks it would read past them."""
    try:
        return line.guard.check(words, GuardContext()).outcome == "pass"
    except GuardError:
        return False


def harmless(line: Line, conversation: Conversation) -> tuple[Conversation, tuple[Finding, ...]]:
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
    for draft in line.drafts(request):
        held: list[Finding] = []
        for attempt in _attempts(line, request, draft, shown, held):
            if attempt.text in shown:
                continue
            context = context_for(line, proposal, attempt.product)
            approved = read_by_people(attempt.origin, attempt.template)
            verdict = line.read(whole(attempt.text, attempt.disclosure), context, approved=approved)
            if verdict.releasable:
                shown.append(attempt.text)
                yield candidate_of(attempt, verdict)
                break
            held[:] = verdict.findings
    if len(shown) < ENOUGH:
        draft = last_resort(request)
        verdict = line.read(draft.text, context_for(line, proposal), approved=True)
        if verdict.releasable and draft.text not in shown:
            yield candidate_of(draft, verdict)


def read_by_people(origin: str, template: str) -> bool:
    """Whether compliance has read every word of a text: an approved script, unless it says the customer's own words back."""
    return origin == "script" and f"{{{ASKED}}}" not in template


def _attempts(
    line: Line, request: DraftRequest, draft: Draft, shown: Sequence[str], held: Sequence[Finding]
) -> Iterator[Draft]:
    """The draft; if that is held, one more from the model, told what was `held` against it; then what people wrote that fits next."""
    yield draft
    planned = PlannedMove(draft.move, draft.reason)
    if draft.origin == "model" and isinstance(line.drafter, ModelDrafter):
        second = line.drafter.again(request, planned, list(shown), tuple(held))
        if second is not None:
            yield second
    tried = [*shown, draft.text]
    for _ in range(_MORE):
        other = line.scripted.best(request, planned, tried)
        if other is None:
            break
        tried.append(other.draft.text)
        yield replace(other.draft, note=_HELD)
    scripted = line.scripted.one(request, planned, tried)  # compliance has read every word of it
    if scripted is not None:
        yield replace(scripted, note=_HELD)


def candidate_of(draft: Draft, verdict: Verdict) -> Candidate:
    """A draft that the guard has read."""
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


@work("release")
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
    as_drafted = drafted is not None and drafted.text == edit.text
    approved = drafted is not None and as_drafted and read_by_people(drafted.origin, drafted.template)
    context = context_for(line, proposal, drafted.product if drafted else None)
    return line.read(whole(edit.text, edit.disclosure), context, approved=approved)


@work("referral")
def refer(line: Line, proposal: Proposal, edit: Edit, remark: str, follows: int = 0) -> Release:
    """Send a held text to compliance; `follows` is the returned case it goes on from.

    A text that may be released is not compliance's business: ReleaseRefused.
    """
    verdict = _final(line, proposal, edit)
    if verdict.releasable:
        raise ReleaseRefused("the guard allows this text: release it instead")
    payload = {**_closing(proposal, edit, verdict), "remark": remark, **({"follows": follows} if follows else {})}
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


def _correction(proposal: Proposal, said: Understanding, entry: int) -> Mapping[str, object]:
    """What the advisor said the customer wants, beside what was guessed: a lesson for the next training."""
    conversation = proposal.conversation
    return {
        "proposal": entry,
        "text": conversation.message,
        "history": [plain(t) for t in conversation.history],
        "state": said.state,
        "secondary": [s for s in said.secondary if s != proposal.understanding.intent],
        "guessed": said.intent,
        "confidence": said.confidence,
        "intent": proposal.understanding.intent,
        "version": said.version,
    }


def note_candidate(line: Line, proposal: Proposal, candidate: Candidate, actor: str) -> None:
    """Record a candidate, before anybody sees it."""
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
