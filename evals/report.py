"""A run as pages: Markdown, and one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evals import page
from evals.figures import Figure
from evals.rows import Row
from evals.runs import Run

REPORT = "report"
LONGEST = 600
"""Characters of a value that the Markdown page shows whole."""


def write(run: Run) -> tuple[Path, Path]:
    """Write `report.html` and `report.md` beside the results; returns both paths."""
    html, text = (run.path.parent / f"{REPORT}{ending}" for ending in (".html", ".md"))
    html.write_text(page.render(run), encoding="utf-8")
    text.write_text(as_markdown(run), encoding="utf-8")
    return html, text


def table(figures: Sequence[Figure]) -> str:
    """A Markdown table of figures, each with n and its 95 % interval."""
    rows = ["| suite | figure | value | n | 95 % |", "|---|---|---|---|---|"]
    for f in figures:
        between = f"{f.low:.3f}–{f.high:.3f}" if f.low is not None and f.high is not None else ""
        value = f"{f.value:.3f}{f' {f.unit}' if f.unit else ''}"
        rows.append(f"| {f.suite} | {f.name.replace('_', ' ')} | {value} | {f.n} | {between} |")
    return "\n".join(rows)


def as_markdown(run: Run) -> str:
    """The run as a page: figures first, then every case that failed and may be read, as an advisor would have seen it."""
    parts = [f"# Evaluation, {run.header.at.replace('T', ' ')}", ""]
    if not run.finished:
        parts += [f"**Stopped after {len(run.rows)} cases**; `advisor-copilot eval run` goes on.", ""]
    parts += [f"- {k}: `{v}`" for k, v in run.header.provenance.items() if v]
    parts += ["", table(run.figures), ""]
    for suite in run.header.suites:
        failed = [r for r in run.of(suite) if not r.good]
        read = [r for r in failed if r.split != "heldout"]
        parts += [f"## {suite}: {len(read)} cases to read, {len(failed) - len(read)} held out and not shown", ""]
        parts += [*(_failure(row) for row in read), ""]
    return "\n".join(parts)


def _failure(row: Row) -> str:
    if "proposal" not in row.shown:
        return f"- {row.case} " + "; ".join(f"{k}: {_brief(v)}" for k, v in row.shown.items())
    lines = [f"- **{row.case}** {row.shown['message']!r} missed: {', '.join(row.shown['missed'])}"]
    proposal: Mapping[str, Any] = row.shown["proposal"]
    lines.append(f"  - {proposal['intent']}, {proposal['state']}, selling {proposal['selling']}")
    lines += [f"  - [{c['move']}, {c['origin']}] {c['text']}" for c in proposal["candidates"]]
    return "\n".join(lines)


def _brief(value: Any) -> str:
    """A value on one line, a long text by its beginning and end."""
    text = str(value).replace("\n", "⏎")
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]} … {text[-LONGEST // 2 :]}"
