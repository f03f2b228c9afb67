"""The small pattern language of the rule files, and what makes it fast.

A pattern is a regular expression over the folded text, written with blanks for readability, plus three signs of ours:

    <name>     any word of a list in lexicon/*.yaml
    A ~ B      A, then B within 8 characters of the same sentence;  A ~~ B within 18
    A && B     both within 14 characters, in either order

From every pattern the literals it cannot do without are read off its parse tree; one Aho-Corasick pass over a text then
tells which patterns are worth running at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as sre_parse  # type: ignore[attr-defined]
from typing import Any

from guardrails.rule import Pattern

GAP = r"[^。!?;\n]"
"""What may stand in a gap. A gap is the only group of a compiled pattern that is captured."""
_MACRO = re.compile(r"<([a-z_]+)>")
_GROUP_PREFIX = re.compile(r"\(\?<?[=!]")


class PatternError(ValueError):
    """A pattern cannot be compiled; the message says why."""


def expand(source: str, words: Mapping[str, Sequence[str]], depth: int = 0) -> str:
    """Write out lists and signs of a pattern."""
    if depth > 6:
        raise PatternError("word lists refer to each other in a circle")

    def listed(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in words:
            raise PatternError(f"no word list named <{name}>")
        return "(?:" + "|".join(expand(w, words, depth + 1) for w in words[name]) + ")"

    if " && " in source:
        left, _, right = source.partition(" && ")
        a, b = expand(left, words, depth + 1), expand(right, words, depth + 1)
        return f"(?:(?:{a})({GAP}{{0,14}}?)(?:{b})|(?:{b})({GAP}{{0,14}}?)(?:{a}))"
    text = source.replace(" ~~ ", f"({GAP}{{0,18}}?)").replace(" ~ ", f"({GAP}{{0,8}}?)").replace(" ", "")
    return _MACRO.sub(listed, text)


def alternatives(source: str) -> list[str]:
    """A pattern's outermost alternatives: apart, each has anchors of its own and is tried far less often."""
    if " && " in source:
        return [source]
    parts, depth, begin, at, in_set = [], 0, 0, 0, False
    while at < len(source):
        sign = source[at]
        if sign == "\\":
            at += 1
        elif in_set:
            in_set = sign != "]"
        elif sign == "[":
            in_set = True
        elif sign in "()":
            depth += 1 if sign == "(" else -1
        elif sign == "|" and depth == 0:
            parts.append(source[begin:at])
            begin = at + 1
        at += 1
    return [*parts, source[begin:]] if depth == 0 and not in_set else [source]


def compile_pattern(source: str, words: Mapping[str, Sequence[str]]) -> Pattern:
    """Compile a pattern and read off its anchors."""
    written = expand(source, words)
    try:
        regex = re.compile(written)
        tree = sre_parse.parse(written)
    except re.error as error:
        raise PatternError(f"{error}") from error
    if regex.search("") is not None:
        raise PatternError("the pattern matches an empty text")
    return Pattern(source, regex, tuple(_conjuncts(tree)))


def anchors_of(written: str) -> tuple[frozenset[str], ...]:
    """Groups of literals of a plain regular expression: a match holds one of each group."""
    return tuple(_conjuncts(sre_parse.parse(written)))


def _best(groups: Iterable[frozenset[str]]) -> frozenset[str] | None:
    """The most telling group: longest shortest literal, then fewest."""
    ranked = sorted(groups, key=lambda g: (-min(map(len, g)), len(g)))
    return ranked[0] if ranked else None


def _in_set(items: Sequence[Any]) -> frozenset[str] | None:
    """Literals of a character class, when it is a short positive one."""
    letters = [chr(value) for op, value in items if op is sre.LITERAL]
    return frozenset(letters) if len(letters) == len(items) <= 12 else None


def _branch(branches: Sequence[Any]) -> frozenset[str] | None:
    """One literal of any branch must occur; None when a branch promises nothing."""
    union: set[str] = set()
    for branch in branches:
        best = _best(_conjuncts(branch))
        if best is None:
            return None
        union |= best
    return frozenset(union)


def _conjuncts(tree: Any) -> list[frozenset[str]]:
    """Groups of literals; every match holds at least one literal of each group."""
    found: list[frozenset[str]] = []
    run: list[str] = []

    def close() -> None:
        if run:
            found.append(frozenset({"".join(run)}))
            run.clear()

    for op, value in tree:
        if op is sre.LITERAL:
            run.append(chr(value))
            continue
        close()
        if op is sre.SUBPATTERN:
            found.extend(_conjuncts(value[3]))
        elif op is sre.BRANCH:
            union = _branch(value[1])
            if union is not None:
                found.append(union)
        elif op is sre.IN:
            letters = _in_set(value)
            if letters is not None:
                found.append(letters)
        elif op in (sre.MAX_REPEAT, sre.MIN_REPEAT) and value[0] >= 1:
            found.extend(_conjuncts(value[2]))
    close()
    return found
