"""What is worked out from a deposit's published rate and the customer's own sum: its interest, and the day it would end.

Only deposits, pension deposits and treasury bonds of one fixed rate are reckoned: what they pay is in the contract. What a product with a net value will
bring nobody knows, and no figure for it exists here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from dateutil.relativedelta import relativedelta

from copilot.types import Fact, Product, Reference

_RATE = re.compile(r"(?:票面)?年利率(\d+(?:\.\d+)?)%")
_TERM = re.compile(r"(\d+)(年|个月)")
_LEAST = re.compile(r"(\d+(?:\.\d+)?)(万?)元")
_RECKONED = ("deposit", "treasury", "pension")
_MONTHS = 12


def reckoned(
    product: Product,
    principal: float | None,
    today: date,
    money: Callable[[float], str],
    day: Callable[[date, date], str],
) -> list[Reference]:
    """`算.利息` and `算.到期日` for money put in today; nothing for a product whose return is not fixed or that takes no such sum.

    Interest of whole years and months is principal × yearly rate ÷ 12 × months, without compounding, as deposits and savings bonds of a
    fixed term are reckoned one by one (逐笔计息法: 人民银行 银发〔2005〕129号; the formula is in the bank's own notice as well).
    """
    facts = {fact.field: fact for fact in product.facts}
    rate, term = facts.get("利率"), facts.get("期限")
    rated = _RATE.fullmatch(rate.value) if rate else None
    lasts = _TERM.fullmatch(term.value) if term else None
    if product.type not in _RECKONED or product.status != "on_sale" or rate is None or rated is None or lasts is None:
        return []
    months = int(lasts[1]) * (_MONTHS if lasts[2] == "年" else 1)
    found = []
    if product.type == "deposit":
        ends = today + relativedelta(months=months)
        found.append(_reference("到期日", day(ends, today), rate, product, f"{today} + {lasts[0]}"))
    if principal is not None and _takes(product, facts.get("起存"), principal):
        interest = principal * float(rated[1]) / 100 * months / _MONTHS
        working = f"{money(principal)} × 年利率{rated[1]}% × {lasts[0]}"
        found.append(_reference("利息", money(interest), rate, product, working))
    return found


def _takes(product: Product, least: Fact | None, principal: float) -> bool:
    """Whether so many yuan can be put in: not less than its least sum, and not dollars or monthly parts."""
    if "外币" in product.kind or "零存" in product.kind:
        return False
    sum_ = _LEAST.fullmatch(least.value) if least else None
    return sum_ is None or principal >= float(sum_[1]) * (10_000 if sum_[2] else 1)


def _reference(name: str, value: str, rate: Fact, product: Product, working: str) -> Reference:
    return Reference(f"算.{name}", value, rate.document, rate.start, rate.end, product.id, working)
