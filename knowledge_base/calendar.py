"""Holidays as people say them: 元旦, 1月1日至1月3日, 12月31日15:30, 1月4日."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from knowledge_base.schema import HolidayEntry

OTHER_NAMES: dict[str, tuple[str, ...]] = {
    "元旦": ("新年", "跨年"),
    "春节": ("过年", "大年", "除夕", "年三十", "年前", "年后", "初四", "初五", "初六", "初七"),
    "清明": ("清明节",),
    "劳动节": ("五一", "51"),
    "端午": ("端午节",),
    "中秋": ("中秋节", "八月十五"),
    "国庆": ("十一", "国庆节", "黄金周"),
}
"""How customers call a holiday, beside its name."""


@dataclass(frozen=True)
class Rendered:
    """A labelled line of a document; `field` is the reference's name, "" when it is none."""

    field: str
    label: str
    value: str
    working: str = ""


def day(on: date) -> str:
    """`1月4日`."""
    return f"{on.month}月{on.day}日"


def moment(at: datetime) -> str:
    """`12月31日15:30`."""
    return f"{day(at.date())}{at.hour}:{at.minute:02d}"


def span(first: date, last: date) -> str:
    """`1月1日至1月3日`, or the one day."""
    return day(first) if first == last else f"{day(first)}至{day(last)}"


def full_day(on: date) -> str:
    """`2027年6月1日`."""
    return f"{on.year}年{day(on)}"


def render_holiday(entry: HolidayEntry) -> tuple[Rendered, ...]:
    """The lines of a holiday's document, in order."""
    lines = [
        Rendered("假期", "假期", entry.name),
        Rendered("休市", "休市", span(entry.off_from, entry.off_to), f"{entry.off_from} – {entry.off_to}"),
        Rendered("最后申购", "节前最后申购", moment(entry.last_subscription), entry.last_subscription.isoformat(" ")),
        Rendered("恢复", "恢复交易", day(entry.resume), entry.resume.isoformat()),
    ]
    if entry.workdays:
        lines.append(Rendered("", "调休上班", "、".join(day(d) for d in entry.workdays)))
    return tuple(lines)
