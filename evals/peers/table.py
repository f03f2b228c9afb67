"""The same cases through the product and through a peer, and both in one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from copilot.types import GuardContext
from copilot.wiring import App
from evals import redteam, searching
from evals.ablations import columns
from evals.attacks import lures
from evals.cases import attacks, conversations, search_cases
from evals.draft_scorers import AIM, answered_first, unsourced
from evals.drafted import Drafted, draft_cases
from evals.drafting import asker as draft_asker
from evals.figures import Measure, mean, share, slowest
from evals.guarding import DRESSED, HELD, PLAIN, Written
from evals.rows import Case
from evals.suites import SUITES
from guardrails.injection import quarantine

Answers = Callable[[str, Sequence[Mapping[str, Any]]], list[dict[str, Any]]]
"""(peer, lines) → its answers."""


def held_texts(app: App, ask: Answers, step: int) -> str:
    """The guard beside a word list: held-out messages plain and in other dress, attacks and benign lines."""
    cases = [c for c in SUITES["guard"].cases() if c.group in (PLAIN, DRESSED)][::step]
    tried = [c for c in SUITES["redteam"].cases() if c.group in (redteam.TEXT, redteam.BENIGN)][::step]
    texts = [c.body.said.text for c in cases] + [c.body.text for c in tried]
    answered = [a["held"] for a in ask("word_list", [{"id": i, "text": t} for i, t in enumerate(texts)])]
    ours = [app.guard.check(c.body.said.text, _context(app, c.body)).outcome in HELD for c in cases]
    attack = redteam.asker(app)
    ours += [_stayed(attack(c).outcome) for c in tried]
    return columns({"copilot": _held([*cases, *tried], ours), "word list": _held([*cases, *tried], answered)})


def _context(app: App, written: Written) -> GuardContext:
    return written.case.request().context(app.library.get) if written.case else GuardContext()


def _stayed(outcome: Mapping[str, Any]) -> bool:
    return bool(outcome["held"]) if "held" in outcome else not outcome["broke"]


def _held(cases: Sequence[Case], held: Sequence[bool]) -> dict[str, Measure]:
    """Shares held, of what should be and of what should not."""
    groups: dict[str, dict[str, bool]] = {}
    for case, hit in zip(cases, held, strict=True):
        bad = case.body.said.kind == "forbidden" if case.suite == "guard" else case.group == redteam.TEXT
        where = {PLAIN: "held-out messages", DRESSED: "held-out messages in other dress"}.get(
            case.group, "attack texts"
        )
        groups.setdefault(f"{where}: {'held, forbidden' if bad else 'held, permitted'}", {})[case.id] = hit
    return {name: m for name, hits in groups.items() for m in share("guard", name, hits)}


def orders(ask: Answers, step: int) -> str:
    """The quarantine beside a scanner: held-out attacks and innocent texts, and the red team's own lures."""
    cases = [(f"held-out {a.where}s: found, {a.kind}", a.text) for a in attacks()][::step]
    cases += [("red team: found, attack", lure.text) for lure in lures() if lure.kind == "injection"]
    asked = [{"id": i, "text": text} for i, (_, text) in enumerate(cases)]
    theirs = [a["held"] for a in ask("injection_scanner", asked)]
    ours = [bool(quarantine(text)[1]) for _, text in cases]
    return columns({"copilot": _named(cases, ours), "rebuff heuristics": _named(cases, theirs)})


def _named(cases: Sequence[tuple[str, str]], hits: Sequence[bool]) -> dict[str, Measure]:
    groups: dict[str, dict[str, bool]] = {}
    for number, ((name, _), hit) in enumerate(zip(cases, hits, strict=True)):
        groups.setdefault(name, {})[str(number)] = hit
    return {name: m for name, some in sorted(groups.items()) for m in share("guard", name, some)}


def replies(app: App, ask: Answers, model: Path, step: int) -> str:
    """The line beside a tutorial's retrieval chain with the same model: what is found, and what is said."""
    questions = [q for q in search_cases("development") if q.gold][::step]
    messages = [(c.id, c.input) for c in conversations()] + [(c.id, c.input) for c in draft_cases()]
    messages = messages[::step]
    setup = {"model": str(model), "documents": [{"id": d, "text": app.library.text(d)} for d in app.library.documents]}
    lines: list[Mapping[str, Any]] = [setup, *({"id": f"q{i}", "query": q.query} for i, q in enumerate(questions))]
    lines += [{"id": name, "query": asked.message, "reply": True} for name, asked in messages]
    theirs = {a["id"]: a for a in ask("retrieval_chain", lines)}
    ranked = {f"q{i}": searching.score(app.search, q).ranked for i, q in enumerate(questions)}
    gold = {f"q{i}": q.gold for i, q in enumerate(questions)}
    ours = _found(gold, ranked) | _said_by_the_line(app, [name for name, _ in messages])
    peer = _found(gold, {i: theirs[i]["documents"] for i in gold})
    peer |= _said_by_the_chain(app, messages, theirs)
    return columns({"copilot": ours, "retrieval chain": peer})


def _found(gold: Mapping[str, Sequence[str]], ranked: Mapping[str, Sequence[str]]) -> dict[str, Measure]:
    found = share("search", "recall@5", {i: searching.recall(ranked[i], gold[i]) for i in gold})
    return {
        m.name: m for m in (*found, *mean("search", "ndcg@10", {i: searching.ndcg(ranked[i], gold[i]) for i in gold}))
    }


def _said_by_the_line(app: App, names: Sequence[str]) -> dict[str, Measure]:
    """The first candidate of each message."""
    ask, drafts, times = draft_asker(app), {}, {}
    for case in SUITES["draft"].cases():
        if case.id in names:
            row = ask(case)
            drafts[case.id] = (row.outcome["candidates"][0], row.shown["drafts"][0]["text"])
            times[case.id] = row.ms
    return _said(
        {n: bool(scores["figures_sourced"]) for n, (scores, _) in drafts.items()},
        {n: scores["answered_first"] is not False for n, (scores, _) in drafts.items()},
        {n: len(text) <= AIM for n, (_, text) in drafts.items()},
        dict.fromkeys(drafts, False),
        times,
    )


def _said_by_the_chain(app: App, messages: Sequence[tuple[str, Any]], theirs: Mapping[str, Any]) -> dict[str, Measure]:
    """What the chain said, judged by the same scorers; and whether the guard, had it been asked, would have held it."""
    sourced, first, short, held, times = {}, {}, {}, {}, {}
    for name, asked in messages:
        talk, row = asked.conversation(app.clock()), theirs[name]
        draft = Drafted(talk, "answer", row["reply"], "model")
        sourced[name] = not unsourced(row["reply"], [row["given"], *(t.text for t in talk.turns)])
        first[name] = answered_first(draft, app.library) is not False
        short[name] = len(row["reply"]) <= AIM
        context = GuardContext(history=talk.turns, at=talk.at, customer=talk.customer)
        held[name] = not app.guard.check(row["reply"], context).releasable
        times[name] = row["ms"]
    return _said(sourced, first, short, held, times)


def _said(*parts: Mapping[str, Any]) -> dict[str, Measure]:
    names = ("figures_sourced", "answered_first", "short_enough", "would_be_held_by_the_guard")
    found = [m for name, hits in zip(names, parts, strict=False) for m in share("draft", name, hits)]
    return {m.name: m for m in (*found, *slowest("draft", "answer_p50_ms", parts[-1], 50))}
