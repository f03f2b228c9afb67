"""The grammar made for a request: what a draft may be built of, and nothing else.

Positive character classes only: Han without numerals (一 两 十 百 千 万 stay: 一起, 两种, 十分, 万一), listed punctuation,
listed emoji, a few Latin words, and the request's own references. So no digit, ％, ‰, ① or Ⅳ can be written. What Han
could still form (两万) is found after rendering by the guard. The grammar stays small: llama.cpp walks every alternative
for every token.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from copilot.errors import GrammarError

HAN_NUMERALS = "〇零二三四五六七八九亿兆壹贰叁肆伍陆柒捌玖拾佰仟廿卅卌弌弍弎幺俩仨叄參貳陸億萬弐壱"
"""Numerals that a draft may not write."""

PUNCTUATION = "，。？！、；：“”…—～（）《》"
EMOJI = "😊😄🙏🌹🌷👍☕🎉💪❤"
LATIN = ("APP", "ETF", "LPR", "QDII", "ATM")

_NAME = re.compile(r"^[\u4e00-\u9fff]{1,2}\.[\u4e00-\u9fff]{1,6}$")
_HAN_FIRST, _HAN_LAST = 0x4E00, 0x9FA5


def _han_ranges() -> str:
    """Character-class ranges of Han without the numerals."""
    banned = sorted(ord(c) for c in set(HAN_NUMERALS) if _HAN_FIRST <= ord(c) <= _HAN_LAST)
    parts: list[str] = []
    start = _HAN_FIRST
    for code in [*banned, _HAN_LAST + 1]:
        if start <= code - 1:
            parts.append(f"\\u{start:04X}-\\u{code - 1:04X}" if start < code - 1 else f"\\u{start:04X}")
        start = code + 1
    return "".join(parts)


def build(names: Iterable[str], before: str = "", after: str = "") -> str:
    """GBNF for a draft that may use the given reference names (`甲.期限`), between two texts that stand fixed. Pure.

    Raises GrammarError for a name that is not `handle.field` in Han.
    """
    chosen = sorted(set(names))
    for name in chosen:
        if not _NAME.match(name):
            raise GrammarError(f"{name!r} is not a reference name")
    free = "(text | ref)+" if chosen else "text+"
    lines = [" ".join(("root ::=", *_literal(before), free, *_literal(after)))]
    emoji = "".join(f"\\U{ord(c):08X}" for c in EMOJI)
    latin = " | ".join(f'"{word}"' for word in LATIN)
    lines.append(f"text ::= [{_han_ranges()}] | [{PUNCTUATION}] | [{emoji}] | {latin}")
    if chosen:
        by_handle: dict[str, list[str]] = {}
        for name in chosen:
            handle, field = name.split(".")
            by_handle.setdefault(handle, []).append(field)
        alternatives = [
            f'"{handle}." (' + " | ".join(f'"{field}"' for field in fields) + ")"
            for handle, fields in by_handle.items()
        ]
        lines.append('ref ::= "{" (' + " | ".join(alternatives) + ') "}"')
    return "\n".join(lines) + "\n"


def _literal(text: str) -> list[str]:
    """A text as it stands: plain runs in quotes, each sign that GBNF reads otherwise as a class of its own."""
    return [
        f'"{run}"' if run[0] not in _UNQUOTED else f"[\\U{ord(run):08X}]"
        for run in re.findall(r'[^"\\\x00-\x1f\x7f]+|["\\\x00-\x1f\x7f]', text)
    ]


_UNQUOTED = frozenset('"\\\x7f' + "".join(map(chr, range(32))))


def choice(options: Sequence[str]) -> str:
    """GBNF for exactly one of some words. GrammarError when there is none, or one that is no plain word."""
    for option in options:
        if not _OPTION.match(option):
            raise GrammarError(f"{option!r} cannot be a choice")
    if not options:
        raise GrammarError("no choices")
    return "root ::= " + " | ".join(f'"{option}"' for option in dict.fromkeys(options)) + "\n"


_OPTION = re.compile(r"^[\u4e00-\u9fffA-Za-z0-9_]{1,40}$")
_RULE = re.compile(r"^(root|text|ref) ::= ")
_MAX_CHARS = 20_000


def validate(grammar: str) -> str:
    """Return the grammar if it has the form of `build` or `choice`; else GrammarError.

    An invalid grammar ends the model process, so nothing else is ever sent to it.
    """
    if not grammar or len(grammar) > _MAX_CHARS:
        raise GrammarError("grammar is empty or too long; it was not sent to the model")
    names = []
    for line in grammar.strip("\n").split("\n"):
        found = _RULE.match(line)
        if not found:
            raise GrammarError(f"not a rule of ours: {line[:40]!r}")
        names.append(found.group(1))
        _balanced(line)
    if names[0] != "root" or len(set(names)) != len(names):
        raise GrammarError("grammar does not start at root, or defines a rule twice")
    body = grammar.split("::=", 1)[1]
    for used in ("text", "ref"):
        if re.search(rf"\b{used}\b", re.sub(r'"[^"]*"|\[[^\]]*\]', "", body)) and used not in names:
            raise GrammarError(f"rule {used} is used but not defined")
    return grammar


def _balanced(line: str) -> None:
    """Quotes, brackets and parentheses close; GrammarError otherwise."""
    bare = re.sub(r'"[^"\\\n]*"', "", line)
    bare = re.sub(r"\[[^\[\]\n]+\]", "", bare)
    depth = 0
    for char in bare:
        depth += (char == "(") - (char == ")")
        if depth < 0 or char in '"[]':
            raise GrammarError(f"unbalanced rule: {line[:40]!r}")
    if depth:
        raise GrammarError(f"unbalanced rule: {line[:40]!r}")


def written(template: str) -> str:
    """The template without its references: what the model itself wrote."""
    return re.sub(r"\{[^{}]*\}", "", template)


def conforms(template: str, names: Iterable[str]) -> bool:
    """Whether a template could have come from `build(names)`: for servers that decode without grammars."""
    allowed = set(names)
    if any(ref not in allowed for ref in re.findall(r"\{([^{}]*)\}", template)):
        return False
    rest = written(template)
    for word in LATIN:
        rest = rest.replace(word, "")
    return bool(template.strip()) and all(
        (0x4E00 <= ord(c) <= _HAN_LAST and c not in HAN_NUMERALS) or c in PUNCTUATION or c in EMOJI for c in rest
    )
