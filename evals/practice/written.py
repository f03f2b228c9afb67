"""Talks and scores as JSON, for the store, the command line, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter, ValidationError

from copilot.errors import RecordError
from copilot.written import plain
from evals.practice.scoring import Scored
from evals.practice.talk import Exchange, Talk

_EXCHANGE, _SCORED = TypeAdapter(Exchange), TypeAdapter(Scored)


def exchange_json(exchange: Exchange) -> dict[str, Any]:
    """An exchange as it is stored."""
    told = asdict(exchange)
    told["heard"]["acts"] = sorted(exchange.heard.acts)
    found = plain(told)
    assert isinstance(found, dict)
    return found


def scores_json(scored: Scored) -> dict[str, Any]:
    """Scores as they are stored and printed."""
    return {
        "whole": round(scored.whole, 4),
        "scores": [{**asdict(s), "value": round(s.value, 4)} for s in scored.scores],
    }


def talk_of(head: Mapping[str, Any], exchanges: Sequence[Mapping[str, Any]], ended: str) -> Talk:
    """A talk as it was stored. RecordError when it can no longer be read."""
    try:
        told = tuple(_EXCHANGE.validate_python(e) for e in exchanges)
        return Talk(str(head["customer"]), int(head["seed"]), str(head["opening"]), told, ended)  # type: ignore[arg-type]
    except (KeyError, ValueError, ValidationError) as error:
        raise RecordError("a talk of practice is damaged and cannot be shown; begin another") from error


def scores_of(told: Mapping[str, Any]) -> Scored:
    """Scores as they were stored."""
    try:
        return _SCORED.validate_python({"scores": told["scores"]})
    except (KeyError, ValidationError) as error:
        raise RecordError("the scores of a talk of practice are damaged; begin another") from error
