"""Rules: YAML files a compliance officer edits, and the logic they name where words are not enough."""

from __future__ import annotations

from guardrails.meaning import CHECKS
from guardrails.rule import Logic
from guardrails.rules import figures, meant, people, performance, suitable

LOGIC: dict[str, Logic] = {
    "benchmark_alone": performance.benchmark_alone,
    "past_performance": performance.past_performance,
    "annualised_short": performance.annualised_short,
    "ungrounded_figure": figures.ungrounded,
    "unsupported_claim": figures.unsupported,
    "above_level": suitable.above_level,
    "assessment": suitable.assessment,
    "vulnerable": suitable.vulnerable,
    "disclosure": suitable.disclosure,
    "unlisted": suitable.unlisted,
    "not_on_sale": suitable.not_on_sale,
    "closing_date": suitable.closing_date,
    "unreviewed_mass": suitable.unreviewed_mass,
    "others_data": people.others_data,
    "own_data": people.own_data,
    "hidden_instruction": people.hidden_instruction,
    "ordered": people.ordered,
    **{f"meaning:{check}": meant.meant(check) for check in CHECKS},
}
"""Every piece of logic a rule file may name."""
