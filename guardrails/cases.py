"""What compliance decided, as examples that can be pasted into a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import yaml

from copilot.types import Entry
from guardrails.entries import customer_of, decisions, holding_rules, opening_of, openings, verdict_of, whole_text
from guardrails.privacy import mask
from guardrails.proof import Part

_PARTS: dict[str, Part] = {"approved": "passes", "rejected": "fails"}
_SOMEBODY = "客户"


@dataclass(frozen=True)
class Case:
    """A decided referral: the rules that held it, whether they should have, and its text without names and numbers."""

    referral: int
    on: date
    part: Part
    rules: tuple[str, ...]
    text: str


def decided_cases(entries: Sequence[Entry]) -> tuple[Case, ...]:
    """Referrals that compliance released (they belong under `passes`) or rejected (`fails`); a returned one proves nothing."""
    decided, opened = decisions(entries), openings(entries)
    found = []
    for entry in entries:
        decision = decided.get(entry.sequence) if entry.kind == "referral" and entry.payload is not None else None
        part = _PARTS.get(str((decision.payload or {}).get("outcome"))) if decision else None
        if decision is not None and part is not None:
            customer = customer_of(opening_of(entry, opened))
            text = _anonymous(whole_text(entry), customer.name if customer else "")
            rules = holding_rules(verdict_of(entry))
            found.append(Case(entry.sequence, decision.at.date(), part, rules, text))
    return tuple(found)


def as_examples(cases: Iterable[Case], remark: Callable[[str, Case], str] = lambda rule, case: "") -> str:
    """The cases as YAML, indented as in a rule file: under each rule its new `fails` and `passes`."""
    by_rule: dict[str, list[Case]] = {}
    for case in cases:
        for rule in case.rules:
            by_rule.setdefault(rule, []).append(case)
    lines: list[str] = []
    for rule, own in sorted(by_rule.items()):
        lines.append(f"{rule}:")
        for part in ("fails", "passes"):
            chosen = [case for case in own if case.part == part]
            if not chosen:
                continue
            lines.append(f"  {part}:")
            for text, same in _by_text(chosen).items():
                said = "; ".join(f"case-{case.referral}, {case.on}" for case in same)
                noted = remark(rule, same[0])
                lines += [f"    # {said}{f' ({noted})' if noted else ''}", f"    - {_scalar(text)}"]
    return "".join(f"{line}\n" for line in lines)


def _by_text(cases: Iterable[Case]) -> dict[str, list[Case]]:
    found: dict[str, list[Case]] = {}
    for case in cases:
        found.setdefault(case.text, []).append(case)
    return found


def _anonymous(text: str, name: str) -> str:
    """Numbers masked, the customer's own name taken out. A name of one character is not looked for: it is in other words."""
    masked = mask(text)
    return masked.replace(name.strip(), _SOMEBODY) if len(name.strip()) >= 2 else masked


def _scalar(text: str) -> str:
    """A text as one line of YAML."""
    written: str = yaml.safe_dump(
        [text],
        allow_unicode=True,
        width=1_000_000,
        default_flow_style=True,
        default_style='"' if "\n" in text else None,
    )
    return written.strip()[1:-1]
