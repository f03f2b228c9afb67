"""How far a work is, told every few seconds."""

from __future__ import annotations

from knowledge_base.progress import Steps


def test_told_every_two_seconds_and_no_oftener() -> None:
    told: list[str] = []
    now = [0.0]
    steps = Steps(told.append, "read", 12_000, lambda: now[0])
    for number in range(0, 6000, 1000):
        now[0] += 0.7
        steps(number)
    assert told == ["  read 2,000 of 12,000", "  read 5,000 of 12,000"]
