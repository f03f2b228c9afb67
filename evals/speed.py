"""How long the copilot takes over fixed messages, stage by stage. Times are this machine's: no shipped bound is on them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from statistics import median

from copilot.pipeline import stream
from copilot.types import Conversation, GuardContext, Proposal, Turn
from copilot.wiring import App
from evals.attacks import benign
from evals.cases import conversations
from evals.drafted import draft_cases
from evals.figures import Measure, slowest
from evals.offrecord import OffRecord
from evals.rows import Ask, Case, Row

STAGES = ("classify", "search", "guard", "first_candidate", "all_candidates")
PERCENTILES = (50, 95, 99)
TRIES = 3
"""Times a short stage is asked; the median counts. Drafts are written once."""
READY_SECONDS = 60


def suite_cases() -> list[Case]:
    """The line's conversations and the messages written for drafting."""
    bodies = [(c.id, c.input) for c in conversations()] + [(c.id, c.input) for c in draft_cases()]
    return [Case("speed", name, "development", body) for name, body in bodies]


def asker(app: App) -> Ask:
    """The time of each stage over one message, all stages warm."""
    line = replace(app.line, record=OffRecord())
    lines = [b.text for b in benign()]
    if app.model is not None:
        app.model.wait_ready(READY_SECONDS)
    hello = Conversation((Turn("customer", "您好"),))
    _drafts(lambda: stream(line, hello))
    app.search("您好")
    app.guard.check("您好", GuardContext())

    def ask(case: Case) -> Row:
        conversation = case.body.conversation(app.clock())
        message, said = conversation.message, lines[sum(map(ord, case.id)) % len(lines)]
        context = GuardContext(history=conversation.turns, at=conversation.at, customer=conversation.customer)
        times = {
            "classify": _median(lambda: app.understand(conversation)),
            "search": _median(lambda: app.search(message, history=conversation.history)),
            "guard": _median(lambda: app.guard.check(said, context)),
        }
        first, whole = _drafts(lambda: stream(line, conversation, actor="eval"))
        times |= {"first_candidate": first, "all_candidates": whole}
        outcome = {stage: round(ms, 3) for stage, ms in times.items()}
        return case.row(outcome, True, whole, {"message": message})

    return ask


def _median(call: Callable[[], object]) -> float:
    return median(_timed(call) for _ in range(TRIES))


def _timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def _drafts(begin: Callable[[], Iterator[Proposal]]) -> tuple[float, float]:
    """Milliseconds to the first candidate, and to the last."""
    started, first = time.perf_counter(), 0.0
    for proposal in begin():
        if proposal.candidates and not first:
            first = (time.perf_counter() - started) * 1000
    whole = (time.perf_counter() - started) * 1000
    return first or whole, whole


def measures(rows: Sequence[Row]) -> list[Measure]:
    """Three percentiles a stage."""
    return [
        measure
        for stage in STAGES
        for q in PERCENTILES
        for measure in slowest("speed", f"{stage}_p{q}_ms", {r.case: r.outcome[stage] for r in rows}, q)
    ]
