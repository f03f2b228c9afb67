"""A rule as lines of text: for an officer to read, and for two versions of it to be compared."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from copilot.errors import InputError
from copilot.types import GuardContext
from copilot.written import plain
from guardrails.loading import RuleSet
from guardrails.rule import Example, Rule, Scope

Card = Mapping[str, tuple[str, ...]]


def card(rule: Rule) -> Card:
    """Every field of a rule that says something, as lines; the place of the rule in its file is no field."""
    lines: dict[str, Sequence[str]] = {
        "check": [rule.check],
        "severity": [rule.severity],
        "title": [rule.title],
        "title (en)": [rule.title_en],
        "message": [rule.message],
        "basis": [rule.basis],
        "basis status": [rule.basis_status],
        "statutory": ["yes" if rule.statutory else "no"],
        "in force": [in_force(rule)],
        "scope": _scope(rule.scope),
        "stance": [rule.stance],
        "patterns": [p.source for p in rule.patterns],
        "sounds": rule.sounds,
        "logic": [logic_name(rule)],
        "unless": _written(rule.unless),
        "unless in the text": _written(rule.unless_text),
        "when in the text": _written(rule.when_text),
        "replacement": [rule.replacement or ""],
        "insert": [rule.insert or ""],
        "fails": [_example(e) for e in rule.fails],
        "passes": [_example(e) for e in rule.passes],
    }
    return {name: tuple(said) for name, said in lines.items() if any(said)}


def summary(rule: Rule, ruleset: RuleSet) -> dict[str, Any]:
    """What the list of rules tells of one."""
    return {
        "id": rule.id,
        "check": rule.check,
        "severity": rule.severity,
        "title": rule.title,
        "title_en": rule.title_en,
        "on": rule.id not in ruleset.off,
        "statutory": rule.statutory,
        "milder": rule.id in ruleset.milder,
        "basis_status": rule.basis_status,
        "in_force": {"from": plain(rule.in_force_from), "to": plain(rule.in_force_to)},
    }


def in_force(rule: Rule) -> str:
    """The days between which a rule applies."""
    return f"{rule.in_force_from or '…'} → {rule.in_force_to or '…'}"


def logic_name(rule: Rule) -> str:
    """The name under which a rule's logic is registered, "" when words are enough."""
    from guardrails.rules import LOGIC

    return next((name for name, logic in LOGIC.items() if logic is rule.logic), "")


def find(ruleset: RuleSet, name: str) -> Rule:
    """One rule by its id; InputError with the nearest ids when there is none."""
    by_id = {rule.id.lower(): rule for rule in ruleset.rules}
    rule = by_id.get(name.strip().lower())
    if rule is None:
        raise InputError(f"no rule {name!r}; the nearest are {', '.join(nearest(ruleset, name))}")
    return rule


def nearest(ruleset: RuleSet, name: str) -> tuple[str, ...]:
    """Ids like a name: those of the check it names, else those spelt like it, else the first of the set."""
    asked = name.strip().lower()
    ids = [rule.id for rule in ruleset.rules]
    lower = {i.lower(): i for i in ids}
    of_check = [i for low, i in lower.items() if re.fullmatch(r"g\d\d", asked) and low.startswith(asked)]
    found = of_check or [lower[low] for low in difflib.get_close_matches(asked, lower, n=4, cutoff=0.4)]
    return tuple(found) or tuple(ids[:3])


def _written(patterns: Sequence[re.Pattern[str]]) -> list[str]:
    return [p.pattern for p in patterns]


def _scope(scope: Scope) -> list[str]:
    found = []
    for field in fields(scope):
        value = getattr(scope, field.name)
        if value:
            found.append(f"{field.name}: {'yes' if value is True else ', '.join(value)}")
    return found


def _example(example: Example) -> str:
    """The message, and what it is read with where that is more than the message."""
    plainly = GuardContext()
    given = {
        f.name: _told(value)
        for f in fields(GuardContext)
        if (value := getattr(example.context, f.name)) != getattr(plainly, f.name)
    }
    text = example.text.replace("\n", "⏎")
    return f"{text}  {json.dumps(given, ensure_ascii=False)}" if given else text


def _told(value: Any) -> Any:
    """A value as JSON without what is empty in it."""
    written = plain(value)

    def pruned(inner: Any) -> Any:
        if isinstance(inner, dict):
            return {k: pruned(v) for k, v in inner.items() if v not in (None, "", [], ())}
        return [pruned(v) for v in inner] if isinstance(inner, list) else inner

    return pruned(written)
