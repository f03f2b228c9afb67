"""All suites, and the two that need no file of their own: the line over whole conversations, the intent of single messages."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from copilot.pipeline import propose
from copilot.types import INTENTS, SILENT_INTENTS, SILENT_STATES, Conversation, Turn
from copilot.wiring import App
from copilot.written import proposal_json
from evals import drafting, guarding, listening, redteam, searching, speed
from evals.cases import STRANGERS, ConversationCase, IntentCase, conversations, intent_cases
from evals.figures import (
    Floats,
    Measure,
    calibration_error,
    calibration_terms,
    f1_terms,
    fold,
    macro_f1,
    ratio,
    share,
    slowest,
)
from evals.mutations import mutated
from evals.rows import Ask, Case, Row, Split, Suite, hashed, numbered
from evals.scorers import SCORERS


def line_cases() -> list[Case]:
    """The forty conversations. Their drafts were read while limits were set, so they are development cases."""
    return [Case("line", case.id, "development", case) for case in conversations()]


def line_asker(app: App) -> Ask:
    """A conversation through the whole line, scored by every scorer that applies."""

    def ask(case: Case) -> Row:
        body: ConversationCase = case.body
        started = time.perf_counter()
        proposal = propose(app.line, body.input.conversation(app.clock()), actor="eval")
        ms = (time.perf_counter() - started) * 1000
        scores = {name: scorer(proposal, body.expect, app.library) for name, scorer in SCORERS.items()}
        missed = [name for name, hit in scores.items() if hit is False]
        origins = Counter(c.origin for c in proposal.candidates)
        shown = {"message": body.input.message, "missed": missed, "proposal": proposal_json(proposal)}
        return case.row({"scores": scores, "origins": dict(origins)}, not missed, ms, shown)

    return ask


def line_measures(rows: Sequence[Row]) -> list[Measure]:
    """A share a scorer, over the cases it applies to."""
    found: list[Measure] = []
    for name in SCORERS:
        scores = {r.case: r.outcome["scores"].get(name) for r in rows}
        found += share("line", name, {case: hit for case, hit in scores.items() if hit is not None})
    origins = {r.case: (r.outcome["origins"].get("model", 0), sum(r.outcome["origins"].values())) for r in rows}
    found += ratio("line", "written_by_the_model", origins)
    return found + slowest("line", "all_candidates_p95_ms", {r.case: r.ms for r in rows})


def intent_turns(cases: Iterable[IntentCase] | None = None, split: Split = "heldout") -> list[Case]:
    """Labelled turns of customers as cases, grouped by their table; those of every held-out one unless others are given."""
    given = intent_cases() if cases is None else cases
    return numbered(
        [Case("intent", hashed("intent", c.text, [t.text for t in c.history]), split, c, c.batch) for c in given]
    )


def intent_asker(app: App) -> Ask:
    """A turn through the classifier and the state."""

    def ask(case: Case) -> Row:
        body: IntentCase = case.body
        conversation = Conversation((*body.history, Turn("customer", body.text)))
        started = time.perf_counter()
        understood = app.understand(conversation)
        ms = (time.perf_counter() - started) * 1000
        outcome = {
            "wanted": body.intent,
            "got": understood.intent,
            "confidence": round(understood.confidence, 4),
            "secondary_wanted": sorted(body.secondary),
            "secondary_got": sorted(understood.secondary),
            "state_wanted": body.state,
            "state_got": understood.state,
            "must_stop": must_stop(body.intent, body.state),
            "stopped": not understood.selling,
            "talk_before": bool(body.history),
            "offered": [label for label, _ in understood.offered],
            "in_other_dress": {
                name: app.classifier.classify(mutated(name, body.text, case.id), body.history).intent
                for name in DRESSES
            },
        }
        shown = {"text": body.text, "wanted": body.intent, "got": understood.intent}
        return case.row(outcome, understood.intent == body.intent, ms, shown)

    return ask


_TOLD_OF_STRANGERS = frozenset(
    {
        "accuracy",
        "accuracy_with_talk_before",
        "accuracy_without_talk_before",
        "macro_f1",
        "calibration_error",
        "secondary_f1",
        "selling_off_where_called_for",
        "selling_off_wrongly",
    }
)
DRESSES = ("traditional", "homophones", "pinyin", "broken", "unmarked")
"""The mutations a customer's typing or voice input makes by itself."""


