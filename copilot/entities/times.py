"""Which terms and dates matter: how long money stays, and the days something is due.

A term is a span of time of money or a product; years of service, a month's wage and how often are none. A date says a day;
what says only a month, a year or a season is kept for what is still to come and marked so in its unit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from copilot.reading.dates import first_day
from copilot.reading.figures import Figure
from copilot.types import Entity, Turn

ABOUT = frozenset(("month", "year", "week", "about"))
"""Units of dates that name no day."""
_ISO = len("2026-01-01")
_MONTHLY = re.compile(r"每(?:个)?月(?:的|都)?\s?$|(?:账单|扣款|还款|发薪|改成|改到|每月)(?:日)?(?:是|在)?\s?$")
_CLOCK = frozenset(("小时", "分钟"))
_KEPT = re.compile(
    r"(?:存|放|锁|封|封闭|持有|续|滚|垫|扣|断|交|缴|套|躺|压|提前|留|观察|贷|借|放款|投|买|选|做|接|改|换|宽限|延|拖|等|攒|可能|还有|分|期限|展期|短|长|就这|要|满|快|用|最长|最短|最多|超过|不到|试|至少|起码)"
    r"(?:了|个|它|过|着|住|到|成|小|大|到账|的|是|那种|这|你)*\s?$"
)
_TAKEN = re.compile(
    r"\s?(?:期(?!间|待)|(?:左右|上下)?的?(?:短期|中短期|长期|稳健|低风险|定期|定存|死期|大额|大鹅|存单|理财|国债|存款|封闭|持有|滚动|开放|利率|利息|产品|那个|那款|那笔|那种|那张|年金|保险|债)"
    r"|的(?=\s?(?:$|[，。,!！?？\s]|几|差|少|给|各|有|还|能|讲|多|没|现在|跟|和|就|太|也|呢|吧|吗|到|挂))|(?:以|之)?内(?:不|用|要|能|取)|不动|不用|用不|以上|以后(?:取|用|拿|才|就能)|左右(?:能|要|用|取|不)"
    r"|到期|满期|缴|一交|能取|才能|就能取|一分|没挣|亏|跌了|才赚|还是|\d\.\d|放哪|月供|不到|多点|多少|几厘|几个点|给多少|吧|够不)"
)
_ALONE = re.compile(r"(?:^|[，。,.!！?？\s])(?:那?就|要|还是|选|改|是)?\s?$|还是\s?$")
_CLOSES = re.compile(r"\s?(?:吧|的|呗|呢|左右)?\s?(?:$|[，。,.!！?？\s])")
_OFTEN = re.compile(r"(?:每|一)(?:个月|年|天|周|个星期|个礼拜)")
_STRONG = re.compile(
    r"(?:存|放|锁|封闭|持有|续|滚|期限|买|不到|快|攒|试|至少|起码|观察)(?:了|个|它|过|着|住|满|你)*\s?$"
)
_LONGEST = 6 * 365
_LIVED = re.compile(
    r"(?:教|干|做|开|住|跟|认识|结婚|看|打|用|当|读|谈|回来|工作|来|病|哭|上班|学|写|跑|过|放假|放|休|国庆|春节|清明|五一|元旦|怀孕|毕业|去世|没见|工龄|守|陪|忙|拖欠|欠|没(?=了)|走(?=了)|过世|离开|逾期|晚(?=了)|迟(?=了)|失眠|肿|疼|纠结|连着|跑车|跌跌)(?:了|他|她|你|我|您|都|快|大概|将近|有)*\s?$"
)
"""Spans of her life, not of her money."""
_LIVED_AFTER = re.compile(
    r"\s?(?:前|后(?!能|再|用|要|拿|取)|来(?!用)|退休|间|多没|没见|没来|老客|的老|党龄|工龄|假|之前|没睡|没合眼|没动静|没人|没回|大学|研究生|一个|学制|的课|的房租|的工资)"
)
_HOLIDAY = re.compile(r"(?:元旦|国庆|春节|五一|清明|端午|中秋|过年|十一)(?:只|就|都)?放假?\s?$")
_BY_PARTS = re.compile(r"分期|免息|每期|期手续费")
_PARTS = re.compile(r"(?<![第\d])(3|6|9|10|12|18|24|36|48|60)个?期(?!限|间|数?理财)")
_SOME_DAY = "二天"
"""Another day, as they say in the south-west."""
_DELAY = re.compile(r"(?:晚|差|早|断|最后|头|上|这|那|近)\s?$")
_YEAR_OR_GRADE = re.compile(r"\s?(?:退休|级|班|高中|大学|本科|研究生|进去|那会|那年|出生|工龄|党龄|书$|书[，。\s])")
_PAST = re.compile(r"去年|前年|昨|上个?月|上个?(?:周|星期|礼拜)|上上|今年|本年|本月|这个月|当月|当日")
_ABOUT = re.compile(r"周末|年前|年后|节前|节后|年初|年中|过年|春节|今晚")
_SEASON = re.compile(
    r"(?:国庆|中秋|五一|清明|端午|劳动节|十一|春节|过年|元宵|六一|重阳)(?:节)?(?:(?:之|以)?前|假期?|长假|期间)?"
)
_YEAR_END = re.compile(r"(?:明|今|后|本|来)?年(?:年)?(?:底|末|终)")
_DUE = re.compile(r"\s?(?:(?:之|以)?前|到期|要|得|用|交|还|给|拿|取|结|必须|截止)")
_AHEAD = re.compile(r"\s?(?:份|的)?(?:要|得|才|就要|到期|用|交|开学|入学|上学|等着)")
"""What follows a month that is still to come, though this year's has gone by."""
_UNTIL = re.compile(r"(?:到|撑到|撑不[过到]|等到|在|截止)\s?$")
_LUNAR = re.compile(
    r"(?P<w>腊月|正月|大年)(?:初)?(?P<d>三十|二十[一二三四五六七八九]?|廿[一二三四五六七八九]?|十[一二三四五六七八九]?|[一二三四五六七八九])"
    r"|(?P<n>(?<![年最起当我上读念是才在])初(?:[四五六七八九十](?![中高生下个学的年])|[一二三](?=上班|他|她|回|走|去|到|来|前|后|开门)))"
)
_NEW_YEAR = {
    2025: date(2025, 1, 29),
    2026: date(2026, 2, 17),
    2027: date(2027, 2, 6),
    2028: date(2028, 1, 26),
    2029: date(2029, 2, 13),
}
_TWELFTH = 29
"""The last lunar month had, or will have, so many days in each of those years."""
_NUMBER = {c: i for i, c in enumerate("一二三四五六七八九十", 1)}


