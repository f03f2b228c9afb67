"""Reads the rule files, strictly: an unknown key, list, logic or a pattern that does not compile stops the start."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from copilot.errors import ContentError
from copilot.settings import GuardSettings, packaged
from copilot.types import Channel, Customer, GuardContext, Holding, Product, ProductType, Severity, Source, Turn
from guardrails.amending import NOTHING, Amendment
from guardrails.patterns import PatternError, alternatives, compile_pattern, expand
from guardrails.rule import Example, Pattern, Rule, Scope, Stance

_HARD = {"warn": 0, "review": 1, "block": 2}
CHECKS = tuple(f"G{n:02}" for n in range(1, 38))


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Title(_Strict):
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class _Force(_Strict):
    start: date | None = Field(None, alias="from")
    to: date | None = None


class _Scope(_Strict):
    types: tuple[ProductType, ...] = ()
    not_types: tuple[ProductType, ...] = ()
    not_records: tuple[ProductType, ...] = ()
    channels: tuple[Channel, ...] = ()
    marketing: bool = False


class _Example(_Strict):
    text: str = Field(min_length=1)
    at: datetime | None = None
    history: tuple[dict[str, str], ...] = ()
    product_type: ProductType | None = None
    products: tuple[Product, ...] | None = None
    customer: dict[str, Any] | None = None
    sources: tuple[str, ...] | None = None
    channel: Channel = "one_to_one"
    material: str | None = None


class _RuleFile(_Strict):
    id: str = Field(pattern=r"^G\d\d-[a-z0-9-]+$")
    check: Literal[CHECKS]  # type: ignore[valid-type]
    severity: Severity
    title: _Title
    message: str = Field(min_length=4)
    basis: str = Field(min_length=1)
    status: Literal["verified", "secondary"] = "secondary"
    statutory: bool = True
    in_force: _Force = _Force()
    scope: _Scope = _Scope()
    stance: Stance = "claim"
    firm: bool = False
    patterns: tuple[str, ...] = ()
    sounds: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    unless_text: tuple[str, ...] = ()
    when_text: tuple[str, ...] = ()
    logic: str | None = None
    replacement: str | None = None
    insert: str | None = None
    fails: tuple[str | _Example, ...] = Field(min_length=1)
    passes: tuple[str | _Example, ...] = Field(min_length=1)


@dataclass(frozen=True)
class RuleSet:
    """Every rule in force for this bank, and the hash that names them."""

    rules: tuple[Rule, ...]
    version: str
    hash: str
    off: tuple[str, ...] = ()
    one_to_one_is_marketing: bool = True
    milder: tuple[str, ...] = ()
    """Rules the bank made milder than they are written."""

    @property
    def statutory_off(self) -> tuple[str, ...]:
        """Statutory rules the bank switched off; every report names them."""
        return tuple(r.id for r in self.rules if r.id in self.off and r.statutory)

    @property
    def weakened(self) -> tuple[str, ...]:
        """Statutory rules switched off or made milder, as every report names them."""
        off = tuple(f"{name} (off)" for name in self.statutory_off)
        return off + tuple(f"{r.id} ({r.severity})" for r in self.rules if r.id in self.milder and r.statutory)


def _documents(path: Path) -> tuple[Any, yaml.Node | None]:
    try:
        text = path.read_text(encoding="utf-8")
        return yaml.safe_load(text), yaml.compose(text, Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError(str(path), f"cannot be read: {error}; restore the file") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        raise ContentError(where, f"not valid YAML: {getattr(error, 'problem', error)}") from error


def _place(node: yaml.Node | None, *path: str | int) -> str:
    """`line:column` of a place in a YAML file, as near as the path leads."""
    mark = node.start_mark if node else None
    for part in path:
        if isinstance(node, yaml.MappingNode):
            pairs = [(k, v) for k, v in node.value if k.value == str(part)]
            if not pairs:
                break
            mark, node = pairs[0][0].start_mark, pairs[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            mark = node.start_mark
        else:
            break
    return f"{mark.line + 1}:{mark.column + 1}" if mark else "1:1"


def load_words(folder: Path) -> dict[str, tuple[str, ...]]:
    """All word lists of a lexicon folder."""
    words: dict[str, tuple[str, ...]] = {}
    for path in sorted(folder.glob("*.yaml")):
        content, node = _documents(path)
        if not isinstance(content, dict):
            raise ContentError(str(path), "expected `name: [words]` lines")
        for name, entries in content.items():
            where = f"{path}:{_place(node, str(name))}"
            if not isinstance(name, str) or not re.fullmatch(r"[a-z_]+", name):
                raise ContentError(where, f"list name {name!r}: use lower-case letters and underscores")
            if name in words:
                raise ContentError(where, f"list {name} is defined twice")
            if not isinstance(entries, list) or not entries or not all(isinstance(e, str) and e for e in entries):
                raise ContentError(where, f"list {name} must hold at least one word, each a text")
            words[name] = tuple(entries)
    if not words:
        raise ContentError(str(folder), "no word lists found; restore guardrails/lexicon")
    return words


def context_of(data: Mapping[str, Any]) -> GuardContext:
    """A context from plain values, as examples and test data write it."""
    customer = data.get("customer")
    sources = data.get("sources")
    products = data.get("products")
    at = data.get("at")
    return GuardContext(
        history=tuple(Turn(role=h["role"], text=h["text"]) for h in data.get("history") or ()),
        at=datetime.fromisoformat(at) if isinstance(at, str) else at,
        product_type=data.get("product_type"),
        products=None if products is None else tuple(p if isinstance(p, Product) else Product(**p) for p in products),
        customer=None if customer is None else _customer(customer),
        sources=None if sources is None else tuple(Source(s) if isinstance(s, str) else Source(**s) for s in sources),
        channel=data.get("channel") or "one_to_one",
        material=data.get("material"),
    )


def _customer(data: Mapping[str, Any]) -> Customer:
    values = dict(data)
    assessed = values.pop("assessed_on", None)
    holdings = tuple(Holding(**h) for h in values.pop("holdings", ()))
    day = date.fromisoformat(assessed) if isinstance(assessed, str) else assessed
    return Customer(assessed_on=day, holdings=holdings, **values)


def _example(entry: str | _Example) -> Example:
    if isinstance(entry, str):
        return Example(entry)
    data = entry.model_dump(exclude={"products"}) | {"products": entry.products}
    return Example(entry.text, context_of(data))


def _compiled(where: str, sources: Sequence[str], words: Mapping[str, Sequence[str]]) -> tuple[Pattern, ...]:
    found: list[Pattern] = []
    for source in sources:
        try:
            found.extend(compile_pattern(part, words) for part in alternatives(source))
        except PatternError as error:
            raise ContentError(where, f"pattern {source!r}: {error}") from error
    return tuple(found)


def _plain(where: str, sources: Sequence[str], words: Mapping[str, Sequence[str]]) -> tuple[re.Pattern[str], ...]:
    try:
        return tuple(re.compile(expand(s, words)) for s in sources)
    except (PatternError, re.error) as error:
        raise ContentError(where, f"{error}") from error


def _rule(where: str, raw: _RuleFile, words: Mapping[str, Sequence[str]]) -> Rule:
    from guardrails.rules import LOGIC

    if raw.logic is not None and raw.logic not in LOGIC:
        raise ContentError(where, f"no logic named {raw.logic}; known are {', '.join(sorted(LOGIC))}")
    if not (raw.logic or raw.patterns or raw.sounds):
        raise ContentError(where, f"{raw.id} has neither patterns, sounds nor logic")
    return Rule(
        id=raw.id,
        check=raw.check,
        severity=raw.severity,
        title=raw.title.zh,
        title_en=raw.title.en,
        message=raw.message,
        basis=raw.basis,
        basis_status=raw.status,
        where=where,
        statutory=raw.statutory,
        in_force_from=raw.in_force.start,
        in_force_to=raw.in_force.to,
        scope=Scope(
            raw.scope.types, raw.scope.not_types, raw.scope.not_records, raw.scope.channels, raw.scope.marketing
        ),
        stance=raw.stance,
        firm=raw.firm,
        patterns=_compiled(where, raw.patterns, words),
        sounds=raw.sounds,
        unless=_plain(where, raw.unless, words),
        unless_text=_plain(where, raw.unless_text, words),
        when_text=_plain(where, raw.when_text, words),
        logic=LOGIC[raw.logic] if raw.logic else None,
        replacement=raw.replacement,
        insert=raw.insert,
        fails=tuple(_example(e) for e in raw.fails),
        passes=tuple(_example(e) for e in raw.passes),
    )


def _rules_of(path: Path, words: Mapping[str, Sequence[str]], amendment: Amendment) -> list[Rule]:
    content, node = _documents(path)
    if not isinstance(content, list):
        raise ContentError(str(path), "expected a list of rules, each starting with `- id:`")
    rules = []
    for index, entry in enumerate(content):
        where = f"{path}:{_place(node, index)}"
        try:
            raw = _RuleFile.model_validate(entry)
        except ValidationError as error:
            first = error.errors()[0]
            place = _place(node, index, *first["loc"])
            raise ContentError(f"{path}:{place}", f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
        more = raw.model_copy(update={"patterns": (*raw.patterns, *amendment.patterns(raw.id))})
        rules.append(_rule(where, more, words))
    return rules


def lexicon_of(settings: GuardSettings) -> Path:
    """The folder of the word lists in use."""
    own = (settings.rules or packaged("guardrails", "rules")) / "lexicon"
    return own if own.is_dir() else packaged("guardrails", "lexicon")


def load_rules(settings: GuardSettings | None = None, amendment: Amendment = NOTHING) -> RuleSet:
    """Read every rule and word list, and lay the workbench's changes over them; ContentError names the file and line of the first fault."""
    settings = amendment.settings(settings or GuardSettings())
    folder = settings.rules or packaged("guardrails", "rules")
    lexicon = lexicon_of(settings)
    words = amendment.words(load_words(lexicon))
    rules: list[Rule] = []
    digest = hashlib.sha256()
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise ContentError(str(folder), "no rule files found; correct guard.rules or restore the folder")
    for path in files:
        rules.extend(_rules_of(path, words, amendment))
    for path in [*sorted(lexicon.glob("*.yaml")), *files, *sorted(packaged("guardrails").rglob("*.py"))]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    if amendment:
        digest.update(json.dumps(amendment.as_json(), sort_keys=True).encode())
    seen: dict[str, str] = {}
    for rule in rules:
        if rule.id in seen:
            raise ContentError(rule.where, f"rule {rule.id} is already defined at {seen[rule.id]}")
        seen[rule.id] = rule.where
    more = tuple(n for n in (*amendment.added, *amendment.dropped) if n not in words)
    for setting, names in (
        ("guard.off", settings.off),
        ("guard.severity", tuple(settings.severity)),
        ("the published words", more),
    ):
        unknown = [name for name in names if name not in seen]
        if unknown:
            raise ContentError(setting, f"no rule named {unknown[0]}; correct the setting")
    milder = tuple(
        r.id for r in rules if r.id in settings.severity and _HARD[settings.severity[r.id]] < _HARD[r.severity]
    )
    tuned = tuple(replace(r, severity=settings.severity.get(r.id, r.severity)) for r in rules)
    fingerprint = digest.hexdigest()
    settled = f"{sorted(settings.off)}{sorted(settings.severity.items())}{settings.one_to_one_is_marketing}".encode()
    version = f"{len(rules)}-{hashlib.sha256(fingerprint.encode() + settled).hexdigest()[:12]}"
    return RuleSet(tuned, version, fingerprint, tuple(settings.off), settings.one_to_one_is_marketing, milder)
