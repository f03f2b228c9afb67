"""Finds every figure in a text: money, rates, terms, dates, times, T+n, net values, levels, counts.

One pass over the places where a figure can begin; at each the readers are tried in order, and what one reads the others skip.
Words that only look like numerals (一起, 万一, 十分, 百姓) are no figures.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from copilot.reading import units
from copilot.reading.dates import STARTS, find_when
from copilot.reading.numerals import NOT_FIGURES, Number, fold, parse_han, read_number

__all__ = ["Figure", "find_figures", "fold", "parse_han"]

FigureKind = Literal["money", "rate", "term", "date", "time", "tplus", "netvalue", "level", "count"]


@dataclass(frozen=True)
class Figure:
    """A figure and its place; `text == original[start:end]`.

    `value` by `kind`: money in units of `unit` (元, USD, …); rate in percent; term in days (月=30, 年=365) with the unit said
    in `unit` (天, 周, 月, 年, 工作日, 小时, 分钟); date ISO, of day, month or year precision, `unit` one of day, month, year,
    weekday, week, word (明天, 月底, 春节: nothing numeric was written); time HH:MM; tplus n of T+n; netvalue a number; level
    R2 or C3; count a bare number with its classifier, if any, in `unit` (岁 for ages). `high` is the upper end of a range.
    """

    kind: FigureKind
    value: float | str
    high: float | None
    unit: str
    text: str
    start: int
    end: int

    @property
    def written(self) -> bool:
        """Whether a numeral was written, rather than a word such as 明天, 下周三 or 春节."""
        return not (self.kind == "date" and self.unit in ("word", "weekday", "week"))


def find_figures(text: str, at: datetime | None = None) -> tuple[Figure, ...]:
    """Every figure of `text` in order, without overlaps; offsets are code points of `text` as given.

    `at` is the moment of the message, for 这周五 and 15号; without it the present counts.
    """
    folded = fold(text)
    today = (at or datetime.now()).date()
    stops = {i: m.end() for m in NOT_FIGURES.finditer(folded) for i in range(m.start(), m.end())}
    figures: list[Figure] = []
    position, length = 0, len(folded)
    while position < length:
        stop = stops.get(position)
        if stop and folded[position] not in STARTS:
            position = stop
            continue
        if folded[position] not in units.CAN_START:
            following = units.NEXT_START.search(folded, position)
            if following is None:
                break
            position = following.start()
            continue
        figure = _read(folded, position, today)
        if figure and not (stop and figure.kind != "date"):
            figures.append(_quoted(figure, text))
            position = figure.end
        else:
            position = stop or _skip(folded, position)
    return tuple(figures)


def _quoted(figure: Figure, text: str) -> Figure:
    quote = text[figure.start : figure.end]
    return Figure(figure.kind, figure.value, figure.high, figure.unit, quote, figure.start, figure.end)


def _skip(text: str, position: int) -> int:
    """Past a run of digits or letters that is no figure, else one on."""
    if text[position].isdigit():
        while position < len(text) and (text[position].isdigit() or text[position] in ",.-"):
            position += 1
        return position
    return position + 1


def _read(text: str, i: int, today: date) -> Figure | None:
    """The figure that begins at `i`, or None."""
    c = text[i]
    previous = text[i - 1 : i]
    if c in units.LETTER_START and c != "净":
        return None if previous.isascii() and previous.isalnum() else _tplus(text, i) or _level(text, i)
    if c == "净":
        return _net_value(text, i)
    if (
        c.isdigit()
        and previous.isascii()
        and (previous.isalpha() or previous == "_")
        and not units.PREFIX.search(text, max(0, i - 4), i)
    ):
        return None
    cue = bool(units.RATE_CUE.search(text, max(0, i - 12), i))
    if c in STARTS or c.isdigit() or c in "零一二两三四五六七八九十":
        when = find_when(text, i, today, rate_talk=cue)
        if when:
            kind: FigureKind = "time" if when.unit == "time" else "date"
            return Figure(kind, when.value, None, "" if kind == "time" else when.unit, "", when.start, when.end)
    prefix = units.RATE_PREFIX.match(text, i)
    if prefix:
        return _fraction(text, prefix)
    if c == "半":
        return _half(text, i)
    if c in units.FUSED_NUMBER:
        return _fused(text, i)
    if c not in units.NUMERAL_START:
        return None
    return _number(text, i, cue)


def _tplus(text: str, i: int) -> Figure | None:
    found = units.TPLUS.match(text, i)
    return Figure("tplus", parse_han(found[1]), None, "", "", i, found.end()) if found else None


def _level(text: str, i: int) -> Figure | None:
    found = units.LEVEL.match(text, i)
    if not found:
        return None
    n = found["n"]
    number = "ⅠⅡⅢⅣⅤ".find(n) + 1 or int(parse_han(n))
    letter = "C" if found["pre"] in "Cc" else "R"
    return Figure("level", f"{letter}{number}", None, "", "", i, found.end())


def _net_value(text: str, i: int) -> Figure | None:
    """The number after 净值; the figure covers the number alone."""
    found = units.NETVALUE.match(text, i)
    return Figure("netvalue", parse_han(found["n"]), None, "", "", found.start("n"), found.end("n")) if found else None


def _fraction(text: str, prefix: re.Match[str]) -> Figure | None:
    """百分之三点二, 千分之一, 百分之三到四."""
    scale = {"百": 1.0, "千": 0.1, "万": 0.01}[prefix[1]]
    number = read_number(text, prefix.end())
    if number is None:
        return None
    end, high = number.end, number.high
    join = units.JOIN.match(text, end)
    if join:
        again = units.RATE_PREFIX.match(text, join.end())
        upper = read_number(text, again.end() if again else join.end())
        if upper and upper.value > number.value and (again or not _unit(text, upper)):
            end, high = upper.end, upper.value
    half = text[end : end + 1] == "半"
    value = number.value + (0.5 if half else 0.0)
    return Figure(
        "rate", _round(value * scale), _round(high * scale) if high else None, "%", "", prefix.start(), end + half
    )


def _half(text: str, i: int) -> Figure | None:
    """半年, 半个月, 半个点, 半小时."""
    found = units.HALF.match(text, i)
    if not found:
        return None
    unit = found["u"]
    if unit == "个点":
        return Figure("rate", 0.5, None, "%", "", i, found.end())
    for key, name, days in (("年", "年", 182.0), ("月", "月", 15.0), ("时", "小时", 1 / 48), ("钟", "小时", 1 / 48)):
        if key in unit:
            return Figure("term", _round(days), None, name, "", i, found.end())
    return Figure("term", 3.5, None, "周", "", i, found.end())


def _fused(text: str, i: int) -> Figure | None:
    """俩月, 仨礼拜."""
    found = units.FUSED.match(text, i)
    if not found:
        return None
    name = "month" if found["u"].endswith("月") else "season" if found["u"] == "季度" else "week"
    days = units.FUSED_NUMBER[found["n"]] * units.TERM_DAYS[name]
    return Figure("term", _round(days), None, units.TERM_NAMES[name], "", i, found.end())


@dataclass(frozen=True)
class _Unit:
    """What stands after a number: how to scale it (`factor`), what to add (半), and where it ends."""

    kind: FigureKind
    unit: str
    factor: float
    end: int
    extra: float = 0.0
    start: int | None = None


def _number(text: str, i: int, cue: bool) -> Figure | None:
    """A number with its unit, a range of two, or a bare count."""
    number = read_number(text, i)
    if number is None:
        return None
    unit = _unit(text, number)
    ranged = _range(text, number, unit, cue)
    if ranged:
        return ranged
    if unit:
        value = _round(number.value * unit.factor + unit.extra)
        high = _round(number.high * unit.factor + unit.extra) if number.high else None
        return Figure(unit.kind, value, high, unit.unit, "", i if unit.start is None else unit.start, unit.end)
    return _bare(text, number, cue)


def _range(text: str, low: Number, unit: _Unit | None, cue: bool) -> Figure | None:
    """3到3.5%, 2.60%—3.10%, 10-20万, 三到六个月: one figure with an upper end."""
    join = units.JOIN.match(text, unit.end if unit else low.end)
    if join is None or (join[0].strip() == "、" and (unit or low.scaled)):
        return None
    high = read_number(text, join.end())
    if high is None:
        return None
    upper = _unit(text, high)
    if upper is None:
        if not (high.scaled and low.value):
            return None
        upper = _Unit("money", "元", 1.0, high.end) if _money_scale(text, high) else None
        if upper is None:
            return None
    if unit and unit.kind != upper.kind:
        return None
    factor = unit.factor if unit else upper.factor
    value = low.value * factor + (unit.extra if unit else 0.0)
    top = (high.high or high.value) * upper.factor + upper.extra
    if not unit and not low.scaled and high.scaled and upper.kind == "money" and low.value < 1000:
        size = 10_000.0 if "万" in text[high.start : high.end] or text[high.end - 1] in "wW" else 1.0
        value *= size
    if (
        upper.kind == "money"
        and unit is None
        and upper.factor == 1.0
        and low.value < 1000
        and not high.scaled
        and low.value > high.value
    ):
        return None
    if value >= top:
        return None
    return Figure(upper.kind, _round(value), _round(top), upper.unit, "", low.start, upper.end)


def _unit(text: str, number: Number) -> _Unit | None:
    """The unit after a number: rate, term, money."""
    end = number.end
    rate = units.RATE_UNIT.match(text, end)
    if rate:
        factor = 0.1 if rate["mille"] else 0.01 if rate["bp"] else 10.0 if rate["tenth"] else 1.0
        return _Unit("rate", "bp" if rate["bp"] else "%", factor, rate.end(), 0.5 if rate["half"] else 0.0)
    term = units.TERM_UNIT.match(text, end)
    if term and not (term["year"] and number.value > 130) and not (term["day"] and number.value > 20000):
        name = next(k for k in units.TERM_DAYS if term[k])
        half = any(term[k] for k in ("half", "half2", "half3", "half4"))
        extra, end = (units.TERM_DAYS[name] / 2 if half else 0.0), term.end()
        on = units.MONTHS_ON.match(text, end) if name == "year" and not half else None
        if on:
            extra, end = parse_han(on["n"]) * units.TERM_DAYS["month"], on.end()
        return _Unit("term", units.TERM_NAMES[name], units.TERM_DAYS[name], end, extra)
    money = units.MONEY_UNIT.match(text, end)
    if money and (text[number.start : end] != "一" or money["cur"] != "块" or money["scale"]):
        factor = parse_han("一" + money["scale"]) if money["scale"] else 1.0
        extra = parse_han(money["small"]) / 10 if money["small"] else 0.0
        return _Unit("money", _currency(money["cur"]), factor, money.end(), extra)
    wan = units.W_UNIT.match(text, end)
    if wan:
        return _Unit("money", "元", 10_000.0, wan.end())
    prefix = units.PREFIX.search(text, max(0, number.start - 4), number.start)
    if prefix:
        return _Unit("money", _currency(prefix["cur"]), 1.0, end, start=prefix.start())
    if _money_scale(text, number):
        return _Unit("money", "元", 1.0, _more(text, end))
    return None


def _currency(text: str) -> str:
    key = text.lower()
    if text in ("$", "US$"):
        return "USD"
    if text == "HK$":
        return "HKD"
    return units.CURRENCY.get(key) or units.CURRENCY.get(key[0], "元")


def _more(text: str, end: int) -> int:
    """Past a trailing 多 or 来 that belongs to the number (20万多)."""
    return end + 1 if text[end : end + 1] in ("多", "来") and text[end + 1 : end + 2] not in ("少", "么") else end


def _money_scale(text: str, number: Number) -> bool:
    """Whether a number with 万, 亿, k or w (or a spoken 三千 in money talk) is money without its unit."""
    raw = text[number.start : number.end]
    if raw[0] == "万" and len(raw) > 1:
        return False
    if not number.scaled or units.NOT_MONEY_AFTER.match(text, number.end):
        return False
    if not any(c in raw for c in "零一二两三四五六七八九十几数0123456789"):
        return raw in ("百万", "千万") or (
            raw in ("百", "千", "亿", "万")
            and text[number.start - 1 : number.start] in ("上", "过", "近", "超")
            and raw == "亿"
        )
    if any(c in raw for c in "万亿kKwW"):
        return text[number.end : number.end + 1] != "个" or bool(units.NOUN_AFTER.match(text, number.end + 1))
    return bool(units.NOUN_AFTER.match(text, number.end)) and (not number.han or bool(units.MONEY_TALK.search(text)))


def _bare(text: str, number: Number, cue: bool) -> Figure | None:
    """A number without a unit: a rate after 利率, 万 said as 个, else a count; a lone Han numeral is none."""
    raw = text[number.start : number.end]
    after = text[number.end : number.end + 1]
    classifier = units.CLASSIFIER.match(text, number.end)
    decimal = "." in raw or "点" in raw
    near = units.STRONG_RATE_CUE.search(text, max(0, number.start - 10), number.start)
    spoken = (
        decimal
        and 0.3 <= number.value <= 8
        and units.RATE_AFTER.match(text, number.end)
        and units.RATE_TALK.search(text)
    )
    if number.value < 20 and ((decimal and cue) or spoken or (near and (not classifier or classifier["c"] == "点"))):
        end = number.end + (1 if after == "点" else 0)
        return Figure("rate", number.value, number.high, "%", "", number.start, end)
    if number.han and (
        len(raw) == 1 or (not number.scaled and "十" not in raw and not decimal and len(raw) < 3 and not number.high)
    ):
        lone = len(raw) == 1 and number.value >= 3 and raw not in "十百千万亿" and after == "个"
        if not ((classifier and (classifier["c"] in ("岁", "周岁", "倍", "折", "克") or raw == "十")) or lone):
            return None
    if classifier and classifier["c"] == "个":
        money = _as_wan(text, number, classifier.end())
        if money:
            return money
    if number.han and classifier and number.value < 10 and classifier["c"] not in ("岁", "周岁", "倍", "折", "克"):
        return None
    if raw[0] == "万" and len(raw) > 1:
        return (
            Figure("rate", _round(parse_han(raw[1:]) / 100), None, "%", "", number.start, number.end)
            if "费" in text or "佣" in text
            else None
        )
    if not any(c in raw for c in "零一二两三四五六七八九十几0123456789"):
        return None
    unit, end = (classifier["c"], classifier.end()) if classifier else ("", number.end)
    return Figure("count", number.value, number.high, unit, "", number.start, end)


def _as_wan(text: str, number: Number, end: int) -> Figure | None:
    """30个, 二十来个 in money talk: so many 万."""
    counted = text[end : end + 1] == "数" and text[end : end + 2] not in ("数据", "数字")
    if number.value > 2000 or not (counted or units.NOUN_AFTER.match(text, end)):
        return None
    before = units.MONEY_BEFORE.search(text, max(0, number.start - 5), number.start)
    if not before and not counted and (number.value < 10 or not units.MONEY_TALK.search(text)):
        return None
    high = _round(number.high * 10_000) if number.high else None
    return Figure("money", _round(number.value * 10_000), high, "元", "", number.start, _more(text, end))


def _round(value: float) -> float:
    """Free of binary dust, whole days for half years."""
    rounded = round(value, 6)
    return (
        float(int(rounded))
        if rounded > 100 and abs(rounded - int(rounded) - 0.5) < 1e-9 and rounded < 40_000
        else rounded
    )
