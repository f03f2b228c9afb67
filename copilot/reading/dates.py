"""Dates and clock times in customers' words, relative to the moment of the message. Reads folded text (`numerals.fold`)."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from copilot.reading.numerals import parse_han

_N = "零一二三四五六七八九十两"
_YEAR = r"(?P<y>(?:19|20)\d{2}|[一二][零一二三四五六七八九]{3}|\d{2}(?=年\s?(?:\d{1,2}|[一二三四五六七八九十]{1,2})月))"
_MONTH = r"(?P<m>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_DAY = r"(?P<d>3[01]|[12]\d|0?[1-9]|三十一?|二?十[一二三四五六七八九]?|[一二三四五六七八九])"
_EDGE = r"(?![\d.%:万千百亿]|个|块|元|毛|角)"
_PART = r"(?P<part>上旬|中旬|下旬|底|末|初|中(?!旬)|份)?"

_FULL = re.compile(rf"{_YEAR}\s?(?:年|[-/.])\s?{_MONTH}(?:\s?(?:月|[-/.])\s?{_DAY}\s?(?P<mark>日|号)?|月)?{_PART}")
_COMPACT = re.compile(r"(?P<y>20\d{2})(?P<m>0[1-9]|1[0-2])(?P<d>[0-2]\d|3[01])(?!\d)")
_YEAR_ONLY = re.compile(rf"{_YEAR}年(?P<part>底|末|初|中)?")
_MONTH_DAY = re.compile(rf"{_MONTH}\s?月\s?(?:{_DAY}(?:\s?(?P<mark>日|号)|{_EDGE})|{_PART})")
_SLASH = re.compile(
    r"(?P<m>1[0-2]|0?[1-9])(?:/|\.|-)(?P<d>3[01]|[12]\d|0?[1-9])(?=\s?(?:到期|前(?!头|面)|之前|开始|截止|起息|要用|那天|扣款))"
)
_DAY_ONLY = re.compile(rf"{_DAY}\s?(?:号(?![线楼门窗柜店厅院机库文馆令])|日(?![年均内元利息均终子间期结计收]|年化))")
_RELATIVE = re.compile(
    r"(?P<ry>今年|明年|后年|大后年|去年|前年|来年|本年)(?:的?\s?(?:"
    rf"(?P<season>春节|国庆|五一|元旦|中秋|端午|清明|过年)|{_MONTH}\s?月(?:份|\s?{_DAY}(?:日|号|{_EDGE}))?{_PART.replace('|份', '')}|(?P<yp>年?[底末初中](?!秋)|上半年|下半年)))?"
    r"|(?P<rm>这个月|本月|当月|下下个?月|下个?月|上上个?月|上个?月)"
    rf"(?:\s?(?:{_DAY.replace('?P<d>', '?P<rd>')}(?:日|号|{_EDGE})|(?P<mp>[底末初中]|上旬|中旬|下旬)))?"
    r"|(?P<rw>(?:这个?|本|下下个?|下个?|上上个?|上个?)?(?:周|星期|礼拜))(?P<wd>[一二三四五六日天末1-7](?![年个\d岁期天月]|元|块))"
    r"|(?P<week>(?:这个?|本|下下个?|下个?|上个?)(?:周|星期|礼拜))(?![岁年])"
    r"|(?P<word>大后天|大前天|今天|明天|后天|昨天|前天|今儿个?|明儿个?|后儿|昨儿|今日|明日|昨日|今晚|明晚|今早|明早|昨晚|当日(?!$)|周末|"
    r"月底|月末|月初|月中(?!旬)|年底|年末|年终(?!奖)|年初|年中|年前|年后|节前|节后)"
    r"|(?P<fest>元旦|春节|过年|大年初[一二三四五六七]|大年三十|大年夜|年三十|除夕|冬至|元宵|清明|五一|劳动节|端午|中秋|国庆|六一|双十一|双11|双十二|双12|圣诞|重阳|"
    r"十一(?=[放长假期后前去回休那过还能]|黄金周|国庆|之前|以后|期间))"
    r"(?:节(?!奏|目|省))?(?P<side>(?:之|以)?[前后]|假期?后|假期?前|长假(?!前|后)|假期|期间)?"
)
_CLOCK = re.compile(
    rf"(?P<half>上午|下午|早上|晚上|中午|凌晨|傍晚|半夜|夜里|早晨|今晚|明晚|今早|明早)?\s?"
    rf"(?:(?P<h>\d{{1,2}}|[{_N}]{{1,3}})点(?:钟|整|(?P<half_hour>半)|(?P<q>一刻|三刻)|(?P<mi>[0-5]\d|[零二三四五]?十[一二三四五六七八九]?|零[一二三四五六七八九])分?(?!万|%|个))?"
    r"|(?P<h2>[01]?\d|2[0-4]):(?P<mi2>[0-5]\d)(?::[0-5]\d)?)"
)

STARTS = frozenset("冬今明后大去前来本当这下上周星礼昨月年节元春过除清五劳端中国六双圣重十早晚凌傍半夜")
"""First characters of the dates and times that begin without a numeral."""

_WORD_DAYS = {"今": 0, "明": 1, "后": 2, "昨": -1, "前": -2}
_REL_YEAR = {"今年": 0, "本年": 0, "明年": 1, "来年": 1, "后年": 2, "大后年": 3, "去年": -1, "前年": -2}
_COUNTED = frozenset("零一二两三四五六七八九十百千几多些数半每整0123456789个")
"""After one of these 年前 and 周三 are not dates (几年前, 一周三次, 每周三)."""
_PM = frozenset(("下午", "晚上", "傍晚", "今晚", "明晚", "夜里"))
_PAST = re.compile(
    r"(?:就|才|那天|刚|已经?)?(?:买|存|到账|转|赎|申请|办|开|投|签|扣|来|去)[了的过]|(?:那天)?我?(?:已经|刚)|亏|跌"
)

# Lunar festivals by year: (month, day). Beyond the table a lunar festival gives no date.
_LUNAR: dict[str, dict[int, tuple[int, int]]] = {
    "冬至": {2025: (12, 21), 2026: (12, 22), 2027: (12, 22), 2028: (12, 21), 2029: (12, 21)},
    "春节": {2025: (1, 29), 2026: (2, 17), 2027: (2, 6), 2028: (1, 26), 2029: (2, 13)},
    "元宵": {2025: (2, 12), 2026: (3, 3), 2027: (2, 20), 2028: (2, 9), 2029: (2, 27)},
    "清明": {2025: (4, 4), 2026: (4, 5), 2027: (4, 5), 2028: (4, 4), 2029: (4, 4)},
    "端午": {2025: (5, 31), 2026: (6, 19), 2027: (6, 9), 2028: (5, 28), 2029: (6, 16)},
    "中秋": {2025: (10, 6), 2026: (9, 25), 2027: (9, 15), 2028: (10, 3), 2029: (9, 22)},
    "重阳": {2025: (10, 29), 2026: (10, 18), 2027: (10, 8), 2028: (10, 26), 2029: (10, 16)},
}
_SOLAR: dict[str, tuple[int, int]] = {
    "元旦": (1, 1), "五一": (5, 1), "劳动节": (5, 1), "国庆": (10, 1), "十一": (10, 1), "六一": (6, 1),
    "双十一": (11, 11), "双11": (11, 11), "双十二": (12, 12), "双12": (12, 12), "圣诞": (12, 25),
}  # fmt: skip
_DAYS_OFF = {"春节": 7, "国庆": 7, "十一": 7, "五一": 5, "劳动节": 5}
"""How long the break usually is, for 国庆后; the bank's calendar knows the real one."""


