"""Cuts a long text at sentence ends into spans that join up again."""

from __future__ import annotations

import re

LONGEST = 360
"""Characters of a passage; every section of the bundled content is shorter."""
_SENTENCE = re.compile(r"[^。！？；\n]*[。！？；\n]+|[^。！？；\n]+")


def split_text(text: str, longest: int = LONGEST) -> tuple[tuple[int, int], ...]:
    """Spans of at most `longest` characters, cut after sentences (a longer sentence is cut hard), covering the text."""
    if len(text) <= longest:
        return ((0, len(text)),) if text else ()
    spans: list[tuple[int, int]] = []
    start = end = 0
    for found in _SENTENCE.finditer(text):
        if found.end() - start > longest and end > start:
            spans.append((start, end))
            start = end
        end = found.end()
        while end - start > longest:
            spans.append((start, start + longest))
            start += longest
    if end > start:
        spans.append((start, end))
    return tuple(spans)
