"""Suitability by records alone: which product may be pitched to which customer on a day. No words are read here.

The table, first row that holds decides:

| code | when | pitch |
|---|---|---|
| not_on_sale | the product is closed, matured, upcoming, or past its closing time | no |
| minor | the customer is under 18 | no |
| no_rating_needed | a deposit or treasury bond without a risk level | yes |
| no_customer | nothing is known of the customer | no |
| no_level, not_assessed, expired | her level or assessment is missing or too old | no |
| no_product_level | the product carries no risk level and is not a deposit or treasury bond (protection insurance apart) | no |
| above_level | R above C | no |
| senior_high_risk | 65 or older and R4 or above | no |
| suitable | otherwise | yes |
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from copilot.types import Customer, Product

VALID_DAYS = 365
"""How long an assessment holds, in days, where the bank sets nothing else."""
SENIOR_AGE = 65
ADULT_AGE = 18
HIGH_RISK = 4
"""The lowest level (R4) that counts as high risk."""

_UNRATED_TYPES = frozenset(("deposit", "treasury"))


@dataclass(frozen=True)
class Decision:
    """Whether a product may be pitched. `reason` is what the advisor reads; `code` is a row of the module's table."""

    allowed: bool
    reason: str
    code: str


def risk_rank(level: str | None) -> int | None:
    """The number of a product's or customer's level, 1 to 5 (`R2` → 2, `C4（进取型）` → 4); None when there is none."""
    text = (level or "").strip().upper().removeprefix("P")
    if len(text) >= 2 and text[0] in "RC" and text[1] in "12345" and not text[2:3].isdigit():
        return int(text[1])
    return None


def assessed(customer: Customer | None, today: date, valid_days: int = VALID_DAYS) -> bool:
    """Whether a level and an assessment of at most `valid_days` ago are on the card."""
    if customer is None or risk_rank(customer.risk_level) is None or customer.assessed_on is None:
        return False
    return customer.assessed_on <= today <= customer.assessed_on + timedelta(days=valid_days)


def above(product: Product, customer: Customer | None) -> bool:
    """Whether the product's level is known to be above the customer's."""
    theirs = risk_rank(customer.risk_level) if customer else None
    ours = risk_rank(product.risk_level)
    return theirs is not None and ours is not None and ours > theirs


def may_pitch(
    product: Product, customer: Customer | None, today: date | datetime, valid_days: int = VALID_DAYS
) -> Decision:
    """Decides by the module's table. With a `datetime` the closing time of the sale counts too, not only its day."""
    day = today.date() if isinstance(today, datetime) else today
    if product.status != "on_sale" or _past_sale(product, today):
        return Decision(False, f"「{product.name}」目前不在售，只能说明情况，不能推荐", "not_on_sale")
    if customer is not None and customer.age is not None and customer.age < ADULT_AGE:
        return Decision(False, "客户未满18周岁，不做任何产品推荐", "minor")
    rank = risk_rank(product.risk_level)
    if product.type in _UNRATED_TYPES and rank is None:
        return Decision(True, "存款和储蓄国债不分风险等级，可以介绍", "no_rating_needed")
    missing = _assessment(customer, day, valid_days)
    if missing is not None:
        return missing
    if rank is None:
        if product.type == "insurance":
            return Decision(True, "保障型保险没有风险等级，测评有效，可以介绍", "suitable")
        return Decision(False, f"「{product.name}」没有风险等级，不能推荐", "no_product_level")
    if customer is None or above(product, customer):
        level = customer.risk_level if customer else "未知"
        return Decision(False, f"产品{product.risk_level}高于客户的{level}，不能推荐", "above_level")
    if customer.age is not None and customer.age >= SENIOR_AGE and rank >= HIGH_RISK:
        return Decision(False, f"客户已满{SENIOR_AGE}周岁，不主动推荐{product.risk_level}产品", "senior_high_risk")
    return Decision(True, f"产品{product.risk_level}在客户{customer.risk_level}范围内，测评有效", "suitable")


def _past_sale(product: Product, today: date | datetime) -> bool:
    if product.sale_to is None:
        return False
    if isinstance(today, datetime):
        return today.replace(tzinfo=None) > product.sale_to.replace(tzinfo=None)
    return today > product.sale_to.date()


def _assessment(customer: Customer | None, today: date, valid_days: int) -> Decision | None:
    """The refusal for want of a valid assessment, or None."""
    if customer is None:
        return Decision(False, "没有客户资料，不能推荐产品", "no_customer")
    if risk_rank(customer.risk_level) is None:
        return Decision(False, "客户风险等级未知，请先做风险测评", "no_level")
    if customer.assessed_on is None:
        return Decision(False, "没有测评日期，请先做风险测评", "not_assessed")
    if not assessed(customer, today, valid_days):
        when = customer.assessed_on.isoformat()
        return Decision(False, f"风险测评（{when}）已过期，请先重新测评", "expired")
    return None