@dataclass(frozen=True)
class When:
    """A date or time found. `value` is ISO (day, month `2027-03`, year `2027`) or HH:MM; `unit` says what was written:
    day, month, year, weekday, week, word (明天, 春节) or time."""

    value: str
    unit: str
    start: int
    end: int


def first_day(value: str) -> date | None:
    """The first day an ISO value of any precision stands for, or None."""
    parts = value.split("-")
    try:
        return date(int(parts[0]), int(parts[1]) if len(parts) > 1 else 1, int(parts[2]) if len(parts) > 2 else 1)
    except (ValueError, IndexError):
        return None


def find_when(text: str, at: int, today: date, *, rate_talk: bool = False) -> When | None:
    """The date or time that begins at offset `at`, or None. `rate_talk`: 3点 is a rate here, not a clock."""
    if text[at].isdigit() or text[at] in _N:
        return _numeric(text, at, today, rate_talk)
    clock = _CLOCK.match(text, at)
    if clock:
        return _clock(clock)
    found = _RELATIVE.match(text, at)
    if found is None or ((text[max(0, at - 1) : at] or "。") in _COUNTED and text[at] in "年周星礼"):
        return None
    return _relative(found, today)


def _numeric(text: str, at: int, today: date, rate_talk: bool) -> When | None:
    before = text[at - 1 : at]
    for pattern in (_FULL, _COMPACT, _YEAR_ONLY, _MONTH_DAY, _SLASH):
        found = pattern.match(text, at)
        if found and before not in tuple("十百千万每"):
            when = _calendar(found, today, text)
            if when:
                return when
    fest = _RELATIVE.match(text, at)
    if fest:
        return _relative(fest, today)
    clock = _CLOCK.match(text, at)
    if clock and not rate_talk and (clock["h2"] or _plausible_clock(text, clock)):
        return _clock(clock)
    day = _DAY_ONLY.match(text, at)
    if day and before not in tuple("十百千万每+零一二三四五六七八九前次"):
        return _day(day, today, text)
    return None