def as_term(figure: Figure, text: str, words: str) -> Entity | None:
    """A term of money or a product, else None."""
    if _HOLIDAY.search(words, max(0, figure.start - 6), figure.start):
        return None
    if words[figure.start : figure.end] == _SOME_DAY or words[: figure.start].endswith("每"):
        return None
    if figure.unit in _CLOCK or _YEAR_OR_GRADE.match(words, figure.end):
        return None
    raw = words[figure.start : figure.end]
    before, start = words[: figure.start], max(0, figure.start - 6)
    kept = _KEPT.search(words, start, figure.start)
    taken = _TAKEN.match(words, figure.end)
    alone = _ALONE.search(words, start, figure.start) and _CLOSES.match(words, figure.end)
    if not (taken or alone):
        if _OFTEN.fullmatch(raw) and not _STRONG.search(before[-5:]):
            return None
        if _DELAY.search(before[-2:]) and raw.endswith(("天", "年", "月")):
            return None
        if not kept and (_LIVED.search(before[-6:]) or _LIVED_AFTER.match(words, figure.end) or _long(figure)):
            return None
    return Entity("term", text[figure.start : figure.end], figure.value, figure.start, figure.end, figure.unit)


def instalments(text: str, words: str, history: Sequence[Turn]) -> list[Entity]:
    """24期 of a debt paid monthly is a term of 24 months, where instalments are spoken of."""
    last = history[-1].text if history else ""
    if not _BY_PARTS.search(words) and not _BY_PARTS.search(last):
        return []
    return [
        Entity("term", text[m.start() : m.end()], round(int(m[1]) * 365 / 12), *m.span(), "月")
        for m in _PARTS.finditer(words)
    ]


def _long(figure: Figure) -> bool:
    """Longer than money is usually placed for: years of work or of marriage."""
    return float(figure.value) > _LONGEST


def as_date(figure: Figure, text: str, words: str, today: date) -> Entity | None:
    """A date with its precision: a day, or `month`, `year`, `week`, `about` for what is to come; None for what is past."""
    raw = words[figure.start : figure.end]
    value, unit = str(figure.value), figure.unit
    if unit == "day" and _MONTHLY.search(words, max(0, figure.start - 6), figure.start):
        return None
    if raw.startswith("过年") and words[max(0, figure.start - 1) : figure.start] == "不":
        return _year_end(figure, text, words, today)
    if unit != "day" and _PAST.fullmatch(raw.rstrip("的里")) and not raw.startswith("昨天"):
        return None
    if _YEAR_END.fullmatch(raw):
        due = _DUE.match(words, figure.end) or _UNTIL.search(words, max(0, figure.start - 3), figure.start)
        unit, value = ("word", value) if due else ("about", value)
    elif unit == "word" and (_ABOUT.fullmatch(raw) or _SEASON.fullmatch(raw)):
        unit = "about"
    if unit == "month" and len(value) == _ISO:
        unit = "day"
    if len(value) < _ISO:
        unit = "month" if "-" in value else "year"
    first = first_day(value)
    if unit in ABOUT and first and first.replace(day=1) < today.replace(day=1) and unit != "year":
        if unit != "month" or not _AHEAD.match(words, figure.end):
            return None
        value = f"{first.year + 1}{value[4:]}"
    return Entity("date", text[figure.start : figure.end], value, figure.start, figure.end, unit)


def _year_end(figure: Figure, text: str, words: str, today: date) -> Entity | None:
    """撑不过年底 is the year's end, not 过年."""
    if words[figure.end : figure.end + 1] not in ("底", "末"):
        return None
    start, end = figure.start + 1, figure.end + 1
    return Entity("date", text[start:end], f"{today.year}-12-31", start, end, "word")


def lunar_days(text: str, words: str, today: date) -> list[Entity]:
    """正月十五, 腊月二十八, and near the new year 初四: days of the lunar calendar."""
    found = []
    for match in _LUNAR.finditer(words):
        day = _day_number(match["d"] or match["n"][1:])
        when = _lunar(match["w"] or "", day, today)
        if when:
            found.append(Entity("date", text[match.start() : match.end()], when.isoformat(), *match.span(), "day"))
    return found


def _lunar(month: str, day: int, today: date) -> date | None:
    for first in _NEW_YEAR.values():
        when = first + timedelta(days=day - 1)
        if month in ("腊月", "大年") and (month == "腊月" or day == 30):
            when = first - timedelta(days=max(1, _TWELFTH - day + 1))
        if not month and not first - timedelta(days=45) <= today <= first + timedelta(days=20):
            continue
        if when >= today - timedelta(days=10):
            return when
    return None


def _day_number(said: str) -> int:
    said = said.replace("廿", "二十")
    tens, ten, ones = said.rpartition("十")
    return (_NUMBER.get(tens, 1) * 10 if ten else 0) + _NUMBER.get(ones, 0)
