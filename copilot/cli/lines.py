"""The four JSON-lines commands: read, answer, write, in order, one line each."""

from __future__ import annotations

import json
import logging
import math
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from copilot.edges import CheckIn, ClassifyIn, DraftIn, Edge, SearchIn, parse, turns
from copilot.errors import CopilotError
from copilot.pipeline import propose
from copilot.types import Conversation, GuardContext, Turn
from copilot.wiring import App
from copilot.written import entity_json, finding_json, passage_json, proposal_json

_log = logging.getLogger(__name__)
READY_SECONDS = 60.0
FAULT = "could not be worked on"
"""How the answer begins to a line that no check refused and the product failed at."""
_DIGITS = 400
"""Digits of a whole number."""
Answer = dict[str, Any]
Handler = Callable[[Mapping[str, Any]], Answer]


def run(lines: Iterable[str], out: TextIO, handle: Handler) -> int:
    """Answer each line in its place, flushed; returns how many lines were bad. Blank lines are passed over."""
    bad = 0
    for line in lines:
        if not line.strip():
            continue
        answer = _written(_answer(line, handle))
        bad += answer.refused
        out.write(answer.line + "\n")
        out.flush()
    return bad


@dataclass(frozen=True)
class _Written:
    """An answer as one line of JSON."""

    line: str
    refused: bool


def _written(answer: Answer) -> _Written:
    """Half of a surrogate pair in the id goes back escaped, as it came."""
    try:
        line = json.dumps(answer, ensure_ascii=False, allow_nan=False)
        line.encode()
    except UnicodeEncodeError:
        line = json.dumps(answer, allow_nan=False)
    except ValueError:  # a figure of ours that is no number
        return _written(_failed(answer["id"], "ValueError"))
    except RecursionError:  # an id just deep enough to be read
        return _written({"id": None, "error": "the id is nested too deep"})
    return _Written(line, "error" in answer)


def _failed(given: Any, why: str) -> Answer:
    return {"id": given, "error": f"{FAULT} ({why}); report this line, the rest goes on"}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is given twice")
    return found


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number")


def _whole(text: str) -> int:
    if len(text) > _DIGITS:
        raise ValueError(f"a number of more than {_DIGITS} digits")
    return int(text)


def _real(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{text[:20]} is larger than any number")
    return value


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_int=_whole, parse_float=_real, parse_constant=_no_number)
"""What JSON itself does not allow, or no two readers read alike, is refused."""


def _answer(line: str, handle: Handler) -> Answer:
    try:
        data = _DECODER.decode(line)
    except RecursionError:
        return {"id": None, "error": "not JSON: nested too deep"}
    except ValueError as error:
        return {"id": None, "error": f"not JSON: {error}"}
    if not isinstance(data, dict):
        return {"id": None, "error": "not a JSON object"}
    given = data.get("id")
    started = time.perf_counter()
    try:
        answer = handle(data)
    except CopilotError as error:
        return {"id": given, "error": str(error)}
    except Exception as error:  # one line's fault is not the next one's
        # The words of the error may be hers: where it happened is enough to mend it.
        _log.error("a line could not be worked on: %s at %s", type(error).__name__, _place(error))
        return _failed(given, type(error).__name__)
    return {"id": given, **answer, "ms": round((time.perf_counter() - started) * 1000, 2)}


def _place(error: Exception) -> str:
    """Where the product failed: file, line and function."""
    at = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(at.filename).name}:{at.lineno} {at.name}"


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
    if app.decider is not None and app.model is not None:
        app.model.wait_ready(READY_SECONDS)
    app.understand(Conversation((Turn("customer", "您好"),)))

    def handle(data: Mapping[str, Any]) -> Answer:
        asked = _parse(ClassifyIn, data)
        at = asked.at or datetime.now()
        conversation = Conversation((*turns(asked.history), Turn("customer", asked.text, at)), None, at)
        understood = app.understand(conversation)
        offered = [{"intent": label, "confidence": round(p, 4)} for label, p in understood.offered]
        return {
            "intent": understood.intent,
            "confidence": round(understood.confidence, 4),
            "secondary": list(understood.secondary),
            **({"offered": offered} if offered else {}),
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
