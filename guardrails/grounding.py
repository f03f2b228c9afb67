"""Where may a figure come from? Sources and facts of the product spoken of, the customer herself, and what follows from these.

Only figures that speak of a product or of the bank's terms are asked for their source: an appointment, an address or a
queue number is talk. A figure that belongs to another product does not count as a source for this one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING

from guardrails.message import Message

if TYPE_CHECKING:
    from copilot.reading.figures import Figure

_PRODUCT_TERM = re.compile(
    r"期限|封闭|锁定|持有期|存期|每?\d*天(?:期|的|产品|理财)|产品|这款|这只|这个|理财|到期|投资期|开放期|周期|犹豫期|缴费|交[一二三五十0-9]+年|期"
)
_MONEY_TERM = re.compile(r"起购|起投|起存|门槛|最低|起步|上限|限额|额度|费|保额|保费|规模|到手|收益|利息|赚|拿")
_DATE_TERM = re.compile(r"到期|截止|募集|起息|开放|成立|停售|认购期|申购|发行|开售|起售|赎回")
_RATE_TALK = re.compile(r"折扣|打折|百分之百|进度|电量|概率|配合|支持|满意")
_KINDS = {"rate", "term", "money", "date", "tplus", "netvalue", "level"}


@dataclass(frozen=True)
class Known:
    """A value the records carry; `product` None when it belongs to no product in particular."""

    kind: str
    value: float | str
    product: str | None = None


def has_records(read_message: Message) -> bool:
    """Whether there is anything a figure could be checked against."""
    return read_message.context.sources is not None or bool(read_message.products)


def _facts(read_message: Message) -> list[tuple[str, str | None]]:
    """Text of the records with the product each belongs to. Given sources take the catalogue's place."""
    context = read_message.context
    if context.sources is not None:
        return [(s.text, s.product) for s in context.sources]
    return [(text, p.id) for p in read_message.products for text in _product_texts(p)]


def _product_texts(product: object) -> Iterable[str]:
    facts = getattr(product, "facts", ())
    for fact in facts:
        yield f"{fact.value}{fact.unit if fact.unit and fact.unit not in fact.value else ''} {fact.as_of or ''}"
    disclosure = getattr(product, "disclosure", "")
    if disclosure:
        yield disclosure
    for text in (getattr(product, "name", ""), getattr(product, "full_name", "")):
        if text:
            yield text
    if getattr(product, "risk_level", None):
        yield str(product.risk_level)  # type: ignore[attr-defined]
    if getattr(product, "term_days", None):
        yield f"{product.term_days}天"  # type: ignore[attr-defined]


def record_text(read_message: Message) -> str:
    """All records of the products spoken of, as one text; empty when none were given."""
    if read_message.context.sources is None and not read_message.products:
        return ""
    wanted = {p.id for p in read_message.products}
    return "\n".join(t for t, product in _facts(read_message) if product is None or not wanted or product in wanted)


def _values(figure: Figure) -> list[tuple[str, float | str]]:
    kind = "number" if figure.kind in ("netvalue", "count") else figure.kind
    found: list[tuple[str, float | str]] = [(kind, figure.value)]
    if figure.high is not None:
        found.append((kind, figure.high))
    return found


@lru_cache(maxsize=2048)
def _recorded(text: str, on: date) -> tuple[tuple[str, float | str], ...]:
    """The values a text of the records holds, read once a day: every message about its product asks for them."""
    from copilot.reading.figures import find_figures

    return tuple(pair for f in find_figures(text, datetime.combine(on, time())) for pair in _values(f))


def known_values(read_message: Message) -> tuple[Known, ...]:
    """Every figure of the records, the customer's own words and her card."""
    from copilot.reading.figures import find_figures

    at = read_message.context.at
    today = (at or datetime.now()).date()
    known = [Known(k, v, product) for text, product in _facts(read_message) for k, v in _recorded(text, today)]
    for turn in read_message.context.history:
        if turn.role == "customer":
            known += [Known(k, v) for f in find_figures(turn.text, turn.at or at) for k, v in _values(f)]
    customer = read_message.context.customer
    if customer is not None:
        known += [Known("level", customer.risk_level)] if customer.risk_level else []
        known += [Known("date", customer.assessed_on.isoformat())] if customer.assessed_on else []
        for holding in customer.holdings:
            known += [Known("money", holding.amount)] if holding.amount is not None else []
            known += [Known("date", holding.maturity.isoformat())] if holding.maturity else []
            known += [Known("level", holding.risk_level)] if holding.risk_level else []
            known += [Known(k, v) for f in find_figures(holding.name, at) for k, v in _values(f)]
        for event in customer.events:
            known += [Known(k, v) for f in find_figures(event.text, at) for k, v in _values(f)]
    return tuple(known)


