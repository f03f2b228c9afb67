"""`advisor-copilot backup` and `restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from copilot.backup import back_up
from copilot.backup import restore as put_back
from copilot.settings import config_path
from copilot.wiring import build


def backup(file: Annotated[Path, typer.Argument(help="file to write, such as copilot-2026-11-22.tar.gz")]) -> None:
    """Keep record, content, shelf, settings and the choice of model in one file, while the desk runs.

    The file holds customers' words, and the settings with their passwords: keep it as you keep the record. The signing key and the index are not in it.
    """
    product = build()
    kept = back_up(product.settings, config_path(), product.engine, file)
    print(f"{file}: {kept.files} files, {kept.record.entries} entries hold; head {kept.record.head}")


def restore(
    file: Annotated[Path, typer.Argument(help="a file that `backup` wrote")],
    into: Annotated[Path, typer.Option(help="a new data folder")],
    url: Annotated[str | None, typer.Option(help="an empty database for the record; SQLite in the folder else")] = None,
) -> None:
    """Put a backup into a new data folder and verify the record. Nothing that is there is overwritten."""
    kept = put_back(file, into, url)
    print(f"{into}: {kept.files} files, {kept.record.entries} entries hold; head {kept.record.head}")
    print(f"start with ADVISOR_COPILOT_DATA={into}; put the signing key back; the index is built at the start")
