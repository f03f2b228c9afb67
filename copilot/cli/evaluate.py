"""`advisor-copilot eval`: how good is it today, what got worse, and is that chance."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from copilot.settings import load_settings
from copilot.wiring import build

if TYPE_CHECKING:
    from evals.rows import Case

eval_app = typer.Typer(help="Measure the product on its cases.", no_args_is_help=False)
_BAR = 24
Own = Annotated[bool, typer.Option("--own", help="the bank's own cases too (`eval add`), shown apart as own_…")]
FailUnder = Annotated[
    Path | None,
    typer.Option(help="a TOML file of bounds, such as evals/thresholds.toml; exit code 1 when one is broken"),
]


@eval_app.callback(invoke_without_command=True)
def evaluate(context: typer.Context) -> None:
    """Run every suite when no subcommand is given."""
    if context.invoked_subcommand is None:
        eval_run([])


@eval_app.command("run")
def eval_run(
    suites: Annotated[
        list[str] | None, typer.Argument(help="suites to run; all when left out", show_default=False)
    ] = None,
    own: Own = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="begin anew even if the last run was stopped half-way")
    ] = False,
    fail_under: FailUnder = None,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="processes for suites whose cases may be shared out")] = 1,
) -> None:
    """Run suites, print the table of figures and write the reports. A stopped run goes on where it ended."""
    from evals.report import table, write
    from evals.run import known, run
    from evals.thresholds import bounds, broken

    known(suites or [])
    if fail_under is not None:
        bounds(fail_under)
    product = build()
    try:
        product.check_all()
        if product.model is not None:
            product.model.wait_ready(60)
        folder = product.settings.data / "reports"
        cases = _own_cases(product.settings.data) if own else None
        done = run(product, suites or [], folder, _progress, own=cases, fresh=fresh, jobs=jobs)
    finally:
        product.close()
    pages = write(done)
    print("", file=sys.stderr)
    print(table(done.figures))
    print("\n" + "\n".join(map(str, pages)))
    wrong = broken(done.figures, done.header.suites, fail_under) if fail_under else []
    for line in wrong:
        print(f"advisor-copilot: {line}", file=sys.stderr)
    if wrong:
        raise typer.Exit(1)


@eval_app.command("list")
def eval_list() -> None:
    """List suites with their cases, and the runs there are."""
    from evals.runs import paths, read
    from evals.suites import SUITES

    data = load_settings().data
    own = _own_cases(data)
    for name, suite in SUITES.items():
        mine = sum(case.suite == name for case in own)
        print(f"{name:<10}{len(suite.cases())} cases" + (f", {mine} of the bank's own" if mine else ""))
    for path in paths(data / "reports"):
        run = read(path)
        state = f"{len(run.figures)} figures" if run.finished else f"stopped after {len(run.rows)} cases"
        print(f"{run.name}  {state}: {', '.join(run.header.suites)}")


@eval_app.command("report")
def eval_report(
    run: Annotated[str, typer.Argument(help="a run's name; `newest`, or `before` for the one before it")] = "newest",
) -> None:
    """Print the report of a run and write its pages anew."""
    from evals.report import as_markdown, write
    from evals.runs import named

    found = named(load_settings().data / "reports", run)
    pages = write(found)
    print(as_markdown(found))
    print("\n".join(map(str, pages)), file=sys.stderr)


@eval_app.command("compare")
def eval_compare(
    a: Annotated[str, typer.Argument(help="the run before")] = "before",
    b: Annotated[str, typer.Argument(help="the run after")] = "newest",
    everything: Annotated[bool, typer.Option("--all", help="also the figures that did not change")] = False,
) -> None:
    """Print what changed between two runs over the cases that both have."""
    from evals.compare import as_markdown, compare
    from evals.runs import named

    folder = load_settings().data / "reports"
    print(as_markdown(compare(named(folder, a), named(folder, b)), everything=everything))


@eval_app.command("add")
def eval_add(
    file: Annotated[Path, typer.Argument(help="csv, tsv, xlsx, json or JSON lines; a row a case")],
    suite: Annotated[str, typer.Option(help="intent, guard, search or line")],
) -> None:
    """Take in a bank's own cases. Wrong rows are named and nothing is taken in until there are none."""
    from evals.own import add

    product = build()
    try:
        added = add(file, suite, product.settings.data / "cases", lambda document: bool(product.library.text(document)))
    finally:
        product.close()
    print(f"{added.new} cases added to {added.path}, {added.known} were there already")


@eval_app.command("replay")
def eval_replay(
    model: Annotated[Path | None, typer.Option(help="another GGUF file")] = None,
    scripted: Annotated[bool, typer.Option("--scripted", help="no model: approved scripts alone")] = False,
    prompts: Annotated[Path | None, typer.Option(help="a folder with another prompt of the same name")] = None,
    rules: Annotated[Path | None, typer.Option(help="another rule folder")] = None,
    knowledge: Annotated[Path | None, typer.Option(help="another content folder; its index is made apart")] = None,
    last: Annotated[int, typer.Option(min=1, help="how many of the newest conversations")] = 200,
    today: Annotated[
        bool, typer.Option("--today", help="beside the product as set today, instead of what was recorded")
    ] = False,
) -> None:
    """Ask archived conversations again with something changed, and write what differs. Nothing goes into the record."""
    from evals.replay import Change, replay
    from evals.replay_page import as_markdown, write

    product = build()
    try:
        change = Change(model, scripted, prompts, rules, knowledge)
        found = replay(product, change, last=last, today=today, progress=lambda *at: _progress("replay", *at))
        pages = write(found, product.settings.data / "reports")
    finally:
        product.close()
    print(as_markdown(found).split("\n## ")[0])
    print("\n".join(map(str, pages)))


def _own_cases(data: Path) -> list[Case]:
    from evals.own import own_cases

    return own_cases(data / "cases")


def _progress(suite: str, done: int, total: int) -> None:
    """A bar on a terminal; elsewhere a line a suite."""
    if sys.stderr.isatty():
        full = _BAR * done // total
        print(f"\r{suite:<10}[{'#' * full}{'.' * (_BAR - full)}] {done}/{total}\033[K", end="", file=sys.stderr)
    if done == total:
        print("" if sys.stderr.isatty() else f"{suite}: {total}", file=sys.stderr)