def _same(a: float | str, b: float | str) -> bool:
    if isinstance(a, str) or isinstance(b, str):
        x, y = str(a), str(b)
        # A month and day without a year agree with the same day of any year; a month with any of its days.
        return x == y or (len(x) >= 7 and len(y) >= 7 and (x.startswith(y) or y.startswith(x)))
    return abs(a - b) <= 1e-6 * max(1.0, abs(a), abs(b))


def _close_terms(a: float | str, b: float | str) -> bool:
    """半年 and 182天 are the same term to a person; 90天 and 3个月 too. 180天 against 182天 are not when both are in days."""
    if isinstance(a, str) or isinstance(b, str):
        return False
    return abs(a - b) <= max(2.0, 0.03 * min(a, b))


def _supported(figure: Figure, known: Iterable[Known], wanted: frozenset[str]) -> str | None:
    """None when the records carry the figure; else why not."""
    pool = list(known)
    elsewhere = False
    for kind, value in _values(figure):
        fits = [k for k in pool if _matches(figure, kind, value, k)]
        if any(k.product is None or not wanted or k.product in wanted for k in fits):
            continue
        if fits:
            elsewhere = True
            continue
        if not _follows(figure, value, [k for k in pool if k.product is None or not wanted or k.product in wanted]):
            return f"“{figure.text}”在所附资料里找不到出处"
        continue
    return f"“{figure.text}”是另一款产品的数字" if elsewhere else None


def _matches(figure: Figure, kind: str, value: float | str, known: Known) -> bool:
    if known.kind != kind:
        return False
    if _same(known.value, value):
        return True
    spoken = figure.unit in ("月", "年", "周")
    return kind == "term" and spoken and _close_terms(known.value, value)


def _follows(figure: Figure, value: float | str, pool: list[Known]) -> bool:
    """A sum or difference of two known amounts, or a rate times an amount."""
    if isinstance(value, str) or figure.kind not in ("money", "rate", "number", "netvalue"):
        return False
    kind = "number" if figure.kind == "netvalue" else figure.kind
    numbers = list(dict.fromkeys(float(k.value) for k in pool if k.kind == kind and not isinstance(k.value, str)))[:40]
    return any(_same(a + b, value) or _same(abs(a - b), value) for a, b in combinations(numbers, 2))


def _asked_for(read_message: Message, figure: Figure) -> bool:
    """Whether a figure speaks of a product or of the bank's terms, rather than of an appointment or a queue."""
    raw = read_message.raw
    around = raw[max(0, figure.start - 14) : figure.end + 8]
    if figure.kind == "rate":
        return not _RATE_TALK.search(around)
    if figure.kind in ("tplus", "netvalue"):
        return True
    if figure.kind == "term":
        return figure.unit not in ("小时", "分钟", "工作日") and bool(_PRODUCT_TERM.search(around))
    if figure.kind == "money":
        return bool(_MONEY_TERM.search(around))
    if figure.kind == "date":
        return getattr(figure, "written", True) and bool(_DATE_TERM.search(around))
    if figure.kind == "level":
        return str(figure.value).upper().startswith("R") and bool(read_message.products or read_message.context.sources)
    return False


def _of_the_catalogue(read_message: Message, figure: Figure) -> bool:
    """Whether the catalogue alone can speak of a figure: of a rate or sum always, of a term or date where the product's own name is near.

    三年定期 is a kind of deposit before it is a product: when hers ends, and how long another may lie, no catalogue says.
    """
    mentions = read_message.named
    if any(start <= figure.start and figure.end <= end for _, start, end in mentions):
        return False
    if figure.kind not in ("term", "date") or read_message.context.sources is not None or read_message.context.products:
        return True
    raw = read_message.raw
    sentence = (
        re.split(r"[。！？!?；;\n]", raw[: figure.start])[-1] + re.split(r"[。！？!?；;\n]", raw[figure.start :])[0]
    )
    return any(p.name in sentence or (p.full_name and p.full_name in sentence) for p, _, _ in mentions)


def unsupported_figures(read_message: Message) -> tuple[tuple[Figure, str], ...]:
    """Figures of the message that nothing supports, each with the reason."""
    asked = [
        f
        for f in read_message.figures
        if f.kind in _KINDS and _asked_for(read_message, f) and _of_the_catalogue(read_message, f)
    ]
    if not asked:
        return ()
    known = known_values(read_message)
    wanted = frozenset(p.id for p, _, _ in read_message.named)
    found = []
    for figure in asked:
        reason = _supported(figure, known, wanted)
        if reason is not None:
            found.append((figure, reason))
    return tuple(found)
