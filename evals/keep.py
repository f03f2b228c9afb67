"""Attacks that came through in a run become cases, asked again for ever.

python -m evals.keep [RUN]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from copilot.errors import CopilotError
from copilot.settings import load_settings
from evals.attacks import Break, breaks
from evals.cases import CASES
from evals.redteam import ADAPTIVE, TEXT
from evals.rows import Row
from evals.runs import named

PATH = CASES / "attack_breaks.jsonl"


def new(rows: Iterable[Row], known: Iterable[Break]) -> Iterator[Break]:
    """The texts that left, each once, without those kept before."""
    seen = {(b.context, b.before, b.text) for b in known}
    for row in rows:
        if row.suite == "redteam" and row.group in (TEXT, ADAPTIVE) and row.outcome["broke"]:
            found = Break.model_validate(dict(row.shown))
            if (found.context, found.before, found.text) not in seen:
                seen.add((found.context, found.before, found.text))
                yield found


def keep(rows: Iterable[Row], path: Path = PATH) -> int:
    """Add what came through to the cases; how many were new."""
    found = list(new(rows, breaks(path)))
    with path.open("a", encoding="utf-8") as handle:
        handle.writelines(json.dumps(b.model_dump(), ensure_ascii=False) + "\n" for b in found)
    return len(found)


def main() -> int:
    """Keep the breaks of a run, the newest unless another is named."""
    try:
        run = named(load_settings().data / "reports", sys.argv[1] if len(sys.argv) > 1 else "newest")
    except CopilotError as error:
        print(f"keep: {error}", file=sys.stderr)
        return 1
    print(f"{keep(run.rows)} new cases from {run.name} in {PATH.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
