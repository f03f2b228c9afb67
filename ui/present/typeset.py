"""Chinese sentences with the punctuation of Chinese print: the rules' own lines are shown so, whatever width their author typed."""

from __future__ import annotations

import re

_WIDE = str.maketrans(",;:?!", "，；：？！")
_HAN = r"\u4e00-\u9fff"
_QUOTED = re.compile(r"(“[^”]*”|「[^」]*」)")
_PAIR = re.compile(rf"(?:(?<=[{_HAN}])\(([^()]*)\)|\(([^()]*[{_HAN}][^()]*)\))")
_MARK = re.compile(rf"(?<=[{_HAN}”」》）％])[,;:?!]|[,;:?!](?=[{_HAN}“「《（])")


def typeset(text: str) -> str:
    """Half-width marks beside Han made full-width. What stands between quotation marks is somebody's words and stays."""
    pieces = _QUOTED.split(text)
    wide = [p if _QUOTED.fullmatch(p) else _PAIR.sub(lambda m: f"（{m[1] or m[2] or ''}）", p) for p in pieces]
    joined, at = "".join(wide), 0
    kept = [(m.start(), m.end()) for m in _QUOTED.finditer(joined)]
    out = []
    for mark in _MARK.finditer(joined):
        if not any(start < mark.start() < end - 1 for start, end in kept):
            out.append(joined[at : mark.start()] + mark[0].translate(_WIDE))
            at = mark.end()
    return "".join(out) + joined[at:]
