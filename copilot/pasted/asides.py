"""Lines of a chat that nobody said: days between messages, withdrawn messages, the program's own words."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from copilot.pasted.moments import DAY, TIME
from copilot.pasted.values import AsideKind, Quote

_RULE = r"[-—–─＝=_*·\s]"
_DAY_BETWEEN = re.compile(rf"^{_RULE}{{2,}}{DAY}\s*(?:{TIME})?{_RULE}*$")
_MOMENT_ALONE = re.compile(rf"^{DAY}\s*{TIME}$")
RULE = re.compile(r"^(?:[-—–─]\s*){3,}$")
_RECALLED = re.compile(
    r"^(?P<quote>[\"“「])?(?P<who>.{1,24}?)[\"”」]?\s*撤回了?(?:一|\d+)条(?:成员)?消息(?:\s*重新编辑)?$"
)
_RECALLED_EN = re.compile(r"^(?:You|.{1,24}) recalled a message\.?$")
_SYSTEM = re.compile(
    r"^(?:以上是打招呼的(?:内容|消息)|以下(?:是|为)(?:新消息|打招呼的内容)|[-—–─\s]*以下(?:是|为)新消息[-—–─\s]*"
    r"|(?:你|您)已添加了.{1,30}?[,，]?\s*(?:现在)?可以开始聊天了。?|.{1,24}(?:已)?通过了(?:你|您)的(?:朋友|好友)验证请求.*"
    r"|我通过了(?:你|您)的(?:朋友|好友)验证请求.*|对方正在输入(?:…|\.\.\.)?|消息已发出，但被对方拒收了。?"
    r"|[\"“]?.{1,24}[\"”]?\s*邀请[\"“]?.{1,40}[\"”]?加入了群聊.*|收到红包，请在手机上查看|\[?该消息类型暂不(?:支持|能展示).*\]?"
    r"|[\"“]?.{1,24}[\"”]?\s*拍了拍\s*[\"“]?.{1,24}[\"”]?.*|已读|未读|\d+人(?:已读|未读)|全部已读|对方已是.{1,20}外部联系人.*"
    r"|(?:你|您)和.{1,24}已成为(?:微信)?(?:好友|联系人).*|群聊的聊天记录|.{1,24}和.{1,24}的聊天记录)$"
)
_MEDIA = re.compile(
    r"^\[(?:图片|照片|语音|语音消息|视频|短视频|小视频|文件|动画表情|表情|链接|位置|地理位置|名片|个人名片|小程序|聊天记录"
    r"|转账|微信转账|红包|微信红包|语音通话|视频通话|音频|笔记|视频号|收藏|Photo|Image|Voice|Video|File|Sticker|Link|Location"
    r"|Contact Card|Mini Program|Chat History)\](?:\s*\S.*)?$",
    re.IGNORECASE,
)
OPENING, CLOSING, LONGEST_QUOTE = '「“"', '」”"', 40
_QUOTED = re.compile(r"^[「“\"](?P<inside>.+)[」”\"]$", re.DOTALL)
_QUOTED_ON_ONE = re.compile(r"^[「“\"](?P<inside>.+?)[」”\"]\s*(?:[-—–─]\s*){3,}(?P<rest>.*)$", re.DOTALL)
_WHOSE = re.compile(r"^(?P<who>[^:：\n]{1,24}?)\s*[:：]\s*(?P<words>.+)$", re.DOTALL)


@dataclass(frozen=True)
class Found:
    """A line that is no message; `stamp` holds the day, and the time, that it names."""

    kind: AsideKind
    stamp: re.Match[str] | None = None


def aside(line: str, speakers: Collection[str]) -> Found | None:
    """What a line is when nobody said it; None when somebody may have."""
    for pattern in (_DAY_BETWEEN, _MOMENT_ALONE):
        if found := pattern.match(line):
            return Found("time", found)
    gone = _RECALLED.match(line)
    if gone and (gone["quote"] or gone["who"].strip() in ("你", "您", "对方", *speakers)):
        return Found("recalled")
    if _RECALLED_EN.match(line):
        return Found("recalled")
    return Found("system") if _SYSTEM.match(line) or RULE.match(line) else None


def media(text: str) -> bool:
    """Whether only placeholders of pictures, voice or files were copied."""
    return all(_MEDIA.match(line) for line in text.split("\n"))


def quoted_lines(lines: list[tuple[int, str]]) -> frozenset[int]:
    """Numbers of the lines that go on with a quotation above them: its own further lines, the rule, and the first of the reply."""
    found: set[int] = set()
    for start, (_, line) in enumerate(lines):
        if line[0] not in OPENING or lines[start][0] in found:
            continue
        for end in range(start + 1, min(start + LONGEST_QUOTE, len(lines) - 1)):
            if RULE.match(lines[end][1]):
                if lines[end - 1][1][-1] in CLOSING:
                    found.update(n for n, _ in lines[start + 1 : end + 2])
                break
    return frozenset(found)


def unquoted(lines: list[str]) -> tuple[Quote | None, int]:
    """The message quoted at the top of a reply, and how many of its lines belong to it; with what follows the rule kept back."""
    for n, line in enumerate(lines[1:], 1):
        if RULE.match(line) and n + 1 < len(lines) and (found := _QUOTED.match("\n".join(lines[:n]))):
            return _quote(found["inside"]), n + 1
    return None, 0


def split_quote(line: str) -> tuple[Quote, str] | None:
    """A quotation and its reply on one line."""
    found = _QUOTED_ON_ONE.match(line)
    return (_quote(found["inside"]), found["rest"].strip()) if found and found["rest"].strip() else None


def _quote(inside: str) -> Quote:
    whose = _WHOSE.match(inside.strip())
    return Quote(whose["who"], whose["words"].strip()) if whose else Quote("", inside.strip())
