"""Han and mixed numerals as people type them: 20万, 两万五, 十来万, 三点二, 3k.

Every function reads *folded* text: `fold` maps one code point to one code point, so offsets stay those of the original.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FROM = (
    "〇○貳叁參肆伍陸柒捌玖壹贰陆拾佰仟萬億兩點個號後週這過國慶節塊錢幾來幣歲時淨級鐘禮間開餘數聖誕終臘陰曆當"
    "％：＋－．～／￥＄﹪–−﹣"
)
_TO = (
    "零零二三三四五六七八九一二六十百千万亿两点个号后周这过国庆节块钱几来币岁时净级钟礼间开余数圣诞终腊阴历当"
    "%:+-.~/¥$%---"
)
_FOLD: dict[int, str] = {ord(a): b for a, b in zip(_FROM, _TO, strict=True)}
_FOLD.update({0xFF10 + i: str(i) for i in range(10)})
_FOLD.update({0xFF21 + i: chr(65 + i) for i in range(26)})
_FOLD.update({0xFF41 + i: chr(97 + i) for i in range(26)})
_FOLD.update({0x2460 + i: str(i + 1) for i in range(9)})

DIGITS = "零一二两三四五六七八九"
MAGNITUDES = "十百千万亿"
HAN = DIGITS + MAGNITUDES

_DIGIT: dict[str, int] = {**{c: i for i, c in enumerate("零一二三四五六七八九")}, "两": 2}
_MAGNITUDE: dict[str, float] = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
_LATIN: dict[str, float] = {"k": 1_000, "w": 10_000}

_TOKEN = re.compile(r"\d+(?:\.\d+)?|[零一二两三四五六七八九十百千万亿]")
_DECIMAL = re.compile(r"([零一二两三四五六七八九十百千\d]+)点([零一二两三四五六七八九\d]+)([十百千万亿]*)")
_CONSECUTIVE = re.compile(r"(.*十)?([一二两三四五六七八九])([二两三四五六七八九])([十百千万亿]*)")

_ARABIC = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
NUMBER = re.compile(
    rf"(?:(?:{_ARABIC})(?:\s?[十百千万亿]+(?:\d[百千](?:\d[百十])?|\d(?![\d.:%])|[零一二两三四五六七八九][{HAN}]*)?)?"
    rf"|[{HAN}]+(?:点[{DIGITS}]+[十百千万亿]*)?"
    rf"|[几数](?=[十百千万亿])[{MAGNITUDES}]+)"
    rf"(?:[来多几余]\s?[十百千万亿]+|[来多余](?=个)|几(?=[个年天块元岁])|[kKwW](?![A-Za-z]))?"
)
"""A whole spoken number with its magnitude and approximators, anchored with `.match`."""

_SHORT_TAIL = re.compile(r"(?<=[万亿])(?:[零一二两三四五六七八九]|\d)[十百千\d]*$")
_NOT_SHORT = frozenset("年月个天日期号点%周季次款种家岁折分起下些样直定般共旦边部律时切方向致同档笔张份位")
_AFTER_ONE = frozenset("的块元左多吧了呢，。！？、,.!? \n千百出上以买存放到")


# Words that hold a numeral and are no figure. The first list holds unless it ends a longer numeral (二十一个), the second
# unless any number stands before (20万能存).
_ALWAYS = (
    r"一(?:起|下|样|直|定(?!金)|般|共|些|旦|边|切|律|致|时(?:半会|间)?|向|方面|部分|心|如|再|概|并|会儿?|家(?:人|子|老)?|辈子|生(?!存)|"
    r"流|次性?|来|去|五一十|头|口气|步|面|味|道|句|刻都|眼|点(?:儿|都|也|不|没|点|小|吧|的(?!时))|窍|天到晚|天天|年到头|分钱|毛钱|"
    r"块(?:儿|去|来|吃|办|弄|过|买|存(?!款)|说)|种|位|件|款|类|笔|只|条|项|张|份|股|番|趟|遍|声|手|站|"
    r"个(?!点|半?多?月|半?星期|半?礼拜|亿|半?多?小时|半?钟头|工作日|交易日|百分点|季度))"
    r"|(?:统|唯|之|第|某|专)一(?![万千百亿])|进一步|两(?:种|样|者|边|头|口子|全|难|回事|码事|位|款|件|笔|只|条|项|张|份|类|次|家|个人|家人|代)"
    r"|三(?:心二意|番五次|天两头|方|农|言两语|更半夜|甲|天打鱼|姐|哥|叔|姨|婶|舅|胎|代)|四(?:处|周|面|川|季(?!度)|大行|姐|哥|叔|姨|婶)"
    r"|五(?:花八门|险一金|险|十步)|六神|七(?:上八下|嘴八舌)|八(?:成(?=是|会|要)|卦)|九牛一毛|十(?:全十美|有八九|拿九稳|字路口|足|年八年)"
    r"|二(?:维码|手|次|胎|孩|宝|老|姐|哥|叔|婶|舅|姨|女|儿(?!十))|老[二三四五]|[小大][二三四一](?=上|学|的|娃|要|下)|大三"
    r"|半(?:路|信半疑|夜|途|拉(?!子?年|个?月)|死|吊子|天)|[上下前后]半(?:年|个?月|场|辈子)|[七7][日天]年化|数(?:据|字|额|量|目)|几(?:乎|时)|管(?:他|它)?三七二十一"
    r"|第[一二三四五六七八九十百\d]+(?:个|次|天|年|期|季度|代|位|条|款|项|步)?|[一二三四1234]季度|[一二三四]线城市"
    r"|(?<![最至达提更])[初高][一二三](?![二三四五六七八九十个点成万千百])|24小时(?:热线|客服|营业)"
)
_UNLESS = (
    r"万一|十分(?!之|钟)|千万(?=[，。！\s]|别|不|要|记|小心|当心|可|注意|甭|莫)|亿(?:联|利|达)"
    r"|百(?:姓|度|货|科|般|搭|分百|年好合|年老店|万医疗|家姓|忙|思|闻)|千(?:金|方百计|篇一律|辛万苦|叮万嘱|挑万选)"
    r"|万(?:能|科|达|事|分(?!之)|般|无|不得已|水千山|家|全|物|圣|众|豪|丈|难|幸)"
)
NOT_FIGURES = re.compile(
    rf"(?<![十百零点一二三四五六七八九])(?:{_ALWAYS})|(?<![零一二两三四五六七八九十百千几多来余\d])(?<!\d\s)(?:{_UNLESS})"
)
"""Words that only look like figures, in folded text."""


def fold(text: str) -> str:
    """The text with full-width, traditional and formal numerals folded, one code point for one."""
    return text.translate(_FOLD)


@dataclass(frozen=True)
class Number:
    """A number read at a place. `high` is set for 两三万 and 十几万; `approx` for 来, 多, 几; `scaled` when 万, k or 百 was said."""

    value: float
    high: float | None
    start: int
    end: int
    scaled: bool
    approx: bool
    han: bool


_LARGEST = 1e30
"""So far beyond what is counted, and so far below what a float holds that 万 times of it is still a number."""


_WIDEST = 64
"""Characters of a numeral: a run of thousands is none, and is not to be read anew from each of its places."""


_MAGNITUDES = 6
"""Of 十 百 千 万 亿 alone a numeral has no more: 万万万万万万万 is an outcry."""


def parse_han(text: str) -> float:
    """A numeral in Han characters, digits or both (两万五, 3千万, 三点二, 二零二六) as a number; ValueError when it is none."""
    text = fold(text).replace(",", "").replace(" ", "")
    return _parse(text)


def _parse(text: str) -> float:
    """`parse_han` of a folded text without separators. What is larger than any number of money, days or people is none."""
    value = _value(text)
    if value > _LARGEST:
        raise ValueError(f"larger than any number that is meant: {text[:20]!r}")
    return value


def _value(text: str) -> float:
    if text.isdecimal() or text.replace(".", "", 1).isdecimal():
        return float(text)
    if text and text[-1] in "kKwW":
        return _parse(text[:-1]) * _LATIN[text[-1].lower()]
    decimal = _DECIMAL.fullmatch(text)
    if decimal:
        fraction = "".join(str(_DIGIT.get(c, c)) for c in decimal[2])
        value = float(f"{int(_parse(decimal[1]))}.{fraction}")
        for c in decimal[3]:
            value *= _MAGNITUDE[c]
        return round(value, 6)
    tokens = _TOKEN.findall(text)
    if not tokens or sum(map(len, tokens)) != len(text):
        raise ValueError(f"not a numeral: {text!r}")
    if len(tokens) > 1 and all(t in _DIGIT for t in tokens):
        return float("".join(str(_DIGIT[t]) for t in tokens))
    return _sum(tokens)


def _sum(tokens: list[str]) -> float:
    """Adds up sections of a numeral; a last lone digit after 百 or more stands for the next place (两万五 → 25000)."""
    total = section = 0.0
    number: float | None = None
    last = 1.0
    zero = False
    for token in tokens:
        if token in _MAGNITUDE:
            size = _MAGNITUDE[token]
            if size < 10_000:
                section += (1.0 if number is None else number) * size
            elif size == 10_000:
                total += (section + (number or 0.0) or 1.0) * size
                section = 0.0
            else:
                total = (total + section + (number or 0.0) or 1.0) * size
                section = 0.0
            number, last, zero = None, size, False
        elif token == "零":
            number, zero = 0.0, True
        else:
            number = float(_DIGIT.get(token, 0)) if token in _DIGIT else float(token)
    if number is None:
        number = 0.0
    elif last >= 100 and not zero and number < 10 and len(tokens) > 1:
        number *= last / 10
    return round(total + section + number, 6)


def read_number(text: str, start: int) -> Number | None:
    """The number that begins at `start` of a folded text, or None. A digit that belongs to the next word is left (20万三年)."""
    found = NUMBER.match(text, start, start + _WIDEST)
    if found is None:
        return None
    end = _trim(text, start, found.end())
    raw = text[start:end]
    if not raw or (len(raw) > _MAGNITUDES and set(raw) <= _MAGNITUDE.keys()):
        return None
    han = not raw[0].isdigit()
    approx = any(c in raw for c in "来多几余数")
    scaled = any(c in raw for c in "百千万亿kKwW")
    plain = re.sub(r"[来多余,\s]", "", raw)
    try:
        value, high = _bounds(plain)
    except ValueError:
        return None
    return Number(value, high, start, end, scaled, approx or high is not None, han)


def _bounds(plain: str) -> tuple[float, float | None]:
    """Value and upper end of a numeral without its approximators: 几万, 十几, 两三万, 二十."""
    if plain[0] in "几数":
        size = _parse("一" + plain[1:])
        return 2 * size, 9 * size
    if "几" in plain:
        head, _, tail = plain.partition("几")
        return _parse(head + tail), _parse(head + "九" + tail)
    pair = _CONSECUTIVE.fullmatch(plain)
    if pair and (pair[4] or pair[1] or len(plain) == 2) and _DIGIT[pair[2]] < _DIGIT[pair[3]]:
        head = pair[1] or ""
        return _parse(head + pair[2] + pair[4]), _parse(head + pair[3] + pair[4])
    return _parse(plain), None


def _trim(text: str, start: int, end: int) -> int:
    """Where the number really ends: 20万|三年, 20万|一起, 20万|万一."""
    raw = text[start:end]
    after = text[end : end + 1]
    if raw.endswith("万一") and raw[:-2] and raw[-3] in "万亿":
        return end - 2
    tail = _SHORT_TAIL.search(raw)
    if tail and ((after in _NOT_SHORT and after) or (tail[0] == "一" and after and after not in _AFTER_ONE)):
        return start + tail.start()
    if len(raw) > 1 and raw[-1] == "一" and raw[-2] in "百千" and after in _NOT_SHORT and after:
        return end - 1
    return end
