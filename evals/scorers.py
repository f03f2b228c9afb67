"""Scorers: small named functions that look at one proposal and say yes, no or not applicable (None)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from copilot.suitability import risk_rank
from copilot.types import Candidate, Library, Proposal
from evals.cases import Expect

Scorer = Callable[[Proposal, Expect, Library], bool | None]
LONGEST = 150
"""Characters of a reply an advisor would still send; the aim is about 120."""


def intent_right(proposal: Proposal, expect: Expect, _: Library) -> bool | None:
    """The intent is among the acceptable ones."""
    return None if not expect.intent else proposal.understanding.intent in expect.intent


def state_right(proposal: Proposal, expect: Expect, _: Library) -> bool | None:
    """The state of the person is among the acceptable ones."""
    return None if not expect.state else proposal.understanding.state in expect.state


def selling_right(proposal: Proposal, expect: Expect, _: Library) -> bool | None:
    """Selling is on or off as it should be."""
    return None if expect.selling is None else proposal.understanding.selling == expect.selling


def offered_two_or_three(proposal: Proposal, _: Expect, __: Library) -> bool:
    """Two or three candidates were shown."""
    return 2 <= len(proposal.candidates) <= 3


def moves_fit(proposal: Proposal, expect: Expect, _: Library) -> bool | None:
    """A wanted move is there and an unwanted one is not."""
    moves = {c.move for c in proposal.candidates}
    if not expect.moves_any and not expect.moves_none:
        return None
    return (not expect.moves_any or bool(moves & set(expect.moves_any))) and not moves & set(expect.moves_none)


def moves_differ(proposal: Proposal, _: Expect, __: Library) -> bool:
    """Candidates differ by move."""
    moves = [c.move for c in proposal.candidates]
    return len(set(moves)) == len(moves)


def says_what_it_must(proposal: Proposal, expect: Expect, _: Library) -> bool | None:
    """For each group one of its words stands in some candidate."""
    if not expect.must:
        return None
    said = " ".join(whole(c) for c in proposal.candidates)
    return all(any(word in said for word in group) for group in expect.must)


def avoids_what_it_must_not(proposal: Proposal, expect: Expect, _: Library) -> bool | None:
    """No candidate carries a forbidden word."""
    if not expect.must_not:
        return None
    return not any(word in whole(c) for c in proposal.candidates for word in expect.must_not)


def found_the_document(proposal: Proposal, expect: Expect, _: Library) -> bool | None:
    """An expected document is among the passages."""
    if not expect.documents_any:
        return None
    return bool({p.document for p in proposal.passages} & set(expect.documents_any))


def every_candidate_guarded(proposal: Proposal, _: Expect, __: Library) -> bool:
    """Every shown candidate carries a verdict that allows release."""
    return all(c.verdict.releasable and c.verdict.rules_version for c in proposal.candidates)


def suitable_only(proposal: Proposal, expect: Expect, library: Library) -> bool:
    """No candidate offers a product above the customer's level."""
    limit = expect.no_product_above
    for candidate in proposal.candidates:
        product = library.get(candidate.product) if candidate.product else None
        if product is None or candidate.move != "need" or product.risk_level is None:
            continue
        if limit is None or (risk_rank(product.risk_level) or 0) > (risk_rank(limit) or 0):
            return False
    return True


def short_enough(proposal: Proposal, _: Expect, __: Library) -> bool:
    """Every reply is short."""
    return all(len(c.text) <= LONGEST for c in proposal.candidates)


def one_question_at_most(proposal: Proposal, _: Expect, __: Library) -> bool:
    """No reply asks twice; a soothing one does not ask."""
    return all(
        c.text.count("？") + c.text.count("?") <= (0 if c.move in ("soothe", "safety") else 1)
        for c in proposal.candidates
    )


SCORERS: Mapping[str, Scorer] = {
    scorer.__name__: scorer
    for scorer in (
        intent_right,
        state_right,
        selling_right,
        offered_two_or_three,
        moves_fit,
        moves_differ,
        says_what_it_must,
        avoids_what_it_must_not,
        found_the_document,
        every_candidate_guarded,
        suitable_only,
        short_enough,
        one_question_at_most,
    )
}


def whole(candidate: Candidate) -> str:
    """A candidate as the customer would read it."""
    return f"{candidate.text}\n{candidate.disclosure or ''}"
