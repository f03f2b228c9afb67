"""G12, G13, G19, G23, G26, G27, G34: the message against the customer's card, the approved list and the channel."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from copilot.types import ProductType
from guardrails.message import Message
from guardrails.polarity import excuse
from guardrails.rule import Hit, Judgement

_LEVEL = re.compile(r"r([1-5])")
_NAMED_LEVEL = (
    (5, re.compile(r"(?<!中)高风险|股票型|杠杆")),
    (4, re.compile(r"中高风险|偏股|权益类|混合型?基金|进取混合")),
)
_RATED: frozenset[ProductType] = frozenset({"wealth", "cash", "fund", "gold", "structured_deposit"})
_INVITED_AGAIN = re.compile(
    r"重新(?:做|评|测)|再(?:做|评|测)一[次下]|先做[^,。]{0,6}(?:测评|评估)|(?:测评|评估|问卷)[^,。!?]{0,8}(?:过期|到期|失效)"
)
_OFFER = re.compile(
    r"可以(?:试试|买|少买|配|考虑|放一?点)|试试|少买点|来点|胆子大|考虑(?:一下|考虑|下)|也能买|跟着?买|上车|进场|定投|拿下|别错过"
    r"|(?:拿|放|转|挪|投|换|搬|匀|冲)[^,。!?;\n]{0,8}?(?:进去|进来|过去|到[^,。!?;\n]{1,8}里)|拿[^,。!?;\n]{0,3}部分|(?:接着|继续)(?:放|做|买|持有这)"
    r"|(?:给|帮|替)[您你](?:看中|挑|选|备|安排|配|锁|约)|(?:(?<![之以])前|尽快|早点|赶紧)买|不如(?:放|买|转|换)|要不(?:就)?(?:把|转|放|换|买)"
)
"""Softer invitations, counted only where the message speaks of a rated product and the customer is known."""
_LINES: dict[ProductType, tuple[str, re.Pattern[str]]] = {
    "wealth": ("理财非存款，产品有风险，投资须谨慎。业绩比较基准不代表未来表现和实际收益。", re.compile(r"理财非存款|不是存款|投资须谨慎|可能(?:会)?(?:亏|损失)|不保本|不保证(?:本金|收益)")),
    "cash": ("理财非存款，产品有风险，投资须谨慎。七日年化收益率不代表未来表现。", re.compile(r"理财非存款|不是存款|投资须谨慎|可能(?:会)?(?:亏|损失)|不保本")),
    "fund": ("基金有风险，投资须谨慎。过往业绩不预示未来表现，请阅读基金合同和招募说明书。", re.compile(r"基金有风险|投资须谨慎|投资有风险|可能(?:会)?(?:亏|损失)")),
    "insurance": ("本产品为保险产品，不是存款，由保险公司承担；退保可能有损失，红利等非保证利益不确定。", re.compile(r"退保[^。]{0,8}损失|不是存款|红利不确定|非保证|红利是不确定")),
    "structured_deposit": ("结构性存款不同于一般存款，收益浮动，投资须谨慎。", re.compile(r"不同于一般|收益(?:是)?(?:浮动|不确定)|投资须谨慎")),
    "gold": ("黄金价格波动，可能亏损，请谨慎决定。", re.compile(r"价格波动|可能亏|谨慎")),
    "pension": ("个人养老金资金封闭管理，达到领取条件前一般不能支取。", re.compile(r"封闭|领取条件|不能支取|退休")),
}  # fmt: skip


def _today(read_message: Message) -> date:
    return read_message.context.at.date() if read_message.context.at else date.today()


def _level_of(read_message: Message) -> int | None:
    """The highest risk level of what the message pitches: from records, else as the text says."""
    levels = [
        int(p.risk_level[1]) for p in read_message.products if p.risk_level and re.fullmatch(r"[rR][1-5]", p.risk_level)
    ]
    if levels:
        return max(levels)
    said = [int(m.group(1)) for m in _LEVEL.finditer(read_message.text)]
    for level, words in _NAMED_LEVEL:
        if words.search(read_message.text):
            said.append(level)
    return max(said) if said else None


def _invitation(read_message: Message) -> tuple[int, int] | None:
    """Where the message pitches; with a customer known, softer words count too."""
    if read_message.pitch is not None:
        return read_message.pitch
    for found in _OFFER.finditer(read_message.text):
        if excuse(read_message.text, *found.span()) is None and _level_of(read_message) is not None:
            return found.span()
    return None


def _holds(read_message: Message) -> bool:
    """Whether every product spoken of is one the customer holds already."""
    customer = read_message.context.customer
    if customer is None or not read_message.products:
        return False
    held = {h.product for h in customer.holdings} | {h.name for h in customer.holdings}
    return all(p.id in held or p.name in held for p in read_message.products)


def above_level(read_message: Message) -> Judgement:
    """G12: a product rated above the customer is pitched."""
    customer = read_message.context.customer
    if customer is None:
        return Judgement(not_checked=True)
    place, level = _invitation(read_message), _level_of(read_message)
    if place is None or level is None or not customer.risk_level:
        return Judgement(not_checked=place is not None and level is None)
    own = re.search(r"[1-5]", customer.risk_level)
    if own is None or level <= int(own.group()):
        return Judgement()
    buys_more = re.search(r"加仓|追加|再买|补仓", read_message.text)
    if _holds(read_message) and not buys_more:
        return Judgement()
    return Judgement((Hit(*place, reason=f"产品风险等级R{level}高于客户的C{own.group()}，不得推介"),))


def assessment(read_message: Message) -> Judgement:
    """G13: a pitch while the assessment is missing or expired."""
    customer = read_message.context.customer
    if customer is None:
        return Judgement(not_checked=True)
    place = _invitation(read_message)
    if place is None or _INVITED_AGAIN.search(read_message.text) or not _rated(read_message):
        return Judgement()
    if not customer.risk_level:
        return Judgement((Hit(*place, reason="客户没有有效的风险测评，先请客户本人测评"),))
    if customer.assessed_on is None or customer.assessed_on + timedelta(days=read_message.valid_days) < _today(
        read_message
    ):
        if customer.assessed_on is None:
            return Judgement(not_checked=True)
        return Judgement((Hit(*place, reason=f"客户的风险测评（{customer.assessed_on}）已过期，先请客户本人重新测评"),))
    return Judgement()


def _rated(read_message: Message) -> bool:
    known = read_message.types
    return not known or bool(known & _RATED)


def vulnerable(read_message: Message) -> Judgement:
    """G13: 65 and older, or a minor, and a product of R4 or R5."""
    customer = read_message.context.customer
    if customer is None:
        return Judgement(not_checked=True)
    place, level = _invitation(read_message), _level_of(read_message)
    if place is None or level is None or level < 4 or customer.age is None:
        return Judgement()
    if customer.age >= 65 or customer.age < 18:
        return Judgement((Hit(*place, reason=f"客户{customer.age}岁，高风险产品须走特别程序，不宜这样推介"),))
    return Judgement()


def disclosure(read_message: Message) -> Judgement:
    """G23: the mandatory lines, once a product is pitched."""
    context = read_message.context
    unknown = context.product_type is None and not read_message.products
    place = read_message.pitch
    if place is None:
        return Judgement(not_checked=unknown)
    for kind in sorted(read_message.types):
        if kind in _LINES:
            line, said = _LINES[kind]
            own = next((p.disclosure for p in read_message.products if p.type == kind and p.disclosure), "")
            if not said.search(read_message.text):
                at = len(read_message.raw)
                return Judgement((Hit(at, at, insert=own or line, raw=True),), unknown)
    return Judgement(not_checked=unknown)


def unlisted(read_message: Message) -> Judgement:
    """G26: a product named in a way the catalogue does not know. Only judged with a catalogue or a product list."""
    context = read_message.context
    if read_message.catalogue is None and context.products is None:
        return Judgement(not_checked=True)
    place = read_message.pitch
    if place is None or read_message.named:
        return Judgement()
    hits = []
    for found in re.finditer(
        r"[「“《]([^」”》\n]{2,20})[」”》](?=[^,。!?;\n]{0,4}(?:理财|基金|产品|保险|年金|计划|这款|信托))",
        read_message.raw,
    ):
        if not excuse(read_message.text, *place):
            hits.append(
                Hit(found.start(1), found.end(1), severity="review", reason="名称不在本行产品清单里，请核对", raw=True)
            )
    return Judgement(tuple(hits))


def not_on_sale(read_message: Message) -> Judgement:
    """G27: a product not yet on sale, closed or matured is pitched."""
    if read_message.catalogue is None and read_message.context.products is None:
        return Judgement(not_checked=True)
    place = read_message.pitch
    if place is None or re.search(r"尚未开售|还没开售|未开售|开售后|等开售|已经停售|已售完", read_message.text):
        return Judgement()
    for product in read_message.products:
        if product.status != "on_sale":
            said = {"upcoming": "尚未开售", "closed": "已停止销售", "matured": "已到期"}[product.status]
            return Judgement((Hit(*place, reason=f"{product.name}{said}，不得推介购买"),))
    return Judgement()


def closing_date(read_message: Message) -> Judgement:
    """G19: a closing date told that is not the product's own."""
    sale = [p.sale_to for p in read_message.products if isinstance(p.sale_to, datetime)]
    if not sale:
        return Judgement(not_checked=not read_message.products)
    hits = []
    last_day = re.compile(
        r"(?:今天|今晚|明天|明晚|本周|这周|周[一二三四五六日])[^,。!?;\n]{0,6}?(?:截止|结束|下架|停售|关闭|最后)"
    )
    for found in last_day.finditer(read_message.text):
        soon = _today(read_message) + timedelta(days=8)
        if all(s.date() > soon for s in sale):
            hits.append(Hit(*found.span(), reason=f"该产品募集截止时间是{sale[0]:%Y-%m-%d}，与所说不符"))
    return Judgement(tuple(hits))


def unreviewed_mass(read_message: Message) -> Judgement:
    """G34: marketing to a group or to many without a reviewed material's id."""
    context = read_message.context
    if context.channel == "one_to_one" or context.material:
        return Judgement()
    place = read_message.pitch
    if place is None:
        offered = re.search(
            r"开售|发售|起购|选购|找我(?:下单|买|办)|理财节|新品|热销|抢购|收益|业绩比较基准", read_message.text
        )
        if offered is None or not (read_message.types_said or read_message.products or context.product_type):
            return Judgement()
        if excuse(read_message.text, *offered.span()) is not None:
            return Judgement()
        place = offered.span()
    return Judgement((Hit(*place),))
