"""A run as one HTML page that asks for nothing outside itself."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape

from evals import charts
from evals.figures import Figure
from evals.rows import Row
from evals.runs import Run

STYLE = """
body{font:14px/1.5 system-ui,"Noto Sans CJK SC",sans-serif;color:#222;background:#fff;max-width:1060px;margin:0 auto;padding:16px 20px}
h1{font-size:22px;margin:0}h2{font-size:18px;border-top:2px solid #222;padding-top:8px;margin-top:36px}h3{font-size:15px;margin:20px 0 6px}
svg{max-width:100%;height:auto;font:12px system-ui,sans-serif;display:block}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}td,th{padding:2px 10px 2px 0;text-align:left;border-bottom:1px solid #eee}
td.n,th.n{text-align:right}dl{display:grid;grid-template-columns:max-content 1fr;gap:0 14px;font-size:13px}dt{color:#666}dd{margin:0;overflow-wrap:anywhere}
.quiet{color:#666}.stopped{background:#fff3cd;padding:6px 10px}summary{cursor:pointer}li{margin:6px 0;overflow-wrap:anywhere}nav a{margin-right:14px}
"""
"""The look of every page that measures."""
GROUPS = {
    heading: re.compile(f"(?:own_)?(?:{pattern})")
    for heading, pattern in {
        "Recall by check": r"recall_G\d\d",
        "Alarms by check": r"false_alarms_G\d\d",
        "In other dress": r"mutated_.*|recall_[a-z]+",
        "Claims and denials": r"polarity_.*",
        "Orders to the system": r"injection_.*",
        "What the whole has over its parts": r".*_over_.*",
        "The parts alone": r".*_alone",
        "By slice": r"(?:development_|heldout_)?(?:recall@5|ndcg@10|found_when_answerable|not_found_when_not)_.+",
        "By table": r"accuracy_.+",
        "Attacks by kind": r"attack_success_.+",
        "By kind of case": r"(?:conversation|message|talk)_.+",
    }.items()
}
"""Figures that are read together, the first heading that fits; the rest stands under the suite's name."""
HEAD = {
    "line": ("intent_right", "says_what_it_must", "every_candidate_guarded", "suitable_only"),
    "intent": ("accuracy", "macro_f1", "calibration_error", "selling_off_where_called_for"),
    "ledger": ("all_f1",),
    "state": ("accuracy", "selling_off_where_called_for"),
    "search": ("heldout_recall@5", "heldout_ndcg@10"),
    "guard": ("recall", "false_alarms", "mutated_recall", "polarity_pairs_told_apart", "injection_found"),
    "draft": ("without_fault", "answered_first", "figures_sourced", "by_the_model"),
    "redteam": ("attack_success", "text_attack_success", "lure_attack_success", "over_refusal"),
    "speed": ("classify_p95_ms", "search_p95_ms", "guard_p95_ms", "first_candidate_p95_ms", "all_candidates_p95_ms"),
}
"""The figures to read first."""


def render(run: Run) -> str:
    """The page."""
    parts = [
        f"<h1>Evaluation {escape(run.name)}</h1>",
        f'<p class="quiet">{escape(run.header.at.replace("T", " "))}</p>',
    ]
    if not run.finished:
        parts.append(
            f'<p class="stopped">Stopped after {len(run.rows)} cases; <code>advisor-copilot eval run</code> goes on.</p>'
        )
    parts.append("<nav>" + "".join(f'<a href="#{s}">{s}</a>' for s in run.header.suites) + "</nav>")
    parts += ["<h2>In short</h2>", _table([f for f in run.figures if _first(f)])]
    for suite in run.header.suites:
        parts += _suite(suite, [f for f in run.figures if f.suite == suite], run.of(suite))
    parts += ["<h2>What was measured</h2>", _provenance(run)]
    title = f"<title>Evaluation {escape(run.name)}</title>"
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width">{title}<style>{STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(parts)}</body></html>\n'


def _first(figure: Figure) -> bool:
    return figure.name.removeprefix("own_") in HEAD.get(figure.suite, ())


def _provenance(run: Run) -> str:
    rows = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in run.header.provenance.items() if v)
    return f"<dl>{rows}</dl>"


def _table(figures: Sequence[Figure]) -> str:
    head = '<tr><th>suite</th><th>figure</th><th class="n">value</th><th class="n">95 %</th><th class="n">n</th></tr>'
    return f"<table>{head}{''.join(map(_row, figures))}</table>"


def _row(figure: Figure) -> str:
    between = f"{figure.low:.3f} – {figure.high:.3f}" if figure.low is not None and figure.high is not None else ""
    cells = (f"{figure.value:.3f}{f' {figure.unit}' if figure.unit else ''}", between, f"{figure.n:,}")
    name = escape(figure.name.replace("_", " "))
    return f"<tr><td>{figure.suite}</td><td>{name}</td>" + "".join(f'<td class="n">{c}</td>' for c in cells) + "</tr>"


def _suite(suite: str, figures: Sequence[Figure], rows: Sequence[Row]) -> Iterator[str]:
    """Its figures in groups that are read together, its pictures, and the cases that may be read."""
    yield f'<h2 id="{suite}">{suite}</h2><p class="quiet">{len(rows):,} cases, {sum(r.good for r in rows):,} with nothing to complain of</p>'
    slow = [f for f in figures if f.unit == "ms"]
    groups: dict[str, list[Figure]] = {"": []}
    for figure in figures:
        if not figure.unit:
            heading = next((h for h, pattern in GROUPS.items() if pattern.fullmatch(figure.name)), "")
            groups.setdefault(heading, []).append(figure)
    for heading, some in groups.items():
        yield (f"<h3>{heading}</h3>" if heading else "") + _together(some, f"{suite}: {heading or 'figures'}")
    if slow and rows:
        yield "<h3>Milliseconds a case</h3>" + charts.bars([*_times(suite, rows), *slow], "milliseconds", _top(rows))
    if suite in ("intent", "state") and rows:
        pairs = Counter((str(r.outcome["wanted"]), str(r.outcome["got"])) for r in rows)
        yield "<h3>Wanted (rows) and said (columns)</h3>" + charts.confusion(pairs, "confusion")
    if suite == "intent" and rows:
        sure = [(float(r.outcome["confidence"]), r.outcome["wanted"] == r.outcome["got"]) for r in rows]
        yield "<h3>How sure, and how often right</h3>" + charts.calibration(sure, "calibration")
    yield _cases(rows)


def _together(figures: Sequence[Figure], title: str) -> str:
    """Bars, or a table where a figure may be below nought; a scale of their own where all of them are small."""
    if any((f.low or 0) < 0 or f.value < 0 for f in figures):
        return _table(figures)
    top = max((f.value if f.high is None else f.high for f in figures), default=1.0)
    return charts.bars(figures, title, 1.0 if top > 0.2 else 0.1 if top <= 0.1 else 0.2)


def _times(suite: str, rows: Sequence[Row]) -> list[Figure]:
    ordered = sorted(r.ms for r in rows)
    marks = (("median", 0.5), ("slowest of ten", 0.9))
    return [Figure(suite, name, ordered[int(len(ordered) * q)], len(rows), unit="ms") for name, q in marks]


def _top(rows: Sequence[Row]) -> float:
    return max(1.0, max(sorted(r.ms for r in rows)[: max(1, int(len(rows) * 0.99))]))


def _cases(rows: Sequence[Row]) -> str:
    failed = [r for r in rows if not r.good]
    read = [r for r in failed if r.split != "heldout"]
    said = f"{len(read)} cases to read, {len(failed) - len(read)} held out and not shown"
    if not read:
        return f'<p class="quiet">{said}</p>'
    items = "".join(f"<li><b>{escape(r.case)}</b> {_shown(r)}</li>" for r in read)
    return f"<details><summary>{said}</summary><ul>{items}</ul></details>"


def _shown(row: Row) -> str:
    if "proposal" not in row.shown:
        pairs = (f"{k}: {v if isinstance(v, str) else json.dumps(v, ensure_ascii=False)}" for k, v in row.shown.items())
        return escape("; ".join(pairs))
    proposal = row.shown["proposal"]
    replies = "".join(
        f"<li>[{escape(c['move'])}, {escape(c['origin'])}] {escape(c['text'])}</li>" for c in proposal["candidates"]
    )
    missed = ", ".join(row.shown["missed"])
    return f'{escape(row.shown["message"])} <span class="quiet">missed: {escape(missed)}</span><ul>{replies}</ul>'
