"""What a bare yes or no says: 是的 to 这款不会亏的对吧 is a promise, though no word of it is one."""

from __future__ import annotations

import re

from copilot.reading.normalise import read
from copilot.types import GuardContext

LONGEST = 26
"""A longer reply speaks for itself."""
_YES = re.compile(
    r"^(?:嗯+|是的?|是[啊呀]|对[的呀啊]?|没错|可以的?|可以这么(?:理解|说|想)|就(?:是)?[这那]?个?(?:意思|数|理)|就是这样|当然|那当然|肯定|一定|必须"
    r"|有的|都有的?|会的|能的|放心|那是|完全可以|说得?对|理解得?(?:没错|对)|差不多|您(?:这么)?(?:理解|说|想)(?:得|的)?(?:没错|对|完全可以|也行))"
)
_NO = re.compile(
    r"^(?:绝对|肯定|当然|现在|那是以前|您放心|放心)?[,，]?(?:现在)?(?:不会|没有|没|从来没|从没|从未|不可能|哪会|哪能|怎么会|怎么可能|一分(?:钱)?(?:都|也)?不|不存在|少不了|亏不了)"
)
_DENIAL = re.compile(r"不|没|无|别|难|未|但|可是|不过|看情况|说不准")
_TAIL = re.compile(r"[,，]?(?:对吧|是吧|对不对|是不是|对吗|是吗|吗|么|吧|呢|嘛|呗|哦|噢|啊)?[?？。!！~]*$")
_CHOICES = (
    ("是不是", "是"),
    ("会不会", "会"),
    ("有没有", "有"),
    ("能不能", "能"),
    ("可不可以", "可以"),
    ("保不保", "保"),
)


def claimed(text: str, context: GuardContext) -> str:
    """What a short reply claims by agreeing with the customer's last words or denying them; empty when it does neither."""
    last = context.history[-1] if context.history else None
    if last is None or last.role != "customer":
        return ""
    reply = read(text).text.strip()
    if not reply or len(reply) > LONGEST:
        return ""
    asked = read(last.text).text.strip().split("\n")[-1][-80:]
    if _YES.match(reply) and not _DENIAL.search(reply):
        for choice, yes in _CHOICES:
            asked = asked.replace(choice, yes)
        return _TAIL.sub("", asked)
    if _NO.match(reply) and re.search(r"[?？]|[吗么呢吧嘛]$|会不会|有没有|是不是|过吗|亏|少|跌", asked):
        return f"{_TAIL.sub('', asked)}?{reply}"
    return ""
