"""The four JSON-lines commands: read, answer, write, in order, one line each."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TextIO

from copilot.edges import CheckIn, ClassifyIn, DraftIn, Edge, SearchIn, parse, turns
from copilot.errors import CopilotError
from copilot.pipeline import propose
from copilot.types import Conversation, GuardContext, Turn
from copilot.wiring import App
from copilot.written import entity_json, finding_json, passage_json, proposal_json

READY_SECONDS = 60.0
Answer = dict[str, Any]
Handler = Callable[[Mapping[str, Any]], Answer]


def run(lines: Iterable[str], out: TextIO, handle: Handler) -> int:
    """Answer each line in its place, flushed; returns how many lines were bad. Blank lines are passed over."""
    bad = 0
    for line in lines:
        if not line.strip():
            continue
        answer, good = _answer(line, handle)
        bad += not good
        out.write(json.dumps(answer, ensure_ascii=False) + "\n")
        out.flush()
    return bad


def _answer(line: str, handle: Handler) -> tuple[Answer, bool]:
    try:
        data = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        return {"id": None, "error": f"not JSON: {error}"}, False
    if not isinstance(data, dict):
        return {"id": None, "error": "not a JSON object"}, False
    given = data.get("id")
    started = time.perf_counter()
    try:
        answer = handle(data)
    except CopilotError as error:
        return {"id": given, "error": str(error)}, False
    return {"id": given, **answer, "ms": round((time.perf_counter() - started) * 1000, 2)}, True


def checker(app: App) -> Handler:
    """`check`: text → verdict."""
    if app.judge is not None and app.settings.judge.kind == "model" and app.model is not None:
        app.model.wait_ready(READY_SECONDS)
    app.guard.check("您好", GuardContext())  # the first reading loads tables; it is not the first line's time

    def handle(data: Mapping[str, Any]) -> Answer:
        asked = _parse(CheckIn, data)
        verdict = app.read(asked.text, asked.context(app.library.get))
        return {
            "verdict": verdict.outcome,
            "findings": [finding_json(f) for f in verdict.findings],
            "not_checked": list(verdict.not_checked),
        }

    return handle


def classifier(app: App) -> Handler:
    """`classify`: text → intent, entities, state, selling."""
    app.understand(Conversation((Turn("customer", "您好"),)))

    def handle(data: Mapping[str, Any]) -> Answer:
        asked = _parse(ClassifyIn, data)
        at = asked.at or datetime.now()
        conversation = Conversation((*turns(asked.history), Turn("customer", asked.text, at)), None, at)
        understood = app.understand(conversation)
        return {
            "intent": understood.intent,
            "confidence": round(understood.confidence, 4),
            "secondary": list(understood.secondary),
            "entities": [entity_json(e) for e in understood.entities],
            "state": understood.state,
            "selling": understood.selling,
        }

    return handle


def searcher(app: App) -> Handler:
    """`search`: query → passages."""
    app.search("您好")

    def handle(data: Mapping[str, Any]) -> Answer:
        asked = _parse(SearchIn, data)
        result = app.search(
            asked.query,
            history=turns(asked.history),
            top_k=asked.top_k,
            kind=asked.kind,
            on=asked.on,
            customer=asked.customer.value() if asked.customer else None,
        )
        return {"found": result.found, "passages": [passage_json(p) for p in result.passages]}

    return handle


def drafter(app: App) -> Handler:
    """`draft`: message → guarded candidates. A model that is still loading is waited for once."""
    app.check_all()
    app.understand(Conversation((Turn("customer", "您好"),)))
    app.search("您好")
    app.guard.check("您好", GuardContext())
    if app.model is not None:
        app.model.wait_ready(READY_SECONDS)

    def handle(data: Mapping[str, Any]) -> Answer:
        asked = _parse(DraftIn, data)
        proposal = propose(app.line, asked.conversation(datetime.now()), actor="cli")
        return proposal_json(proposal)

    return handle


def _parse(model: type[Any], data: Mapping[str, Any]) -> Any:
    asked: Edge = parse(model, data)
    return asked
