"""G29, G30, G35: personal data of others and of the customer herself, and instructions hidden in a text."""

from __future__ import annotations

import re

from guardrails import injection, orders, privacy
from guardrails.message import Message
from guardrails.polarity import surroundings
from guardrails.rule import Hit, Judgement

_HERS = re.compile(r"[您你]的?(?:[^,。!?;\n]{0,6})(?:卡|身份证|手机|号|证件|账号|护照|邮箱|微信)|核对|预留|登记的")
_OTHERS = re.compile(
    r"(?:他|她|别人|邻居|对方|那位|另一位|另外一位|同事|客户[^您你]{0,6})的?(?:[^,。!?;\n]{0,6})(?:卡|身份证|手机|电话|号|微信)|(?:张|王|李|赵|刘|陈|杨|黄|周|吴)(?:总|姐|哥|阿姨|叔|老师|先生|女士)的?(?:手机|电话|身份证|卡|微信)"
)
_OUR_OWN = re.compile(
    r"(?:我|本人|咱|网点|行里|柜台|客服|大堂|工作|同事|客户经理|网点)的?(?:[^,。!?;\n]{0,5})(?:手机|电话|号|微信|邮箱|联系)"
)


def _is_hers(read_message: Message, item: privacy.Private) -> bool:
    """Whether a number belongs to the customer: she wrote it, or the sentence says so and does not name another."""
    if any(
        item.value in re.sub(r"[^0-9A-Za-z@._+-]", "", t.text)
        for t in read_message.context.history
        if t.role == "customer"
    ):
        return True
    start, end = read_message.reading.folded(item.start, item.end)
    place = surroundings(read_message.text, start, end)
    before = read_message.text[max(place.sentence, start - 20) : start]
    if _OTHERS.search(before):
        return False
    customer = read_message.context.customer
    if customer is not None and customer.name and customer.name in read_message.raw:
        return True
    sentence = read_message.text[place.sentence : place.sentence_end]
    return bool(_HERS.search(sentence)) or (item.kind == "id" and "登记" in sentence and not _names_someone(before))


def _names_someone(before: str) -> bool:
    return bool(
        re.search(
            r"[张王李赵刘陈杨黄周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严武莫孔向汤][一-鿿]{1,2}[^,。]{0,8}[,。:]?[^。]{0,12}$",
            before,
        )
    )


def _is_ours(read_message: Message, item: privacy.Private) -> bool:
    start, _ = read_message.reading.folded(item.start, item.end)
    return bool(
        item.kind in ("mobile", "wechat", "mail") and _OUR_OWN.search(read_message.text[max(0, start - 14) : start])
    )


def others_data(read_message: Message) -> Judgement:
    """Numbers that are not this customer's, nor the advisor's or the bank's own."""
    hits = [
        Hit(p.start, p.end, replacement=privacy.masked(p), raw=True)
        for p in privacy.find(read_message.raw)
        if not _is_ours(read_message, p) and not _is_hers(read_message, p)
    ]
    return Judgement(tuple(hits), read_message.context.customer is None)


def own_data(read_message: Message) -> Judgement:
    """This customer's full numbers; the mask comes as a replacement."""
    hits = [
        Hit(p.start, p.end, replacement=privacy.masked(p), raw=True)
        for p in privacy.find(read_message.raw)
        if _is_hers(read_message, p) and not _is_ours(read_message, p)
    ]
    return Judgement(tuple(hits), read_message.context.customer is None)


def ordered(read_message: Message) -> Judgement:
    """Orders to the system that no pattern names, by the model that also reads customers' messages and documents."""
    if read_message.meaning is None:
        return Judgement(not_checked=True)
    raw = read_message.raw
    heard = orders.bundled()
    return Judgement((Hit(0, len(raw), raw=True),) if heard.probability(raw) >= heard.bar else ())


def hidden_instruction(read_message: Message) -> Judgement:
    """Instructions in what is about to be sent, and in the sources it leans on."""
    hits = []
    for found in injection.scan(read_message.raw):
        quoted = read_message.raw[max(0, found.start - 1) : found.start] in ("“", '"', "「", "『")
        hits.append(Hit(found.start, found.end, "warn" if quoted else None, found.reason, raw=True))
    return Judgement(tuple(hits))
