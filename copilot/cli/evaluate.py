"""`advisor-copilot eval`: how good is it today."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from copilot.errors import InputError
from copilot.wiring import build

eval_app = typer.Typer(help="Measure the product on its cases.", no_args_is_help=False)


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
) -> None:
    """Run suites, print the table of figures and write the report."""
    from evals.run import run, table, write

    product = build()
    try:
        product.check_all()
        if product.model is not None:
            product.model.wait_ready(60)
        report = run(product, suites or [], _progress)
    finally:
        product.close()
    data, text = write(report, product.settings.data / "reports")
    print("", file=sys.stderr)
    print(table(report.figures))
    print(f"\n{text}\n{data}")


@eval_app.command("list")
def eval_list() -> None:
    """List suites and the number of their cases."""
    from evals.cases import conversations, guard_cases, intent_cases

    for name, cases in (("line", conversations()), ("intent", intent_cases()), ("guard", guard_cases())):
        print(f"{name:<10}{len(cases)} cases")


@eval_app.command("report")
def eval_report() -> None:
    """Print the newest report."""
    folder = build().settings.data / "reports"
    reports = sorted(folder.glob("*.md"))
    if not reports:
        raise InputError("no report yet; run `advisor-copilot eval run`")
    print(reports[-1].read_text(encoding="utf-8"))


def _progress(suite: str, done: int, total: int) -> None:
    if sys.stderr.isatty() or done + 1 == total:
        print(f"\r{suite}: {done + 1}/{total}", end="", file=sys.stderr)
