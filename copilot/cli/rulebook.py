"""How the guard commands print what they found."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from copilot.types import GuardContext
from guardrails.alarms import Alarm
from guardrails.card import card, in_force, summary
from guardrails.changes import Changes
from guardrails.engine import Engine
from guardrails.excused import excused
from guardrails.loading import RuleSet
from guardrails.message import message
from guardrails.privacy import mask
from guardrails.reread import Reread, gained, lost
from guardrails.rule import Rule
from guardrails.weighing import weigh

SHOWN = 60
"""Characters of a text shown in a list."""
LINES = 4
"""Lines of a changed field shown."""


def short(text: str, size: int = SHOWN) -> str:
    """A text in one line of at most so many characters."""
    line = text.replace("\n", "⏎")
    return line if len(line) <= size else line[: size - 1] + "…"


def state(rule: Rule, ruleset: RuleSet) -> str:
    """Whether a rule is in use, and whether a statutory one was weakened."""
    weaker = "off" if rule.id in ruleset.off else "milder" if rule.id in ruleset.milder else ""
    return f"{weaker.upper()} (statutory)" if weaker and rule.statutory else weaker or "on"


def print_list(guard: Engine, rules: Sequence[Rule], as_json: bool) -> None:
    """The rules, a line each, after a line that names the set."""
    ruleset = guard.ruleset
    classifier = guard.meaning.version if guard.meaning else ""
    if as_json:
        head = {"version": ruleset.version, "hash": ruleset.hash, "classifier": classifier}
        print(json.dumps({**head, "rules": [summary(r, ruleset) for r in rules]}, ensure_ascii=False))
        return
    print(f"rules {ruleset.version}, hash {ruleset.hash[:16]}, classifier {classifier or 'none'}")
    for rule in rules:
        named = f"{rule.id:<24}{rule.severity:<8}{state(rule, ruleset):<19}{rule.basis_status:<11}"
        print(f"{named}{in_force(rule):<26}{rule.title} / {rule.title_en}")


def print_rule(rule: Rule, ruleset: RuleSet) -> None:
    """Every field of one rule."""
    print(f"{rule.id}  {state(rule, ruleset)}  {rule.where}")
    for name, lines in card(rule).items():
        _field(name, lines)


def print_reading(guard: Engine, text: str, context: GuardContext) -> None:
    """How one text is read."""
    verdict, folded = guard.check(text, context), message(text, context).text
    print(f"read as   {folded if folded != text else '(as written)'}")
    print(f"verdict   {verdict.outcome}, by rules {verdict.rules_version}")
    for finding in verdict.findings:
        print(f"finding   {finding.rule} {finding.severity} [{finding.start}:{finding.end}] “{finding.quote}”")
        for name in ("reason", "basis", "replacement", "insert"):
            value = getattr(finding, name)
            if value:
                print(f"          {name}: {value}")
    for let in excused(guard, text, context):
        print(f"let stand {let.rule} [{let.start}:{let.end}] “{let.quote}”: {let.why}")
    if guard.meaning is not None:
        weighed = weigh(guard.meaning, folded)
        print(
            f"meaning   {weighed.probability:.3f} of being held, for {weighed.check}; "
            f"held from {weighed.bar:.3f}, a sentence alone from {weighed.sentence_bar:.3f}"
        )
        for sign in weighed.signs:
            print(f"          {sign.adds:+.3f}  {sign.seen}")
    print(f"not checked, for want of records: {', '.join(verdict.not_checked) or 'nothing'}")


def print_changes(changes: Changes) -> None:
    """What differs between two sets of rules."""
    print(f"{len(changes.added)} added, {len(changes.removed)} removed, {len(changes.changed)} changed")
    for sign, rules in (("+", changes.added), ("-", changes.removed)):
        for rule in rules:
            print(f"{sign} {rule.id} {rule.severity} {rule.title}")
    for change in changes.changed:
        print(f"~ {change.id}: {', '.join(field.name for field in change.fields)}")
        for field in change.fields:
            for sign, lines in (("-", field.removed), ("+", field.added)):
                for line in lines[:LINES]:
                    print(f"    {sign} {field.name}: {short(line, 100)}")
                if len(lines) > LINES:
                    print(f"    {sign} {field.name}: … and {len(lines) - LINES} more")


def print_turned(found: Sequence[Reread], most: int) -> None:
    """Texts whose verdict changed, then how many."""
    turned = [r for r in found if r.turned]
    for item in turned[:most]:
        print(f"{item.text.origin} {item.text.name}: {item.was or '-'} → {item.now.outcome}{_rules(item)}")
        print(f"    {short(mask(item.text.text))}")
    if len(turned) > most:
        print(f"… and {len(turned) - most} more")
    read = Counter(r.text.origin for r in found)
    told = ", ".join(f"{count} {origin}" for origin, count in read.items())
    shifted = sum(r.shifted for r in found)
    others = f"; {shifted} keep it on other rules" if shifted else ""
    compared = "change their verdict" if any(r.before for r in found) else "do not pass"
    print(f"{len(found)} texts read ({told or 'none'}): {len(turned)} {compared}{others}")


def print_rescan_json(found: Sequence[Reread], version: str) -> None:
    """The same for a program."""
    turned = [_turned_json(r) for r in found if r.turned]
    read = dict(Counter(r.text.origin for r in found))
    body = {"rules": version, "read": read, "shifted": sum(r.shifted for r in found), "changed": turned}
    print(json.dumps(body, ensure_ascii=False))


def print_alarms(found: Sequence[Alarm], budget: float, since: date) -> None:
    """A line a rule, the worst first."""
    print(f"since {since}; * is above the budget of {budget:.0%} of decided referrals")
    print(f"  {'rule':<24}{'held':>6}{'referred':>10}{'decided':>9}{'released':>10}{'share':>8}")
    for alarm in found:
        share = "-" if alarm.share is None else f"{alarm.share:.0%}"
        counts = f"{alarm.held:>6}{alarm.referred:>10}{alarm.decided:>9}{alarm.released:>10}{share:>8}"
        print(f"{'*' if alarm.over(budget) else ' '} {alarm.rule:<24}{counts}")
    if not found:
        print("  no rule held a text")


def _turned_json(item: Reread) -> dict[str, Any]:
    return {
        "origin": item.text.origin,
        "name": item.text.name,
        "text": mask(item.text.text),
        "before": item.was,
        "now": item.now.outcome,
        "gained": list(gained(item)),
        "lost": list(lost(item)),
    }


def _rules(item: Reread) -> str:
    signed = [f"+{rule}" for rule in gained(item)] + [f"-{rule}" for rule in lost(item)]
    return f"  ({' '.join(signed)})" if signed else ""


def _field(name: str, lines: Sequence[str]) -> None:
    if len(lines) == 1 and name not in ("fails", "passes", "patterns"):
        print(f"{name}: {lines[0]}")
        return
    print(f"{name}:")
    for line in lines:
        print(textwrap.indent(line, "    "))
