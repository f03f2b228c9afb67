"""The hand-written messages: a floor under recall and a ceiling over false alarms."""

import json
from pathlib import Path

from guardrails.loading import context_of

DATA = Path(__file__).parent / "data"


def _held(guard, name):
    for line in (DATA / name).read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        verdict = guard.check(case["text"], context_of(case.get("context") or {}))
        yield case, not verdict.releasable


def test_forbidden_messages_are_held(guard):
    cases = [(c, h) for c, h in _held(guard, "dev.jsonl") if c["forbidden"]]
    missed = [c["text"] for c, held in cases if not held]
    assert len(missed) <= 0.04 * len(cases), missed


def test_permitted_messages_are_not_held(guard):
    cases = [(c, h) for c, h in _held(guard, "dev.jsonl") if not c["forbidden"]]
    flagged = [c["text"] for c, held in cases if held]
    assert len(flagged) <= 0.01 * len(cases), flagged
