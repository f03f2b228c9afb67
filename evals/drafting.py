"""The draft suite: what the real line writes, candidate by candidate, and what the guard held on the way."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from copilot.pipeline import stream
from copilot.types import Conversation, Library, Proposal
from copilot.wiring import App
from evals.cases import conversations
from evals.draft_scorers import DRAFT_SCORERS, unsourced
from evals.drafted import Drafted, Overheard, draft_cases, drafted
from evals.figures import Measure, ratio, slowest
from evals.offrecord import OffRecord
from evals.rows import Ask, Case, Row, hashed, numbered
from evals.talks import heard_turns

TALK_TURNS = 4
"""Of the customers' turns in the held-out talks every fourth is drafted for."""
READY_SECONDS = 60


def suite_cases() -> list[Case]:
    """The line's conversations, messages written for drafting, and turns of whole talks that nothing was trained on."""
    read = [Case("draft", c.id, "development", c.input, "conversation") for c in conversations()]
    read += [Case("draft", c.id, "development", c.input, "message") for c in draft_cases()]
    talks = [
        Case("draft", hashed("draft", h.talk, h.index), "heldout", h.conversation, "talk")
        for h in heard_turns()[::TALK_TURNS]
    ]
    return numbered([*read, *talks])


def asker(app: App) -> Ask:
    """A conversation through the line, each candidate scored by every scorer that applies."""
    guard = Overheard(app)
    line = replace(app.line, guard=guard, record=OffRecord())
    if app.model is not None:
        app.model.wait_ready(READY_SECONDS)

    def ask(case: Case) -> Row:
        asked = case.body if isinstance(case.body, Conversation) else case.body.conversation(app.clock())
        started = time.perf_counter()
        guard.since()
        scores: list[dict[str, bool | None]] = []
        read: list[bool] = []
        shown: list[dict[str, Any]] = []
        for proposal in stream(line, asked, actor="eval"):
            texts = guard.since()
            if not proposal.candidates:
                continue
            read += [not unsourced(text, _known(proposal)) for text, _ in texts]
            draft = drafted(proposal.conversation, proposal.candidates[-1], max(0, len(texts) - 1))
            scores.append(scored(draft, app.library))
            shown.append({"move": draft.move, "origin": draft.origin, "text": draft.text, "faults": faults(scores[-1])})
        ms = (time.perf_counter() - started) * 1000
        outcome = {"candidates": scores, "sourced_before_guard": [sum(read), len(read)]}
        good = not any(faults(s) for s in scores)
        return case.row(outcome, good, ms, {"message": asked.message, "drafts": shown})

    return ask


def scored(draft: Drafted, library: Library) -> dict[str, bool | None]:
    """What every scorer says of a draft."""
    return {name: scorer(draft, library) for name, scorer in DRAFT_SCORERS.items()}


def faults(scores: Mapping[str, bool | None]) -> list[str]:
    """The scorers that said no; who wrote it and what was held before it are no faults of the words."""
    return [n for n, hit in scores.items() if hit is False and n not in ("by_the_model", "guard_untouched")]


def _known(proposal: Proposal) -> list[str]:
    """Every text that a figure may come from."""
    customer = proposal.conversation.customer
    held = [h.name for h in customer.holdings] if customer else []
    return [*(s.text for s in proposal.sources), *(t.text for t in proposal.conversation.turns), *held]


def measures(rows: Sequence[Row]) -> list[Measure]:
    """A share a scorer over all candidates it applies to, over each kind of case; and figures before the guard."""
    groups = sorted({r.group for r in rows})
    found = _of("", rows)
    if len(groups) > 1:
        for group in groups:
            found += [m for m in _of(f"{group}_", [r for r in rows if r.group == group]) if m.name in _BY_KIND]
    sourced = {r.case: _two(r.outcome["sourced_before_guard"]) for r in rows}
    found += ratio("draft", "figures_sourced_before_the_guard", sourced)
    return found + slowest("draft", "all_candidates_p95_ms", {r.case: r.ms for r in rows})


_BY_KIND = frozenset(
    f"{kind}_{name}"
    for kind in ("conversation", "message", "talk")
    for name in ("without_fault", "answered_first", "by_the_model")
)


def _of(prefix: str, rows: Sequence[Row]) -> list[Measure]:
    """Shares of candidates, several a case."""
    candidates = {r.case: r.outcome["candidates"] for r in rows}
    found: list[Measure] = []
    for name in DRAFT_SCORERS:
        hits = {
            case: (
                float(sum(s.get(name) is True for s in scores)),
                float(sum(s.get(name) is not None for s in scores)),
            )
            for case, scores in candidates.items()
        }
        found += ratio("draft", f"{prefix}{name}", hits)
    whole = {
        case: (float(sum(not faults(s) for s in scores)), float(len(scores))) for case, scores in candidates.items()
    }
    return found + ratio("draft", f"{prefix}without_fault", whole)


def _two(pair: Sequence[float]) -> tuple[float, float]:
    return float(pair[0]), float(pair[1])
