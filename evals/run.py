"""Runs suites and writes what they gave: JSON for programs and the trainers' page, Markdown for people."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from copilot.errors import InputError
from copilot.wiring import App
from evals.figures import Figure, Outcome
from evals.suites import SUITES


@dataclass(frozen=True)
class Report:
    """One run: what was measured, of what, when."""

    at: datetime
    provenance: Mapping[str, str]
    outcomes: Mapping[str, Outcome]

    @property
    def figures(self) -> list[Figure]:
        """All figures in order."""
        return [f for outcome in self.outcomes.values() for f in outcome.figures]


def run(app: App, names: Sequence[str], progress: Callable[[str, int, int], None]) -> Report:
    """Run the named suites (all when empty)."""
    unknown = [n for n in names if n not in SUITES]
    if unknown:
        raise InputError(f"no suite {', '.join(unknown)}; there are {', '.join(SUITES)}")
    outcomes = {}
    for name in names or list(SUITES):

        def tell(done: int, total: int, suite: str = name) -> None:
            progress(suite, done, total)

        outcomes[name] = SUITES[name](app, tell)
    made = app.line.provenance()
    provenance = {k: str(v) for k, v in asdict(made).items()}
    if app.guard.ruleset.weakened:
        provenance["statutory rules weakened"] = ", ".join(app.guard.ruleset.weakened)
    return Report(datetime.now(), provenance, outcomes)


def write(report: Report, folder: Path) -> tuple[Path, Path]:
    """Write `<time>.json` and `<time>.md`; returns both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = report.at.strftime("%Y%m%d-%H%M%S")
    data, text = folder / f"{stem}.json", folder / f"{stem}.md"
    data.write_text(json.dumps(as_json(report), ensure_ascii=False, indent=1), encoding="utf-8")
    text.write_text(as_markdown(report), encoding="utf-8")
    return data, text


def as_json(report: Report) -> dict[str, Any]:
    """The run as plain JSON."""
    return {
        "at": report.at.isoformat(timespec="seconds"),
        "provenance": dict(report.provenance),
        "figures": [asdict(f) for f in report.figures],
        "failures": {name: list(o.failures) for name, o in report.outcomes.items()},
        "cases": {name: list(o.cases) for name, o in report.outcomes.items() if o.cases},
    }


def table(figures: Sequence[Figure]) -> str:
    """A Markdown table of figures, each with n and, for shares, its 95 % interval."""
    rows = ["| suite | figure | value | n | 95 % |", "|---|---|---|---|---|"]
    for f in figures:
        between = f"{f.low:.3f}–{f.high:.3f}" if f.low is not None and f.high is not None else ""
        value = "–" if math.isnan(f.value) else f"{f.value:.3f}"
        rows.append(
            f"| {f.suite} | {f.name.replace('_', ' ')} | {value}{f' {f.unit}' if f.unit else ''} | {f.n} | {between} |"
        )
    return "\n".join(rows)


def as_markdown(report: Report) -> str:
    """The run as a page: figures first, then every case that failed, as an advisor would have seen it."""
    parts = [f"# Evaluation, {report.at:%Y-%m-%d %H:%M}", ""]
    parts += [f"- {k}: `{v}`" for k, v in report.provenance.items() if v]
    parts += ["", table(report.figures), ""]
    for name, outcome in report.outcomes.items():
        parts += [f"## {name}: {len(outcome.failures)} cases to read", ""]
        for failure in outcome.failures:
            parts.append(_failure(failure))
        parts.append("")
    return "\n".join(parts)


def _failure(failure: Mapping[str, Any]) -> str:
    if "proposal" not in failure:
        return "- " + "; ".join(f"{k}: {v}" for k, v in failure.items())
    lines = [f"- **{failure['id']}** {failure['message']!r} missed: {', '.join(failure['missed'])}"]
    proposal = failure["proposal"]
    lines.append(f"  - {proposal['intent']}, {proposal['state']}, selling {proposal['selling']}")
    lines += [f"  - [{c['move']}, {c['origin']}] {c['text']}" for c in proposal["candidates"]]
    return "\n".join(lines)
