"""Papers called by their titles and their articles by number: 证券法第八十五条 is that article of that law and no other.

A title is known as it is printed and as people say it: without 中华人民共和国 or the place before it, without 关于, without what
stands in brackets. One that is not printed so is looked for by its characters in their order (信息披露办法).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from copilot.reading.normalise import read
from copilot.reading.numerals import parse_han
from copilot.types import Turn
from knowledge_base.rows import Unit

_NUMBER = "[零一二两三四五六七八九十百千0-9]{1,8}"
_ARTICLE = re.compile(rf"(?:第({_NUMBER})条|(?<=[法例定则引知见])({_NUMBER})条)(?:之({_NUMBER}))?")
_FORM = "法|法典|条例|办法|规定|细则|规则|准则|指引|通知|意见|解释|公告|规范"
_SAID = re.compile(rf"([\u4e00-\u9fff]{{1,40}}(?:{_FORM}))(?=第?{_NUMBER}条)")
_LEADS = re.compile(
    r"^(?:请问|麻烦|帮我|帮忙|我想|想|查一?下|看一?下|看看|问一?下|问问|根据|依据|依照|按照|按|依|说说|讲讲|那个?|这个?|本|该|此|上述|前述|在|和|与|跟|以及|还有|知道|什么是|是)+"
)
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^】]*】|(?:19|20)\d\d年?(?:修[订正]|版)?|[\s,.《》〈〉<>“”\"'·_-]")
_PLACE = re.compile(
    r"^(?:中华人民共和国|(?:[\u4e00-\u9fff]{2,4}?(?:省|市|自治区|特别行政区))+|(?:中国人民银行|国务院|财政部|[\u4e00-\u9fff]{2,12}(?:总局|委员会|法院|检察院|部|局|办公厅))(?=关于))"
)
_QUOTES = frozenset(" ,《》〈〉<>“”\"'[]【】")
_SHORTEST, _SHORTEST_OTHER, _LOOSE_FROM = 3, 6, 4
"""Characters of a rule's name, of another paper's, and of one that is looked for by its characters alone."""
_TOO_MANY = 24
"""Papers of one name from which the name says nothing."""
_LOOK_BACK = 6


@dataclass(frozen=True)
class Cited:
    """What a question cites: papers, the passages that are the articles asked for, and whether an article is asked for that is not here."""

    documents: frozenset[str] = frozenset()
    units: tuple[int, ...] = ()
    missing: bool = False
    spans: tuple[tuple[int, int], ...] = ()
    """Where the names stand in the question."""


NOTHING = Cited()


@lru_cache(maxsize=4096)
def article_keys(text: str) -> tuple[str, ...]:
    """The articles a text names, in one form: 第八十五条 and 第85条 are 85, 第十二条之一 is 12-1."""
    return _keys(_bare(text)[0])


def names_of(title: str, rule: bool) -> Iterator[str]:
    """The names by which a paper of this title may be called."""
    whole = _BRACKETS.sub("", read(title).text)
    for name in dict.fromkeys((whole, bare := _PLACE.sub("", whole), bare.removeprefix("关于"))):
        if len(name) >= (_SHORTEST if rule else _SHORTEST_OTHER):
            yield name


class Citations:
    """The titles and articles of everything that may be cited."""

    def __init__(self, units: Iterable[Unit]) -> None:
        import ahocorasick

        self._named: dict[str, list[str]] = {}
        self._articles: dict[tuple[str, str], list[int]] = {}
        self._cut_by_article: set[str] = set()
        seen: set[str] = set()
        for number, unit in enumerate(units):
            document = unit.document
            if not document.cited_as:
                continue
            if document.id not in seen:
                seen.add(document.id)
                for title in document.cited_as:
                    for name in names_of(title, document.kind == "compliance"):
                        self._named.setdefault(name, []).append(document.id)
            for key in article_keys(unit.piece.article) if unit.piece.article else ():
                self._cut_by_article.add(document.id)
                self._articles.setdefault((document.id, key), []).append(number)
        self._automaton: Any = ahocorasick.Automaton()
        for name in self._named:
            self._automaton.add_word(name, name)
        self._automaton.make_automaton()

    def find(self, query: str, history: Sequence[Turn] = ()) -> Cited:
        """What a question cites; an article without a name is one of the paper named last before."""
        if not self._named:
            return NOTHING
        text, places = _bare(query)
        named = self._names(text)
        keys = _keys(text)
        documents = frozenset(d for _, _, name in named for d in self._of(name))
        known = True
        if keys and not documents:
            said = next((_LEADS.sub("", m[1]) for m in _SAID.finditer(text)), "")
            near = self._alike(said) if said and not re.fullmatch(_FORM, said) else self._before(history)
            documents, known = near or frozenset(), near is not None
        units = tuple(dict.fromkeys(u for d in sorted(documents) for k in keys for u in self._articles.get((d, k), ())))
        missing = bool(keys) and not units and (not known or bool(documents & self._cut_by_article))
        spans = tuple((places[start][0], places[end - 1][1]) for start, end, _ in named)
        return Cited(documents, units, missing, spans)

    def _names(self, text: str) -> list[tuple[int, int, str]]:
        """Names in a text, the longest at a place."""
        found = [(at - len(name) + 1, at + 1, name) for at, name in self._automaton.iter(text)]
        kept: list[tuple[int, int, str]] = []
        for start, end, name in sorted(found, key=lambda f: f[0] - f[1]):
            if all(end <= a or b <= start for a, b, _ in kept):
                kept.append((start, end, name))
        return sorted(kept)

    def _of(self, name: str) -> Sequence[str]:
        documents = self._named[name]
        return documents if len(documents) < _TOO_MANY else ()

    def _alike(self, said: str) -> frozenset[str] | None:
        """Papers whose names hold what was said, in its order; none where that says nothing, None where no paper is called so."""
        if len(said) < _LOOSE_FROM:
            return None
        documents = frozenset(d for name, of in self._named.items() if _holds(name, said) for d in of)
        return (documents if len(documents) < _TOO_MANY else frozenset()) if documents else None

    def _before(self, history: Sequence[Turn]) -> frozenset[str]:
        """The paper named last in the talk."""
        for turn in reversed(history[-_LOOK_BACK:]):
            if named := self._names(_bare(turn.text)[0]):
                return frozenset(self._of(named[-1][2]))
        return frozenset()


def _holds(name: str, said: str) -> bool:
    left = iter(name)
    return all(character in left for character in said)


def _bare(text: str) -> tuple[str, list[tuple[int, int]]]:
    """A text folded, without blanks, commas and quotation marks, and the place of each character in the original."""
    reading = read(text)
    kept = [i for i, c in enumerate(reading.text) if c not in _QUOTES]
    return "".join(reading.text[i] for i in kept), [reading.span(i, i + 1) for i in kept]


def _keys(bare: str) -> tuple[str, ...]:
    keys = []
    for found in _ARTICLE.finditer(bare):
        with suppress(ValueError):
            number = int(parse_han(found[1] or found[2]))
            keys.append(f"{number}-{int(parse_han(found[3]))}" if found[3] else str(number))
    return tuple(dict.fromkeys(keys))
