"""Runs, figures and cases as HTML."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from copilot.types import Finding
from evals.compare import Comparison, Turned
from evals.figures import Figure
from evals.rows import Row
from evals.runs import Run
from ui import labels
from ui.handlers.training import MATRIX, Cases, Opened, Runs, first_figures
from ui.leaf import Place, deed, go
from ui.present.base import badge, banner, el, marked, safe, table
from ui.text import Words

_FINDINGS = TypeAdapter(tuple[Finding, ...])
CASES_SHOWN = 200
SCRIPTS = "scripts"
"""What a run's provenance calls it when no model drafted."""


def runs(words: Words, found: Runs) -> str:
    """What goes on, then the runs, then how the first figures went over time."""
    parts = [_going(words, found), el("h2", "area", safe(words("t_runs")))]
    parts += [banner("warn", words("bad_report", file=w.partition(":")[0], wrong=w)) for w in found.wrong]
    if not found.runs:
        return "".join(parts) + el("p", "empty", safe(words("no_reports")))
    rows = []
    done = [r for r in found.runs if r.finished]
    for run in found.runs:
        before = next((r for r in done if r.name < run.name), None)
        acts = go(words("t_see"), "run", run=run.name)
        if run.finished and before is not None:
            acts += " " + go(words("t_compare_before"), "compare", a=before.name, b=run.name)
        state = words("t_figures", n=len(run.figures)) if run.finished else words("t_stopped")
        told = " · ".join(f"{labels.figure(words, f.name)} {f.value:.3f}" for f in first_figures(run)[:4])
        rows.append(
            [
                safe(_when(run.name)),
                safe(words("comma").join(labels.suite(words, s) for s in run.header.suites)) + _drafter(words, run),
                safe(state),
                safe(told),
                acts,
            ]
        )
    titles = [safe(words(k)) for k in ("t_run", "suite", "t_state", "t_first", "t_acts")]
    parts.append(table(titles, rows))
    suites = list(dict.fromkeys(f.suite for r in done for f in first_figures(r)))
    if len(done) > 1:
        parts.append(el("h2", "area", safe(words("t_trend"))))
        parts += [_picture(words, s, done[0].name) for s in suites]
    return "".join(parts)


def _drafter(words: Words, run: Run) -> str:
    """Which model drafted in a run, where its provenance says so."""
    model = run.header.provenance.get("model", "")
    told = words("t_scripted") if model == SCRIPTS else model
    return el("p", "quiet small", safe(told)) if told else ""


def _when(name: str) -> str:
    """A run's name, which is its time, as a person writes it."""
    try:
        return f"{datetime.strptime(name[:15], '%Y%m%d-%H%M%S'):%Y-%m-%d %H:%M}{name[15:]}"
    except ValueError:
        return name


def _picture(words: Words, suite: str, newest: str) -> str:
    address = f"/exports/trend/{suite}.svg?at={newest}&language={words.language}"
    title = words("t_trend_of", suite=labels.suite(words, suite))
    return f'<img class="trend" src="{safe(address)}" alt="{safe(title)}">'


def _going(words: Words, found: Runs) -> str:
    going = found.going
    if going.stage in ("starting", "asking"):
        said = words("t_starting") if going.stage == "starting" else words(
            "t_asking", suite=labels.suite(words, going.suite), done=going.done, total=going.total, by=going.by
        )  # fmt: skip
        bar = f'<progress class="bar" max="{max(going.total, 1)}" value="{going.done}" aria-label="{safe(said)}"></progress>'
        return el("div", "going", el("span", "", safe(said)), bar, deed(words("t_halt"), "stop"), role="status")
    if going.stage == "failed":
        return banner("bad", words("t_run_failed", why=going.detail))
    if going.stage == "stopped":
        return banner("info", words("t_was_stopped"))
    return banner("good", words("t_done", run=_when(going.run))) if going.stage == "done" else ""


