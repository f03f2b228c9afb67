"""A move that asks, after the question she asked has been answered in a sentence: what a script says to her very matter, then the question."""

from __future__ import annotations

import re

from copilot.drafting.disclosure import disclosure_for
from copilot.drafting.form import LONGEST, says_twice
from copilot.drafting.render import render
from copilot.types import Draft, DraftRequest, Move

ASKING: frozenset[Move] = frozenset({"situation", "problem", "implication"})
_SENTENCE = re.compile(r"(?:\{[^{}]*\}|[^{}。！？])*[。！？]")
_SHORTEST, _LONGEST = 12, 52
_QUESTION = 8
_LEANS = re.compile(r"^(?:那|这样的话|所以|不然|另外|还有|再|也|对|好|行|是的|嗯|先|其中|剩下|差的|前者|后者)")
"""Openings of a question that lean on a sentence before it which is not there any more."""


def answered_first(request: DraftRequest, draft: Draft, answer: Draft) -> Draft | None:
    """`draft`'s question after the first sentence of `answer`; None where one of them does not stand by itself."""
    lead = next(iter(_SENTENCE.findall(answer.template)), "")
    questions = [s for s in _SENTENCE.findall(draft.template) if s.endswith("？")]
    if len(questions) != 1 or lead.endswith("？") or not _SHORTEST <= len(lead) <= _LONGEST:
        return None
    question = re.sub(r"^\{客户\.称呼\}，", "", questions[0])
    if len(question) < _QUESTION or _LEANS.match(question) or "{" in question:
        return None
    template = lead + question
    if says_twice(template, request.references):
        return None
    rendered = render(template, request.references)
    if not rendered.text or len(rendered.text) > LONGEST:
        return None
    product = request.products.get("甲")
    return Draft(
        draft.move,
        template,
        rendered.text,
        "book",
        rendered.citations,
        draft.reason,
        disclosure_for(template, request),
        product.id if product and "{甲." in template else None,
    )
