"""`python -m tests.torture [NAME…]`: runs the faults in full and writes docs/resilience.md. Rows of earlier runs stay until they are run again."""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.torture import audit, desk, files, fuzzed, growth, load, model, record
from tests.torture.page import write
from tests.torture.row import Row

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "docs" / "resilience.json"
SEED = 20261122


@dataclass(frozen=True)
class Fault:
    """A fault, how often it is tried in full and in short, and its table on the page."""

    run: Callable[[Path, int, int], Row]
    full: int
    short: int
    table: str


FAULTS: dict[str, Fault] = {
    "kills": Fault(record.killed, 1000, 20, "record"),
    "kills-postgresql": Fault(record.killed_postgresql, 200, 8, "record"),
    "flips": Fault(record.flipped_database, 5500, 200, "record"),
    "log": Fault(record.damaged_log, 1500, 40, "record"),
    "power": Fault(record.power_cut, 1500, 30, "record"),
    "disk-full": Fault(record.disk_full, 200, 6, "record"),
    "locked": Fault(record.locked, 30, 1, "record"),
    "clock": Fault(record.clock_back, 500, 30, "record"),
    "models": Fault(files.damaged_models, 3000, 30, "files"),
    "hostile-models": Fault(files.hostile_models, 3000, 60, "files"),
    "index": Fault(files.damaged_index, 100, 9, "files"),
    "crashed": Fault(model.crashed, 80, 2, "model"),
    "hung": Fault(model.hung, 60, 1, "model"),
    "memory": Fault(model.out_of_memory, 60, 2, "model"),
    "dropped": Fault(desk.dropped, 100, 3, "desk"),
    "slow": Fault(desk.slow, 100, 20, "desk"),
    "load-scripted": Fault(load.scripted, 200, 6, "desk"),
    "load-bundled": Fault(load.bundled, 200, 4, "desk"),
    "growth": Fault(growth.bundled, 2_000, 12, "desk"),
    "fuzz-texts": Fault(fuzzed.reading, 100_000, 80, "fuzz"),
    "fuzz-guard": Fault(fuzzed.guard, 100_000, 60, "fuzz"),
    "fuzz-papers": Fault(fuzzed.papers, 100_000, 140, "fuzz"),
    "fuzz-lines": Fault(fuzzed.hostile_lines, 100_000, 400, "fuzz"),
    "fuzz-commands": Fault(fuzzed.worked, 20_000, 100, "fuzz"),
    "verify": Fault(audit.verified, 1_000_000, 2_000, "audit"),
    "commits": Fault(audit.committed, 3_000, 50, "audit"),
    "tampering": Fault(audit.tampered, 10_000, 160, "audit"),
}


def main() -> None:
    """Run what is named, else all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=", ".join(FAULTS))
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    unknown = set(options.names) - set(FAULTS)
    if unknown:
        parser.error(f"no such fault: {', '.join(sorted(unknown))}")
    print(f"seed {options.seed}")
    for name in options.names or FAULTS:
        fault = FAULTS[name]
        began = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="torture-") as folder:
            row = fault.run(Path(folder), fault.full, options.seed)
        keep(name, row)
        print(f"{name}: {row.tried:,} × {row.fault}: {row.outcome} ({time.perf_counter() - began:.0f} s)", flush=True)
    rows = kept()
    tables: dict[str, list[Row]] = {}
    for name, fault in FAULTS.items():
        if name in rows:
            tables.setdefault(fault.table, []).append(rows[name])
    write(ROOT / "docs" / "resilience.md", tables)


def keep(name: str, row: Row) -> None:
    """Keep one row beside those of other runs."""
    rows = {**{n: asdict(r) for n, r in kept().items()}, name: asdict(row)}
    KEPT.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def kept() -> dict[str, Row]:
    """The rows of the last runs, by name."""
    if not KEPT.is_file():
        return {}
    return {name: Row(**row) for name, row in json.loads(KEPT.read_text(encoding="utf-8")).items()}


if __name__ == "__main__":
    main()