def run(words: Words, view: Opened) -> str:
    """One suite of a run: figures in groups, each a way to its cases."""
    name = view.run.name
    suites = [
        go(labels.suite(words, s), "run", "count-chip" + (" is-on" if s == view.suite else ""), run=name, suite=s)
        for s in view.run.header.suites
    ]
    report = f'<a href="/exports/report/{safe(name)}" target="_blank" rel="noopener">{safe(words("t_report"))}</a>'
    head = el(
        "div",
        "case-head",
        el("h2", "area", safe(words("t_run_of", run=_when(name)))),
        go(words("t_back"), "runs"),
        report,
    )
    whole = go(words("t_all_cases", n=view.cases, good=view.good), "cases", run=name, suite=view.suite)
    parts = [head, el("div", "counts", *suites), el("p", "small", whole)]
    titles = [safe(words(k)) for k in ("figure", "value", "t_interval", "n")]
    for heading, figures in view.groups:
        shown = (
            words(f"g_{heading.lower().replace(' ', '_')}")
            if heading
            else words("t_figures_of", suite=labels.suite(words, view.suite))
        )
        parts += [el("h3", "area", safe(shown)), table(titles, [_figure(words, name, f) for f in figures])]
    if view.matrix:
        parts += [el("h3", "area", safe(words("t_matrix"))), _matrix(words, view)]
    if not view.run.finished:
        parts.insert(1, banner("info", words("t_was_stopped")))
    return "".join(parts)


def _figure(words: Words, name: str, figure: Figure) -> list[str]:
    between = f"{figure.low:.3f} – {figure.high:.3f}" if figure.low is not None and figure.high is not None else ""
    label = go(labels.figure(words, figure.name), "cases", run=name, suite=figure.suite, figure=figure.name)
    return [label, safe(f"{figure.value:.3f} {figure.unit}".strip()), safe(between), safe(f"{figure.n:,}")]


def _matrix(words: Words, view: Opened) -> str:
    """Wanted labels down, said ones across; a cell leads to its cases."""
    counts = dict(view.matrix)
    names = sorted({label for pair in counts for label in pair})
    shown = labels.intent if view.suite == "intent" else labels.state
    top = "".join(f'<th scope="col" class="tall"><span>{safe(shown(words, got))}</span></th>' for got in names)
    rows = []
    for wanted in names:
        total = sum(n for (want, _), n in counts.items() if want == wanted)
        cells = []
        for got in names:
            n = counts.get((wanted, got), 0)
            kind = "right" if wanted == got else "wrong"
            heat = min(4, 1 + int(4 * n / total)) if n and total else 0
            inside = (
                go(str(n), "cases", "cell", run=view.run.name, suite=view.suite, wanted=wanted, got=got) if n else ""
            )
            cells.append(f'<td class="{kind} heat-{heat}">{inside}</td>')
        rows.append(f'<tr><th scope="row">{safe(shown(words, wanted))} {total}</th>{"".join(cells)}</tr>')
    corner = f'<th scope="col">{safe(words("t_wanted_said"))}</th>'
    return f'<div class="wide"><table class="matrix"><thead><tr>{corner}{top}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def cases(words: Words, found: Cases, at: Place, title: str) -> str:
    """The cases behind a figure; held-out ones are counted."""
    name, suite = at.get("run"), at.get("suite")
    back = go(words("t_back"), "run", run=name, suite=suite)
    parts = [el("div", "case-head", el("h2", "area", safe(title or labels.suite(words, suite))), back)]
    parts.append(el("p", "quiet small", safe(words("t_held_cases", n=found.held, missed=found.held_missed))))
    if not found.rows:
        return "".join(parts) + el("p", "empty", safe(words("t_no_cases")))
    rows = []
    for row, said in found.rows[:CASES_SHOWN]:
        mark = el("span", "badge is-block", "✕ ", safe(words("t_miss"))) if said == "miss" else ""
        mark = el("span", "badge is-pass", "✓ ", safe(words("t_hit"))) if said == "hit" else mark
        link = go(row.case[:40], "case", **{**at.at, "case": row.case})
        rows.append([mark, link, safe(asked(row)[:80]), safe(row.group or row.split)])
    titles = [safe(words(k)) for k in ("t_state", "t_case", "t_words", "t_group")]
    return "".join(parts) + table(titles, rows)


def asked(row: Row) -> str:
    """What a case asks, where it may be read."""
    return str(next((row.shown[k] for k in ("message", "question", "text") if k in row.shown), ""))


def case(words: Words, row: Row, at: Place) -> str:
    """A case as an advisor would have seen it, and what was wrong with it."""
    back = go(words("t_back"), "cases", **{k: v for k, v in at.at.items() if k != "case"})
    parts = [el("div", "case-head", el("h2", "area", safe(f"{labels.suite(words, row.suite)} · {row.case}")), back)]
    parts.append(
        el("div", "said hers", el("p", "quiet small", safe(words("customer"))), el("p", "bubble", safe(asked(row))))
    )
    if "proposal" in row.shown:
        parts.append(_proposal(words, row.shown["proposal"]))
        missed = row.shown.get("missed") or ()
        if missed:
            parts.append(
                banner("warn", words("t_missed", what=words("comma").join(labels.figure(words, m) for m in missed)))
            )
    rest = {k: v for k, v in row.shown.items() if k not in ("proposal", "missed", "message", "question", "text")}
    if row.suite in MATRIX:
        shown = labels.intent if row.suite == "intent" else labels.state
        rest = {k: shown(words, str(v)) for k, v in rest.items()}
    lines = [el("li", "small", el("b", "", safe(k)), safe(f" {v if isinstance(v, str) else ' · '.join(map(str, v)) if isinstance(v, list) else v}")) for k, v in rest.items()]  # fmt: skip
    return "".join(parts) + (el("ul", "steps", *lines) if lines else "")


