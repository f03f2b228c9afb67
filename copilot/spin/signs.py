"""What the ledger's model sees of a clause: its characters, the same with figures and kin veiled, and a little of what is round it.

Training and serving read signs here, so that they cannot differ. Signs are hashed, so that no list of them need be shipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zlib import crc32

from copilot.reading.figures import find_figures
from copilot.reading.plain import Clause, clauses, plain
from copilot.types import Turn

SIZE = 1 << 16
"""Places a sign may fall on."""
LONGEST = 3
"""Characters of the longest n-gram."""
AROUND, BEFORE = 12, 25
"""Characters read of the neighbouring clauses and of the advisor's last words."""
_WEIGHT: Mapping[str, float] = {
    "words": 1.5,
    "veiled": 1.0,
    "left": 0.3,
    "right": 0.3,
    "asked": 0.3,
    "shape": 1.0,
    "marks": 1.0,
}
_START = {name: crc32(f"{name}\t".encode()) for name in _WEIGHT}
_MARK = {
    "money": "¤",
    "term": "τ",
    "date": "δ",
    "rate": "ρ",
    "time": "κ",
    "level": "λ",
    "netvalue": "ν",
    "tplus": "ν",
    "count": "#",
}
_AGE = "α"
_KIN = re.compile(
    r"(?:我|俺|咱|他|她)?(?:们)?家?(?:老伴|老公|老婆|媳妇|爱人|先生|丈夫|妻子|太太|对象|男友|女友|儿子|女儿|闺女|囡囡|孙子|孙女|外孙女?|娃|孩子|宝宝|老大|老二|爸妈|父母|爸爸|妈妈|公婆|公公|婆婆|爷爷|奶奶|外公|外婆|姥姥|姥爷|弟弟|妹妹|哥哥|姐姐|岳父|岳母|丈母娘|堂客|婆娘|屋里人|仔女|囡|(?<![姑大干])(?:爸|妈|爹|娘))"
)

Signs = dict[int, float]


@dataclass(frozen=True)
class Before:
    """What a message's reading needs of the talk before it: the advisor's last words, and whether there was any talk."""

    asked: str = ""
    any: bool = False


def before(turns: Sequence[Turn]) -> Before:
    """The talk so far, reduced to what is read of it."""
    asked = next((plain(t.text)[-BEFORE:] for t in reversed(turns) if t.role == "advisor"), "")
    return Before(asked, bool(turns))


def read_clauses(text: str, at: datetime | None, talk: Before) -> list[tuple[Clause, Signs]]:
    """The clauses of a customer's message, each with its signs and their weights."""
    parts = clauses(text)
    words, veiled = plain(text), _veil(text, at)
    covers = ["".join(veiled[c.start : c.end]) for c in parts]
    asked = talk.asked if len(parts) <= 2 else ""
    found = []
    for index, clause in enumerate(parts):
        said, cover = words[clause.start : clause.end], covers[index]
        groups = {
            "words": _grams(f"^{said}$", 1),
            "veiled": _grams(f"^{cover}$", 1) if cover != said else (),
            "left": _grams(covers[index - 1][-AROUND:] + "$", 1) if index else ("^",),
            "right": _grams("^" + covers[index + 1][:AROUND], 1) if index + 1 < len(parts) else ("$",),
            "asked": _grams(asked, 2),
            "shape": (
                f"end{text[clause.end : clause.end + 1]}",
                f"long{min(len(said) // 3, 8)}",
                f"of{min(len(parts), 5)}",
                f"at{min(index, 4)}",
                "later" if talk.any else "first",
            ),
            "marks": tuple({c for c in cover if c in _MARKS}),
        }
        found.append((clause, _hashed(groups)))
    return found


_MARKS = frozenset((*_MARK.values(), _AGE, "π"))


def _grams(text: str, shortest: int) -> Iterator[str]:
    for size in range(shortest, LONGEST + 1):
        for start in range(len(text) - size + 1):
            yield text[start : start + size]


def _hashed(groups: Mapping[str, Iterator[str] | tuple[str, ...]]) -> Signs:
    """Every group of length `_WEIGHT`, so that a long clause does not outweigh what is round it."""
    signs: Signs = {}
    for name, members in groups.items():
        unique = set(members)
        if not unique:
            continue
        value = _WEIGHT[name] / float(len(unique)) ** 0.5
        for member in unique:
            place = crc32(member.encode(), _START[name]) % SIZE
            signs[place] = signs.get(place, 0.0) + value
    return signs


def _veil(text: str, at: datetime | None) -> list[str]:
    """The characters of a message in plain words, a figure or a relative as one mark at its start and nothing after."""
    words = plain(text)
    cells = list(words)
    covered = [False] * len(cells)
    for figure in find_figures(text, at):
        age = figure.kind == "count" and figure.unit in ("岁", "周岁")
        _cover(cells, covered, figure.start, figure.end, _AGE if age else _MARK[figure.kind])
    for match in _KIN.finditer(words):
        if not any(covered[match.start() : match.end()]):
            _cover(cells, covered, *match.span(), "π")
    return cells


def _cover(cells: list[str], covered: list[bool], start: int, end: int, mark: str) -> None:
    cells[start] = mark
    for index in range(start, end):
        covered[index] = True
        if index > start:
            cells[index] = ""
