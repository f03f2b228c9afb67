"""A second question that an answer leaves open: said back in her words behind the answer, with a promise to find out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from hashlib import sha256

from copilot.drafting.disclosure import disclosure_for
from copilot.drafting.form import LONGEST, says_twice
from copilot.drafting.question import clauses_that_ask
from copilot.drafting.references import ALSO_ASKED, ASKED
from copilot.drafting.render import render
from copilot.types import Draft, DraftRequest, Script

BESIDES = "besides"
"""What these promises wait for (`types.Script.when`)."""
_OPEN, _APART = 0.15, 0.15
"""Likeness to the answer below which a question is not answered by it, and how much nearer another question of hers must be."""
_ENDS = re.compile(r"[。！]$")
Likeness = Callable[[str, str], float]
"""How alike in sense two texts are, -1 to 1."""


def with_promise(request: DraftRequest, draft: Draft, promises: Iterable[Script], likeness: Likeness) -> Draft | None:
    """The answer with a promise for the question that it leaves open; None where it leaves none, or one that cannot be said back."""
    asked = clauses_that_ask(request.conversation.message)
    if len(asked) <= 1 or not _ENDS.search(draft.text) or f"{{{ASKED}}}" in draft.template:
        return None
    near = {question.text: likeness(draft.text, question.text) for question in asked}
    bar = min(_OPEN, max(near.values()) - _APART)
    sayable = [r for r in request.references if r.name in (ASKED, ALSO_ASKED) and near.get(r.value, 1.0) < bar]
    fitting = [s for s in promises if s.when == BESIDES]
    if not sayable or not fitting:
        return None
    left = min(sayable, key=lambda r: near[r.value])
    turn = request.conversation.message
    promise = min(fitting, key=lambda s: sha256(f"{s.id}|{turn}".encode()).hexdigest())
    template = draft.template + promise.text.replace(f"{{{ALSO_ASKED}}}", f"{{{left.name}}}")
    if says_twice(template, request.references):
        return None
    rendered = render(template, request.references)
    if len(rendered.text) > LONGEST:
        return None
    return Draft(
        draft.move,
        template,
        rendered.text,
        "book",
        rendered.citations,
        draft.reason,
        disclosure_for(template, request),
        draft.product,
    )
