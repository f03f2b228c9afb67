"""The days a paper gives itself: 本办法自2026年1月1日起施行, 生效日期：2026-01-01, 有效期至2026年12月31日.

Only what is said of the paper as a whole, and only when it is said one way: two different days are as good as none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from copilot.errors import InputError
from knowledge_base.cells import read_day

_DAY = r"(\d{4}\s*+(?:年\s*+\d{1,2}\s*+月\s*+\d{1,2}\s*+日|[-/.]\d{1,2}[-/.]\d{1,2}))"
_SELF = (
    r"(?:本|此|该)(?:办法|规定|规则|细则|条例|法|决定|通知|公告|通告|制度|指引|指南|规范|准则|意见|方案|章程|说明书?|"
    r"产品|协议|合同|文件|活动|标准|价目表|目录)"
)
_STARTS = (
    re.compile(rf"{_SELF}[^。；\n]{{0,12}}?自\s*{_DAY}\s*(?:零时)?起?\s*(?:正式)?(?:施行|实施|执行|生效|适用)"),
    re.compile(
        rf"^(?:[^\S\n]|[#*>|\-])*+(?:生效|施行|实施|执行)(?:日期?|时间)\**+\s*+[:：|]\s*+\**+\s*+(?:自\s*+)?{_DAY}",
        re.MULTILINE,
    ),
)
_ENDS = (
    re.compile(rf"{_SELF}[^。；\n]{{0,12}}?有效期[限]?[^。；\n]{{0,24}}?至\s*{_DAY}"),
    re.compile(
        rf"^(?:[^\S\n]|[#*>|\-])*+(?:失效|截止|废止)(?:日期?|时间)\**+\s*+[:：|]\s*+\**+\s*+{_DAY}"
        rf"|^(?:[^\S\n]|[#*>|\-])*+有效期[限]?\**+\s*+[:：|]?\s*+\**+\s*+(?:[^\n]{{0,24}}?)至\s*{_DAY}",
        re.MULTILINE,
    ),
)


@dataclass(frozen=True)
class Stated:
    """The first and the last day a paper names for itself; None where it is silent."""

    starts: date | None = None
    ends: date | None = None


def stated(text: str) -> Stated:
    """The days a paper gives itself."""
    starts, ends = _only(_found(_STARTS, text)), _only(_found(_ENDS, text))
    if starts is not None and ends is not None and ends < starts:
        return Stated()
    return Stated(starts, ends)


def _found(patterns: Iterable[re.Pattern[str]], text: str) -> set[date]:
    days = set()
    for pattern in patterns:
        for found in pattern.finditer(text):
            said = next(group for group in found.groups() if group)
            try:
                days.add(read_day("".join(said.split())))
            except InputError:  # 2026年2月30日: no day, so nothing said
                continue
    return days


def _only(days: set[date]) -> date | None:
    return next(iter(days)) if len(days) == 1 else None
