"""Whether she comes with the matter whose pattern fired."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from copilot.drafting.hearing import SIGNS, Hearing, signs
from copilot.types import Occasion

QUOTA = Occasion(
    "O-1",
    "还有没有额度",
    frozenset({"deposit_rate"}),
    "额度",
    None,
    ("大额存单还有额度吗",),
    ("信用卡额度",),
)
EAST, NORTH = np.array([1.0, 0.0]), np.array([0.0, 1.0])


def read(text: str):
    """Words of deposits point east, all others north, in topic and in sense."""
    way = EAST if "存" in text else NORTH
    return way, way


def weighed(**weights: float) -> Hearing:
    return Hearing(np.array([weights.get(sign, 0.0) for sign in SIGNS]), 0.0, {"O-1": 0.5})


def of(message: str, wants: dict[str, float]) -> dict[str, float]:
    row = signs(QUOTA, wants, read(message), [read(t) for t in QUOTA.says], [read(t) for t in QUOTA.near], 0.5)
    return dict(zip(SIGNS, row.tolist(), strict=True))


def test_what_is_weighed():
    told = of("存单还有额度不", {"deposit_rate": 0.7, "loan_credit": 0.2})
    assert told["wanted_most"] == told["certain"] == pytest.approx(0.7)
    assert told["wanted"] > 0
    assert told["likeliest"] == 1
    assert (told["topic"], told["sense"], told["topic_near"], told["rate"]) == (1, 1, 0, 0.5)
    other = of("外汇额度还有不", {"deposit_rate": 0.1, "transaction_help": 0.8})
    assert other["wanted"] < 0
    assert other["likeliest"] == 0
    assert (other["topic"], other["topic_near"]) == (0, 1)


def test_every_sign_counts_and_nothing_known_is_a_half():
    wants = {"deposit_rate": 0.7}
    for sign in SIGNS:
        share = weighed(**{sign: 1.0}).share(QUOTA, wants, read("存单还有额度不"), read)
        assert share == pytest.approx(1 / (1 + np.exp(-of("存单还有额度不", wants)[sign])))
    assert weighed().share(QUOTA, {}, read("额度"), read) == 0.5


def test_a_banks_own_occasion_has_no_rate():
    own = Occasion("O-9", "自己的", frozenset({"deposit_rate"}), "额度")
    assert weighed(rate=4.0).share(own, {}, read("额度"), read) == 0.5


def test_examples_are_read_once():
    asked: list[str] = []

    def counting(text: str):
        asked.append(text)
        return read(text)

    hearing = weighed(sense=1.0)
    for _ in range(3):
        hearing.share(QUOTA, {}, read("额度"), counting)
    assert asked == [*QUOTA.says, *QUOTA.near]
    renewed = replace(QUOTA, says=("购汇额度还剩多少",))
    hearing.share(renewed, {}, read("额度"), counting)
    assert asked[len(QUOTA.says) + len(QUOTA.near) :] == [*renewed.says, *renewed.near], (
        "other examples under the same id"
    )
