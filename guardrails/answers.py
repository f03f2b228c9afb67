"""What a bare yes or no says: 是的 to 这款不会亏的对吧 is a promise, though no word of it is one."""

from __future__ import annotations

import re

from copilot.reading.normalise import read
from copilot.types import GuardContext

LONGEST = 26
"""A longer reply speaks for itself."""
_YES = re.compile(
    r"^(?:嗯+|是的?|是[啊呀]|对[的呀啊]?|没错|可以的?|可以这么(?:理解|说|想)|就(?:是)?[这那]?个?(?:意思|数|理)|就是这样|当然|那当然|肯定|一定|必须"
    r"|有的|都有的?|(?:会|能|行|成|好|中|得)(?:的|呀|啊|嘞|吧|[,，]|$)|(?:你|您)?(?:发|来|给|转|打)(?:过来|给我)?吧|包的|妥妥|稳的|放心|那是|完全可以|说得?对|理解得?(?:没错|对)|差不多|您(?:这么)?(?:理解|说|想)(?:得|的)?(?:没错|对|完全可以|也行))"
)
_NO = re.compile(
    r"^(?:绝对|肯定|当然|现在|那是以前|您放心|放心)?[,，]?(?:现在)?(?:不会|没有|没|从来没|从没|从未|不可能|哪会|哪能|怎么会|怎么可能|一分(?:钱)?(?:都|也)?不|不存在|少不了|亏不了)"
)
_DENIAL = re.compile(r"不|没|无|别|难|未|但|可是|不过|看情况|说不准")
_TAIL = re.compile(
    r"[,，]?(?:对吧|是吧|对不对|是不是|行不行?|好不好?|成不成?|对吗|是吗|行吗|好吗|吗|么|吧|呢|嘛|呗|哦|噢|啊|(?<=[^不])不)?[?？。!！~]*$"
)
_EITHER = re.compile(r"(.)[不没]\1")
"""One of two: 会不会, 能不能, 有没有, 保不保, 可不可以."""
_TURNED = str.maketrans({"我": "您", "你": "我", "您": "我"})


def claimed(text: str, context: GuardContext) -> tuple[str, ...]:
    """What a short reply claims by agreeing with the customer's last words or denying them; empty when it does neither.

    Agreed to, her words hold as she said them, and as the advisor would say them: 我把验证码发给你 is then 您把验证码发给我.
    """
    last = context.history[-1] if context.history else None
    if last is None or last.role != "customer":
        return ()
    reply = read(text).text.strip()
    if not reply or len(reply) > LONGEST:
        return ()
    asked = read(last.text).text.strip().split("\n")[-1][-80:]
    if _YES.match(reply) and not _DENIAL.search(reply):
        said = _EITHER.sub(r"\1", _TAIL.sub("", asked))
        return tuple(dict.fromkeys((said, said.translate(_TURNED)))) if said else ()
    if _NO.match(reply) and re.search(r"[?？]|[吗么呢吧嘛]$|会不会|有没有|是不是|过吗|亏|少|跌", asked):
        return (f"{_TAIL.sub('', asked)}?{reply}",)
    return ()