def _proposal(words: Words, told: Mapping[str, Any]) -> str:
    known = [el("span", "chip", f"<b>{s}</b> ", safe(q["quote"])) for s in "SPIN" for q in told["ledger"][s][:2]]
    chips = [el("span", "chip", safe(labels.intent(words, told["intent"])))]
    chips.append(el("span", "chip", safe(labels.state(words, told["state"]))))
    if not told["selling"]:
        chips.append(el("span", "chip is-warn", "! ", safe(words("no_selling"))))
    cards = [_card(words, n, c) for n, c in enumerate(told["candidates"])]
    return el("div", "chips", *chips, *known) + "".join(cards)


def _card(words: Words, number: int, told: Mapping[str, Any]) -> str:
    findings = _FINDINGS.validate_python(told["findings"])
    head = [el("b", "number", str(number + 1)), el("span", "move", safe(labels.move(words, told["move"])))]
    head.append(badge(words, told["verdict"]))
    text = el("p", "candidate-text", marked(told["text"], findings))
    said = told.get("disclosure")
    more = el("p", "disclosure small", el("b", "", safe(words("disclosure"))), " ", safe(said)) if said else ""
    foot = el("p", "quiet small", safe(words(f"from_{told['origin']}")))
    return el("div", f"candidate is-{told['verdict']}", el("div", "candidate-head", *head), text, more, foot)


def compared(words: Words, found: Comparison, everything: bool) -> str:
    """What changed between two runs, how surely, and which cases turned."""
    a, b = found.a.name, found.b.name
    head = el("div", "case-head", el("h2", "area", safe(f"{_when(a)} → {_when(b)}")), go(words("t_back"), "runs"))
    moved = [c for c in found.changes if everything or c.before != c.after]
    parts = [head, el("p", "", safe(words("t_moved", n=len(moved), of=len(found.changes))))]
    if found.unshared:
        parts.append(el("p", "quiet small", safe(words("t_unshared", n=found.unshared))))
    parts += [
        el(
            "p",
            "small",
            el("b", "", safe(words(key) if key in ("model", "rules", "knowledge") else key)),
            safe(f" {before or '-'} → {after or '-'}"),
        )
        for key, before, after in found.provenance
    ]
    rows = []
    for c in moved:
        p = "" if c.p is None else "< 0.001" if c.p < 0.001 else f"{c.p:.3f}"
        clear = "* " if c.clear else ""
        label = go(labels.figure(words, c.name), "cases", run=b, suite=c.suite, figure=c.name)
        values = (
            labels.suite(words, c.suite),
            f"{c.before:.3f}",
            f"{c.after:.3f}",
            f"{clear}{c.after - c.before:+.3f}",
        )
        rows.append([label, *map(safe, values), safe(f"{c.low:+.3f} … {c.high:+.3f}"), safe(p), safe(c.n)])
    titles = ("figure", "suite", "before", "value", "t_change", "t_interval", "t_p", "n")
    if rows:
        parts.append(table([safe(words(k)) for k in titles], rows))
    more = go(words("t_only_moved" if everything else "t_everything"), "compare", a=a, b=b, all="" if everything else 1)
    parts.append(el("p", "", more))
    parts += [_turned(words, t, b) for t in found.turned]
    return "".join(parts)


def _turned(words: Words, turned: Turned, name: str) -> str:
    parts = []
    for word, rows, held in (
        ("t_worse", turned.worse, turned.worse_held),
        ("t_better", turned.better, turned.better_held),
    ):
        if rows or held:
            title = words(word, suite=labels.suite(words, turned.suite), n=len(rows) + held, held=held)
            items = [
                el(
                    "li",
                    "small",
                    go(r.case[:40], "case", run=name, suite=r.suite, case=r.case),
                    " ",
                    safe(asked(r)[:80]),
                )
                for r in rows[:CASES_SHOWN]
            ]
            parts += [el("h3", "area", safe(title)), el("ul", "steps", *items)]
    return "".join(parts)
