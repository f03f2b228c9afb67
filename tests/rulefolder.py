"""Small folders of rules for tests: few enough to know by heart, and nobody edits them meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from copilot.settings import GuardSettings
from guardrails.engine import Engine
from guardrails.loading import RuleSet, load_rules

WORDS = {"sure": ["绝对", "一定"], "loss": ["亏", "赔"]}


def rule(name: str = "G01-capital", **changes: Any) -> dict[str, Any]:
    """A rule as a file writes it."""
    return {
        "id": name,
        "check": name[:3],
        "severity": "block",
        "title": {"zh": "承诺保本", "en": "Guarantee"},
        "message": "不得承诺保本",
        "basis": "某办法第一条",
        "in_force": {"from": "2021-06-27"},
        "patterns": ["保本(?:保息)?"],
        "fails": ["这款保本"],
        "passes": ["这款不保本"],
        **changes,
    }


def written(folder: Path, *rules: dict[str, Any], words: dict[str, list[str]] | None = None) -> Path:
    """The folder with these rules and its own word lists."""
    (folder / "lexicon").mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(list(rules) or [rule()], allow_unicode=True, sort_keys=False)
    (folder / "rules.yaml").write_text(text, encoding="utf-8")
    (folder / "lexicon" / "words.yaml").write_text(yaml.safe_dump(words or WORDS, allow_unicode=True), encoding="utf-8")
    return folder


def loaded(folder: Path, *rules: dict[str, Any], **settings: Any) -> RuleSet:
    """The rules of such a folder."""
    words = settings.pop("words", None)
    return load_rules(GuardSettings(rules=written(folder, *rules, words=words), **settings))


def engine(folder: Path, *rules: dict[str, Any], **settings: Any) -> Engine:
    """A guard with these rules alone."""
    return Engine(loaded(folder, *rules, **settings))
