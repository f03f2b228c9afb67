"""The line above a message that says whose it is: `王姐 2026-11-20 10:02:11`, `王姐@微信 11/20 10:02`, `王姐:`, `[10:02] 王姐：在吗`."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from copilot.pasted.moments import DAY, TIME

LONGEST_NAME = 24
_STAMP = rf"(?:{DAY})?\s*(?:{TIME})"
_NAME_FIRST = re.compile(
    rf"^(?P<name>\S.*?)(?:\s+|(?<=[\u4e00-\u9fff）)@信])(?=\d{{4}}[-/年]))[\[(（]?{_STAMP}[\])）]?$"
)
_TIME_FIRST = re.compile(rf"^[\[(（]?{_STAMP}[\])）]?\s+(?P<name>[^:：]+?)\s*(?:[:：]\s*(?P<words>.*))?$")
_COLON = re.compile(r"^(?P<name>\S.*?)\s*[:：]$")
_INLINE = re.compile(r"^(?P<name>[^:：\s][^:：]*?)\s*[:：]\s*(?P<words>\S.*)$")
_FIRM = re.compile(r"@(?:微信|WeChat|[^@\s]{2,30})$")
_NOT_A_NAME = re.compile(r"[，。！？；、,!?;：:「」“”\"【】<>《》|=]|https?|^[\d\s./-]+$")
_SENTENCE = re.compile(
    r"(?:约|在|到|是|改|改到|点|前|后|于|那就|大概|截止|截至|开始|结束|时间|下午|上午|早上|晚上|今天|明天|后天|昨天"
    r"|(?:周|星期|礼拜)[一二三四五六日天])$"
)
_OPENING = re.compile(
    r"(?:如下|以下|下面|这样|问题|注意|说明|地址|账号|卡号|材料|方式|步骤|备注|时间|电话|资料|一下|的是)$"
)


@dataclass(frozen=True)
class Head:
    """Who, when (the match holds day and time), and what stands on the same line. `sure` when a day was with the time."""

    name: str
    stamp: re.Match[str] | None = None
    words: str = ""
    sure: bool = False


def stamped(line: str, known: Collection[str]) -> Head | None:
    """A head with a time."""
    for pattern in (_NAME_FIRST, _TIME_FIRST):
        found = pattern.match(line)
        if not found:
            continue
        part = found.groupdict()
        name, dated = plain_name(part["name"]), bool(part.get("day") or part.get("day2") or part.get("back"))
        if name in known or (_named(name) and not _SENTENCE.search(name)):
            return Head(name, found, part.get("words") or "", dated or bool(part.get("weekday")))
    return None


def alone(line: str, known: Collection[str]) -> Head | None:
    """A head without a time: a name and a colon, the words below."""
    found = _COLON.match(line)
    if not found:
        return None
    name = plain_name(found["name"])
    return Head(name) if name in known or (_named(name, 12) and not _OPENING.search(name)) else None


def inline(line: str, known: Collection[str]) -> Head | None:
    """A head with the words after it; a name that is not known must be a short one."""
    found = _INLINE.match(line)
    if not found:
        return None
    name = plain_name(found["name"])
    return Head(name, None, found["words"]) if name in known or (_named(name, 8) and " " not in name) else None


def plain_name(name: str) -> str:
    """A name without where the person writes from: 王姐@微信 is 王姐."""
    bare = _FIRM.sub("", name.strip()).strip()
    return bare or name.strip()


def _named(name: str, most: int = LONGEST_NAME) -> bool:
    return 0 < len(name) <= most and not _NOT_A_NAME.search(name)
