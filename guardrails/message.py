"""One message as the rules see it: read once, its parts worked out when first asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from copilot.reading.normalise import Reading, read
from copilot.suitability import VALID_DAYS
from copilot.types import Catalogue, GuardContext, Product, ProductType
from guardrails.meaning import Concern, Meaning
from guardrails.polarity import excuse

if TYPE_CHECKING:
    from copilot.reading.figures import Figure

_CARRIED = 24
"""Characters of the message before that are read together with this one."""
SAFE_TYPES: frozenset[ProductType] = frozenset({"deposit", "treasury"})
_TYPE_WORDS: tuple[tuple[ProductType, str], ...] = (
    ("structured_deposit", "结构性存款"),
    ("cash", "现金管理|现金类|活钱理财"),
    ("wealth", "理财(?!经理|节|中心|网|顾问|师)|净值型|固收|业绩比较基准|业绩基准|封闭期"),
    ("fund", "基金|债基|股基|指数|定投|偏股"),
    (
        "insurance",
        "(?<!存款)保险(?!箱|柜|条例|保障|杠|起见|保护|保着)|年金|分红险|万能险|保单|保费|终身寿|增额|重疾|退保",
    ),
    ("treasury", "国债"),
    ("gold", "黄金|金条|积存金"),
    ("pension", "个人养老金"),
    ("deposit", "存款(?!保险)|定期|大额存单|存单|活期|储蓄(?!国债)|存折"),
)
_TYPES = tuple((kind, re.compile(words)) for kind, words in _TYPE_WORDS)
_OBJECT = (
    r"(?:这款|这只|这个|这期|那款|那只|它|产品|理财|基金|保险|年金|混合|债基|专户|新一期|新发|[rR][1-5]|国债|金条|黄金)"
)
_PITCH = re.compile(
    r"(?:推荐|建议|介绍)(?:[您你]|给[您你]|大家|各位)?[^,。!?;\n]{0,8}?(?:买|配|申购|认购|投|入|来|选|这款|这只|产品|理财|基金|保险|[r][1-5])"
    r"|给[您你]推荐|[很挺蛮最正]?(?:适合|合适)[您你](?!自己|的情况吗)|(?:很|挺|蛮|正|特别|非常)(?:适合|合适)"
    rf"|{_OBJECT}[^,。!?;\n]{{0,10}}?(?:可以|不妨|值得|建议|能)[^,。!?;\n]{{0,4}}?(?:买|配|入手|投|试|来|拿下|上车)"
    r"|要不要(?:来|买|配|试|入|考虑(?:买|配|一下))|(?:买|配|入|投|(?<!回)来|认购|申购)(?:点|一点|(?<!来一点)一些|一笔|个?[\d一二两三四五六七八九十]+万)"
    r"|欢迎(?:各位|大家|[您你])?(?:选购|购买|认购|申购|抢购|咨询|找我)|火热(?:开售|发行|募集|发售|认购)"
    r"|今天就?(?:可以|能)买|(?:给|帮)[您你](?:留|占|抢)[了一个点]|(?:赶紧|抓紧|赶快|快来|速来)[^。!?;\n]{0,8}?(?:买|上车|下单|认购|申购|抢)"
    r"|胆子大点|(?:可以|不妨)(?:考虑|看看)(?:买|配|这款|这只|下这|一下这|申购|认购)|接着?(?:买|做)一?期|拿下|(?:换|转)成这款"
)


@dataclass(frozen=True)
class Message:
    """A text, its reading and the records it is judged by."""

    raw: str
    reading: Reading
    context: GuardContext
    catalogue: Catalogue | None = None
    meaning: Meaning | None = None
    valid_days: int = VALID_DAYS
    """How long a risk assessment holds."""

    @property
    def text(self) -> str:
        """The folded text."""
        return self.reading.text

    @cached_property
    def named(self) -> tuple[tuple[Product, int, int], ...]:
        """Products named in the text, with offsets in the original."""
        found: list[tuple[Product, int, int]] = []
        if self.catalogue is not None:
            found.extend(self.catalogue.named(self.raw))
        seen = {p.id for p, _, _ in found}
        for product in self.context.products or ():
            for name in (product.full_name, product.name, *product.aliases, product.code):
                at = self.raw.find(name) if name else -1
                if at >= 0 and product.id not in seen:
                    found.append((product, at, at + len(name)))
                    seen.add(product.id)
        return tuple(sorted(found, key=lambda item: item[1]))

    @cached_property
    def products(self) -> tuple[Product, ...]:
        """The products the message is about: those it names, else those it was sent with."""
        unique = {p.id: p for p, _, _ in self.named}
        return tuple(unique.values()) or (self.context.products or ())

    @cached_property
    def types(self) -> frozenset[ProductType]:
        """The kinds of product the message is about, from records first, else from its words."""
        if self.context.product_type is not None:
            return frozenset({self.context.product_type})
        known = frozenset(p.type for p in self.products)
        return known or self.types_said

    @cached_property
    def types_said(self) -> frozenset[ProductType]:
        """The kinds of product the words of the message name."""
        return types_in(self.text)

    @cached_property
    def pitch(self) -> tuple[int, int] | None:
        """Where the message invites to buy a product, in the folded text; None when it does not."""
        for found in _PITCH.finditer(self.text):
            start, end = found.span()
            if excuse(self.text, start, end) in (None, "wish") and self._about_product(start):
                return start, end
        return None

    def _about_product(self, at: int) -> bool:
        if self.products or self.context.product_type:
            return True
        return bool(re.search(_OBJECT, self.text)) or bool(self.types_said)

    @cached_property
    def concerns(self) -> tuple[Concern, ...]:
        """Places the classifier would hold."""
        return self.meaning.concerns(self.meaning.stretches(self.text)) if self.meaning is not None else ()

    @property
    def sent_before(self) -> str:
        """The end of what the advisor sent just before, when the customer has not written since."""
        last = self.context.history[-1] if self.context.history else None
        return last.text[-_CARRIED:] if last is not None and last.role == "advisor" else ""

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        """Figures of the text, with offsets in the original."""
        from copilot.reading.figures import find_figures

        return tuple(find_figures(self.raw, self.context.at))


def types_in(text: str) -> frozenset[ProductType]:
    """The kinds of product a folded text names."""
    return frozenset(kind for kind, words in _TYPES if words.search(text))


def message(
    text: str,
    context: GuardContext,
    catalogue: Catalogue | None = None,
    meaning: Meaning | None = None,
    valid_days: int = VALID_DAYS,
) -> Message:
    """Read a text for the rules."""
    return Message(text, read(text), context, catalogue, meaning, valid_days)
