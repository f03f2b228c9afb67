"""A customer's words made comparable without moving an offset: one code point in, one code point out.

Full-width and traditional characters become simple ones, letters lower case, and the commonest dialect characters their
standard word (勿 唔 → 不, 冇 → 没, 係 → 是), so that one pattern reads Shanghai, Cantonese and standard speech alike. Voice-input slips
that are fixed in banking talk (力气 for 利息, 熟回 for 赎回) are mended too, since they keep the length.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from copilot.reading.normalise import fold_character
from copilot.reading.numerals import fold

_DIALECT = str.maketrans(
    "勿唔冇嘅喺佢哋係畀俾咗嘢侬伊伲喇㗎咩㩒攞睇諗谂唞逷俺恁噶滴",
    "不不没的在他们是给给了事你她我了呀吗按拿看想想歇远我那的的",
)
_SLIPS = (
    ("力气", "利息"), ("立息", "利息"), ("熟回", "赎回"), ("赎会", "赎回"), ("数回", "赎回"), ("基经", "基金"), ("鸡金", "基金"),
    ("里财", "理财"), ("离财", "理财"), ("存宽", "存款"), ("道期", "到期"), ("道帐", "到账"), ("到帐", "到账"), ("本经", "本金"),
    ("净直", "净值"), ("片子", "骗子"), ("钱前", "钱钱"), ("葬号", "账号"), ("帐户", "账户"), ("验正码", "验证码"), ("爱皮皮", "APP"),
    ("续费", "续费"), ("大鹅", "大额"), ("定头", "定投"), ("积份", "积分"), ("唐尿病", "糖尿病"), ("钞票", "钱钱"), ("阿拉", "我们"),
    ("哪能", "怎么"), ("咋个", "怎么"), ("朝朝", "朝朝"), ("点解", "为啥"), ("乜嘢", "什么"), ("唔该", "谢谢"), ("晓得", "知道"),
    ("莫得", "没有"), ("没得", "没有"), ("明朝", "明天"), ("今朝", "今天"), ("聽日", "明天"), ("听日", "明天"),
)  # fmt: skip
_BREAK = re.compile(
    r"[，。！？；!?;…~～\n]+|,(?!\d)|(?<=[^\d\s])\s+(?=\S)|(?<=\d)\s+(?=[^\d\s万千百亿元块个年月日天%])|\.{2,}|——+"
)
_LONG = 22
_TURN = re.compile(
    r"(?<!^)(?=(?:但是|可是|不过|就是怕|因为|所以|然后|万一|要是|如果|现在|我想|我怕|我就|还是|结果|又怕|另外|反正|想着|能不能|有没有|你说我))"
)


@dataclass(frozen=True)
class Clause:
    """A clause of a message with its place in the text."""

    text: str
    plain: str
    start: int
    end: int


@lru_cache(maxsize=64)
def plain(text: str) -> str:
    """The text in plain words, of the same length."""
    simple = "".join(f if len(f) == 1 and f.isprintable() else c for c in fold(text) for f in (_one(c),))
    simple = simple.translate(_DIALECT)
    for slip, word in _SLIPS:
        if slip in simple:
            simple = simple.replace(slip, word)
    return simple


def _one(character: str) -> str:
    """The folded character where it stays one visible character, else the character itself."""
    if character.isspace() or not character.isalnum():
        return character
    return fold_character(character)


def clauses(text: str) -> Sequence[Clause]:
    """The clauses of a message; long unpunctuated speech is parted before connectives as well."""
    found: list[Clause] = []
    position = 0
    for stop in [*_BREAK.finditer(text), None]:
        end = stop.start() if stop else len(text)
        found.extend(_parts(text, position, end))
        position = stop.end() if stop else end
    return tuple(found)


def _parts(text: str, start: int, end: int) -> list[Clause]:
    piece = text[start:end]
    cuts = [0, *(m.start() for m in _TURN.finditer(plain(piece)))] if len(piece) > _LONG else [0]
    parts = []
    for a, b in zip(cuts, [*cuts[1:], len(piece)], strict=True):
        words = piece[a:b]
        stripped = words.strip()
        if stripped:
            offset = start + a + words.index(stripped)
            parts.append(Clause(stripped, plain(stripped), offset, offset + len(stripped)))
    return parts
