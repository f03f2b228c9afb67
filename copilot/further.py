"""One more text for a turn that was answered already: a holding reply, or a part of the reply written anew."""

from __future__ import annotations

from dataclasses import dataclass, replace

from copilot.drafting import ModelDrafter
from copilot.drafting.part import Part, rewrite_part
from copilot.drafting.scripted import last_resort
from copilot.errors import InputError, ModelUnavailable, ReleaseRefused
from copilot.pipeline import (
    Line,
    candidate_of,
    context_for,
    gathered_of,
    harmless,
    note_candidate,
    read_by_people,
    whole,
)
from copilot.types import DraftRequest, PlannedMove, Proposal, Verdict
from copilot.written import plain

LONGEST_INSTRUCTION = 200


def request_of(line: Line, proposal: Proposal, instruction: str = "") -> DraftRequest:
    """The request that a proposal answered, for one more text to the same turn."""
    conversation = proposal.conversation
    on = (conversation.at or line.clock()).date()
    gathered = gathered_of(line, conversation, proposal.understanding, proposal.passages, on)
    return DraftRequest(
        harmless(line, conversation)[0],
        proposal.understanding,
        proposal.passages,
        proposal.moves,
        gathered.references,
        gathered.products,
        gathered.roles,
        instruction=instruction,
    )


@dataclass(frozen=True)
class Held:
    """A proposal with one more candidate, at `index`: what may be said while another text waits."""

    proposal: Proposal
    index: int


def hold(line: Line, proposal: Proposal, actor: str) -> Held:
    """An approved reply that promises to come back, guarded and recorded like any candidate. ReleaseRefused when the rules hold it."""
    request = request_of(line, proposal)
    draft = line.scripted.one(request, PlannedMove("find_out", "等合规看过之前，先给客户一句")) or last_resort(request)
    for index, shown in enumerate(proposal.candidates):
        if shown.text == draft.text:
            return Held(proposal, index)
    context = context_for(line, proposal, draft.product)
    approved = read_by_people(draft.origin, draft.template)
    verdict = line.read(whole(draft.text, draft.disclosure), context, approved=approved)
    if not verdict.releasable:
        raise ReleaseRefused("the guard holds the holding reply")
    candidate = candidate_of(draft, verdict)
    note_candidate(line, proposal, candidate, actor)
    return Held(replace(proposal, candidates=(*proposal.candidates, candidate)), len(proposal.candidates))


@dataclass(frozen=True)
class Rewritten:
    """The whole reply with a part written anew, as the guard read it."""

    text: str
    verdict: Verdict


def rewrite(
    line: Line, proposal: Proposal, part: Part, candidate: int | None, actor: str, instruction: str = ""
) -> Rewritten:
    """Have the model write one part of a reply anew, the rest fixed letter by letter; the guard reads the whole.

    ModelUnavailable where only scripts answer; ReleaseRefused when nothing it wrote may stand there. Recorded before it
    is returned.
    """
    if not part.old.strip():
        raise InputError("select the words to write anew")
    drafter = line.drafter
    if not isinstance(drafter, ModelDrafter):
        raise ModelUnavailable("only scripts answer here: a part cannot be written anew")
    drafted = proposal.candidates[candidate] if candidate is not None else None
    move = (
        PlannedMove(drafted.move, drafted.reason) if drafted else next(iter(proposal.moves), PlannedMove("answer", ""))
    )
    disclosure, product = (drafted.disclosure, drafted.product) if drafted else (None, None)
    context = context_for(line, proposal, product)
    request = request_of(line, proposal, instruction[:LONGEST_INSTRUCTION])
    for new in rewrite_part(drafter, request, move, part):
        text = f"{part.before}{new}{part.after}"
        verdict = line.read(whole(text, disclosure), context)
        here = range(len(part.before), len(part.before) + len(new))
        if any(
            f.severity != "warn" and f.start < here.stop and here.start < max(f.end, f.start + 1)
            for f in verdict.findings
        ):
            continue
        said = {
            "before": part.before,
            "old": part.old,
            "new": new,
            "after": part.after,
            "instruction": request.instruction,
        }
        payload = {"proposal": proposal.entry, "candidate": candidate, **said, "verdict": plain(verdict)}
        payload["provenance"] = plain(line.provenance())
        line.record.append("rewrite", actor, proposal.conversation.id, payload, line.clock())
        return Rewritten(text, verdict)
    raise ReleaseRefused("nothing the model wrote may stand there")