def _plausible_clock(text: str, found: re.Match[str]) -> bool:
    """一点 is a little, 两点 may be two points, 三点二 is a decimal; with 半, 钟 or minutes it is the clock."""
    whole = found[0]
    if found["half"] or whole[-1] not in "点":
        return True
    after = text[found.end() : found.end() + 2]
    if after[:1] and after[:1] in "零一二两三四五六七八九0123456789儿要建原理意疑想都也几":
        return after[:1] in "要都也" and found["h"] not in ("一", "两")
    before = text[max(0, found.start() - 2) : found.start()]
    if found["h"] in ("一", "两", "几") or before[-1:] in ("个", "这", "有", "说", "第"):
        return before in ("明天", "今天", "后天", "周五", "早上")
    return before[-1:] not in ("到", "涨", "跌", "破") or found["h"].isdigit() is False


def _clock(found: re.Match[str]) -> When | None:
    hour = int(parse_han(found["h"] or found["h2"]))
    minute = 0
    if found["h"] and not found["half"] and 1 <= hour <= 6:
        hour += 12  # nobody asks a bank about three in the morning
    if found["half_hour"]:
        minute = 30
    elif found["q"]:
        minute = 15 if found["q"] == "一刻" else 45
    elif found["mi"] or found["mi2"]:
        minute = int(parse_han(found["mi"] or found["mi2"]))
    if (found["half"] in _PM and hour < 12) or (found["half"] == "中午" and hour < 4):
        hour += 12
    if hour > 24:
        return None
    return When(f"{hour:02d}:{minute:02d}", "time", found.start(), found.end())


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _last(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def _part(year: int, month: int, part: str) -> str | None:
    """The day of 上旬, 月底 and their like; the month itself for 份 or nothing."""
    if part in ("底", "末", "下旬"):
        return _iso(year, month, _last(year, month))
    if part in ("初", "上旬"):
        return _iso(year, month, 1)
    if part in ("中", "中旬"):
        return _iso(year, month, 15)
    return f"{year:04d}-{month:02d}"


def _group(found: re.Match[str], name: str) -> str:
    return found.groupdict().get(name) or ""


def _calendar(found: re.Match[str], today: date, text: str) -> When | None:
    """Full and partial calendar dates."""
    part = _group(found, "part")
    year_text = _group(found, "y")
    year = int(parse_han(year_text)) if year_text else 0
    if year_text and year < 100:
        year += 2000
    if not _group(found, "m"):
        value = {"底": f"{year}-12-31", "末": f"{year}-12-31", "初": f"{year}-01-01", "中": f"{year}-07-01"}.get(
            part, f"{year}"
        )
        return When(value, "day" if part else "year", found.start(), found.end())
    month = int(parse_han(found["m"]))
    if not _group(found, "d"):
        if not found[0].rstrip("上中下旬底末初份").endswith("月"):
            return None
        if not year:
            year = today.year if month >= today.month - 2 else today.year + 1
            if _PAST.match(text, found.end()) and date(year, month, 1) > today:
                year -= 1
        month_value = _part(year, month, part)
        return When(month_value or "", "month", found.start(), found.end())
    day = int(parse_han(found["d"]))
    if not year:
        year = _nearest_year(month, day, today, past=bool(_PAST.match(text, found.end())))
    value_or_none = _iso(year, month, day)
    return When(value_or_none, "day", found.start(), found.end()) if value_or_none else None


def _nearest_year(month: int, day: int, today: date, *, past: bool) -> int:
    """The year meant by a month and day: the next one, unless it was within the last 60 days or is told as past."""
    years = (today.year - 1, today.year, today.year + 1)
    days = [(y, date(y, month, min(day, _last(y, month)))) for y in years]
    if past:
        return max((y for y, d in days if d <= today), default=today.year)
    return min((y for y, d in days if d >= today - timedelta(days=60)), default=today.year)


def _day(found: re.Match[str], today: date, text: str) -> When | None:
    day = int(parse_han(found["d"]))
    year, month = today.year, today.month
    past = bool(_PAST.match(text, found.end()))
    if day < today.day and not past:
        year, month = _shift(year, month, 1)
    elif day > today.day and past:
        year, month = _shift(year, month, -1)
    while _iso(year, month, day) is None:
        year, month = _shift(year, month, -1 if past else 1)
    return When(_iso(year, month, day) or "", "day", found.start(), found.end())


def _shift(year: int, month: int, by: int) -> tuple[int, int]:
    index = year * 12 + month - 1 + by
    return index // 12, index % 12 + 1


def _relative(found: re.Match[str], today: date) -> When | None:
    """Everything said relative to the message's own day."""
    value: str | None
    unit = "word"
    if found["ry"]:
        value, unit = _relative_year(found, today)
    elif found["rm"]:
        by = found["rm"].count("下") - found["rm"].count("上")
        year, month = _shift(today.year, today.month, by)
        day = _group(found, "rd")
        value = _iso(year, month, int(parse_han(day))) if day else _part(year, month, found["mp"] or "")
        unit = "day" if day else "word" if found["mp"] else "month"
    elif found["rw"] and found["wd"]:
        value, unit = _weekday(found["rw"], found["wd"], today).isoformat(), "weekday"
    elif found["week"]:
        by = found["week"].count("下") - found["week"].count("上")
        value, unit = (today - timedelta(days=today.weekday()) + timedelta(weeks=by)).isoformat(), "week"
    elif found["word"]:
        value = _word(found["word"], today)
    else:
        value = _festival(found["fest"], found["side"] or "", today)
    return When(value, unit, found.start(), found.end()) if value else None


def _relative_year(found: re.Match[str], today: date) -> tuple[str | None, str]:
    year = today.year + _REL_YEAR[found["ry"]]
    if found["season"]:
        return _festival(found["season"], "", date(year, 1, 1)), "word"
    if found["m"]:
        month = int(parse_han(found["m"]))
        if found["d"]:
            return _iso(year, month, int(parse_han(found["d"]))), "day"
        return _part(year, month, _group(found, "part")), "month"
    part = (found["yp"] or "").lstrip("年")
    ends = {"底": "12-31", "末": "12-31", "初": "01-01", "中": "07-01", "上半年": "06-30", "下半年": "12-31"}
    return (f"{year}-{ends[part]}", "word") if part else (f"{year}", "year")


def _weekday(week: str, day: str, today: date) -> date:
    by = week.count("下") - week.count("上")
    if day == "末":
        index = 5
    elif day in "日天7":
        index = 6
    else:
        index = int(parse_han(day)) - 1
    target = today - timedelta(days=today.weekday()) + timedelta(days=index)
    if by or week[0] in "这本":
        return target + timedelta(weeks=by)
    return target if target >= today else target + timedelta(weeks=1)


def _word(word: str, today: date) -> str | None:
    if word == "周末":
        return _weekday("周", "末", today).isoformat()
    if word[0] == "月":
        return _part(today.year, today.month, word[1])
    if word in ("年前", "年后"):
        return _festival("春节", word[1], today)
    if word in ("节前", "节后"):
        days = [_festival(name, "", today) for name in ("元旦", "春节", "清明", "五一", "端午", "中秋", "国庆")]
        nearest = min(date.fromisoformat(d) for d in days if d)
        return (nearest + timedelta(days=-1 if word == "节前" else 1)).isoformat()
    if word[0] == "年":
        ends = {"底": "12-31", "末": "12-31", "终": "12-31", "初": "01-01", "中": "07-01"}
        return f"{today.year}-{ends[word[1]]}"
    if word == "当日":
        return None
    by = _WORD_DAYS[word[1]] + (1 if word[1] == "后" else -1) if word[0] == "大" else _WORD_DAYS[word[0]]
    return (today + timedelta(days=by)).isoformat()


def _festival(name: str, side: str, today: date) -> str | None:
    """The next such festival; with 前 the day before, with 后 the day after the usual break."""
    shift = 0
    if name.startswith(("大年", "过年", "除夕", "年三十")):
        shift = (
            -1
            if name in ("除夕", "大年三十", "大年夜", "年三十")
            else int(parse_han(name[-1])) - 1
            if name.startswith("大年初")
            else 0
        )
        name = "春节"
    for year in (today.year, today.year + 1):
        month_day = _SOLAR.get(name) or _LUNAR.get(name, {}).get(year)
        if month_day is None:
            continue
        first = date(year, *month_day) + timedelta(days=shift)
        last = first + timedelta(days=_DAYS_OFF.get(name, 1) - 1)
        if last >= today:
            if side.endswith("前"):
                return (first - timedelta(days=1)).isoformat()
            if side.endswith("后"):
                return (last + timedelta(days=1)).isoformat()
            return first.isoformat()
    return None
