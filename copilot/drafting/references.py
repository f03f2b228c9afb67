"""The facts of one request under typed names: what a draft may refer to, and nothing else.

Names are those of docs/references.md. A product stands under 甲 (the one talked about, or one that may be offered)
or 乙 (the other of a comparison); how it stands is its role: `asked`, `held` or `offer`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from copilot.drafting.address import address_of
from copilot.drafting.asked import GONE, asked_of
from copilot.drafting.question import question_of
from copilot.drafting.reckoning import reckoned
from copilot.drafting.wanted import Wanted, wanted_of
from copilot.reading.plain import plain
from copilot.types import (
    Conversation,
    Customer,
    DraftRequest,
    Entity,
    Fact,
    Holding,
    Library,
    Move,
    Passage,
    Product,
    Reference,
    Understanding,
)

ABOUT_HOLDING = frozenset({"performance_concern", "liquidity_need", "complaint", "fee_inquiry", "holiday_arrangement"})
"""Intents that speak of what the customer has, when no product is named."""
MAY_OFFER = frozenset(
    {
        "maturity_reinvest",
        "recommendation_request",
        "life_planning",
        "liquidity_need",
        "deposit_rate",
        "comparison_competitor",
        "product_inquiry",
        "insurance_pension",
        "objection_hesitation",
        "risk_concern",
    }
)
"""Intents in which one suitable product may stand under 甲 though she named none."""
_OF_A_HOLDING = frozenset({"到期日"})
"""Fields that a customer takes to be about her own money: at hand only for a product on her card."""
_TYPES_FOR = {
    "deposit_rate": ("deposit", "treasury"),
    "insurance_pension": ("insurance", "pension"),
}
_ASKS_WHAT_TO_BUY = frozenset({"recommendation_request", "maturity_reinvest", "deposit_rate", "insurance_pension"})
_DOUBTS = frozenset({"risk_concern", "objection_hesitation"})
"""Intents in which a kind is named to doubt it: 理财保不保本 asks for no product."""
ASKED = "客户.所问"
"""Her last question in her own words."""
HELP = "行.求助"
"""At hand only where she may do herself harm; then nothing is said that does not carry it."""
ANSWERS_ALONE = 0.40
"""Search score from which a passage below the first is taken to answer the question."""
ANSWERS_ANYWAY = 0.40
"""Search score from which a FAQ entry of another intent than hers is taken to answer all the same."""
_COMPANY = re.compile(r"公户|对公|公司(?:账|的?钱|户|资金|名义)|公账|单位的?(?:钱|账户)")
"""Money of a company: the products here are for persons."""
_WEEKDAYS = "一二三四五六日"
LEVELS = {"C1": "谨慎型", "C2": "稳健型", "C3": "平衡型", "C4": "进取型", "C5": "激进型"}
CARD, MESSAGE = "card", "message"


@dataclass(frozen=True)
class Gathered:
    """References of a request and the products behind their handles."""

    references: tuple[Reference, ...]
    products: dict[str, Product] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    answers: bool = False
    """Whether 甲 is of the kind she asks for, or its fields are what she asks: its facts answer her whatever the search found."""

    @property
    def has_offer(self) -> bool:
        """Whether a product may be offered."""
        return "offer" in self.roles.values()


def money(yuan: float) -> str:
    """Yuan as a person writes them: 300000 → `30万元`, 12500 → `1.25万元`, 800 → `800元`."""
    if yuan >= 1e8:
        return f"{yuan / 1e8:.4f}".rstrip("0").rstrip(".") + "亿元"
    if yuan >= 1e4:
        return f"{yuan / 1e4:.4f}".rstrip("0").rstrip(".") + "万元"
    return f"{yuan:.2f}".rstrip("0").rstrip(".") + "元"


def day(on: date, today: date) -> str:
    """A date as a person writes it: `11月27日（周五）`, with its year unless it is this one."""
    if on.year == today.year:
        return f"{on.month}月{on.day}日（周{_WEEKDAYS[on.weekday()]}）"
    return f"{on.year}年{on.month}月{on.day}日"


def gather(
    conversation: Conversation,
    understanding: Understanding,
    passages: Sequence[Passage],
    library: Library,
    today: date,
    may_offer: Callable[[Product], bool],
) -> Gathered:
    """All references of a request. `may_offer` is the suitability gate: a product it refuses is never an offer."""
    wanted = wanted_of(conversation.message, conversation.history, understanding.entities)
    chosen = _choose_products(conversation, understanding, wanted, passages, library, may_offer)
    references: list[Reference] = []
    for handle, (product, role) in chosen.items():
        mine = role == "held"
        references += [_from_fact(handle, f) for f in product.facts if mine or f.field not in _OF_A_HOLDING]
        if product.status != "on_sale":
            gone = (f for f in product.facts if f.field == "状态")
            references += [replace(_from_fact(handle, f), name=f"{handle}.{GONE}") for f in gone]
    references += _customer(conversation.customer, understanding.entities, conversation, today)
    if "甲" in chosen:
        principal = _principal(conversation.customer, conversation.message, understanding, today)
        references += reckoned(chosen["甲"][0], principal, today, money, day)
    danger = understanding.state == "crisis"
    references += [_from_fact("行", fact) for fact in library.facts("bank") if danger or f"行.{fact.field}" != HELP]
    references += _holiday(conversation, understanding, library, today)
    references += _answers(understanding, passages, library)
    first = chosen.get("甲")
    fields = [f.field for f in first[0].facts] if first is not None else ()
    names_it = first is not None and first[1] != "offer"
    asked = names_it and asked_of(conversation.message, conversation.history, understanding.believed, fields)
    return Gathered(
        tuple(references),
        {handle: product for handle, (product, _) in chosen.items()},
        {handle: role for handle, (_, role) in chosen.items()},
        bool(asked) or (first is not None and first[1] != "held" and wanted.names(first[0])),
    )


def beside_the_question(request: DraftRequest, wanted: Wanted) -> bool:
    """Whether 甲 is an offer to someone who did not ask what to buy: then only the move that names a need may speak of it."""
    if request.roles.get("甲") != "offer" or request.understanding.intent in _ASKS_WHAT_TO_BUY:
        return False
    asks_for_it = wanted.names(request.products["甲"]) and request.understanding.intent not in _DOUBTS
    return not asks_for_it


def names_for(request: DraftRequest, move: Move) -> frozenset[str]:
    """Names of the references that a text of this move may use."""
    names = frozenset(r.name for r in request.references)
    conversation = request.conversation
    wanted = wanted_of(conversation.message, conversation.history, request.understanding.entities)
    return names if move == "need" or not beside_the_question(request, wanted) else without_product(names)


def without_product(names: frozenset[str]) -> frozenset[str]:
    """Names that tell nothing of a product."""
    return frozenset(name for name in names if name[0] not in "甲乙算")


def _from_fact(handle: str, fact: Fact) -> Reference:
    return Reference(
        f"{handle}.{fact.field}", fact.value, fact.document, fact.start, fact.end, fact.product, fact.working
    )


def _choose_products(
    conversation: Conversation,
    understanding: Understanding,
    wanted: Wanted,
    passages: Sequence[Passage],
    library: Library,
    may_offer: Callable[[Product], bool],
) -> dict[str, tuple[Product, str]]:
    customer = conversation.customer
    held = [h.product for h in customer.holdings if h.product] if customer else []
    mentioned = [_meant(e, wanted, library) for e in understanding.entities if e.type == "product"]
    if not mentioned:
        mentioned = _mentioned_before(conversation, library)
    if not mentioned and understanding.intent in ABOUT_HOLDING:
        mentioned = held[:1]
    products = [p for p in (library.get(i) for i in dict.fromkeys(mentioned)) if p is not None]
    chosen = {
        handle: (product, "held" if product.id in held else "asked")
        for handle, product in zip("甲乙", products, strict=False)
    }
    if not chosen and understanding.intent in MAY_OFFER:
        vague = understanding.intent == "product_inquiry" and not wanted.type  # she means one that she does not name
        may = understanding.selling and not vague and not _COMPANY.search(plain(conversation.message))
        offer = _offer(understanding.intent, wanted, passages, library, may_offer) if may else None
        if offer is not None:
            chosen["甲"] = (offer, "offer")
        elif wanted.precise and (gone := _not_on_sale(wanted, library)) is not None:
            chosen["甲"] = (gone, "asked")
    return chosen


def _meant(mention: Entity, wanted: Wanted, library: Library) -> str:
    """The product a mention means: for a name that several go by (储蓄国债, 一年定期) the one of the term and currency she says."""
    product = library.get(str(mention.value))
    if product is None or mention.text == product.name or wanted(product):
        return str(mention.value)
    alike = [p for p in library.products() if p.type == product.type and wanted(p)]
    best = min(alike, key=lambda p: p.status != "on_sale", default=product)
    return best.id


def _mentioned_before(conversation: Conversation, library: Library) -> list[str]:
    """The product last named before this message: `那个` means that one."""
    for turn in reversed(conversation.history[-4:]):
        named = library.named(turn.text)
        if named:
            return [named[-1][0].id]
    return []


def _offer(
    intent: str,
    wanted: Wanted,
    passages: Sequence[Passage],
    library: Library,
    may_offer: Callable[[Product], bool],
) -> Product | None:
    """The product on sale that suits and comes nearest to what she asks: of kind and term, else of the kind, else of the intent's kind.

    Among equals the first of the passages, then of the catalogue. None where she asks for a kind and a term that is not there.
    """
    types = _TYPES_FOR.get(intent)
    ranked = [library.get(p.product) for p in passages if p.product]
    fitting = [p for p in (*ranked, *library.products()) if p is not None and p.status == "on_sale" and may_offer(p)]
    found = next((p for p in fitting if wanted(p)), None)
    if found is None and not wanted.precise:
        found = next((p for p in fitting if wanted.type and wanted.kind_of(p)), None)
    if found is not None and (wanted.type or types is None or found.type in types):
        return found
    if wanted.type:
        return None
    return next((p for p in fitting if (types is None or p.type in types) and wanted.kind_of(p)), None)


def _not_on_sale(wanted: Wanted, library: Library) -> Product | None:
    """The deposit or bond of just this kind and term that cannot be bought, so that the reply can say so.

    Of products with a risk level none is told before it is on sale, nor above hers.
    """
    gone = (p for p in library.products() if p.status != "on_sale" and p.type in ("deposit", "treasury"))
    return next((p for p in gone if wanted(p)), None)


def _principal(customer: Customer | None, message: str, understanding: Understanding, today: date) -> float | None:
    """The yuan she speaks of; where money of hers matures and she asks what to do with it, that sum."""
    said = _sums(message, understanding.entities)
    if said:
        return float(said[-1].value)
    maturing = _maturing(customer.holdings, today) if customer and understanding.intent == "maturity_reinvest" else None
    return maturing.amount if maturing is not None else None


def _customer(
    customer: Customer | None, entities: Sequence[Entity], conversation: Conversation, today: date
) -> list[Reference]:
    def card(name: str, value: str, working: str = "") -> Reference:
        return Reference(f"客户.{name}", value, CARD, 0, 0, None, working)

    name = customer.name.strip() if customer else ""
    found = [card("称呼", address_of(name, conversation.history))]
    if customer is not None:
        if customer.risk_level:
            label = LEVELS.get(customer.risk_level, "")
            found.append(card("风险等级", f"{customer.risk_level}（{label}）" if label else customer.risk_level))
        if customer.assessed_on:
            on = customer.assessed_on
            found.append(card("测评日", f"{on.year}年{on.month}月{on.day}日"))
        maturing = _maturing(customer.holdings, today)
        if maturing is not None and maturing.maturity is not None:
            found.append(card("到期产品", maturing.name))
            found.append(card("到期日", day(maturing.maturity, today)))
            left = (maturing.maturity - today).days
            if left > 0:
                found.append(card("剩余天数", f"{left}天", f"{maturing.maturity} − {today}"))
            if maturing.amount:
                found.append(card("到期金额", money(maturing.amount)))
        if customer.holdings:
            found.append(card("持有产品", customer.holdings[0].name))
            if customer.holdings[0].amount:
                found.append(card("持有金额", money(customer.holdings[0].amount)))
    found += _said(entities, conversation, today)
    return found


def _maturing(holdings: Sequence[Holding], today: date) -> Holding | None:
    """The holding that matures next, or matured within the last month."""
    dated = [h for h in holdings if h.maturity is not None and (h.maturity - today).days >= -30]
    return min(dated, key=lambda h: h.maturity or today, default=None)


_YIELDS = re.compile(r"(?:利息|收益|分红|赚|挣)[^，。！？\n]{0,3}$")
"""What stands before a sum that money is said to bring."""
_GIVEN = re.compile(r"(?:塞|送|罚|赔|骗|返现|回扣|红包|好处费?)[^，。！？；\n]{0,5}$")
"""What stands before a sum that changes hands as a present, a bribe or a fine: nobody asks where to keep that."""


def _sums(message: str, entities: Iterable[Entity]) -> list[Entity]:
    """The yuan she speaks of, in her order; beside a principal what it shall bring (十万存一年，利息两千一) is
    none of hers, and neither is what one slips or fines another (塞五百块钱)."""
    sums = [
        e for e in entities if e.type == "amount" and isinstance(e.value, (int, float)) and e.unit in ("", "CNY", "元")
    ]
    kept = [e for e in sums if not _GIVEN.search(message[: e.start])]
    return [e for e in kept if not _YIELDS.search(message[: e.start])] or kept


def _said(entities: Sequence[Entity], conversation: Conversation, today: date) -> list[Reference]:
    """Her own amount, term and date, as she put them in this message; the last mention holds (不是20万，是12万)."""
    found: dict[str, Reference] = {}
    sums = _sums(conversation.message, entities)
    for entity in entities:
        value: str | None = None
        if entity in sums:
            name, value = "客户.金额", money(float(entity.value))
        elif entity.type == "term":
            name, value = "客户.期限", entity.text
        elif entity.type == "date" and isinstance(entity.value, str) and len(entity.value) >= 10:
            name, value = "客户.日期", day(date.fromisoformat(entity.value[:10]), today)
        if value:
            found[name] = Reference(name, value, MESSAGE, entity.start, entity.end, None, entity.text)
    asked = question_of(conversation.message)
    if asked is not None:
        found[ASKED] = Reference(ASKED, asked.text, MESSAGE, asked.start, asked.end)
    return list(found.values())


_HOLIDAYS = re.compile(r"元旦|春节|过年|年三十|除夕|清明|五一|劳动节|端午|中秋|国庆|十一(?!月|点|个|万|号)")
_SAME = {"过年": "春节", "年三十": "春节", "除夕": "春节", "五一": "劳动节", "十一": "国庆"}
"""Other names of a holiday than the calendar's."""


