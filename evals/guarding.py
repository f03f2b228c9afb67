"""The guard's suite: held-out advisor messages, plain and in other dress, pairs of opposite polarity, attacks."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from copilot.types import GuardContext
from copilot.wiring import App
from evals.cases import (
    STRANGERS,
    Attack,
    GuardCase,
    PolarityPair,
    Said,
    attacks,
    chat_lines,
    desk_lines,
    guard_cases,
    polarity_pairs,
    stranger_lines,
)
from evals.figures import Measure, share, slowest
from evals.mutations import MUTATIONS, mutated
from evals.rows import Ask, Case, Row, Split, hashed, numbered
from guardrails.injection import quarantine

HELD = ("block", "review")
PLAIN, DRESSED, PAIR, ATTACK = "plain", "mutated", "pair", "attack"


@dataclass(frozen=True)
class Written:
    """A message to read, with what its case says of customer and product; `dress` names how it was disguised."""

    said: Said
    case: GuardCase | None = None
    dress: str = ""


def suite_cases() -> list[Case]:
    """Messages as they are and in one other dress each, those of strangers, then pairs, then attacks."""
    plain = [*map(_labelled, guard_cases()), *map(Written, desk_lines())]
    plain += [Written(Said(kind="chat", text=text, author="chat")) for text in chat_lines()]
    cases = [_case(written, PLAIN) for written in plain]
    names = list(MUTATIONS)
    for number, written in enumerate(plain):
        dress = names[number % len(names)]
        said = written.said.model_copy(update={"text": mutated(dress, written.said.text, written.said.text)})
        cases.append(_case(Written(said, written.case, dress), DRESSED))
    cases += [_case(Written(said), STRANGERS) for said in stranger_lines()]
    pairs = [Case("guard", hashed(PAIR, p.claim, p.denial), "heldout", p, PAIR) for p in polarity_pairs()]
    return numbered([*cases, *pairs, *(Case("guard", hashed(ATTACK, a.text), "heldout", a, ATTACK) for a in attacks())])


def _labelled(case: GuardCase) -> Written:
    kind = "forbidden" if case.label == "forbidden" else "hard"
    return Written(
        Said.model_validate({"kind": kind, "checks": case.checks, "text": case.text, "author": "heldout"}), case
    )


def _case(written: Written, group: str, split: Split = "heldout") -> Case:
    return Case("guard", hashed(group, written.dress, written.said.text), split, written, group)


def own(cases: Sequence[GuardCase]) -> list[Case]:
    """A bank's own messages as cases."""
    return numbered([_case(_labelled(case), PLAIN, "own") for case in cases])


def asker(app: App) -> Ask:
    """Whether the guard holds a message, tells a pair apart, and sees an attack."""

    def ask(case: Case) -> Row:
        if case.group == PAIR:
            return _pair(app, case)
        if case.group == ATTACK:
            return _attack(case)
        return _message(app, case)

    return ask


def _message(app: App, case: Case) -> Row:
    written: Written = case.body
    said = written.said
    context = written.case.request().context(app.library.get) if written.case else GuardContext()
    started = time.perf_counter()
    verdict = app.guard.check(said.text, context)
    ms = (time.perf_counter() - started) * 1000
    held = not verdict.releasable
    found = [f for f in verdict.findings if f.severity in HELD]
    outcome = {
        "kind": said.kind,
        "dress": written.dress,
        "checks": list(said.checks),
        "held": held,
        "warned": verdict.outcome == "warn",
        "found": sorted({f.check for f in found}),
    }
    shown = {
        "text": said.text,
        "kind": said.kind,
        "wanted": ",".join(said.checks),
        "found": [f"{f.rule}:{f.quote}" for f in found],
    }
    return case.row(outcome, held == (said.kind == "forbidden"), ms, shown)


def _pair(app: App, case: Case) -> Row:
    pair: PolarityPair = case.body
    started = time.perf_counter()
    claim = not app.guard.check(pair.claim, GuardContext()).releasable
    denial = not app.guard.check(pair.denial, GuardContext()).releasable
    ms = (time.perf_counter() - started) * 1000
    return case.row({"kind": pair.kind, "claim": claim, "denial": denial}, claim and not denial, ms)


