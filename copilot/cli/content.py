"""`advisor-copilot import`: the bank's own data in place of the bundled example."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from copilot.errors import InputError
from copilot.wiring import App, build

import_app = typer.Typer(
    help="Bring in the bank's own products, daily values, calendar and customers.", no_args_is_help=True
)

DryRun = Annotated[bool, typer.Option("--dry-run", help="only say what would change")]
Source = Annotated[Path, typer.Argument(help="file or folder to read")]


@import_app.command("content")
def import_content(source: Source, dry_run: DryRun = False) -> None:
    """Take over a content folder (products, faq, compliance, scripts, market, calendar.yaml, bank.yaml).

    Every file is validated first; a wrong one stops the import with its file and line, and nothing is changed.
    """
    from knowledge_base.library import load_library
    from knowledge_base.takeover import take_over

    if not source.is_dir():
        raise InputError(f"{source}: not a folder; give the folder that holds products/, faq/ and the rest")
    library = load_library(source)
    print(f"{len(library.products())} products, version {library.version[:12]}")
    if dry_run:
        return
    product = build()
    take_over(source, product.settings.own_content_dir)
    product.record.append("import", "cli", "", {"content": library.version}, datetime.now())
    print("taken over; the index is rebuilt at the next start, or now with `advisor-copilot index`")


@import_app.command("products")
def import_products(source: Source, dry_run: DryRun = False) -> None:
    """Add or replace products: YAML files of the product schema, or a csv, xlsx or json file with a row a product (docs/knowledge.md).

    YAML files are taken over all together or not at all. Of a table a wrong row is named and passed over; the rest goes on.
    Exits with 1 when a row was wrong.
    """
    if not _is_sheet(source):
        _import_part(build(), source, "products", dry_run)
        return
    from knowledge_base.product_rows import read_products
    from knowledge_base.takeover import written

    product = build()
    rows = read_products(source, product.library.content)
    for identity in rows.unchanged:
        print(f"products/{identity}.yaml: unchanged")
    if rows.entries:
        with written({f"{entry.id}.yaml": entry for entry in rows.entries}) as folder:
            _import_part(product, folder, "products", dry_run)
    _say_wrong(rows.wrong)


@import_app.command("calendar")
def import_calendar(source: Source, dry_run: DryRun = False) -> None:
    """Replace the holiday calendar from a YAML file of the calendar schema, or a csv, xlsx or json file with a row a holiday (docs/knowledge.md).

    Taken over whole or not at all.
    """
    if not _is_sheet(source):
        _import_part(build(), source, "calendar.yaml", dry_run)
        return
    from knowledge_base.holiday_rows import read_holidays
    from knowledge_base.takeover import written

    rows = read_holidays(source)
    if rows.wrong:
        print("nothing was changed: a calendar is taken over whole or not at all", file=sys.stderr)
    _say_wrong(rows.wrong)
    with written({"calendar.yaml": rows.calendar}) as folder:
        _import_part(build(), folder / "calendar.yaml", "calendar.yaml", dry_run)


@import_app.command("values")
def import_values(source: Source, dry_run: DryRun = False) -> None:
    """Take in the day's values from a csv, xlsx or json file: 净值, 七日年化, 利率, 到账, 费用 (docs/knowledge.md).

    A wrong row is named and passed over; the rest goes on. Exits with 1 when a row was wrong. A running desk sees the
    new values at once.
    """
    from knowledge_base import daily
    from knowledge_base.values import ValueFile

    product = build()
    now, file = product.clock(), ValueFile(product.settings.values_path)
    done = daily.import_values(source, product.library.content.products, file, now.date(), dry_run=dry_run)
    lines = [f"{v.product} {v.field} {v.on}: {v.value}" for v in (*done.added, *done.corrected)]
    for line in lines:
        print(line)
    if lines:
        would = "would be " if dry_run else ""
        print(f"{len(done.added)} {would}added, {len(done.corrected)} {would}corrected, {done.known} unchanged")
    else:
        print("nothing new")
    if lines and not dry_run:
        payload = {"part": "values", "file": source.name, "changed": lines}
        product.record.append("import", "cli", "", payload, now)
    _say_wrong(done.wrong)


def _is_sheet(source: Path) -> bool:
    from knowledge_base.sheets import OBJECTS, TABLES

    return source.suffix.lower() in (*TABLES, *OBJECTS) and not source.is_dir()


def _import_part(product: App, source: Path, part: str, dry_run: bool) -> None:
    from knowledge_base.takeover import is_change, merge

    lines = merge(source, part, product.settings.content_dir, product.settings.own_content_dir, dry_run=dry_run)
    for line in lines:
        print(line)
    changed = [line for line in lines if is_change(line)]
    if changed and not dry_run:
        product.record.append("import", "cli", "", {"part": part, "changed": changed}, datetime.now())


def _say_wrong(wrong: Sequence[str]) -> None:
    """Each wrong row on a line of its own; then the exit code is 1."""
    for line in wrong:
        print(line, file=sys.stderr)
    if wrong:
        raise typer.Exit(1)


@import_app.command("customers")
def import_customers(
    source: Source,
    advisor: Annotated[str, typer.Option(help="the advisor whose customers these are")],
    dry_run: DryRun = False,
) -> None:
    """Put customer cards on an advisor's desk: JSON lines, each a `customer` object of the command-line contract, or a csv or xlsx file with a row a customer (docs/knowledge.md).

    A wrong line is named and passed over; the rest goes on. Exits with 1 when a line was wrong.
    """
    from copilot.cli.cards import read_cards
    from knowledge_base.daily import names_of

    product = build()
    if advisor not in {u.name for u in product.users.list()}:
        raise InputError(f"no user {advisor!r}; see `advisor-copilot user list`")
    cards = read_cards(source, names_of(product.library.content.products))
    if not dry_run and cards.good:
        known = {str(c.customer.get("name")): c.id for c in product.conversations.of(advisor, limit=100_000)}
        for card in cards.good:
            product.conversations.save(known.get(card["name"]) or uuid4().hex, advisor, card, datetime.now())
        payload = {"customers": len(cards.good), "advisor": advisor}
        product.record.append("import", "cli", "", payload, datetime.now())
    print(f"{len(cards.good)} customers {'would be ' if dry_run else ''}imported, {len(cards.wrong)} lines wrong")
    _say_wrong(cards.wrong)
