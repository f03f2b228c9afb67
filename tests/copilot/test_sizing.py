"""The sizes follow from their figures, and the page says what the command says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from copilot import sizing
from copilot.cli.commands import app
from copilot.sizing import Assumed, needs, table

PAGE = Path(__file__).resolve().parents[2] / "docs/operations.md"
SIZES = (10, 100, 1_000, 10_000)


def test_a_thousand_by_hand():
    """60 a day in 8 hours, three times the mean: 1,000 x 60 / 28,800 x 3 = 6.25 a second."""
    found = needs(1_000)
    assert found.turns_s == pytest.approx(6.25)
    assert found.processes == 6  # 6.25 x 0.5 / 0.6 = 5.2
    assert found.cores == 7  # 6.25 x 0.65 / 0.6 = 6.8
    assert found.memory_gb == 10  # 6 x 1.1 + 3 = 9.6
    assert found.database == "PostgreSQL"
    assert found.entries_s == pytest.approx(23.125)
    assert found.gb_a_year == pytest.approx(175.5)  # 15 million turns of 11,700 bytes
    assert found.gpus == 3  # 6.25 x 240 / 1,000 / 0.6 = 2.5


def test_more_advisors_never_need_less():
    rows = [needs(n) for n in range(1, 3_000, 7)]
    for name in ("processes", "cores", "memory_gb", "gb_a_year", "verify_min", "gpus"):
        values = [getattr(row, name) for row in rows]
        assert values == sorted(values), name


def test_one_process_keeps_sqlite_and_two_share_postgresql():
    last = max(n for n in range(1, 1_000) if needs(n).database == "SQLite")
    assert needs(last).processes == 1
    assert needs(last + 1).processes == 2
    assert needs(last + 1).database == "PostgreSQL"
    assert f"{last} advisors" in PAGE.read_text(encoding="utf-8")


def test_a_banks_own_figures_count():
    calm = needs(1_000, Assumed(turns_a_day=20, peak=1.5))
    assert calm.turns_s == pytest.approx(6.25 / 6)
    assert calm.processes == 1
    assert needs(1_000, replace(Assumed(), gpu_tokens_s=5_000)).gpus == 1


def test_nobody_is_sized_past_what_one_chain_takes_unsaid():
    text = PAGE.read_text(encoding="utf-8")
    assert needs(10_000).entries_s < sizing.COMMITS_S
    assert f"{needs(10_000).entries_s:.0f} entries a second" in text


def test_the_page_holds_the_table_of_the_figures():
    text = PAGE.read_text(encoding="utf-8")
    assert "\n".join(table(SIZES)) in text, "put the rows of copilot.sizing.table into docs/operations.md"


def test_the_page_names_each_assumption_with_its_value():
    text = PAGE.read_text(encoding="utf-8")
    own = Assumed()
    for value in (f"{own.turns_a_day:g} messages", f"{own.hours:g} hours", f"{own.peak:g} times", f"{own.days} days", f"{own.tokens_a_turn:g} tokens", f"{own.gpu_tokens_s:,g} tokens a second", f"{sizing.WEB_S} s", f"{sizing.MODEL_S} s", f"{sizing.PROCESS_GB} GB"):  # fmt: skip
        assert value in text, value


def test_the_command_says_the_same():
    done = CliRunner().invoke(app, ["sizing", "1000"])
    assert done.exit_code == 0
    for part in ("6.25 a second", "= 6, each on a core", "= 10 GB", "PostgreSQL", "175.5 GB a year", "= 3 GPU"):
        assert part in done.output


@pytest.mark.parametrize("words", [["0"], ["-5"], ["many"], ["100", "--peak", "0"]])
def test_no_size_of_nothing(words):
    assert CliRunner().invoke(app, ["sizing", *words]).exit_code == 2
