"""The numbers Word writes by itself before a paragraph (第一条, 1.2, （一）): they stand in no text, only in numbering.xml.

A paragraph names a list and a level, itself or through its style; the list names a pattern a level. Counting is Word's: a level
starts over when a higher one has gone on, lists of one pattern count on together unless one of them says where it starts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_NUMBERING = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/numbering"
_LEVELS = 9
_DEEPEST = 12
"""Styles based on styles, followed this far."""
_TOLD = 9999
"""Numbers told in letters, Han or Roman numerals; a larger one is no real list's and is told in figures."""
_PLACE = re.compile(r"%([1-9])")
_CLOSED = re.compile(r"[、．。）】〕〉》：]$")
_HAN = "〇一二三四五六七八九"
_LARGE = "零壹贰叁肆伍陆柒捌玖"


def _decimal(n: int) -> str:
    return str(n)


def _letters(n: int) -> str:
    return chr(ord("a") + (n - 1) % 26) * ((n - 1) // 26 + 1) if n > 0 else ""


def _roman(n: int) -> str:
    said = ""
    for value, sign in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i"),
        strict=True,
    ):
        said += sign * (n // value)
        n %= value
    return said


def _counted(digits: str, scales: tuple[str, str, str], bare_ten: bool) -> Callable[[int], str]:
    """Numbers told with ten, hundred and thousand: 二十一, 一百零二."""

    def tell(n: int) -> str:
        if not n:
            return digits[0]
        said, gap = "", False
        for power, scale in ((1000, scales[2]), (100, scales[1]), (10, scales[0]), (1, "")):
            digit = n // power % 10
            if digit:
                said += ("零" if gap else "") + digits[digit] + scale
                gap = False
            elif said:
                gap = True
        return said[1:] if bare_ten and 10 <= n < 20 else said

    return tell


def _digits(n: int) -> str:
    return "".join(_HAN[int(d)] for d in str(n))


def _ring(signs: str) -> Callable[[int], str]:
    return lambda n: signs[(n - 1) % len(signs)] if n > 0 else ""


def _circled(n: int) -> str:
    return chr(0x2460 + n - 1) if 0 < n <= 20 else str(n)


_han = _counted(_HAN, ("十", "百", "千"), bare_ten=True)
_FORMATS: Mapping[str, Callable[[int], str]] = MappingProxyType(
    {
        "decimal": _decimal,
        "decimalHalfWidth": _decimal,
        "decimalZero": lambda n: f"{n:02}",
        "decimalFullWidth": lambda n: str(n).translate({ord("0") + d: chr(0xFF10 + d) for d in range(10)}),
        "decimalFullWidth2": lambda n: str(n).translate({ord("0") + d: chr(0xFF10 + d) for d in range(10)}),
        "decimalEnclosedCircle": _circled,
        "decimalEnclosedCircleChinese": _circled,
        "decimalEnclosedFullstop": lambda n: f"{n}.",
        "decimalEnclosedParen": lambda n: f"（{n}）",
        "ideographEnclosedCircle": _circled,
        "chineseCounting": _han,
        "chineseCountingThousand": _han,
        "japaneseCounting": _han,
        "taiwaneseCounting": _han,
        "taiwaneseCountingThousand": _han,
        "ideographDigital": _digits,
        "japaneseDigitalTenThousand": _han,
        "taiwaneseDigital": _digits,
        "chineseLegalSimplified": _counted(_LARGE, ("拾", "佰", "仟"), bare_ten=False),
        "ideographLegalTraditional": _counted(_LARGE, ("拾", "佰", "仟"), bare_ten=False),
        "ideographTraditional": _ring("甲乙丙丁戊己庚辛壬癸"),
        "ideographZodiac": _ring("子丑寅卯辰巳午未申酉戌亥"),
        "upperLetter": lambda n: _letters(n).upper(),
        "lowerLetter": _letters,
        "upperRoman": lambda n: _roman(n).upper(),
        "lowerRoman": _roman,
        "ordinal": _decimal,
        "bullet": lambda _n: "",
        "none": lambda _n: "",
    }
)


@dataclass(frozen=True)
class Level:
    """How one level of a list is told."""

    start: int = 1
    format: str = "decimal"
    text: str = ""
    legal: bool = False
    restart: int | None = None
    """The level, counted from 1, after which it starts over; 0 for never, None for any higher one."""
    spaced: bool = True


@dataclass
class _List:
    """An abstract list: its levels, and how far it has counted."""

    levels: dict[int, Level]
    counts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """Tells the number of each paragraph of one document, asked in the document's order: it counts as it is asked."""

    def __init__(self, document: Any) -> None:
        root = _root(document)
        self._styles = {s.style_id: s.element for s in document.styles}
        self._lists: dict[str, _List] = {}
        self._nums: dict[str, Any] = {}
        self._begun: set[tuple[str, int]] = set()
        if root is None:
            return
        self._nums = {n.get(f"{_W}numId"): n for n in root.findall(f"{_W}num")}
        linked: dict[str, str] = {}
        for abstract in root.findall(f"{_W}abstractNum"):
            name = abstract.get(f"{_W}abstractNumId")
            self._lists[name] = _List({int(v.get(f"{_W}ilvl")): _level(v) for v in abstract.findall(f"{_W}lvl")})
            style = _value(abstract, "numStyleLink")
            if style:
                linked[name] = style
        for name, style in linked.items():  # a list that is only the name of a list style
            target = self._abstract(self._of_style(style)[0])
            if target is not None:
                self._lists[name] = target

    def before(self, paragraph: Any) -> str:
        """What Word shows before a paragraph, with the blank that belongs behind it; "" for one without a number."""
        number, depth = self._place(paragraph)
        found = self._abstract(number)
        if found is None or depth not in found.levels:
            return ""
        levels = self._overridden(number, found.levels)
        self._count(number, depth, found, levels)
        level = levels[depth]
        told = _PLACE.sub(lambda m: self._said(int(m[1]) - 1, level, found, levels), level.text)
        if level.format in ("bullet", "none") or not told.strip():
            return ""
        return told + (" " if level.spaced and not _CLOSED.search(told) else "")

    def _said(self, depth: int, asked: Level, found: _List, levels: Mapping[int, Level]) -> str:
        own = levels.get(depth, Level())
        count = found.counts.get(depth, own.start)
        told = _decimal if asked.legal or not 0 <= count <= _TOLD else _FORMATS.get(own.format, _decimal)
        return told(count)

    def _count(self, number: str, depth: int, found: _List, levels: Mapping[int, Level]) -> None:
        counts = found.counts
        restarted = (number, depth) not in self._begun and _start_over(self._nums[number], depth)
        self._begun.add((number, depth))
        for higher in range(depth):  # a level above that was never used counts as begun
            counts.setdefault(higher, levels.get(higher, Level()).start)
        counts[depth] = levels[depth].start if restarted or depth not in counts else counts[depth] + 1
        for lower in range(depth + 1, _LEVELS):
            after = levels[lower].restart if lower in levels else None
            if after is None or (after and depth < after):
                counts.pop(lower, None)

    def _overridden(self, number: str, levels: dict[int, Level]) -> dict[int, Level]:
        """The levels as one list has them: its own start, or a whole level of its own."""
        own = dict(levels)
        for override in self._nums[number].findall(f"{_W}lvlOverride"):
            depth = int(override.get(f"{_W}ilvl") or 0)
            whole = override.find(f"{_W}lvl")
            base = _level(whole) if whole is not None else own.get(depth, Level())
            start = _value(override, "startOverride")
            own[depth] = Level(
                int(start) if start else base.start, base.format, base.text, base.legal, base.restart, base.spaced
            )
        return own

    def _abstract(self, number: str) -> _List | None:
        num = self._nums.get(number)
        return self._lists.get(_value(num, "abstractNumId")) if num is not None else None

    def _place(self, paragraph: Any) -> tuple[str, int]:
        """A paragraph's list and level: its own word first, then its style's."""
        properties = paragraph._p.pPr
        number, depth = _numbered(properties)
        style = paragraph.style
        styled, below = self._of_style(style.style_id) if style is not None and number == "" else ("", 0)
        return (number or styled), (depth if depth is not None else below)

    def _of_style(self, style: str | None) -> tuple[str, int]:
        """The list and level of a style, or of the one it is based on."""
        depth: int | None = None
        for _ in range(_DEEPEST):
            element = self._styles.get(style) if style else None
            if element is None:
                break
            number, own = _numbered(element.find(f"{_W}pPr"))
            depth = depth if depth is not None else own
            if number:
                return number, depth or self._level_of(number, style)
            style = _value(element, "basedOn")
        return "", 0

    def _level_of(self, number: str, style: str | None) -> int:
        """The level of a list that names this style, 0 without one."""
        num = self._nums.get(number)
        root = num.getparent() if num is not None else None
        name = _value(num, "abstractNumId") if num is not None else ""
        for level in root.iterfind(f"{_W}abstractNum[@{_W}abstractNumId='{name}']/{_W}lvl") if root is not None else ():
            if _value(level, "pStyle") == style:
                return int(level.get(f"{_W}ilvl"))
        return 0


def _root(document: Any) -> Any:
    """numbering.xml, None for a document without."""
    part = next((r.target_part for r in document.part.rels.values() if r.reltype == _NUMBERING), None)
    return getattr(part, "element", None)


def _value(element: Any, name: str) -> str:
    found = element.find(f"{_W}{name}")
    return str(found.get(f"{_W}val") or "") if found is not None else ""


def _numbered(properties: Any) -> tuple[str, int | None]:
    """The list ("" for none told, "0" for none wanted) and the level that paragraph properties tell."""
    found = properties.find(f"{_W}numPr") if properties is not None else None
    if found is None:
        return "", None
    depth = _value(found, "ilvl")
    return _value(found, "numId"), int(depth) if depth else None


def _level(element: Any) -> Level:
    start, restart = _value(element, "start"), _value(element, "lvlRestart")
    legal = element.find(f"{_W}isLgl")
    return Level(
        int(start) if start else 1,
        _value(element, "numFmt") or "decimal",
        _value(element, "lvlText"),
        legal is not None and legal.get(f"{_W}val") not in ("0", "false"),
        int(restart) if restart else None,
        _value(element, "suff") != "nothing",
    )


def _start_over(num: Any, depth: int) -> bool:
    """Whether a list says where it starts at a level."""
    return any(
        int(o.get(f"{_W}ilvl") or 0) == depth and o.find(f"{_W}startOverride") is not None
        for o in num.findall(f"{_W}lvlOverride")
    )
