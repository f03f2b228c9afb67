"""`advisor-copilot import`: the bank's own data in place of the bundled example."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer

from copilot.edges import CustomerIn, parse
from copilot.errors import CopilotError, InputError
from copilot.wiring import build

import_app = typer.Typer(help="Bring in the bank's own products, calendar and customers.", no_args_is_help=True)

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
    """Add or replace products from YAML files of the product schema (docs/knowledge.md)."""
    _import_part(source, "products", dry_run)


@import_app.command("calendar")
def import_calendar(source: Source, dry_run: DryRun = False) -> None:
    """Replace the holiday calendar from a YAML file of the calendar schema (docs/knowledge.md)."""
    _import_part(source, "calendar.yaml", dry_run)


def _import_part(source: Path, part: str, dry_run: bool) -> None:
    from knowledge_base.takeover import merge

    product = build()
    changed = merge(source, part, product.settings.content_dir, product.settings.own_content_dir, dry_run=dry_run)
    for line in changed:
        print(line)
    if not dry_run and changed:
        product.record.append("import", "cli", "", {"part": part, "changed": changed}, datetime.now())


@import_app.command("customers")
def import_customers(
    source: Source,
    advisor: Annotated[str, typer.Option(help="the advisor whose customers these are")],
    dry_run: DryRun = False,
) -> None:
    """Put customer cards on an advisor's desk: JSON lines, each a `customer` object of the command-line contract.

    A wrong line is named and passed over; the rest goes on. Exits with 1 when a line was wrong.
    """
    product = build()
    if advisor not in {u.name for u in product.users.list()}:
        raise InputError(f"no user {advisor!r}; see `advisor-copilot user list`")
    try:
        rows = source.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{source}: cannot be read as UTF-8 text ({error})") from error
    known = {str(c.customer.get("name")): c.id for c in product.conversations.of(advisor, limit=100_000)}
    good = bad = 0
    for number, row in enumerate(rows, start=1):
        if not row.strip():
            continue
        try:
            card = _card(row)
        except CopilotError as error:
            print(f"{source.name}:{number}: {error}", file=sys.stderr)
            bad += 1
            continue
        good += 1
        if not dry_run:
            key = known.get(card["name"]) or uuid4().hex
            product.conversations.save(key, advisor, card, datetime.now())
    if not dry_run and good:
        product.record.append("import", "cli", "", {"customers": good, "advisor": advisor}, datetime.now())
    print(f"{good} customers {'would be ' if dry_run else ''}imported, {bad} lines wrong")
    if bad:
        raise typer.Exit(1)


def _card(row: str) -> dict[str, Any]:
    try:
        data = json.loads(row)
    except json.JSONDecodeError as error:
        raise InputError(f"not JSON: {error}") from error
    if not isinstance(data, dict):
        raise InputError("not a JSON object")
    card = parse(CustomerIn, data)
    if not card.name:
        raise InputError("name: a card needs a name")
    return card.model_dump(mode="json", exclude_defaults=True)
