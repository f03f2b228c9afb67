"""G05 and G33 as rules: figures and claims against what the records say."""

from __future__ import annotations

import re

from guardrails import grounding
from guardrails.message import Message
from guardrails.rule import Hit, Judgement

_LIQUID = re.compile(
    r"(?:随时|随取|任意时间|任何时候|什么时候|想取就|想用就|提前|中途|封闭期[内里]?)[^,。!?;\n]{0,8}?(?:赎回|取出?|支取|提前取|拿出来|退出|取走)[^,。!?;\n]{0,4}"
)
_CLOSED = re.compile(r"封闭|锁定期|最短持有|不能提前赎回|不可提前|不得提前赎回|不能赎回")
_FREE = re.compile(r"(?:不收|没有|免|零|无)(?:任何)?(?:管理费|手续费|申购费|赎回费|费用|托管费)")


def ungrounded(read_message: Message) -> Judgement:
    """Figures about a product that no record carries."""
    if not grounding.has_records(read_message):
        return Judgement(not_checked=True)
    return Judgement(
        tuple(Hit(f.start, f.end, reason=reason, raw=True) for f, reason in grounding.unsupported_figures(read_message))
    )


_OTHER_MONEY = re.compile(r"手[边头上里]|名下|别的|其他|另外|留|备")
_OTHER_PART = re.compile(r"(?:赎回|取出?|支取|拿出来|取走)的(?:那|部分|活钱|另)")
"""Around words of access: money of hers that lies elsewhere (手边随时能取的那部分), not the product's promise."""


def unsupported(read_message: Message) -> Judgement:
    """Liquidity and fees told against the product's own words, or against the message's own."""
    text = read_message.text
    records = grounding.record_text(read_message)
    hits = []
    for found in _LIQUID.finditer(text):
        before = text[max(0, found.start() - 8) : found.start()]
        within = re.search(r"[不没无]", found.group()) or re.search(r"[不没无]能?|无法|难以$", before)
        own = _CLOSED.search(text) and not re.search(r"不封闭|没有封闭|无封闭", text)
        other = _OTHER_MONEY.search(before) or _OTHER_PART.search(text[found.start() : found.end() + 3])
        if (
            not within
            and not other
            and (own or _CLOSED.search(records))
            and not re.search(r"存款|定期|存单|活期|随时赎回的", text)
        ):
            hits.append(Hit(found.start(), found.end()))
    if records:
        for found in _FREE.finditer(text):
            fee = re.search(r"管理费|手续费|申购费|赎回费|托管费", found.group())
            if fee and re.search(rf"{fee.group()}[^,。;\n]{{0,6}}?0*[.0]*[1-9]", records) and fee.group() in records:
                hits.append(Hit(found.start(), found.end()))
    return Judgement(tuple(hits), not grounding.has_records(read_message))
