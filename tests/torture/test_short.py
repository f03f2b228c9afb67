"""Each fault in short, with every change; `make torture` runs them in full."""

from __future__ import annotations

import os
import random

import pytest

from tests.copilot.records.servers import missing
from tests.torture import growth, page
from tests.torture.__main__ import FAULTS, SEED
from tests.torture.row import Row

LONG = {"load-bundled", "growth"}
"""A desk of its own each, with a model; what they drive is driven in short by load-scripted."""
POSTGRESQL = {"kills-postgresql", "locked"}


@pytest.mark.parametrize("name", [name for name in FAULTS if name not in LONG])
def test_in_short(name, tmp_path):
    if name in POSTGRESQL and (why := missing()):
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    fault = FAULTS[name]
    row = fault.run(tmp_path, fault.short, SEED)
    assert row.tried >= min(fault.short, 2)
    assert row.outcome


def test_the_page_tells_every_row(tmp_path):
    rows = {"record": [Row("`kill -9`", 1000, "none lost", 0.25, 7)], "audit": [Row("verified", 1_000_000, "9 s")]}
    page.write(tmp_path / "page.md", rows)
    text = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert "| `kill -9` | 1,000 | none lost | 0.25 s | 7 |" in text
    assert "| verified | 1,000,000 | 9 s |  |  |" in text
    assert "## The model's process" not in text


def test_growth_is_told_from_the_end_of_the_warm_up():
    marks = [(n, {"desk": 500.0 + 100 * min(n, 3), "model": 70.0}) for n in range(9)] + [
        (9, {"desk": 840.0, "model": 70.0})
    ]
    assert growth.growths(marks) == pytest.approx({"desk": 5.0, "model": 0.0})
    assert growth.courses(marks) == "desk 800 → 800 → 840 MB (+5.0 %), model 70 → 70 → 70 MB (+0.0 %)"


def test_no_two_messages_of_a_long_run_are_the_same():
    chance = random.Random(1)
    assert len({growth.said(n, chance) for n in range(500)}) == 500


def test_every_fault_has_a_table():
    assert {fault.table for fault in FAULTS.values()} == set(page.TABLES)
