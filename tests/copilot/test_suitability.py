"""Who may be offered what, decided by records."""

from datetime import date, datetime

import pytest

from copilot.suitability import assessed, may_pitch, risk_rank
from copilot.types import Customer, Product, ProductType

TODAY = date(2026, 11, 24)
FRESH = date(2026, 3, 2)


def product(level: str | None, type_: ProductType = "wealth", **more: object) -> Product:
    return Product(id="P", name="稳健半年", type=type_, risk_level=level, **more)  # type: ignore[arg-type]


def customer(level: str | None = "C2", assessed_on: date | None = FRESH, age: int | None = 45) -> Customer:
    return Customer(name="王芳", risk_level=level, assessed_on=assessed_on, age=age)


@pytest.mark.parametrize(
    ("offer", "who", "allowed", "code"),
    [
        (product("R2"), customer("C2"), True, "suitable"),
        (product("R1"), customer("C5"), True, "suitable"),
        (product("R3"), customer("C2"), False, "above_level"),
        (product("R5"), customer("C4"), False, "above_level"),
        (product("R2"), customer(None), False, "no_level"),
        (product("R2"), customer("C2", None), False, "not_assessed"),
        (product("R2"), customer("C2", date(2025, 11, 23)), False, "expired"),
        (product("R2"), customer("C2", date(2025, 11, 24)), True, "suitable"),
        (product("R2"), customer("C2", date(2026, 11, 25)), False, "expired"),
        (product("R2"), None, False, "no_customer"),
        (product(None), customer("C2"), False, "no_product_level"),
        (product("R4", "fund"), customer("C5", age=65), False, "senior_high_risk"),
        (product("R4", "fund"), customer("C5", age=64), True, "suitable"),
        (product("R3", "fund"), customer("C5", age=80), True, "suitable"),
        (product("R1"), customer("C2", age=17), False, "minor"),
        (product(None, "deposit"), customer(None, None), True, "no_rating_needed"),
        (product(None, "deposit"), None, True, "no_rating_needed"),
        (product(None, "deposit"), customer(age=15), False, "minor"),
        (product(None, "treasury", status="closed"), customer(), False, "not_on_sale"),
        (product("R1", "structured_deposit"), customer(None), False, "no_level"),
        (product(None, "insurance"), customer(), True, "suitable"),
        (product(None, "insurance"), customer(None), False, "no_level"),
        (product("R2", status="upcoming"), customer(), False, "not_on_sale"),
        (product("R2", status="matured"), customer(), False, "not_on_sale"),
        (product("R2", sale_to=datetime(2026, 11, 23, 17)), customer(), False, "not_on_sale"),
        (product("R2", sale_to=datetime(2026, 11, 24, 17)), customer(), True, "suitable"),
    ],
)
def test_may_pitch(offer: Product, who: Customer | None, allowed: bool, code: str) -> None:
    decision = may_pitch(offer, who, TODAY)
    assert (decision.allowed, decision.code) == (allowed, code)
    assert decision.reason


def test_the_closing_time_counts_where_the_moment_is_known() -> None:
    offer = product("R2", sale_to=datetime(2026, 11, 24, 17))
    assert may_pitch(offer, customer(), datetime(2026, 11, 24, 16, 59)).allowed
    assert not may_pitch(offer, customer(), datetime(2026, 11, 24, 17, 1)).allowed


def test_the_bank_sets_how_long_an_assessment_holds() -> None:
    who = customer("C2", date(2026, 1, 1))
    assert assessed(who, TODAY)
    assert not assessed(who, TODAY, valid_days=180)


@pytest.mark.parametrize(
    ("level", "rank"),
    [
        ("R2", 2),
        ("C5", 5),
        ("r3", 3),
        ("R2（中低风险）", 2),
        ("PR4", 4),
        (None, None),
        ("", None),
        ("R6", None),
        ("中低", None),
        ("R12", None),
    ],
)
def test_risk_rank(level: str | None, rank: int | None) -> None:
    assert risk_rank(level) == rank
