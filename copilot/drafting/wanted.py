"""What kind of product a message asks for where it names none: 三年的大额存单, 美元的, 随时能取的那种."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from copilot.reading.plain import plain
from copilot.types import Entity, Product, Turn

_KINDS: tuple[tuple[re.Pattern[str], str, re.Pattern[str]], ...] = tuple(
    (re.compile(says), product_type, re.compile(described))
    for says, product_type, described in (
        (r"大额存单|大额存款|大额的|(?<!国债)存单", "deposit", r"大额存单"),
        (r"通知存款|[七7一1]天通知", "deposit", r"通知存款"),
        (
            r"定期|定存|整存整取|死期|存款|(?<![子娃孙])存(?:个|它|满)?(?:半年|[一二两三五1235]年|[三六369]个月)(?!的?理财)",
            "deposit",
            r"^(?:外币)?整存整取|大额存单",
        ),
        (r"国债", "treasury", r"国债"),
        (r"结构性|结构存", "structured_deposit", r""),
        (r"黄金|积存金|金条|金价|买金", "gold", r""),
        (
            r"随时(?:能|可以|都能|可)?(?:取|用|赎|拿|动)|随取|随用随取|活期理财|零钱|活钱|现金管理|(?:朝朝|天天|日日)[宝盈利]",
            "cash",
            r"",
        ),
        (r"货币基金|货基|余额宝", "fund", r"货币市场"),
        (r"债基|债券基金|纯债|短债", "fund", r"债券型"),
        (r"指数基金|指基|宽基", "fund", r"股票型指数"),
        (r"(?<!基)(?<!养老)基金(?!会)", "fund", r""),
        (r"重疾|重大疾病", "insurance", r"重大疾病"),
        (r"医疗险|百万医疗", "insurance", r"医疗保险"),
        (r"意外险", "insurance", r"意外"),
        (r"年金险|养老年金", "insurance", r"年金"),
        (r"增额|终身寿", "insurance", r"终身寿险"),
        (r"保险", "insurance", r""),
        (r"理财", "wealth", r""),
    )
)
"""What she says, the type of product it means, and how the catalogue describes that kind."""
_BESIDE = re.compile(
    r"(?:比|跟|和|同)[^，。？！?!\s]{1,8}?(?:高|多|强|好|低|差不多|划算|合算|比|一样)|(?:不要|不想要|不买|不碰|别推|别跟我讲|除了|不是)[^，。？！?!\s]{1,6}"
)
"""What she compares with, or does not want: 比存款高点的, 不要保险."""
_DEPOSIT = re.compile(r"^(?:外币)?整存整取")
_DOLLARS = re.compile(r"美元|美金|美刀|刀乐|外币")
_MEANS_ONE = re.compile(
    r"(?:(?<![我俺咱])(?:那个|那款|那只|那份|那张)|这个|这款|这只|这份|上次|上回|之前|前面|(?:你|您)(?:跟我)?(?:说|讲|推荐|介绍|推)的|我买的|买过的)[^，。？！?!\s]{0,6}?(?:保险|保单|理财|基金|产品|存款|定期|存单|混合)"
)
"""She means a certain one, and does not name it."""
_SPECIAL = (
    (re.compile(r"少儿|教育"), re.compile(r"孩子|娃|小孩|儿子|女儿|闺女|孙|宝宝|上学|大学|教育|压岁")),
    (re.compile(r"养老"), re.compile(r"养老|退休|年金")),
    (re.compile(r"老年"), re.compile(r"老人|爸|妈|爷|奶|外公|外婆|岁")),
)
"""Products for some people only, and the words by which she shows that she asks for those."""
_HOW_MUCH = re.compile(
    r"(?:多少|几多|几)(?:块钱|钱|块|元)?的?(?:利息|利钱|息)|(?:利息|利钱|本息)[^，。？！?!]{0,8}(?:多少|几多|几块|咋算|怎么算)|"
    r"(?:拿|得|赚|收|到手|给|生|领)(?:到|回|个)?(?:多少|几多|几块)"
)
_NEAR = 0.12
"""Share by which a term may differ from the one she said: 182 days are half a year."""


@dataclass(frozen=True)
class Wanted:
    """Kind, term in days and currency; each empty where she did not say."""

    type: str = ""
    described: re.Pattern[str] = re.compile("")
    days: float | None = None
    dollars: bool = False
    said: str = ""
    unnamed: bool = False
    """Whether she means a certain product that she does not name: none may be guessed."""
    own: bool = False
    """Whether the message itself says the kind, and not what she wrote before it."""
    interest: bool = False
    """Whether she asks what a sum of hers would bring."""

    @property
    def precise(self) -> bool:
        """Whether a product of another kind or term would be beside what she asks."""
        return bool(self.type) and self.days is not None

    def kind_of(self, product: Product) -> bool:
        """Whether a product is of the kind and in the currency."""
        described = product.kind
        if self.unnamed or self.dollars != ("美元" in f"{described}{product.name}"):
            return False
        if any(of.search(described) and not by.search(self.said) for of, by in _SPECIAL):
            return False
        return not self.type or (product.type == self.type and self.described.search(described) is not None)

    def term_of(self, product: Product) -> bool:
        """Whether a product runs as long as she said; any does where she said nothing."""
        if self.days is None:
            return True
        return product.term_days is not None and abs(product.term_days - self.days) <= _NEAR * self.days

    def __call__(self, product: Product) -> bool:
        """Whether a product is what she asks for."""
        return self.kind_of(product) and self.term_of(product)

    def names(self, product: Product) -> bool:
        """Whether the message itself asks for a kind of product, and this is one: its facts answer her, whatever else was found."""
        return self.own and bool(self.type) and self(product)


def wanted_of(message: str, history: Sequence[Turn], entities: Sequence[Entity]) -> Wanted:
    """What the message asks for; where it says no kind, the customer's words just before it may."""
    said = plain(message)
    terms = [float(e.value) for e in entities if e.type == "term" and isinstance(e.value, (int, float))]
    wanted = Wanted(
        days=terms[-1] if terms else None,
        dollars=bool(_DOLLARS.search(said)),
        said=said,
        unnamed=_MEANS_ONE.search(said) is not None,
        interest=_HOW_MUCH.search(said) is not None,
    )
    before = (plain(t.text) for t in reversed(history[-4:]) if t.role == "customer")
    for words in (said, *before):
        kind = _kind(words)
        if kind is not None:
            dollars = wanted.dollars or bool(_DOLLARS.search(words))
            return replace(wanted, type=kind[0], described=kind[1], dollars=dollars, own=words is said)
    if wanted.interest and any(e.type == "amount" for e in entities):  # only a deposit's interest can be told
        return replace(wanted, type="deposit", described=_DEPOSIT, own=True)
    return wanted


def _kind(words: str) -> tuple[str, re.Pattern[str]] | None:
    """The type of product that plain words ask for, and how the catalogue describes it."""
    asked = _BESIDE.sub("，", words)
    return next(((product_type, described) for says, product_type, described in _KINDS if says.search(asked)), None)
