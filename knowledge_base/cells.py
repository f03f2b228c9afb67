"""What stands in a cell, read as a person means it: numbers, days, times, lists. InputError, in a few words, for what cannot be read."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

from copilot.errors import InputError

_WIDE = str.maketrans("０１２３４５６７８９％", "0123456789%")
_WIDE_POINT = re.compile(r"(?<=[0-9])[．，：](?=[0-9])")
_POINTS = {"．": ".", "，": ",", "：": ":"}
_NUMBER = re.compile(r"([-+]?)([0-9]{1,15}|[0-9]{1,3}(?:,[0-9]{3}){1,4})(\.[0-9]{1,8})?\s*(万|亿)?元?")
_SCALE = {"万": 10_000, "亿": 100_000_000}
_DAY = re.compile(
    r"([0-9]{4})(?:-([0-9]{1,2})-([0-9]{1,2})|/([0-9]{1,2})/([0-9]{1,2})|\.([0-9]{1,2})\.([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日?|([0-9][0-9])([0-9][0-9]))"
)
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9][0-9])(?::[0-9][0-9])?")
_BETWEEN = re.compile(r"[、;；\n]")
_FLAGS = {"是": True, "true": True, "yes": True, "1": True, "否": False, "false": False, "no": False, "0": False}


def plain(text: str) -> str:
    """Full-width digits, percent signs, and the points between digits, as ASCII; all else as it stands."""
    return _WIDE_POINT.sub(lambda found: _POINTS[found[0]], text.translate(_WIDE))


def read_number(text: str) -> Decimal:
    """`1,000,000`, `３０万元`, `1.0234`."""
    found = _NUMBER.fullmatch(plain(text).strip())
    if not found:
        raise InputError(f"{text} is no number")
    sign, whole, rest, scale = found.groups()
    return Decimal(f"{sign}{whole.replace(',', '')}{rest or ''}") * _SCALE.get(scale, 1)


def read_whole(text: str) -> int:
    """A whole number."""
    number = read_number(text)
    if number != int(number):
        raise InputError(f"{text} is no whole number")
    return int(number)


def read_day(text: str) -> date:
    """`2026-11-20`, `2026/11/20`, `2026.11.20`, `20261120`, `2026年11月20日`; a sheet's midnight behind it is left out."""
    found = _DAY.fullmatch(re.sub(r"[ T]0{1,2}:00(?::00)?$", "", plain(text).strip()))
    if not found:
        raise InputError(f"{text} is no day; write it like 2026-11-20")
    year, month, day = (int(part) for part in found.groups() if part is not None)
    try:
        return date(year, month, day)
    except ValueError as error:
        raise InputError(f"{text} is a day that does not exist") from error


def read_moment(text: str) -> datetime:
    """A day and a time, `2026-11-28 17:00`."""
    day, _, clock = re.sub(r"[Tt]|(?<=日)(?=[0-9])", " ", plain(text).strip(), count=1).partition(" ")
    found = _CLOCK.fullmatch(clock.strip())
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise InputError(f"{text} is no day with a time; write it like 2026-11-28 17:00")
    on = read_day(day)
    return datetime(on.year, on.month, on.day, int(found[1]), int(found[2]))


def read_flag(text: str) -> bool:
    """是 or 否."""
    flag = _FLAGS.get(plain(text).strip().lower())
    if flag is None:
        raise InputError(f"{text} is neither 是 nor 否")
    return flag


def read_items(text: str) -> tuple[str, ...]:
    """A list with 、 or ; between its items."""
    return tuple(item.strip() for item in _BETWEEN.split(text) if item.strip())
