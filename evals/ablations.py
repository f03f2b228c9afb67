"""What each part of the line is worth: the same messages with one part taken out, beside the whole.

python -m evals.ablations [EVERY]: each EVERY-th case, all without it
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import Any

from langchain_core.messages import HumanMessage, SystemMessage

from copilot.drafting import ModelDrafter, ScriptedDrafter
from copilot.drafting.compose import compose
from copilot.drafting.grammar import build as grammar_of
from copilot.errors import CopilotError
from copilot.pipeline import Line
from copilot.types import Conversation, Draft, DraftRequest, Ledger, PlannedMove, SearchResult, Understanding
from copilot.wiring import App, build
from evals.compare import changed
from evals.figures import Measure
from evals.rows import Case, Row
from evals.suites import SUITES
from guardrails.engine import Engine

Part = Callable[[App], Line]
DRAFTED = (
    "without_fault",
    "answered_first",
    "figures_sourced",
    "figures_sourced_before_the_guard",
    "by_the_model",
    "guard_untouched",
)
LINED = ("moves_fit", "says_what_it_must", "avoids_what_it_must_not", "offered_two_or_three")
GUARDED = ("recall", "false_alarms", "mutated_recall", "mutated_false_alarms", "polarity_pairs_told_apart")
ATTACKED = ("text_attack_success", "over_refusal")
SEARCHED = ("development_recall@5", "development_ndcg@10", "heldout_recall@5", "heldout_ndcg@10")


class FreeDrafter(ModelDrafter):
    """The model without references: it may write digits itself, and nobody checks the form of what it wrote."""

    def _attempt(
        self, request: DraftRequest, planned: PlannedMove, said: list[str], examples: Sequence[str], *, seed: int,
        temperature: float,
    ) -> Any:  # fmt: skip
        bare = replace(request, references=())
        prompt = compose(bare, planned, self.template, self.max_tokens)
        grammar = grammar_of(()).rstrip("\n") + " | [0-9.%]\n"
        messages = [SystemMessage(prompt.system), HumanMessage(prompt.user)]
        reply = self.chat.invoke(
            messages, grammar=grammar, max_tokens=self.max_tokens, seed=seed, temperature=temperature
        )
        text = re.sub(r"\s+", "", str(reply.text))
        return (
            _Free(Draft(planned.move, text, text, "model", (), planned.reason)) if text and text not in said else None
        )


@dataclass(frozen=True)
class _Free:
    draft: Draft
    certainty: float = 0.0


def without_retrieval(app: App) -> Line:
    """Nothing is ever found."""
    return replace(app.line, retrieve=lambda *_, **__: SearchResult(False, ()))


def without_ledger(app: App) -> Line:
    """What she said before is not kept."""
    understand = app.line.understand

    def forget(conversation: Conversation) -> Understanding:
        return replace(understand(conversation), ledger=Ledger())

    return replace(app.line, understand=forget)


def without_references(app: App) -> Line:
    """No replies written by hand, and the model writes figures itself."""
    drafter = app.line.drafter
    if not isinstance(drafter, ModelDrafter):
        return app.line
    own = {f.name: getattr(drafter, f.name) for f in fields(ModelDrafter)}
    return replace(app.line, drafter=FreeDrafter(**own | {"scripted": ScriptedDrafter(app.library)}))


def without_book(app: App) -> Line:
    """The model and the approved scripts, no replies written by hand and nobody to judge them."""
    drafter = app.line.drafter
    if not isinstance(drafter, ModelDrafter):
        return app.line
    return replace(app.line, drafter=replace(drafter, scripted=ScriptedDrafter(app.library)))


def scripts_alone(app: App) -> Line:
    """No model."""
    return replace(app.line, drafter=ScriptedDrafter(app.library))


PARTS: Mapping[str, Part] = {
    "whole": lambda app: app.line,
    "without retrieval": without_retrieval,
    "without ledger": without_ledger,
    "without reply book": without_book,
    "… and the model writes figures itself": without_references,
    "scripts alone": scripts_alone,
}


@contextmanager
def swapped(app: App, name: str, part: object) -> Iterator[App]:
    """The product with one part exchanged for as long as it lasts."""
    before = app.__dict__[name]
    app.__dict__[name] = part
    try:
        yield app
    finally:
        app.__dict__[name] = before


def asked(app: App, suite: str, cases: Sequence[Case]) -> list[Row]:
    """The rows of a suite over some of its cases."""
    ask = SUITES[suite].asker(app)
    return [ask(case) for case in cases]


def chosen(suite: str, wanted: Sequence[str], rows: Sequence[Row]) -> dict[str, Measure]:
    """The named measures over rows."""
    return {m.name: m for m in SUITES[suite].measures(rows) if m.name in wanted}


def columns(found: Mapping[str, Mapping[str, Measure]]) -> str:
    """A Markdown table: a row a figure, a column a variant, the first of them the whole; * where chance is a poor explanation."""
    names = list(found)
    whole = found[names[0]]
    lines = [f"| | n | {' | '.join(names)} |", "|---|---|" + "---|" * len(names)]
    for name, measure in whole.items():
        figure = measure.figure()
        cells = [f"{figure.value:.3f} ({figure.low:.3f}–{figure.high:.3f})"]
        for other in names[1:]:
            theirs = found[other].get(name)
            cells.append("–" if theirs is None else f"{theirs.value():.3f}{' *' if _clear(measure, theirs) else ''}")
        lines.append(f"| {name.replace('_', ' ')} | {figure.n} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _clear(a: Measure, b: Measure) -> bool:
    return any(change.clear for change in changed(a, b))


def drafting_table(app: App, step: int) -> str:
    """The line with each part out: the suites `line` and `draft` over the cases that people read."""
    lined = SUITES["line"].cases()[::step]
    drafted = [c for c in SUITES["draft"].cases() if c.split == "development"][::step]
    found: dict[str, dict[str, Measure]] = {}
    for name, part in PARTS.items():
        with swapped(app, "_line", part(app)):
            found[name] = chosen("line", LINED, asked(app, "line", lined))
            found[name] |= chosen("draft", DRAFTED, asked(app, "draft", drafted))
        print(name, file=sys.stderr)
    return columns(found)


def guard_table(app: App, step: int) -> str:
    """The guard with its classifier and without: held-out messages, and every text attack."""
    cases = SUITES["guard"].cases()[::step]
    attacks = [c for c in SUITES["redteam"].cases() if c.group in ("text", "benign")][::step]
    found: dict[str, dict[str, Measure]] = {}
    bare = Engine(app.guard.ruleset, app.library, None, app.guard.valid_days)
    for name, guard in (("rules and classifier", app.guard), ("rules alone", bare)):
        with swapped(app, "guard", guard), swapped(app, "_line", replace(app.line, guard=guard)):
            found[name] = chosen("guard", GUARDED, asked(app, "guard", cases))
            found[name] |= chosen("redteam", ATTACKED, asked(app, "redteam", attacks))
        print(name, file=sys.stderr)
    return columns(found)


def search_table(app: App, step: int) -> str:
    """The hybrid beside its parts, as the search suite has them."""
    rows = asked(app, "search", SUITES["search"].cases()[::step])
    ways = {"hybrid": "", "words alone": "_words_alone", "vectors alone": "_vectors_alone"}
    every = {m.name: m for m in SUITES["search"].measures(rows)}
    found = {
        way: {name: every[f"{name}{end}"] for name in SEARCHED if f"{name}{end}" in every} for way, end in ways.items()
    }
    return columns(found)


def every(words: Sequence[str]) -> int:
    """Which of the cases a command asks for; SystemExit when it is no count."""
    asked = words[1] if len(words) > 1 else "1"
    if not asked.isdigit() or int(asked) < 1:
        raise SystemExit(f"{asked}: give a number, such as 10 for every tenth case")
    return int(asked)


def main() -> int:
    """Print the tables as Markdown."""
    step = every(sys.argv)
    app = build()
    try:
        app.check_all()
        for heading, table in (("The line", drafting_table), ("The guard", guard_table), ("Search", search_table)):
            print(f"### {heading}\n\n{table(app, step)}\n", flush=True)
    except CopilotError as error:
        print(f"ablations: {error}", file=sys.stderr)
        return 1
    finally:
        app.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
