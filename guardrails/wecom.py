"""The block rules as words for WeCom's interception of sensitive words: what can be said without any grammar.

WeCom stops a message that contains a listed word and knows no negation. So only words go out that a block rule holds by
themselves, and none that stands in a text the bank has approved.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as sre_parse  # type: ignore[attr-defined]
from typing import Any

from copilot.errors import InputError
from copilot.reading.normalise import read
from copilot.settings import GuardSettings, packaged
from guardrails.loading import RuleSet, load_words
from guardrails.reread import Text
from guardrails.rule import Rule

SHORTEST, LONGEST = 2, 20
"""Characters of a word; WeCom takes at most 32."""
NAME_LENGTH = 20
"""Characters of the name of a rule that WeCom takes."""
_EVERYDAY = """
保证 一定 存款 利息 本金 收益 收益率 安全 稳健 稳定 定期 活期 保险 基金 理财 产品 绝对 肯定 承诺 保障 放心 银行 利率 年化
回报 分红 黄金 国债 到期 赎回 风险 亏损 损失 密码 验证码 微信 佣金 提成 任务 投诉 内部 通道 转账 现金 红包 礼品 客户 测评
"""
EVERYDAY = frozenset(_EVERYDAY.split())
"""Words that say nothing by themselves. The words of the shared lists are no offence by themselves either."""
_WORD = re.compile(r"[0-9a-z\u4e00-\u9fff\u3400-\u4dbf]+")
_FIGURES = frozenset("0123456789零一二两三四五六七八九十百千万半几")
"""A class of these stands for a figure, and figures are no words."""
_MOST = 20_000
"""Literals read off one pattern at most; one that has more is no word list."""


@dataclass(frozen=True)
class LeftOut:
    """A word that stays at home because an approved text contains it."""

    word: str
    text: str


@dataclass(frozen=True)
class Lexicon:
    """The words of each check, and those left out."""

    words: Mapping[str, tuple[str, ...]]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True)
class WordRule:
    """One rule as WeCom takes it."""

    name: str
    check: str
    words: tuple[str, ...]


def literals(written: str) -> frozenset[str]:
    """Texts that a regular expression matches without any gap, class or look-around: of its alternatives those that are plain."""
    return frozenset(_plain(sre_parse.parse(written)))


def lexicon(
    rules: Iterable[Rule], held: Callable[[str, str], bool], everyday: Collection[str], permitted: Sequence[Text]
) -> Lexicon:
    """Words of block rules that `held(word, check)` holds by themselves, without everyday ones and those of permitted texts.

    A word that contains another is not needed: the shorter one stops the message already.
    """
    folded = [(text.name, read(text.text).text) for text in permitted]
    everything = "\n".join(words for _, words in folded)
    owner: dict[str, str] = {}
    left_out: list[LeftOut] = []
    for rule in rules:
        for word in sorted(_words(rule) - owner.keys()):
            if word in EVERYDAY or word in everyday or not held(word, rule.check):
                continue
            if word in everything:
                left_out.append(LeftOut(word, next(name for name, text in folded if word in text)))
                continue
            owner[word] = rule.check
    by_check: dict[str, list[str]] = {}
    for word, check in owner.items():
        if not any(part in owner for part in _parts(word)):
            by_check.setdefault(check, []).append(word)
    once = {found.word: found for found in left_out}
    return Lexicon({check: tuple(sorted(words)) for check, words in sorted(by_check.items())}, tuple(once.values()))


def word_rules(
    words: Mapping[str, Sequence[str]], titles: Mapping[str, str], per_rule: int = 300, most: int = 100
) -> tuple[WordRule, ...]:
    """The words as WeCom rules, each with at most `per_rule`; InputError when more than `most` rules would be needed."""
    found = tuple(
        WordRule(_name(check, titles.get(check, ""), number, len(own) > per_rule), check, part)
        for check, own in words.items()
        for number, part in enumerate(_batches(own, per_rule), start=1)
    )
    if len(found) > most:
        total = sum(map(len, words.values()))
        raise InputError(
            f"{total} words need {len(found)} WeCom rules of at most {per_rule} words, and only {most} are allowed; "
            "raise --words-per-rule or --rules"
        )
    return found


def as_csv(rules: Iterable[WordRule]) -> str:
    """The rules as a table with a head line."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("规则名称", "检查", "敏感词"))
    writer.writerows((rule.name, rule.check, "、".join(rule.words)) for rule in rules)
    return out.getvalue()


def shared_words(own: GuardSettings) -> frozenset[str]:
    """The words of the lists that the rules in use share."""
    folder = own.rules / "lexicon" if own.rules else None
    lists = load_words(folder if folder and folder.is_dir() else packaged("guardrails", "lexicon"))
    return frozenset(word for words in lists.values() for word in words)


def titles_of(ruleset: RuleSet) -> dict[str, str]:
    """The title of each check: that of its first rule."""
    found: dict[str, str] = {}
    for rule in ruleset.rules:
        found.setdefault(rule.check, rule.title)
    return found


def _words(rule: Rule) -> set[str]:
    if rule.severity != "block":
        return set()
    found = {word for pattern in rule.patterns for word in literals(pattern.regex.pattern)} | set(rule.sounds)
    return {word for word in found if SHORTEST <= len(word) <= LONGEST and _WORD.fullmatch(word)}


def _plain(tree: Any) -> set[str]:
    """Strings that every part of a sequence matches literally; empty when one part has none."""
    found = {""}
    for op, value in tree:
        parts = _part(op, value)
        found = {a + b for a, b in product(found, parts) if len(a) + len(b) <= LONGEST}
        if not found or len(found) > _MOST:
            return set()
    return found


def _part(op: Any, value: Any) -> set[str]:
    if op is sre.LITERAL:
        return {chr(value)}
    if op is sre.SUBPATTERN:
        return _plain(value[3])
    if op is sre.BRANCH:
        return {word for branch in value[1] for word in _plain(branch)}
    if op is sre.IN:
        letters = {chr(code) for inner, code in value if inner is sre.LITERAL}
        return letters if len(letters) == len(value) and not letters <= _FIGURES else set()
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT) and value[1] == 1:
        inner = _plain(value[2])
        return inner | {""} if value[0] == 0 and inner else inner
    return set()


def _parts(word: str) -> Iterator[str]:
    """Shorter words within a word."""
    for start in range(len(word)):
        for end in range(start + SHORTEST, len(word) + 1):
            if end - start < len(word):
                yield word[start:end]


def _batches(words: Iterable[str], size: int) -> Iterator[tuple[str, ...]]:
    waiting = iter(words)
    while batch := tuple(islice(waiting, size)):
        yield batch


def _name(check: str, title: str, number: int, numbered: bool) -> str:
    tail = f" {number}" if numbered else ""
    return f"{f'{check} {title}'.strip()[: NAME_LENGTH - len(tail)]}{tail}"
