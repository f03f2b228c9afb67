"""Plain text and Markdown: the canonical text is the file's own, so every span is one of the file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from knowledge_base.ingest.blocks import Block, Paper
from knowledge_base.ingest.marks import begins_anew, ends_sentence, heading_level
from knowledge_base.tables import check_size, decoded

_LINE = re.compile(r"[^\n]*\n|[^\n]+\Z")
_HASHES = re.compile(r"(#{1,6})\s+(?=\S|$)")
_RULE_OF_TABLE = re.compile(r"\|?\s*+:?-{2,}+:?\s*+(?:\|\s*+:?-{2,}+:?\s*+)*+\|?$")
_FENCE = re.compile(r"\s*(?:```|~~~)")


def read_text(path: Path) -> Paper:
    """A txt file: headings by their numbering, paragraphs by blank lines and by how lines begin."""
    check_size(path)
    text = decoded(path).replace("\r\n", "\n").replace("\r", "\n")
    return Paper(text, tuple(_paragraphs(text, _lines(text))))


def read_markdown(path: Path) -> Paper:
    """A Markdown file: `#` headings, tables row by row with their header, the rest as paragraphs."""
    check_size(path)
    text = decoded(path).replace("\r\n", "\n").replace("\r", "\n")
    blocks = tuple(_markdown(text))
    first = next((b for b in blocks if b.kind == "heading"), None)
    return Paper(text, blocks, text[first.start : first.end] if first is not None and first.level == 1 else "")


def _lines(text: str) -> list[tuple[int, int]]:
    return [m.span() for m in _LINE.finditer(text)]


def _paragraphs(text: str, lines: list[tuple[int, int]]) -> Iterator[Block]:
    """Lines joined to paragraphs: a new one after a blank line, at a heading, an article or an item."""
    start = end = -1
    before = ""
    for line_start, line_end in lines:
        line = text[line_start:line_end]
        level = heading_level(line)
        if start >= 0 and (not line.strip() or level or begins_anew(line) or ends_sentence(before)):
            yield _block(text, start, end)
            start = -1
        if not line.strip():
            continue
        if level:
            yield _block(text, line_start, line_end, level)
            continue
        start = line_start if start < 0 else start
        end, before = line_end, line
    if start >= 0:
        yield _block(text, start, end)


def _block(text: str, start: int, end: int, level: int = 0, cue: str = "") -> Block:
    """The block of a span without the blanks around it."""
    inside = text[start:end]
    start += len(inside) - len(inside.lstrip())
    end -= len(inside) - len(inside.rstrip())
    return Block("heading" if level else "row" if cue else "text", start, end, level, None, cue)


def _is_rule(line: str) -> bool:
    """Whether a line is the one between a table's header and its rows."""
    return bool(_RULE_OF_TABLE.match(line.strip()))


def _markdown(text: str) -> Iterator[Block]:
    waiting: list[tuple[int, int]] = []
    header = ""
    fenced = False
    lines = _lines(text)
    for number, (start, end) in enumerate(lines):
        line = text[start:end]
        fenced = fenced != bool(_FENCE.match(line))
        found = None if fenced else _HASHES.match(line)
        below = lines[number + 1] if number + 1 < len(lines) else (end, end)
        opens = "|" in line and _is_rule(text[below[0] : below[1]]) and not fenced
        if not (found or opens or header):
            waiting.append((start, end))
            continue
        yield from _paragraphs(text, waiting)
        waiting = []
        if found:
            header = ""
            said = line[found.end() :].rstrip().rstrip("#").rstrip()
            yield Block("heading", start + found.end(), start + found.end() + len(said), len(found.group(1)))
        elif opens:
            header = "｜".join(c.strip() for c in line.strip().strip("|").split("|"))
        elif "|" not in line:
            header = ""
            waiting.append((start, end))
        elif not _is_rule(line):
            yield _block(text, start, end, cue=header)
    yield from _paragraphs(text, waiting)
