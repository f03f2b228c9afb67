"""The suites: each runs its cases through the product and returns figures with their n, and the cases that failed."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping

from copilot.pipeline import propose
from copilot.types import INTENTS, Conversation, Turn
from copilot.wiring import App
from copilot.written import proposal_json
from evals.cases import conversations, intent_cases
from evals.figures import Figure, Outcome, Progress, percentile, share
from evals.guarding import run_guard
from evals.scorers import SCORERS


def run_line(app: App, progress: Progress) -> Outcome:
    """The forty conversations through the whole line."""
    cases = conversations()
    tally: dict[str, Counter[bool]] = defaultdict(Counter)
    origins: Counter[str] = Counter()
    failures, rows = [], []
    first_ms: list[float] = []
    for done, case in enumerate(cases):
        progress(done, len(cases))
        started = time.perf_counter()
        conversation = case.input.conversation(app.clock())
        proposal = propose(app.line, conversation, actor="eval")
        first_ms.append((time.perf_counter() - started) * 1000)
        missed = []
        for name, scorer in SCORERS.items():
            hit = scorer(proposal, case.expect, app.library)
            if hit is not None:
                tally[name][hit] += 1
                if not hit:
                    missed.append(name)
        origins.update(c.origin for c in proposal.candidates)
        row = {"id": case.id, "message": case.input.message, "missed": missed, "proposal": proposal_json(proposal)}
        rows.append(row)
        if missed:
            failures.append(row)
    figures = [share("line", name, hits[True], hits.total()) for name, hits in tally.items()]
    figures.append(share("line", "written_by_the_model", origins["model"], origins.total()))
    figures.append(Figure("line", "all_candidates_p95_ms", percentile(first_ms, 95), len(cases), unit="ms"))
    return Outcome(tuple(figures), tuple(failures), tuple(rows))


def run_intent(app: App, progress: Progress) -> Outcome:
    """Held-out customer turns through the classifier and the state."""
    cases = intent_cases()
    confusion: Counter[tuple[str, str]] = Counter()
    second = Counter[str]()
    off: Counter[tuple[bool, bool]] = Counter()
    calibration: list[tuple[float, bool]] = []
    failures, times = [], []
    for done, case in enumerate(cases):
        progress(done, len(cases))
        conversation = Conversation((*case.history, Turn("customer", case.text)))
        started = time.perf_counter()
        understood = app.understand(conversation)
        times.append((time.perf_counter() - started) * 1000)
        confusion[(case.intent, understood.intent)] += 1
        calibration.append((understood.confidence, understood.intent == case.intent))
        should = set(case.secondary)
        got = set(understood.secondary)
        second.update({"tp": len(should & got), "fp": len(got - should), "fn": len(should - got)})
        off[(_must_stop(case.intent, case.state), not understood.selling)] += 1
        if understood.intent != case.intent:
            failures.append(
                {"text": case.text, "want": case.intent, "got": understood.intent, "p": round(understood.confidence, 3)}
            )
    right = sum(n for (want, got), n in confusion.items() if want == got)
    denominator = 2 * second["tp"] + second["fp"] + second["fn"]
    stop, go = off[(True, True)] + off[(True, False)], off[(False, True)] + off[(False, False)]
    figures = (
        share("intent", "accuracy", right, len(cases)),
        Figure("intent", "macro_f1", macro_f1(confusion), len(cases)),
        Figure("intent", "calibration_error", calibration_error(calibration), len(cases)),
        Figure("intent", "secondary_f1", 2 * second["tp"] / denominator if denominator else 0.0, len(cases)),
        share("intent", "selling_off_where_called_for", off[(True, True)], stop),
        share("intent", "selling_off_wrongly", off[(False, True)], go),
        Figure("intent", "understanding_p95_ms", percentile(times, 95), len(cases), unit="ms"),
    )
    return Outcome(figures, tuple(failures))


def _must_stop(intent: str, state: str) -> bool:
    return (
        intent in ("complaint", "fraud_security")
        or state in ("grief", "confused", "minor", "fraud")
        or (intent == "performance_concern" and state == "upset")
    )


def macro_f1(confusion: Mapping[tuple[str, str], int]) -> float:
    """Mean F1 over the labels that occur."""
    scores = []
    for label in INTENTS:
        hit = confusion.get((label, label), 0)
        want = sum(n for (w, _), n in confusion.items() if w == label)
        got = sum(n for (_, g), n in confusion.items() if g == label)
        if want:
            scores.append(2 * hit / (want + got))
    return sum(scores) / len(scores) if scores else 0.0


def calibration_error(pairs: Iterable[tuple[float, bool]], bins: int = 10) -> float:
    """Expected calibration error over equal-width bins (Naeini et al. 2015)."""
    buckets: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    total = 0
    for confidence, hit in pairs:
        buckets[min(int(confidence * bins), bins - 1)].append((confidence, hit))
        total += 1
    gaps = (abs(sum(c for c, _ in b) - sum(h for _, h in b)) for b in buckets.values())
    return sum(gaps) / total if total else 0.0


SUITES: Mapping[str, Callable[[App, Progress], Outcome]] = {
    "line": run_line,
    "intent": run_intent,
    "guard": run_guard,
}
