"""Times are told by percentile, belong to a machine, and break no bound that nobody asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals import speed, thresholds
from evals.figures import slowest
from evals.rows import Row


def rows(slow: float = 1.0) -> list[Row]:
    return [
        Row("speed", str(i), "development", "", {stage: i * slow for stage in speed.STAGES}, True, float(i))
        for i in range(1, 101)
    ]


def test_three_percentiles_a_stage() -> None:
    found = {m.name: m for m in speed.measures(rows())}
    assert len(found) == 15
    values = [found[f"guard_p{q}_ms"].value() for q in (50, 95, 99)]
    assert values == [50, 95, 99]
    figure = found["guard_p50_ms"].figure()
    assert figure.unit == "ms"
    assert figure.low < 50 < figure.high < found["guard_p95_ms"].figure().low


def test_a_percentile_is_the_one_asked_for() -> None:
    (measure,) = slowest("speed", "x", {str(i): float(i) for i in range(1, 101)}, 99)
    assert measure.value() == 99


def test_no_shipped_bound_is_on_a_time() -> None:
    assert "speed" not in thresholds.bounds()
    assert not [name for named in thresholds.bounds().values() for name in named if name.endswith("_ms")]


@pytest.mark.parametrize(("slow", "lines"), [(1.0, []), (10.0, ["speed guard_p95_ms 950.000 (n 100): above 100"])])
def test_a_bound_that_a_bank_asks_for_holds(tmp_path: Path, slow: float, lines: list[str]) -> None:
    path = tmp_path / "bounds.toml"
    path.write_text("[speed]\nguard_p95_ms = { most = 100 }\n", encoding="utf-8")
    figures = [m.figure() for m in speed.measures(rows(slow))]
    assert thresholds.broken(figures, ["speed"], path) == lines


def test_the_cases_are_fixed() -> None:
    assert [c.id for c in speed.suite_cases()] == [c.id for c in speed.suite_cases()]
    assert len(speed.suite_cases()) == 90
