"""Search by hand beside the reply: passages and approved scripts, the most used first, ready to be put into it.

A script is shown filled, so the guard reads it first, as it reads every candidate.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from copilot.drafting.labels import INTENT_ZH
from copilot.drafting.render import ADDRESS, render
from copilot.errors import InputError
from copilot.further import request_of
from copilot.pipeline import context_for, read_by_people
from copilot.records import User
from copilot.types import INTENTS, GuardContext, Passage, Proposal, Reference, Script
from ui.desk import Desk
from ui.handlers.advising import proposal_of
from ui.handlers.papers import FOUND, demand
from ui.handlers.rights import only
from ui.uses import Uses

LONGEST = 200
SCRIPTS = 6
_ALWAYS = "您"


@dataclass(frozen=True)
class FoundPassage:
    """A passage, how often a release cited its document, and whether it may be quoted to a customer."""

    passage: Passage
    uses: int
    quotable: bool


@dataclass(frozen=True)
class FoundScript:
    """An approved script with this request's facts in it. `missing` are those not at hand: it cannot be sent as it is."""

    script: Script
    text: str
    uses: int
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Looked:
    """What was found for a query; `answered` is False where the knowledge has only what is near it."""

    query: str = ""
    answered: bool = False
    passages: tuple[FoundPassage, ...] = ()
    scripts: tuple[FoundScript, ...] = ()


@only("advisor")
def look(desk: Desk, user: User, conversation: str, query: str) -> Looked:
    """What the knowledge and the scripts have on a query; with none, the scripts of what the customer wants."""
    demand(user, "search")
    asked = query.strip()
    if len(asked) > LONGEST:
        raise InputError("query: longer than 200 characters")
    proposal = None
    if conversation:
        desk.app.conversations.get(conversation, user.name)
        proposal = proposal_of(desk, conversation)
    uses = desk.uses.count(desk.app.record)
    if not asked:
        return Looked("", False, (), _scripts(desk, proposal, "", uses) if proposal is not None else ())
    customer = proposal.conversation.customer if proposal is not None else None
    line = desk.app.line
    found = line.retrieve(asked, top_k=FOUND, on=desk.app.clock().date(), customer=customer)
    passages = [FoundPassage(p, uses.documents[p.document], p.note in ("", "held", "named")) for p in found.passages]
    ranked = sorted(passages, key=lambda f: -f.uses)  # the search's own order among equals
    return Looked(asked, found.found, tuple(ranked), _scripts(desk, proposal, asked, uses))


def _scripts(desk: Desk, proposal: Proposal | None, query: str, uses: Uses) -> tuple[FoundScript, ...]:
    references = request_of(desk.app.line, proposal).references if proposal is not None else ()
    wanted = proposal.understanding.intent if proposal is not None else ""
    grams = {query[i : i + 2] for i in range(len(query) - 1)} or ({query} if query else set())
    scored = []
    for label in INTENTS:
        for script in desk.app.line.library.scripts(label):
            near = sum(gram in script.text or gram in INTENT_ZH[script.intent] for gram in grams)
            if near or (not query and script.intent == wanted):
                scored.append((near, script.intent == wanted, script))
    best = max((near for near, _, _ in scored), default=0)
    kept = {s.id: (near, own, s) for near, own, s in scored if 2 * near >= best}
    names = {r.name for r in references} | {ADDRESS}

    def rank(found: tuple[int, bool, Script]) -> tuple[int, bool, int, bool, str]:
        near, own, script = found
        return -uses.scripts[script.id], not set(script.needs) <= names, -near, not own, script.id

    line = desk.app.line
    context = context_for(line, proposal) if proposal is not None else GuardContext(products=())
    order = sorted(kept.values(), key=rank)
    filled = (_filled(script, references, uses.scripts[script.id]) for _, _, script in order)
    allowed = (
        found
        for found in filled
        if line.read(found.text, context, approved=read_by_people("script", found.script.text)).releasable
    )
    return tuple(islice(allowed, SCRIPTS))


def _filled(script: Script, references: tuple[Reference, ...], uses: int) -> FoundScript:
    rendered = render(script.text, references)
    missing = tuple(dict.fromkeys(name for name in rendered.unknown if name != ADDRESS))
    text = script.text if missing else rendered.text
    return FoundScript(script, text.replace(f"{{{ADDRESS}}}", _ALWAYS), uses, missing)
