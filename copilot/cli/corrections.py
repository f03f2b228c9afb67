"""What advisors said their customers wanted, as lines the intent classifier can learn from."""

from __future__ import annotations

import csv
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from copilot.errors import InputError
from copilot.lessons import HEADER, lessons
from copilot.wiring import build


def corrections(
    path: Annotated[
        Path | None, typer.Argument(help="file to write; standard output when left out", show_default=False)
    ] = None,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="only from this day on")] = None,
) -> None:
    """Write the intents that advisors chose, tab-separated, in the form of the training messages.

    One line a turn, the last word on it; redacted ones are left out. Look them over before training:
    `python -m training.train_intent --corrections FOLDER` learns from every .tsv of a folder.
    """
    product = build()
    entries = [e for e in product.record.read(kinds=("correction",)) if since is None or e.at >= since]
    rows = lessons(entries)
    try:
        out = path.open("w", encoding="utf-8", newline="") if path else sys.stdout
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    try:
        writer = csv.writer(out, delimiter="\t", quoting=csv.QUOTE_NONE, quotechar=None, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(rows)
    finally:
        if path:
            out.close()
    print(f"{len(rows)} turns", file=sys.stderr)
