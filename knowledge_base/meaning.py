"""A question for the meaning of one word: 净值啥意思, 什么叫摊余成本法. Its glossary entry answers, however many entries use the word."""

from __future__ import annotations

import re
from collections.abc import Iterable

from copilot.reading.plain import plain
from knowledge_base.schema import GlossaryEntry

_WHAT = r"(?:什么|啥子?|咩|乜)"
_LEAD = r"(?:^|[,，。！？!?\s\"“”《》「」的叫是说讲写标这那个下问]|什么词)"
"""What may stand before the word: 封闭式净值型 is another word than 净值型."""
_AFTER = r"[啊呀呢嘛吗哦噢来着的捏勒]*\s*(?=$|[,，。！？!?~…\n])"
_QUOTES = '["“”「」《》]*'


class Terms:
    """The words of the glossary, found where a question asks for nothing but their meaning."""

    def __init__(self, entries: Iterable[GlossaryEntry]) -> None:
        self._entries = {plain(name): e.id for e in entries for name in (e.term, *e.names)}
        longest_first = sorted(self._entries, key=len, reverse=True)
        any_term = f"(?P<term>{'|'.join(map(re.escape, longest_first))})" if longest_first else r"(?P<term>(?!))"
        self._asked = tuple(
            re.compile(pattern)
            for pattern in (
                rf"{_LEAD}{any_term}{_QUOTES}(?:这个?词|这东西|这玩意)?(?:它|具体|到底|究竟)*(?:是|指的?是?|算)?个?(?:{_WHAT}个?(?:意思|东西|玩意儿?|概念|说法|名堂)|{_WHAT}{_AFTER})",
                rf"(?:{_WHAT}[是叫]|[叫是]{_WHAT}|解释一?下){_QUOTES}{any_term}{_QUOTES}{_AFTER}",
                rf"{_LEAD}{any_term}{_QUOTES}(?:怎么|咋|如何)(?:理解|解释){_AFTER}",
            )
        )

    def find(self, question: str) -> str | None:
        """Id of the entry whose meaning a question asks for."""
        said = plain(question)
        found = (pattern.search(said) for pattern in self._asked)
        match = next((m for m in found if m is not None), None)
        return self._entries[match["term"]] if match is not None else None