def _holiday(
    conversation: Conversation, understanding: Understanding, library: Library, today: date
) -> list[Reference]:
    wanted = understanding.intent == "holiday_arrangement" or "holiday_arrangement" in understanding.secondary
    if not wanted:
        return []
    asked = [
        date.fromisoformat(e.value[:10])
        for e in understanding.entities
        if e.type == "date" and isinstance(e.value, str) and len(e.value) >= 10
    ]
    named = _HOLIDAYS.findall(plain(conversation.message))
    facts = library.holiday(asked[-1] if asked else today, [_SAME.get(name, name) for name in named])
    return [_from_fact("历", fact) for fact in facts]


_ANSWERING = {"faq": ("问", "答"), "glossary": ("问", "答"), "compliance": ("规", "要点"), "market": ("观点", "要点")}


def _answers(understanding: Understanding, passages: Sequence[Passage], library: Library) -> list[Reference]:
    """The short approved answers among the best passages: the first of each kind, if it answers.

    The passage that ranks first answers by the search's own word; one further down only when it scores well by itself,
    or the approved answer to another question would stand in the reply.
    """
    found: dict[str, Reference] = {}
    for rank, passage in enumerate(passages[:4]):
        handle, name = _ANSWERING.get(passage.kind, ("", ""))
        if not handle or handle in found or (rank and passage.score < ANSWERS_ALONE):
            continue
        about = library.intent_of(passage.document)
        if about and about not in (understanding.intent, *understanding.secondary) and passage.score < ANSWERS_ANYWAY:
            continue
        if handle == "观点" and understanding.intent != "market_view":
            continue
        for fact in library.facts(passage.document):
            if fact.field == name:
                found[handle] = _from_fact(handle, fact)
    return list(found.values())
