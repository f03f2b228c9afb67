"""What differs between two sets of rules."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from copilot.errors import InputError
from copilot.settings import GuardSettings
from guardrails.card import card
from guardrails.loading import RuleSet, load_rules
from guardrails.rule import Rule


@dataclass(frozen=True)
class FieldChange:
    """One field of a rule, as lines before and after."""

    name: str
    old: tuple[str, ...]
    new: tuple[str, ...]

    @property
    def removed(self) -> tuple[str, ...]:
        """Lines that stood before and do not now."""
        return tuple(line for line in self.old if line not in self.new)

    @property
    def added(self) -> tuple[str, ...]:
        """Lines that stand now and did not before."""
        return tuple(line for line in self.new if line not in self.old)


@dataclass(frozen=True)
class RuleChange:
    """A rule that both sets have, with the fields that differ."""

    id: str
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True)
class Changes:
    """What a new set of rules has that the old one had not, the other way round, and differently."""

    added: tuple[Rule, ...]
    removed: tuple[Rule, ...]
    changed: tuple[RuleChange, ...]


def compare(old: RuleSet, new: RuleSet) -> Changes:
    """The differences of two sets, rule by rule."""
    before, after = {r.id: r for r in old.rules}, {r.id: r for r in new.rules}
    both = [(before[name], rule) for name, rule in after.items() if name in before]
    changed = tuple(RuleChange(b.id, found) for a, b in both if (found := _fields(a, b)))
    return Changes(
        tuple(r for name, r in after.items() if name not in before),
        tuple(r for name, r in before.items() if name not in after),
        changed,
    )


def rules_of(folder: Path, own: GuardSettings) -> RuleSet:
    """The rules of another folder under the bank's own settings, as far as they name rules that stand there."""
    if not folder.is_dir():
        raise InputError(f"{folder}: not a folder; give a folder of rule files")
    bare = GuardSettings(rules=folder, one_to_one_is_marketing=own.one_to_one_is_marketing)
    found = load_rules(bare)
    known = {rule.id for rule in found.rules}
    off = tuple(name for name in own.off if name in known)
    severity = {name: value for name, value in own.severity.items() if name in known}
    return load_rules(bare.model_copy(update={"off": off, "severity": severity})) if off or severity else found


def _fields(old: Rule, new: Rule) -> tuple[FieldChange, ...]:
    before, after = card(old), card(new)
    found = [
        FieldChange(name, before.get(name, ()), after.get(name, ()))
        for name in dict.fromkeys((*before, *after))
        if sorted(before.get(name, ())) != sorted(after.get(name, ()))
    ]
    if not any(f.name == "patterns" for f in found) and _compiled(old) != _compiled(new):
        told = tuple(p.source for p in new.patterns if p.regex.pattern not in _compiled(old))
        found.append(FieldChange("words behind the patterns", (), told))
    return tuple(found)


def _compiled(rule: Rule) -> frozenset[str]:
    return frozenset(p.regex.pattern for p in rule.patterns)
