"""Days and times as chat programs write them: 2026-11-20 10:02:11, 11/20 10:02, 昨天 10:02, 星期五 下午3:20."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

_DAY = (
    r"(?:(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?"
    r"|(?P<month2>\d{1,2})\s*[-/月]\s*(?P<day2>\d{1,2})\s*日?"
    r"|(?P<back>今天|昨天|前天|Today|Yesterday)"
    r"|(?:星期|周|礼拜)(?P<weekday>[一二三四五六日天]))"
)
_TIME = (
    r"(?:(?P<half>凌晨|清晨|早上|上午|中午|下午|傍晚|晚上)\s*)?"
    r"(?P<hour>\d{1,2})[:：](?P<minute>\d{2})(?:[:：](?P<second>\d{2}))?(?:\s*(?P<ampm>[AaPp][Mm]))?"
)
DAY, TIME = rf"{_DAY}(?:\s*(?:星期|周)[一二三四五六日天])?", _TIME
_BACK = {"今天": 0, "昨天": 1, "前天": 2, "Today": 0, "Yesterday": 1}
_LATE = ("下午", "傍晚", "晚上")


def day_of(found: re.Match[str], now: datetime) -> date | None:
    """The day of a match of DAY: without a year the last such day; None without a day or for one that does not exist."""
    part = found.groupdict()
    if part.get("back"):
        return now.date() - timedelta(days=_BACK[part["back"]])
    if part.get("weekday"):
        wanted = "一二三四五六日".index("日" if part["weekday"] == "天" else part["weekday"])
        return now.date() - timedelta(days=(now.weekday() - wanted) % 7)
    month, day = part.get("month") or part.get("month2"), part.get("day") or part.get("day2")
    if not month or not day:
        return None
    try:
        if part.get("year"):
            return date(int(part["year"]), int(month), int(day))
        this = date(now.year, int(month), int(day))
        return this if this <= now.date() else this.replace(year=now.year - 1)
    except ValueError:
        return None


def moment_of(found: re.Match[str], day: date | None, now: datetime) -> datetime | None:
    """The moment of a match of TIME on a day; today when none is known, or yesterday where today has not come that far."""
    part = found.groupdict()
    if not part.get("hour"):
        return None
    hour, half = int(part["hour"]), part.get("half") or ""
    if hour < 12 and (half in _LATE or (part.get("ampm") or "").lower() == "pm" or (half == "中午" and hour < 4)):
        hour += 12
    try:
        moment = datetime.combine(day or now.date(), datetime.min.time()).replace(
            hour=hour % 24, minute=int(part["minute"]), second=int(part.get("second") or 0)
        )
    except ValueError:
        return None
    return moment - timedelta(days=1) if day is None and moment > now else moment
