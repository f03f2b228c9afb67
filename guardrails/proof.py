"""Every rule carries messages it must find and messages it must leave alone: here they are run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml

from guardrails.engine import Engine
from guardrails.rule import Example, Rule

Part = Literal["fails", "passes"]


@dataclass(frozen=True)
class Failure:
    """An example that does not do what it stands for. `where` is its file and line."""

    rule: str
    part: Part
    text: str
    where: str

    @property
    def what(self) -> str:
        """The failure in words."""
        return f"{self.rule} does not find" if self.part == "fails" else f"{self.rule} finds"


@dataclass(frozen=True)
class Proof:
    """How the examples of a rule set came out."""

    rules: int
    examples: int
    failures: tuple[Failure, ...]


def prove(engine: Engine) -> Proof:
    """Run every example of every rule that is switched on."""
    rules = [r for r in engine.ruleset.rules if r.id not in engine.ruleset.off]
    failures: list[Failure] = []
    examples = 0
    for rule in rules:
        parts: tuple[tuple[Part, tuple[Example, ...]], ...] = (("fails", rule.fails), ("passes", rule.passes))
        for part, own in parts:
            for index, example in enumerate(own):
                examples += 1
                found = any(f.rule == rule.id for f in engine.check(example.text, example.context).findings)
                if found != (part == "fails"):
                    failures.append(Failure(rule.id, part, example.text, place_of(rule, part, index)))
    return Proof(len(rules), examples, tuple(failures))


def place_of(rule: Rule, part: Part, index: int) -> str:
    """File and line of an example; of its rule where the file no longer shows it."""
    found = re.fullmatch(r"(.+?)(?::(\d+))?(?::\d+)?", rule.where)
    path, line = (found[1], found[2]) if found else (rule.where, None)
    node = _value(_entry(path, rule.id), part)
    if isinstance(node, yaml.SequenceNode) and index < len(node.value):
        line = str(node.value[index].start_mark.line + 1)
    return f"{path}:{line}" if line else path


def _entry(path: str, rule: str) -> yaml.Node | None:
    document = _document(path)
    entries = document.value if isinstance(document, yaml.SequenceNode) else []
    for entry in entries:
        named = _value(entry, "id")
        if isinstance(named, yaml.ScalarNode) and named.value == rule:
            return entry  # type: ignore[no-any-return]  # the nodes of PyYAML are untyped within
    return None


def _value(node: yaml.Node | None, key: str) -> yaml.Node | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((v for k, v in pairs if k.value == key), None)


@lru_cache(maxsize=32)
def _document(path: str) -> yaml.Node | None:
    try:
        return yaml.compose(Path(path).read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return None
