"""Writes the catalogue of rules for people: `python -m guardrails.catalogue > docs/guard-catalogue.md`."""

from __future__ import annotations

import sys

from guardrails.loading import RuleSet, load_rules
from guardrails.rule import Rule

_SEVERITY = {"block": "拦截 block", "review": "复核 review", "warn": "提醒 warn"}


def _row(rule: Rule) -> str:
    how = "逻辑 logic" if rule.logic else f"{len(rule.patterns)} 条模式 patterns"
    force = f"{rule.in_force_from or '—'} → {rule.in_force_to or '—'}"
    cells = (
        rule.check,
        rule.id,
        _SEVERITY[rule.severity],
        f"{rule.title}<br>{rule.title_en}",
        how,
        rule.basis,
        rule.basis_status,
        force,
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def render(ruleset: RuleSet) -> str:
    """The catalogue as Markdown: a table of all rules, then for each what it catches and leaves alone."""
    lines = [
        "# Catalogue of rules",
        "",
        f"{len(ruleset.rules)} rules, hash `{ruleset.hash[:16]}`. Generated; edit the rule files instead.",
        "",
        "| check | rule | severity | title | how | basis | status | in force |",
        "|---|---|---|---|---|---|---|---|",
        *(_row(rule) for rule in ruleset.rules),
        "",
    ]
    for rule in ruleset.rules:
        lines += [f"## {rule.id} {rule.title}", "", rule.message, "", "Caught:", ""]
        lines += [f"- {example.text}" for example in rule.fails]
        lines += ["", "Left alone:", ""]
        lines += [f"- {example.text}" for example in rule.passes]
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    """Print the catalogue of the bundled rules."""
    sys.stdout.write(render(load_rules()))


if __name__ == "__main__":
    main()
