"""Asks the cases of suites, one line of results each, and sums them up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from copilot.errors import InputError
from copilot.wiring import App
from evals import lock, pool
from evals.figures import Figure
from evals.rows import Case, Row
from evals.runs import Header, Run, append, begin, finish, held, provenance, unfinished
from evals.suites import SUITES

Progress = Callable[[str, int, int], None]
MANY = 100
"""Cases below which another process costs more than it saves."""


def run(
    app: App,
    names: Sequence[str],
    folder: Path,
    progress: Progress,
    *,
    own: Sequence[Case] | None = None,
    fresh: bool = False,
    at: datetime | None = None,
    jobs: int = 1,
) -> Run:
    """Run the named suites (all when empty), going on with the newest run if it was stopped and nothing changed since.

    `own` are a bank's own cases, None when not asked for. Held-out files must be those that are locked. `jobs` processes
    share the cases of suites that allow it; the figures are the same, times are not.
    """
    chosen = known(names)
    lock.check()
    cases = [c for name in chosen for c in (*SUITES[name].cases(), *(c for c in own or () if c.suite == name))]
    now = at or datetime.now()
    header = Header(
        now.strftime("%Y%m%d-%H%M%S"),
        now.isoformat(timespec="seconds"),
        chosen,
        own is not None,
        provenance(app, cases),
    )
    stopped = None if fresh else unfinished(folder, header)
    with held(stopped or begin(folder, header)) as run:
        if run.finished:
            return run
        rows = _ask(app, run, cases, progress, jobs)
        return finish(run, rows, summed(chosen, rows))


def known(names: Sequence[str]) -> tuple[str, ...]:
    """The named suites, each once and in the order of the list; all when none is named."""
    unknown = [n for n in names if n not in SUITES]
    if unknown:
        raise InputError(f"no suite {', '.join(unknown)}; there are {', '.join(SUITES)}")
    return tuple(name for name in SUITES if not names or name in names)


def _ask(app: App, run: Run, cases: Sequence[Case], progress: Progress, jobs: int) -> list[Row]:
    """The rows of all cases, those answered before as they are."""
    before = {(r.suite, r.case): r for r in run.rows}
    rows: list[Row] = []
    for suite in run.header.suites:
        asked = [c for c in cases if c.suite == suite]
        new = _new(app, suite, [c for c in asked if (suite, c.id) not in before], jobs)
        for done, case in enumerate(asked, 1):
            row = before.get((suite, case.id))
            if row is None:
                row = next(new)
                append(run, row.as_json())
            rows.append(row)
            progress(suite, done, len(asked))
    return rows


def _new(app: App, suite: str, cases: Sequence[Case], jobs: int) -> Iterator[Row]:
    """Rows of cases that nobody answered yet, in order, asked here or in processes of their own, unless a model has a say in them."""
    if jobs > 1 and SUITES[suite].apart and len(cases) >= MANY and app.decider is None:
        return pool.asked(app.settings, suite, cases, jobs)
    return map(SUITES[suite].asker(app), cases)


def summed(suites: Sequence[str], rows: Sequence[Row]) -> list[Figure]:
    """The figures of rows."""
    return [m.figure() for name in suites for m in SUITES[name].measures([r for r in rows if r.suite == name])]
