"""The marks by which Chinese papers are built: chapters, articles, numbered items. What a line is, is told by how it begins."""

from __future__ import annotations

import re

_NUMBER = "[〇零一二三四五六七八九十百千两0-9０-９]"
ARTICLE = re.compile(rf"\s*(第{_NUMBER}+条(?:之{_NUMBER}+)?)(?=[\s　：:、，,（(]|[\u4e00-\u9fff]|$)")
"""第十二条, 第十二条之一 at the beginning of a line, or all of it."""
_CHAPTER = (
    (re.compile(rf"\s*第{_NUMBER}+[编部篇](?:[\s　]|$)"), 1),
    (re.compile(rf"\s*第{_NUMBER}+章(?:[\s　]|$|[\u4e00-\u9fff]{{1,20}}\s*$)"), 2),
    (re.compile(rf"\s*第{_NUMBER}+节(?:[\s　]|$|[\u4e00-\u9fff]{{1,20}}\s*$)"), 3),
)
_ITEM = (
    (re.compile(r"\s*[一二三四五六七八九十]{1,3}[、．.]"), 2),
    (re.compile(r"\s*[（(][一二三四五六七八九十]{1,3}[）)]"), 3),
    (re.compile(r"\s*\d{1,2}(?:\.\d{1,2}){0,3}[\s　、．.](?!\d)"), 4),
    (re.compile(r"\s*[（(]\d{1,2}[）)]"), 5),
)
_LIST = re.compile(r"\s*(?:[-*•·●○▪◆]\s|[（(]?[一二三四五六七八九十\d]{1,3}[）)、．.]|[①-⑳])")
_ENDS = re.compile(r"[。！？；，,;!?.…]\s*$")
_LONGEST_HEADING = 34


def heading_level(line: str) -> int:
    """The level of a line that is a heading by its own words; 0 for any other."""
    bare = line.strip()
    if not bare or len(bare) > _LONGEST_HEADING or _ENDS.search(bare):
        return 0
    for pattern, level in _CHAPTER:
        if pattern.match(line):
            return level
    for pattern, level in _ITEM:
        if pattern.match(line) and "：" not in bare and ":" not in bare:
            return level + 2
    return 0


def article_of(line: str) -> str:
    """The article a line opens (第十二条), "" for none."""
    found = ARTICLE.match(line)
    return found.group(1) if found else ""


def begins_anew(line: str) -> bool:
    """Whether a line cannot be the rest of the one before: a heading, an article, an item of a list."""
    return bool(heading_level(line) or ARTICLE.match(line) or _LIST.match(line))


def ends_sentence(line: str) -> bool:
    """Whether a line ends a sentence or introduces a list."""
    return bool(re.search(r"[。！？；：!?;:”』」）)]\s*$", line))
