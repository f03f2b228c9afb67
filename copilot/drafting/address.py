"""How a customer is called: the card's form of address, else the advisor's own, never a bare full name; and how a reply opens."""

from __future__ import annotations

import re
from collections.abc import Sequence

from copilot.types import Turn

NOBODY = "您"
_REF = "{客户.称呼}"
_GREETING = re.compile(r"^(\{客户\.称呼\}，?)?您好[呀啊哇]?[，。！]?")
_TITLES = (
    "先生|女士|小姐|太太|夫人|老师|教授|医生|大夫|律师|老板|经理|主任|院长|校长|师傅|同学|阿姨|叔叔|伯伯|伯母|爷爷|奶奶|姥姥|姥爷|外公|外婆|"
    "大哥|大姐|大叔|大爷|大妈|大娘|大伯|妈妈|爸爸|娭毑|姐|哥|叔|姨|伯|婶|嫂|爷|奶|婆|公|总|工|董|妈|爸|妹|弟"
)
_TITLED = re.compile(rf"(?:{_TITLES})$|^[小老阿]")
_FULL_NAME = re.compile(r"^[\u4e00-\u9fff]{2,4}$")


def address_of(name: str, history: Sequence[Turn] = ()) -> str:
    """What `{客户.称呼}` says: 王姐 stays 王姐; 王秀兰 is what the advisor has called her (王阿姨), else 您."""
    name = name.strip()
    if not name:
        return NOBODY
    if not _FULL_NAME.match(name) or _TITLED.search(name):
        return name
    called = re.compile(rf"{re.escape(name[0])}(?:{_TITLES})")
    for turn in reversed(history):
        if turn.role == "advisor" and (found := called.search(turn.text)):
            return found.group()
    return NOBODY


def opening(template: str, called: str, history: Sequence[Turn]) -> str:
    """A reply as it opens in this talk: greeted once, and called by name where neither it nor the advisor's last line does."""
    spoken = [turn.text for turn in history if turn.role == "advisor"]
    greeting = _GREETING.match(template) if spoken else None
    if greeting is not None and greeting.end() < len(template):
        template = f"{_REF}，{template[greeting.end() :]}" if greeting[1] else template[greeting.end() :]
    if called == NOBODY or _REF in template or (spoken and called in spoken[-1]):
        return template
    return f"{_REF}，{template}"
