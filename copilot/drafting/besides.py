"""A second question that an answer leaves open: the published answer to it.

A promise to find out what else she asked, which named nothing of it, stood here for a day: readers sent none of 45 such texts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from copilot.drafting.disclosure import disclosure_for
from copilot.drafting.form import LONGEST, says_twice
from copilot.drafting.question import Question, clauses_that_ask
from copilot.drafting.references import ASKED
from copilot.drafting.render import render
from copilot.types import Draft, DraftRequest

_OPEN, _APART = 0.15, 0.15
"""Likeness to the answer below which a question is not answered by it, and how much nearer another question of hers must be."""
_SAME = 0.45
"""Likeness from which a published question is hers."""
_PUBLISHED = "{问.答}"
_ENDS = re.compile(r"[。！]$")
Likeness = Callable[[str, str], float]
"""How alike in sense two texts are, -1 to 1."""


def answered_besides(request: DraftRequest, draft: Draft, likeness: Likeness) -> Draft | None:
    """The answer with what is published on the question that it leaves open; None where it leaves none, or none is published."""
    asked = clauses_that_ask(request.conversation.message)
    if len(asked) <= 1 or not _ENDS.search(draft.text) or f"{{{ASKED}}}" in draft.template:
        return None
    near = {question.text: likeness(draft.text, question.text) for question in asked}
    bar, title = min(_OPEN, max(near.values()) - _APART), _published(request)
    if not title or _PUBLISHED in draft.template:
        return None
    if not _open(asked, near, bar, lambda text: likeness(title, text)):
        return None
    template = draft.template + _PUBLISHED
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


def _published(request: DraftRequest) -> str:
    """The question behind the published answer at hand, "" without one."""
    document = next((r.document for r in request.references if f"{{{r.name}}}" == _PUBLISHED), None)
    return next((p.title for p in request.passages if p.document == document), "") if document else ""


def _open(asked: Sequence[Question], near: Mapping[str, float], bar: float, published: Callable[[str], float]) -> bool:
    """Whether the published question is one of hers that the answer leaves open."""
    return any(near[q.text] < bar and published(q.text) >= _SAME for q in asked)
