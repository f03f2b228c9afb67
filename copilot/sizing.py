"""How large a machine a number of advisors needs: one place for the figures, read by the command and by docs/operations.md.

What was measured stands under its date; what a bank must judge for itself stands in `Assumed`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True)
class Assumed:
    """How advisors work. A bank puts its own figures here."""

    turns_a_day: float = 60
    """Customers' messages a day for which one advisor asks for suggestions."""
    hours: float = 8
    peak: float = 3
    """How many times busier than the mean the busiest minutes are."""
    days: int = 250
    share: float = 0.6
    """How much of a core may be in use at the peak, so that nobody queues long."""
    tokens_a_turn: float = 240
    """Tokens a larger model writes for three candidates of 80."""
    gpu_tokens_s: float = 1000
    """Tokens a second that one GPU writes for many at once with a model of 8 to 14 billion parameters. Not measured here."""


WEB_S, MODEL_S = 0.5, 0.15
"""Seconds of a core that a turn costs in the web process and in the bundled model's: suggest, take up, five checks, 55 % released.
Measured 2026-11-23 on an AMD EPYC beside other work, twice 60 turns: 0.52 and 0.66 with one check, rounded up."""
PROCESS_GB = 1.1
"""A web process with its model's, 200 advisors signed in (docs/resilience.md: 1,059 MB)."""
SPARE_GB = 3.0
"""For the system, an index being built beside the live one, and the nightly reading of the record."""
ENTRIES_A_TURN = 3.7
BYTES_A_TURN = {"SQLite": 9_700, "PostgreSQL": 11_700}
"""Of the whole database, everything beside the chain included (n 60 turns, 220 entries; the same rows in both)."""
COMMITS_S = 1174
"""Durable commits one after another to SQLite (docs/resilience.md). The chain takes one entry at a time, whatever the machine."""
VERIFY_S = 7.1e-6
"""To verify one entry (docs/resilience.md: a million in 7.1 s)."""
PACKED = 3
"""How many times smaller a backup is than the record: 8 for the few sentences measured with, so 3 to be careful."""
ONE_CORE = 1.0
"""A web process is one Python: it works on one core at a time, however many there are."""


@dataclass(frozen=True)
class Needs:
    """What that many advisors need."""

    advisors: int
    turns_s: float
    processes: int
    cores: int
    memory_gb: int
    database: str
    entries_s: float
    gb_a_year: float
    backup_gb: float
    verify_min: float
    gpus: int


def needs(advisors: int, assumed: Assumed | None = None) -> Needs:
    """The arithmetic. Disk, backup and verification are those after one year."""
    own = assumed or Assumed()
    turns_s = advisors * own.turns_a_day / (own.hours * 3600) * own.peak
    processes = max(1, ceil(turns_s * WEB_S / (ONE_CORE * own.share)))
    cores = max(2, ceil(turns_s * (WEB_S + MODEL_S) / own.share))
    database = "SQLite" if processes == 1 else "PostgreSQL"
    turns_a_year = advisors * own.turns_a_day * own.days
    gb_a_year = turns_a_year * BYTES_A_TURN[database] / 1e9
    return Needs(
        advisors,
        turns_s,
        processes,
        cores,
        ceil(processes * PROCESS_GB + SPARE_GB),
        database,
        turns_s * ENTRIES_A_TURN,
        gb_a_year,
        gb_a_year / PACKED,
        turns_a_year * ENTRIES_A_TURN * VERIFY_S / 60,
        ceil(turns_s * own.tokens_a_turn / own.gpu_tokens_s / own.share),
    )


def table(sizes: Iterable[int], assumed: Assumed | None = None) -> Iterator[str]:
    """The rows of docs/operations.md."""
    yield "| advisors | turns a second at the peak | web processes | cores | memory | database | entries a second | record a year | a backup | read whole in | GPUs for a larger model |"
    yield "|---|---|---|---|---|---|---|---|---|---|---|"
    for n in map(lambda size: needs(size, assumed), sizes):
        yield (
            f"| {n.advisors:,} | {n.turns_s:.2f} | {n.processes} | {n.cores} | {n.memory_gb} GB | {n.database} | {n.entries_s:.1f} "
            f"| {n.gb_a_year:,.1f} GB | {n.backup_gb:,.1f} GB | {n.verify_min:.1f} min | {n.gpus} |"
        )


def told(n: Needs, own: Assumed) -> Iterator[str]:
    """The same for one size, with the arithmetic in words."""
    yield f"turns: {n.advisors:,} advisors x {own.turns_a_day:g} a day / {own.hours:g} h x {own.peak:g} at the peak = {n.turns_s:.2f} a second"
    yield f"web processes: {n.turns_s:.2f} x {WEB_S} s of a core / {own.share:g} in use = {n.processes}, each on a core of its own"
    yield f"cores: {n.turns_s:.2f} x ({WEB_S} + {MODEL_S} for the bundled model) s / {own.share:g} = {n.cores}"
    yield f"memory: {n.processes} x {PROCESS_GB} GB + {SPARE_GB:g} GB = {n.memory_gb} GB"
    yield f"database: {n.database}; {n.entries_s:.1f} entries a second at the peak, of some {COMMITS_S:,} that one chain takes"
    yield f"record: {n.gb_a_year:,.1f} GB a year; a backup {n.backup_gb:,.1f} GB; read whole in {n.verify_min:.1f} min after a year"
    yield f"a larger model instead: {n.turns_s:.2f} x {own.tokens_a_turn:g} tokens / {own.gpu_tokens_s:g} a second (assumed) / {own.share:g} = {n.gpus} GPU"
