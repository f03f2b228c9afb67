"""Cost by scale: the corpus has the asked size, figures survive being written, the plot shows each of them."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from copilot.settings import Settings
from evals import scale
from evals.plot import Line, Panel, plot
from knowledge_base.bench import Cost, Timing, measure, sized
from knowledge_base.library import load_library
from knowledge_base.rows import units_of

COSTS = (
    Cost(1000, 9000, 12.5, 20.0, 500.0, (Timing("hybrid", 4.0, 8.0, 9.0, 200), Timing("BM25", 0.2, 0.4, 0.5, 200))),
    Cost(10000, 18000, 30.0, 60.0, 800.0, (Timing("hybrid", 6.0, 9.5, 11.0, 200), Timing("BM25", 0.3, 0.5, 0.6, 200))),
)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("passages", [300, 1000, 4000])
def test_a_library_of_a_size_is_about_that_size_and_whole(passages: int) -> None:
    library = sized(load_library(Settings().content_dir), passages)
    assert len(units_of(library.content.documents)) == pytest.approx(passages, rel=0.1)
    assert {p.id for p in library.products()} <= set(library.documents)
    assert len({d.id for d in library.content.documents}) == len(library.content.documents)


def test_an_index_is_measured(tmp_path: Path) -> None:
    cost = measure(200, queries=4)
    assert cost.passages == pytest.approx(200, rel=0.25)
    assert cost.rows >= cost.passages
    assert min(cost.build_s, cost.disk_mb, cost.memory_mb) > 0
    assert {t.name for t in cost.timings} >= {"hybrid", "BM25"}
    assert all(0 < t.p50 <= t.p95 <= t.p99 and t.n == 4 for t in cost.timings)


def test_figures_are_written_drawn_and_drawn_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scale, "measured", lambda sizes, queries: [scale.row(c, 0.5) for c in COSTS])
    assert scale.main(["--out", str(tmp_path)]) == 0
    rows = scale.read_rows(tmp_path / "search-scale.csv")
    assert rows == [scale.row(c, 0.5) for c in COSTS]
    drawing = tmp_path / "search-scale.svg"
    first = drawing.read_text(encoding="utf-8")
    drawing.unlink()
    assert scale.main(["--out", str(tmp_path), "--draw"]) == 0
    assert drawing.read_text(encoding="utf-8") == first
    words = [e.text for e in ElementTree.fromstring(first).iter(f"{SVG}text")]
    assert {"hybrid, p50", "hybrid, p95", "BM25, p95", "building, seconds", "1,000", "10,000"} <= set(words)
    assert "dense, p50" not in words


def test_nothing_to_draw_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert scale.main(["--out", str(tmp_path), "--draw"]) == 1
    assert "search-scale.csv" in capsys.readouterr().err


def test_a_plot_puts_ten_times_as_much_one_step_higher() -> None:
    text = plot([Panel("A & B", [Line("x", [(10, 1), (100, 10), (1000, 100)], "#000")])], "n")
    circles = [
        (float(c.get("cx", 0)), float(c.get("cy", 0))) for c in ElementTree.fromstring(text).iter(f"{SVG}circle")
    ]
    (x1, y1), (x2, y2), (x3, y3) = circles
    assert x2 - x1 == pytest.approx(x3 - x2, abs=0.2)
    assert x2 > x1
    assert y1 - y2 == pytest.approx(y2 - y3, abs=0.2)
    assert y2 < y1