def _attack(case: Case) -> Row:
    attack: Attack = case.body
    started = time.perf_counter()
    found = bool(quarantine(attack.text)[1])
    ms = (time.perf_counter() - started) * 1000
    outcome = {"kind": attack.kind, "where": attack.where, "found": found}
    return case.row(outcome, found == (attack.kind == "attack"), ms)


def measures(rows: Sequence[Row]) -> list[Measure]:
    """Recall by check, alarms on twins, hard cases and chat, each plain and mutated; polarity; attacks."""
    plain = [r for r in rows if r.group == PLAIN]
    dressed = [r for r in rows if r.group == DRESSED]
    times = {r.case: r.ms for r in plain}
    found = [*_messages("", plain), *_by_check(plain), *_messages("mutated_", dressed)]
    found += _messages("strangers_", [r for r in rows if r.group == STRANGERS])
    for dress in MUTATIONS:
        found += _recall(f"recall_{dress}", [r for r in dressed if r.outcome["dress"] == dress])
    found += _polarity([r for r in rows if r.group == PAIR])
    found += _attacks([r for r in rows if r.group == ATTACK])
    return found + slowest("guard", "check_p95_ms", times)


def _recall(name: str, rows: Sequence[Row]) -> list[Measure]:
    return share("guard", name, {r.case: r.outcome["held"] for r in rows if r.outcome["kind"] == "forbidden"})


def _messages(prefix: str, rows: Sequence[Row]) -> list[Measure]:
    """Recall, and alarms over all permitted texts and over each kind of them."""
    good = [r for r in rows if r.outcome["kind"] != "forbidden"]
    found = [
        *_recall(f"{prefix}recall", rows),
        *share("guard", f"{prefix}false_alarms", {r.case: r.outcome["held"] for r in good}),
    ]
    for kind in ("twin", "hard", "chat"):
        some = {r.case: r.outcome["held"] for r in good if r.outcome["kind"] == kind}
        found += share("guard", f"{prefix}false_alarms_{kind}", some)
    return found + share("guard", f"{prefix}warned_permitted", {r.case: r.outcome["warned"] for r in good})


def _by_check(rows: Sequence[Row]) -> Iterator[Measure]:
    """For each check: recall, whether the check itself was named, and its alarms on permitted texts."""
    bad = [r for r in rows if r.outcome["kind"] == "forbidden" and r.outcome["checks"]]
    good = [r for r in rows if r.outcome["kind"] != "forbidden"]
    for check in sorted({r.outcome["checks"][0] for r in bad}):
        yield from _recall(f"recall_{check}", [r for r in bad if r.outcome["checks"][0] == check])
    named = {r.case: bool(set(r.outcome["found"]) & set(r.outcome["checks"])) for r in bad if r.outcome["held"]}
    yield from share("guard", "check_named_where_caught", named)
    for check in sorted(Counter(c for r in good for c in r.outcome["found"])):
        yield from share("guard", f"false_alarms_{check}", {r.case: check in r.outcome["found"] for r in good})


def _polarity(rows: Sequence[Row]) -> Iterator[Measure]:
    """Pairs told apart, and each side by itself."""
    yield from share("guard", "polarity_claims_held", {r.case: r.outcome["claim"] for r in rows})
    yield from share("guard", "polarity_denials_held", {r.case: r.outcome["denial"] for r in rows})
    yield from share("guard", "polarity_pairs_told_apart", {r.case: r.good for r in rows})
    for kind in sorted({r.outcome["kind"] for r in rows}):
        yield from share("guard", f"polarity_{kind}", {r.case: r.good for r in rows if r.outcome["kind"] == kind})


def _attacks(rows: Sequence[Row]) -> Iterator[Measure]:
    """Instructions found in messages, documents and fields, and innocent texts flagged."""
    for kind, name in (("attack", "injection_found"), ("benign", "injection_alarms")):
        some = [r for r in rows if r.outcome["kind"] == kind]
        yield from share("guard", name, {r.case: r.outcome["found"] for r in some})
        for where in sorted({r.outcome["where"] for r in some}):
            yield from share(
                "guard", f"{name}_{where}", {r.case: r.outcome["found"] for r in some if r.outcome["where"] == where}
            )
