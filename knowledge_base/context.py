"""What a question is about: the products it names or means, and its words without their names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from types import MappingProxyType

from copilot.reading.normalise import read
from copilot.types import Customer, Product, Turn
from knowledge_base.calendar import OTHER_NAMES
from knowledge_base.expand import expansion
from knowledge_base.library import ContentLibrary

_POINTING = re.compile(
    r"[那这][个款只支笔种期]|它|上次[说讲提]|刚[才刚]?[说讲提]|你[说讲提推][的过荐]|该产品|这产品|那产品|前面[说讲]的|同款|[那这]个?理财"
)
_MINE = re.compile(r"我[那这的]|我[买持手]|我名下|买了|持有|手里[那的]|拿着|到期那|那笔|这笔")
_HOLIDAY = re.compile(r"放假|假期|节前|节后|长假|过节|节假日|休市|调休|假日")
_SOCIAL = re.compile(
    r"^(?:(?:在吗|在不在|在么|在不|你?您?好啊?呀?|早(?:上好|安|啊|呀)?|早晨|(?:早|中|下|晚)(?:上|午)?好|晚安|谢谢啊?你?您?了?哈?|多谢|谢啦|谢了|"
    r"感谢|辛苦了?啊?|好的?呢?吧?啊?呀?嘞?哒?|行吧?啊?|嗯+|哦+|噢+|哈+|嘿+|知道了|明白了?|收到|了解了?|ok|okk*|没事了?|不用了|先这样|"
    r"(?:节日|新年|生日|周末|中秋|国庆|元旦)快乐|恭喜发财|万事如意|身体健康|拜拜|再见|回头聊|客气了?|不客气|吃(?:饭)?了吗|忙不忙|忙吗|"
    r"经理|小[一-龥]|老师|姐|哥|美女|帅哥|您|你|啊|呀|哈|了|呢|的|吧|啦|[一-龥]经理)\s*)+$"
)
_STICKER = re.compile(r"\[[a-z\u4e00-\u9fff]{1,6}\]")
"""A sticker as it arrives in text: [微笑]."""
_PUNCTUATION = re.compile(r"[^\w\s]+")
NAMED, POINTED, MEANT, NEAR = 1.0, 0.9, 0.7, 0.35
"""How surely a product is what the question is about: named, pointed at, one of her own, or just talked about."""
_LOOK_BACK = 6
_ALONE = 14
"""Characters up to which a question may need the talk before it."""
_TOLD = 60


@dataclass(frozen=True)
class Question:
    """A question made ready for search."""

    text: str
    sayings: str
    before: str
    """What she said last, for a question that does not stand alone."""
    told: str
    """The end of what the advisor said last, likewise."""
    products: Mapping[str, float]
    named: frozenset[str]
    holiday: str | None
    social: bool
    pointing: bool


def understand(
    query: str,
    history: Sequence[Turn],
    library: ContentLibrary,
    customer: Customer | None,
    on: date,
    cited: Sequence[tuple[int, int]] = (),
) -> Question:
    """The question in the conversation's context; `cited` are the places of papers' titles in it."""
    mentions = library.named(query)
    products: dict[str, float] = {p.id: NAMED for p, _, _ in mentions}
    pointing = bool(_POINTING.search(query))
    bare = _without(query, [*((start, end) for _, start, end in mentions), *cited])
    if products:
        products.update(_same_series(mentions, customer))
    else:
        products.update(_from_history(history, library, pointing or len(bare) <= 12))
        if not products and customer is not None and _MINE.search(query):
            held = [h.product for h in customer.holdings if h.product]
            products.update(dict.fromkeys(held, MEANT if len(held) == 1 else NEAR))
    return Question(
        text=bare,
        sayings=expansion(read(bare).text),
        before=_last_words(history, library) if len(bare) <= _ALONE else "",
        told=_last_told(history, library) if len(bare) <= _ALONE else "",
        products=MappingProxyType(products),
        named=frozenset(i for i, sure in products.items() if sure >= POINTED),
        holiday=_holiday(query, library, on),
        social=_is_social(query),
        pointing=pointing,
    )


def moment_of(on: date, now: datetime) -> datetime:
    """The moment a day stands for: now on the present day, else its first minute."""
    return now if on == now.date() else datetime.combine(on, time())


def _without(query: str, names: Sequence[tuple[int, int]]) -> str:
    """The question without the names in it; all of it when nothing else was said."""
    left: list[str] = []
    at = 0
    for start, end in sorted(names):
        left.append(query[at:start])
        at = max(at, end)
    bare = " ".join([*left, query[at:]]).strip()
    return bare if len(_PUNCTUATION.sub("", bare).strip()) >= 2 else query


def _same_series(mentions: Sequence[tuple[Product, int, int]], customer: Customer | None) -> dict[str, float]:
    """What she holds of the series she names: 稳健半年 may be her 稳健半年5月期."""
    held = customer.holdings if customer is not None else ()
    ids = {p.id for p, _, _ in mentions}
    names = [p.name for p, _, _ in mentions]
    return {h.product: POINTED for h in held if h.product and h.product not in ids and any(n in h.name for n in names)}


def _from_history(history: Sequence[Turn], library: ContentLibrary, meant: bool) -> dict[str, float]:
    """The product named last before the question."""
    for turn in reversed(history[-_LOOK_BACK:]):
        mentions = library.named(turn.text)
        if mentions:
            return {mentions[-1][0].id: POINTED if meant else NEAR}
    return {}


def _last_words(history: Sequence[Turn], library: ContentLibrary) -> str:
    """What the customer last said before, for a question too short to stand alone."""
    for turn in reversed(history[-_LOOK_BACK:]):
        if turn.role == "customer" and not _is_social(turn.text):
            return _without(turn.text, _places(turn.text, library))
    return ""


def _last_told(history: Sequence[Turn], library: ContentLibrary) -> str:
    """The end of what the advisor said last."""
    said = next((t.text for t in reversed(history[-_LOOK_BACK:]) if t.role == "advisor"), "")[-_TOLD:]
    return _without(said, _places(said, library)) if said else ""


def _places(text: str, library: ContentLibrary) -> list[tuple[int, int]]:
    return [(start, end) for _, start, end in library.named(text)]


def _holiday(query: str, library: ContentLibrary, on: date) -> str | None:
    """The document of the holiday asked for: the one named, else the next where only a holiday is spoken of."""
    folded = read(query).text
    coming = [h for h in library.content.holidays if h.off_to >= on]
    for entry in coming:
        if any(name in folded for name in (entry.name, *OTHER_NAMES.get(entry.name, ()))):
            return f"H-{entry.off_from.isoformat()}"
    if coming and _HOLIDAY.search(folded):
        return f"H-{coming[0].off_from.isoformat()}"
    return None


def _is_social(text: str) -> bool:
    plain = _PUNCTUATION.sub(" ", _STICKER.sub(" ", read(text).text)).strip()
    return not plain or bool(_SOCIAL.match(plain))