def must_stop(intent: str, state: str) -> bool:
    """Whether selling must be off for a message with these labels."""
    return intent in SILENT_INTENTS or state in SILENT_STATES or (intent == "performance_concern" and state == "upset")


def intent_measures(rows: Sequence[Row]) -> list[Measure]:
    """The figures of the known writers' turns, and of strangers': writers of whom only this first score is to be believed."""
    strange = [r for r in rows if r.group.startswith(STRANGERS)]
    known = [r for r in rows if not r.group.startswith(STRANGERS)]
    found = _intent_measures(known)
    if strange:
        found += [
            replace(m, name=f"{STRANGERS}_{m.name}") for m in _intent_measures(strange) if m.name in _TOLD_OF_STRANGERS
        ]
    return found


def _intent_measures(rows: Sequence[Row]) -> list[Measure]:
    """Accuracy, macro F1, calibration, secondary labels, and whether selling stops where it must."""
    out = {r.case: r.outcome for r in rows}
    stop = {case: o["stopped"] for case, o in out.items() if o["must_stop"]}
    go = {case: o["stopped"] for case, o in out.items() if not o["must_stop"]}
    hits = {case: o["got"] == o["wanted"] for case, o in out.items()}
    confident = {case: calibration_terms(o["confidence"], hits[case]) for case, o in out.items()}
    groups = sorted({r.group for r in rows})
    by_group = [{r.case: hits[r.case] for r in rows if r.group == g} for g in groups] if len(groups) > 1 else []
    return [
        *share("intent", "accuracy", hits),
        *(m for g, some in zip(groups, by_group, strict=False) for m in share("intent", f"accuracy_{g}", some)),
        *share("intent", "accuracy_with_talk_before", {c: hits[c] for c, o in out.items() if o["talk_before"]}),
        *share("intent", "accuracy_without_talk_before", {c: hits[c] for c, o in out.items() if not o["talk_before"]}),
        *share("intent", "two_offered", {c: bool(o["offered"]) for c, o in out.items()}),
        *share(
            "intent", "right_among_the_two", {c: o["wanted"] in o["offered"] for c, o in out.items() if o["offered"]}
        ),
        *(
            m
            for name in DRESSES
            for m in share(
                "intent", f"accuracy_{name}", {c: o["in_other_dress"][name] == o["wanted"] for c, o in out.items()}
            )
        ),
        *fold("intent", "macro_f1", {c: f1_terms(o["wanted"], o["got"], INTENTS) for c, o in out.items()}, macro_f1),
        *fold("intent", "calibration_error", confident, calibration_error),
        *fold("intent", "secondary_f1", {case: _second(o) for case, o in out.items()}, _f1),
        *share("intent", "selling_off_where_called_for", stop),
        *share("intent", "selling_off_wrongly", go),
        *slowest("intent", "understanding_p95_ms", {r.case: r.ms for r in rows}),
    ]


def _second(outcome: Mapping[str, Sequence[str]]) -> tuple[float, float]:
    wanted, got = set(outcome["secondary_wanted"]), set(outcome["secondary_got"])
    return len(wanted & got), len(wanted) + len(got)


def _f1(sums: Floats) -> Floats:
    return 2 * sums[..., 0] / (sums[..., 1] + 1e-12)


_ALL = (
    Suite("line", line_cases, line_asker, line_measures),
    Suite("intent", intent_turns, intent_asker, intent_measures, apart=True),
    Suite("entities", listening.entity_cases, listening.entity_asker, listening.entity_measures, apart=True),
    Suite("ledger", listening.ledger_cases, listening.ledger_asker, listening.ledger_measures, apart=True),
    Suite("state", listening.state_cases, listening.state_asker, listening.state_measures, apart=True),
    Suite("search", searching.suite_cases, searching.asker, searching.measures),
    Suite("guard", guarding.suite_cases, guarding.asker, guarding.measures, apart=True),
    Suite("draft", drafting.suite_cases, drafting.asker, drafting.measures),
    Suite("redteam", redteam.suite_cases, redteam.asker, redteam.measures),
    Suite("speed", speed.suite_cases, speed.asker, speed.measures),
)
SUITES: Mapping[str, Suite] = {suite.name: suite for suite in _ALL}
