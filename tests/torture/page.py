"""docs/resilience.md, from the rows of the runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.torture.row import Row

HEAD = """# Resilience

What was done to break the product, how often, and what came of it. `make torture` runs all of it and writes this page; a short form of
each row runs with the tests (`tests/torture`). Seeds are fixed, so a row can be run again: `python -m tests.torture NAME`.

"""
TABLES = {
    "record": (
        "The record",
        "Nothing acknowledged may be lost, and no damage may pass for the record. `back` is the longest time from the fault until the next "
        "entry was acknowledged, reopening included.",
    ),
    "files": ("Models and index", "A damaged file stops the start with one line that names it, or is built anew."),
    "model": (
        "The model's process",
        "While it is down the approved scripts answer. `back` is the longest time from the fault until a reply came again, up to three faults in "
        "a row on one desk; of more the pauses before the next start grow to 30 s by design. Limits of time were set to 3 s.",
    ),
    "desk": ("The desk under load and bad connections", "Over loopback, with real requests of the pages."),
    "fuzz": (
        "Inputs nobody would write",
        "Changed by those who know the format and by those who do not, each under a limit of time and memory in a process of its own. An "
        "answer or one line that says what is wrong: anything else fails the run. A tenth of a full run is chosen by the branches it reaches "
        "where `atheris` is installed (`.venv/bin/pip install atheris`; it has wheels for Linux on x86-64 only, so it is in no lock file).",
    ),
    "audit": ("Audit", "Times were measured beside other work, as noted; time at work is that of the processor."),
}
TAIL = """
## What is not shown

- A disk that says it has flushed and has not. The power-cut rows replay what the file system was told, sector by sector; they trust its word on flushes.
- Damage to tables beside the chain (users, sessions, the desk's conversations): it ends in an error in words, or in other words on the screen;
  only the database's own checks find it. The released text, the findings and the decisions lie in the chain.
- What was appended after the last checkpoint kept elsewhere can be cut off without a trace ([the record](records.md#checkpoints)).
- Failover of a PostgreSQL cluster, networks that lose packets, and machines of more than one kind.
"""


def write(path: Path, tables: Mapping[str, Sequence[Row]]) -> None:
    """Write the page."""
    parts = [HEAD]
    for name, (title, says) in TABLES.items():
        rows = tables.get(name)
        if rows:
            parts.append(f"## {title}\n\n{says}\n\n| fault | tried | outcome | back | seed |\n|---|---|---|---|---|\n")
            parts += [_line(row) for row in rows]
            parts.append("\n")
    path.write_text("".join(parts).rstrip("\n") + "\n" + TAIL, encoding="utf-8")


def _line(row: Row) -> str:
    back = "" if row.back_s is None else f"{row.back_s:.2f} s"
    return f"| {row.fault} | {row.tried:,} | {row.outcome} | {back} | {row.seed or ''} |\n"
