"""Money among the figures: sums said without a unit, in another currency, and numbers that are no money at all."""

from __future__ import annotations

import re
from collections.abc import Sequence

from copilot.reading.figures import Figure, find_figures
from copilot.types import Entity, Turn

_ASKED = re.compile(r"多少(?:钱)?|金额|几万|多大一笔")
_SPOKEN = re.compile(
    r"(?:取|存|转|买|投|放|整|搁|拿|要|缺|还差|来|打|给我|充|付|交|还|凑|剩|留|够|不搞|按)(?:个|了|出|上)?\s?$"
)
_ENDS = re.compile(r"\s?(?:$|[，。,.!！?？~；;\s]|吧|左右|就(?:行|够)|可以|行|够|进|到|出|能|那笔|都|给我|的大)")
_NO_MONEY_BEFORE = re.compile(
    r"(?:[A-Za-z#]|第|尾号|编号|工号|单号|号码|代码|卡号|型号|拨打?|打了?|按|房号|门牌|公里|高血压|投资经验)\s?$"
)
_NO_MONEY_AFTER = re.compile(
    r"\s?(?:[A-Za-z%‰]|多?个(?!亿)|多?[号页室楼层米克次天年月日线期款档只张平岁户份股步里册字套辆亩台倍度位家件名吨票斤分]|人(?!家)|积分|公里|小时|分钟|单|届|班)"
)
_HOTLINE = re.compile(r"1\d{10}|9[56]\d{3}|12[35]\d{2}|11[09]|12[0-2]|400\d{5,}|0\d{2,3}\d{7,}")
_YEAR = re.compile(r"(?:19[4-9]|20[0-4])\d")
_POINTS = re.compile(r"多?(?:积?分)(?!三|两|一|二|五|几|批|成|期|开|给)")
_TITLE = re.compile(r"百万(?:保障|医疗|富翁|英镑|买家)|401[kK]")
_CURRENCY = re.compile(
    r"(?P<c>日元|日圆|美金|美元|美刀|港币|港纸|港元|欧元|英镑|澳元|澳币|加元|加币)(?:户|账户)?[^\d，。!?\n]{0,4}[,，]?\s?$"
)
_CODES = {"日": "JPY", "美": "USD", "港": "HKD", "欧": "EUR", "英": "GBP", "澳": "AUD", "加": "CAD"}
_MORE = re.compile(r"多(?!少)|出头|来块|余")
LARGE = 1_000_000
"""Who has spoken of a million answers how much in 万."""


def as_money(figure: Figure, text: str, words: str) -> Entity | None:
    """A sum with its unit; None for points, hotlines and names that look like one."""
    around = words[max(0, figure.start - 1) : figure.end + 3]
    if _TITLE.search(around) or _POINTS.match(words, figure.end):
        return None
    raw = words[figure.start : figure.end]
    unit = figure.unit
    if unit == "元" and not any(c in raw for c in "元块币蚊"):
        unit = _said_before(words, figure.start) or unit
    return _entity(text, figure.value, figure.start, _tail(words, figure.end), unit)


def as_bare(figure: Figure, text: str, words: str, history: Sequence[Turn]) -> Entity | None:
    """A number without a unit as the sum it stands for: 月供4300, 取5000, 就买50 (万), or an answer to how much."""
    value = float(figure.value)
    if figure.unit not in ("", "个") or not 1 <= value <= 100_000_000:
        return None
    if _HOTLINE.fullmatch(words[figure.start : figure.end]):
        return None
    money = _spoken(figure, value, words, history)
    if money is None and figure.unit == "" and value >= 100 and _stands_alone(figure, value, words):
        money = value
    if money is None:
        return None
    end = figure.end if figure.unit == "个" else _tail(words, figure.end)
    return _entity(text, money, figure.start, end, _said_before(words, figure.start) or "元")


def _stands_alone(figure: Figure, value: float, words: str) -> bool:
    """Whether a bare number of three digits or more is a sum: no page, year, hotline, room or count of things."""
    raw = words[figure.start : figure.end]
    if _NO_MONEY_BEFORE.search(words, max(0, figure.start - 6), figure.start):
        return False
    if _NO_MONEY_AFTER.match(words, figure.end) or _YEAR.fullmatch(raw):
        return False
    if raw.isdigit():
        return True
    return "百" in raw or "千" in raw


def _spoken(figure: Figure, value: float, words: str, history: Sequence[Turn]) -> float | None:
    """A small number after a word of money, or in answer to a question, is so many 万."""
    asked = bool(history) and history[-1].role == "advisor" and bool(_ASKED.search(history[-1].text))
    answers = asked and (len(words) <= 10 or figure.start <= 2) and not _NO_MONEY_AFTER.match(words, figure.end)
    if figure.unit == "个" and asked and figure.start <= 2 and value >= 5:
        return value * 10_000
    if answers and value < 10_000 and value == int(value) and figure.unit == "" and _speaks_large(history):
        return value * 10_000
    said = _SPOKEN.search(words, max(0, figure.start - 5), figure.start) and _ENDS.match(words, figure.end)
    if not said and not answers:
        return None
    if figure.unit == "个" and value < 5:
        return None
    if value >= 100:
        return value if figure.unit == "" else value * 10_000
    return value * 10_000 if value >= 5 and value == int(value) else None


def _speaks_large(history: Sequence[Turn]) -> bool:
    figures = (f for t in history if t.role == "customer" for f in find_figures(t.text, t.at))
    return any(f.kind == "money" and float(f.value) >= LARGE for f in figures)


def _said_before(words: str, start: int) -> str:
    """The currency named just before a sum (日元户里两千三百万)."""
    found = _CURRENCY.search(words, max(0, start - 12), start)
    return _CODES[found["c"][0]] if found else ""


def _tail(words: str, end: int) -> int:
    more = _MORE.match(words, end)
    return more.end() if more else end


def _entity(text: str, value: float | str, start: int, end: int, unit: str) -> Entity:
    return Entity("amount", text[start:end], value, start, end, unit)
