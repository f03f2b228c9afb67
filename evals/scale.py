"""What search costs as the knowledge grows: builds and searches indexes of several sizes, writes the figures and a plot.

python -m evals.scale [--large] [--queries N] [--out FOLDER]    (--large: 100,000 and 286,000 passages too)

Each size is measured in a process of its own, so that memory is its own. The figures lie beside the plot in
`search-scale.csv`; `python -m evals.scale --draw` draws them again without measuring.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from copilot.errors import CopilotError, InputError
from copilot.settings import OFFLINE
from evals.plot import COLOURS, Line, Panel, plot
from knowledge_base.bench import Cost, measure

SIZES, LARGE = (1_000, 3_000, 10_000, 30_000), (100_000, 286_000)
WAYS = ("hybrid", "BM25", "dense", "rank_bm25")
KEPT = {"build_s": "building, seconds", "disk_mb": "index on disk, MB", "memory_mb": "memory at most, MB"}
_STEM, _PASSAGES, _LOAD = "search-scale", "passages", "load"
Row = Mapping[str, float]


def row(cost: Cost, load: float) -> Row:
    """A size's figures, by column; `load` is what the machine had to do at the end, processes waiting for its cores."""
    kept = {name: getattr(cost, name) for name in KEPT}
    times = {
        f"{t.name}_{q}_ms": value for t in cost.timings for q, value in (("p50", t.p50), ("p95", t.p95), ("p99", t.p99))
    }
    n = max((t.n for t in cost.timings), default=0)
    return {_PASSAGES: cost.passages, "rows": cost.rows, **kept, **times, "queries": n, _LOAD: load}


def measured(sizes: Sequence[int], queries: int) -> Iterable[Row]:
    """Each size's figures, as they are taken."""
    for size in sizes:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            cost = alone.submit(measure, size, queries).result()
        yield row(cost, os.getloadavg()[0])


def drawn(rows: Sequence[Row]) -> str:
    """The figures as a plot: time of a question, and what an index takes."""
    times = [
        Line(f"{way}, {q}", _points(rows, f"{way}_{q}_ms"), colour, dashed=q == "p95")
        for way, colour in zip(WAYS, COLOURS, strict=False)
        for q in ("p50", "p95")
    ]
    kept = [Line(name, _points(rows, key), colour) for (key, name), colour in zip(KEPT.items(), COLOURS, strict=False)]
    panels = [
        Panel("A question, milliseconds", [line for line in times if line.points]),
        Panel("The index", [line for line in kept if line.points]),
    ]
    return plot(panels, _PASSAGES)


def _points(rows: Sequence[Row], key: str) -> list[tuple[float, float]]:
    return [(r[_PASSAGES], r[key]) for r in rows if r.get(key)]


def written(rows: Sequence[Row]) -> list[list[str]]:
    """The figures as a table, the columns in the order in which they first come."""
    columns = list(dict.fromkeys(name for r in rows for name in r))
    return [columns, *([_cell(r.get(name)) for name in columns] for r in rows)]


def _cell(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.2f}"


def read_rows(path: Path) -> list[Row]:
    """What was written; InputError when it is no such table."""
    try:
        with path.open(encoding="utf-8", newline="") as handle:
            return [{k: float(v) for k, v in line.items() if v} for line in csv.DictReader(handle)]
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: cannot be read ({error}); run `python -m evals.scale` first") from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write and draw."""
    parser = argparse.ArgumentParser(prog="python -m evals.scale", description="Cost of search by number of passages.")
    parser.add_argument("--large", action="store_true", help=f"{' and '.join(f'{n:,}' for n in LARGE)} passages too")
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    parser.add_argument("--draw", action="store_true", help="draw what was measured before")
    chosen = parser.parse_args(arguments)
    table = chosen.out / f"{_STEM}.csv"
    try:
        if chosen.draw:
            rows = read_rows(table)
        else:
            os.environ.update(OFFLINE)
            rows = []
            for one in measured((*SIZES, *LARGE) if chosen.large else SIZES, chosen.queries):
                rows.append(one)
                print("  ".join(f"{name} {value:g}" for name, value in one.items()), flush=True)
    except CopilotError as error:
        print(f"scale: {error}", file=sys.stderr)
        return 1
    chosen.out.mkdir(parents=True, exist_ok=True)
    with table.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows(written(rows))
    (chosen.out / f"{_STEM}.svg").write_text(drawn(rows), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
