"""Trainers: runs and their figures, the cases behind a figure, two runs beside each other. What a held-out case says is never shown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from copilot.errors import ContentError, InputError
from copilot.records import User
from evals.compare import Comparison, compare
from evals.figures import Figure
from evals.page import GROUPS, HEAD
from evals.rows import Row
from evals.running import Going, Running
from evals.runs import Run, named, paths, read
from evals.suites import SUITES
from ui.desk import Desk
from ui.handlers.rights import only

TRAINERS = ("trainer", "admin")
LISTED = 20
TREND_RUNS = 12
_NAME = re.compile(r"\d{8}-\d{6}")
MATRIX = ("intent", "state")
"""Suites whose cases have one wanted and one said label."""


@dataclass(frozen=True)
class Runs:
    """The runs there are, newest first, what goes on, and files that cannot be read."""

    runs: tuple[Run, ...]
    going: Going
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True)
class Opened:
    """One run: its figures in groups that are read together, and a table of labels where its suite has one."""

    run: Run
    suite: str
    groups: tuple[tuple[str, tuple[Figure, ...]], ...]
    matrix: tuple[tuple[tuple[str, str], int], ...] = ()
    cases: int = 0
    good: int = 0


@dataclass(frozen=True)
class Cases:
    """The cases behind a figure: those that count against it first. Held-out ones are counted."""

    rows: tuple[tuple[Row, str], ...]
    """A case, and what it adds: "hit", "miss" or ""."""
    held: int
    held_missed: int


def running(desk: Desk) -> Running:
    """Who starts and stops runs."""
    return Running(desk.app.settings)


@only(*TRAINERS)
def runs(desk: Desk, user: User) -> Runs:
    """The newest runs."""
    found, wrong = [], []
    for path in reversed(paths(running(desk).folder)[-LISTED:]):
        try:
            found.append(read(path, rows=False))
        except ContentError as error:
            wrong.append(str(error))
    return Runs(tuple(found), running(desk).state(), tuple(wrong))


@only(*TRAINERS)
def start(desk: Desk, user: User, suites: Sequence[str], own: bool, model: str = "") -> None:
    """Begin a run, with another model than the one in force where one is named."""
    running(desk).start(suites, user.name, own=own, model=model)


@only(*TRAINERS)
def stop(desk: Desk, user: User) -> None:
    """Stop the run that goes on."""
    running(desk).stop()


@only(*TRAINERS)
def run_of(desk: Desk, user: User, name: str) -> Run:
    """A run by the name of its folder, with its cases."""
    if not _NAME.fullmatch(name):
        raise InputError(f"no run {name}")
    return named(running(desk).folder, name)


@only(*TRAINERS)
def opened(desk: Desk, user: User, name: str, suite: str) -> Opened:
    """A run's suite; its first when none is named."""
    run = run_of(desk, user, name)
    chosen = suite if suite in run.header.suites else run.header.suites[0]
    groups: dict[str, list[Figure]] = {"": []}
    for figure in run.figures:
        if figure.suite == chosen:
            heading = next((h for h, pattern in GROUPS.items() if pattern.fullmatch(figure.name)), "")
            groups.setdefault(heading, []).append(figure)
    rows = run.of(chosen)
    pairs = Counter((str(r.outcome["wanted"]), str(r.outcome["got"])) for r in rows) if chosen in MATRIX else {}
    told = tuple((heading, tuple(figures)) for heading, figures in groups.items() if figures)
    return Opened(run, chosen, told, tuple(sorted(pairs.items())), len(rows), sum(r.good for r in rows))


def first_figures(run: Run) -> tuple[Figure, ...]:
    """The figures to read first."""
    return tuple(f for f in run.figures if f.name in HEAD.get(f.suite, ()))


@only(*TRAINERS)
def cases(desk: Desk, user: User, name: str, suite: str, figure: str = "", wanted: str = "", got: str = "") -> Cases:
    """The cases behind a figure, a cell of the table of labels, or a whole suite."""
    run = run_of(desk, user, name)
    rows = {r.case: r for r in run.of(suite)}
    if wanted or got:
        chosen = [(r, "") for r in rows.values() if (r.outcome.get("wanted"), r.outcome.get("got")) == (wanted, got)]
    elif figure:
        chosen = _behind(list(rows.values()), suite, figure)
    else:
        chosen = [(r, "hit" if r.good else "miss") for r in rows.values()]
    chosen.sort(key=lambda pair: (pair[1] != "miss", pair[0].case))
    shown = tuple(pair for pair in chosen if pair[0].split != "heldout")
    held = [pair for pair in chosen if pair[0].split == "heldout"]
    return Cases(shown, len(held), sum(said == "miss" for _, said in held))


def _behind(rows: Sequence[Row], suite: str, figure: str) -> list[tuple[Row, str]]:
    measure = next((m for m in SUITES[suite].measures(rows) if m.name == figure), None) if suite in SUITES else None
    if measure is None:
        raise InputError(f"no figure {figure}")
    own = figure.startswith("own_")
    by_case = {r.case: r for r in rows if (r.split == "own") == own}
    found = []
    for case, terms in zip(measure.cases, measure.terms.tolist(), strict=True):
        if case in by_case:
            said = ("hit" if terms[0] >= terms[1] else "miss") if measure.kind == "ratio" else ""
            found.append((by_case[case], said))
    return found


@only(*TRAINERS)
def case(desk: Desk, user: User, name: str, suite: str, identity: str) -> Row:
    """One case that may be read."""
    row = next((r for r in run_of(desk, user, name).of(suite) if r.case == identity), None)
    if row is None or row.split == "heldout":
        raise InputError(f"no case {identity} to be read")
    return row


@only(*TRAINERS)
def compared(desk: Desk, user: User, before: str, after: str) -> Comparison:
    """Two runs over the cases that both have."""
    return compare(run_of(desk, user, before), run_of(desk, user, after))


@dataclass(frozen=True)
class Trend:
    """Figures over runs, the oldest first: a value a run, None where it has none."""

    runs: tuple[str, ...]
    lines: Mapping[str, Sequence[float | None]]
    unit: str = ""
    """What they are counted in, "" for shares between nought and one."""


@only(*TRAINERS)
def trend(desk: Desk, user: User, suite: str) -> Trend:
    """The figures to read first of a suite, over the newest finished runs."""
    done = [r for r in reversed(runs(desk, user).runs) if r.finished and suite in r.header.suites][-TREND_RUNS:]
    lines: dict[str, list[float | None]] = {}
    units: list[str] = []
    for name in HEAD.get(suite, ()):
        found = [next((f for f in r.figures if (f.suite, f.name) == (suite, name)), None) for r in done]
        if any(found):
            lines[name] = [f.value if f is not None else None for f in found]
            units += [f.unit for f in found if f is not None]
    return Trend(tuple(r.name for r in done), lines, units[0] if units else "")
