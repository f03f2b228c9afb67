"""How a value that changes from day to day is told: a bare figure takes the words in which the catalogue tells it."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import NoReturn

from copilot.errors import InputError
from knowledge_base.cells import plain

NET_VALUE, WEEK_YIELD, RATE, ARRIVAL, FEES = "净值", "七日年化", "利率", "到账", "费用"
_NEW = {
    NET_VALUE: "单位净值1.0000（2026-01-01）",
    WEEK_YIELD: "七日年化1.00%（2026-01-01，过往表现不代表未来）",
    RATE: "年利率1.00%",
}
"""How a field is told for the first time, as docs/references.md has it."""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日")
_FIGURES = {
    NET_VALUE: re.compile(r"(?<![0-9.,])[0-9]{1,4}(?:\.[0-9]{1,8})?(?![0-9.,%])"),
    WEEK_YIELD: re.compile(r"(?<![0-9.,])-?[0-9]{1,2}(?:\.[0-9]{1,4})?%"),
    RATE: re.compile(r"(?<![0-9.,])[0-9]{1,2}(?:\.[0-9]{1,4})?%"),
}
_THOUSANDS = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
_DECIMALS = {NET_VALUE: 4, WEEK_YIELD: 2, RATE: 2}
_LIKE = {
    NET_VALUE: "1.0234",
    WEEK_YIELD: "1.52%",
    RATE: "1.35%",
    ARRIVAL: "赎回确认后T+1个工作日到账",
    FEES: "管理费0.20%/年",
}
_SAYS = {RATE: "利率", ARRIVAL: "到", FEES: "费"}
"""What words of a field's own must say at least."""
_LONGEST = 120
_HIGHEST = Decimal(30)
"""Percent a year above which a rate or yield is a slip."""


def tell(name: str, value: str, on: date, pattern: str | None = None) -> str:
    """A value in the words of `pattern`, the field as told so far: 1.0234 → 单位净值1.0234（2026-11-20）. InputError when it has not the field's form."""
    written = plain(value).strip()
    if len(written) > _LONGEST or re.search(r"[{}\n\r\t]", written):
        raise InputError(f"{name} must be one line of at most {_LONGEST} characters, without braces")
    if name == NET_VALUE:
        written = _THOUSANDS.sub("", written)
    figure = _FIGURES.get(name)
    if figure is None:
        return _words(name, written)
    if figure.fullmatch(written):
        return _like(name, written, on, pattern or _NEW[name])
    found = figure.findall(_DAY.sub("", written))
    if name == RATE and found:
        for rate in found:
            _plausible(name, rate)
        return _words(name, written)
    if len(found) != 1 or _like(name, found[0], on, pattern or _NEW[name]) != written:
        _refuse(name, value)
    return written


def day_in(value: str) -> date | None:
    """The day that a told value names itself."""
    found = _DAY.search(plain(value))
    try:
        return date(*map(int, re.findall("[0-9]+", found[0]))) if found else None
    except ValueError:
        return None


def _like(name: str, figure: str, on: date, pattern: str) -> str:
    """The pattern with this figure and this day in place of its own."""
    days = [found.span() for found in _DAY.finditer(pattern)]
    masked = _DAY.sub(lambda found: "日" * len(found[0]), pattern)
    figures = [found.span() for found in _FIGURES[name].finditer(masked)]
    if len(figures) != 1:
        raise InputError(f"{name} is told here in words of its own ({pattern}); give the whole text")
    changes = [(span, _padded(name, figure)) for span in figures]
    changes += [(span, _day_like(pattern[slice(*span)], on)) for span in days]
    for (start, end), text in sorted(changes, reverse=True):
        pattern = pattern[:start] + text + pattern[end:]
    return pattern


def _day_like(day: str, on: date) -> str:
    return on.isoformat() if "-" in day else f"{on.year}年{on.month}月{on.day}日"


def _padded(name: str, figure: str) -> str:
    """With the decimals it is usually told with, never fewer than given."""
    _plausible(name, figure)
    whole, _, rest = figure.rstrip("%").partition(".")
    return f"{whole}.{rest.ljust(_DECIMALS[name], '0')}{'%' if figure.endswith('%') else ''}"


def _plausible(name: str, figure: str) -> None:
    number = Decimal(figure.rstrip("%"))
    if (name == NET_VALUE and number <= 0) or (name != NET_VALUE and abs(number) > _HIGHEST):
        raise InputError(f"{name} of {figure} cannot be; write it like {_LIKE[name]}")


def _words(name: str, written: str) -> str:
    if _SAYS[name] not in written or not re.search(r"[一-鿿]{2}", written):
        _refuse(name, written)
    return written


def _refuse(name: str, value: str) -> NoReturn:
    raise InputError(f"{value} is no {name}; write it like {_LIKE[name]}")
