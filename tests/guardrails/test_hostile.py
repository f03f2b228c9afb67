"""Hostile texts: nothing crashes, and every quote is exact. `python -m tests.guardrails.test_hostile 100000` runs more."""

import random
import sys

from copilot.settings import Settings
from copilot.types import GuardContext, Turn
from guardrails.engine import Engine
from guardrails.injection import quarantine
from guardrails.loading import load_rules
from guardrails.meaning import Meaning
from guardrails.privacy import mask

PIECES = [
    "保本", "稳赚", "不", "您", "💰", "\u200b", "3.5%", "三个点", "\n", " ", "ｂａｏ", "ben", "，", "。", "“", "”", "\"", "6222021234567890128",
    "110101199003074477", "密码", "\U000e0041", "\u202e", "亿亿亿", "1" * 40, "é", "\x00", "١٢", "㊎", "㍿", "①", "ﷺ", "Ａ", "々", "〇", "保證",
    "(" * 30, "不" * 40, "<|im_start|>", "T+1", "2026-02-30", "百分之" * 5, "~" * 20, "\ud800", "👨‍👩‍👧", "\u0301" * 9, "R5", "C1", "/", "\\",
]  # fmt: skip


def _text(rng):
    parts = [
        rng.choice(PIECES) if rng.random() < 0.7 else chr(rng.randrange(1, 0x110000)) for _ in range(rng.randrange(40))
    ]
    return "".join(parts)


def attack(count, seed=1):
    """Read `count` hostile texts; an exception or an inexact quote fails."""
    settings = Settings()
    engine = Engine(load_rules(settings.guard), meaning=Meaning(settings.guard_dir))
    rng = random.Random(seed)
    for number in range(count):
        text = _text(rng)
        history = (Turn("advisor", _text(rng)),) if number % 3 == 0 else ()
        verdict = engine.check(text, GuardContext(history=history))
        for finding in verdict.findings:
            assert finding.quote == text[finding.start : finding.end]
            assert 0 <= finding.start <= finding.end <= len(text)
        if number % 5 == 0:
            quarantine(text)
            mask(text)


def test_nothing_hostile_crashes_the_guard():
    attack(1500)


if __name__ == "__main__":
    attack(int(sys.argv[1]), seed=2)
    print("no crash, every quote exact")
