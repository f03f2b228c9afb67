"""A replay as Markdown, and as one HTML page that asks for nothing outside itself."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

from evals.figures import wilson
from evals.page import STYLE
from evals.replay import ASPECTS, Answer, Differs, Replay

_NAMES = {
    "intent": "intent",
    "state": "state of the customer",
    "selling": "whether to sell",
    "documents": "what was found",
    "moves": "moves planned",
    "texts": "words of the drafts",
    "verdicts": "verdicts on the drafts",
    "left": "whether a sent text would leave",
}


def write(found: Replay, folder: Path) -> tuple[Path, Path]:
    """Both pages in a folder of their own; returns their paths."""
    place = folder / f"replay-{found.at:%Y%m%d-%H%M%S}"
    place.mkdir(parents=True, exist_ok=True)
    html, text = place / "replay.html", place / "replay.md"
    html.write_text(as_html(found), encoding="utf-8")
    text.write_text(as_markdown(found), encoding="utf-8")
    return html, text


def as_markdown(found: Replay) -> str:
    """What differs, counted, then case by case."""
    lines = [f"# Replay: {found.what}, beside {found.beside}", "", _told(found), ""]
    lines += [f"- {key}: `{before or '-'}` → `{after or '-'}`" for key, before, after in _made(found)]
    lines += ["", "| what differs | cases | of | share | 95 % |", "|---|---|---|---|---|"]
    lines += [f"| {' | '.join(row)} |" for row in _counts(found)]
    for case in _changed(found):
        lines += ["", f"## Entry {case.case.entry}: {', '.join(_NAMES[a] for a in case.aspects)}", ""]
        lines += ["> " + case.case.conversation.message.replace("\n", "\n> "), ""]
        for aspect in case.aspects:
            lines.append(f"- {_NAMES[aspect]}")
            lines += [f"  - before: {_shown(case.before, aspect)}", f"  - after: {_shown(case.after, aspect)}"]
    return "\n".join([*lines, ""])


def as_html(found: Replay) -> str:
    """The same as a page."""
    title = escape(f"Replay: {found.what}, beside {found.beside}")
    made = "".join(f"<dt>{escape(k)}</dt><dd>{escape(a or '-')} → {escape(b or '-')}</dd>" for k, a, b in _made(found))
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in _counts(found))
    head = "<tr><th>what differs</th><th>cases</th><th>of</th><th>share</th><th>95 %</th></tr>"
    cases = "".join(_case(c) for c in _changed(found))
    body = (
        f'<h1>{title}</h1><p class="quiet">{escape(_told(found))}</p><dl>{made}</dl><table>{head}{rows}</table>{cases}'
    )
    meta = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
    return f'<!doctype html><html lang="en"><head>{meta}<style>{STYLE}</style></head><body>{body}</body></html>\n'


def _case(case: Differs) -> str:
    names = escape(", ".join(_NAMES[a] for a in case.aspects))
    rows = "".join(
        f"<tr><td>{_NAMES[a]}</td><td>{escape(_shown(case.before, a))}</td><td>{escape(_shown(case.after, a))}</td></tr>"
        for a in case.aspects
    )
    said = escape(case.case.conversation.message)
    return (
        f"<details><summary>{case.case.entry}: {said} <span class='quiet'>{names}</span></summary>"
        f"<table><tr><th></th><th>before</th><th>after</th></tr>{rows}</table></details>"
    )


def _told(found: Replay) -> str:
    lost = f", {found.redacted} more are redacted" if found.redacted else ""
    changed = sum(1 for _ in _changed(found))
    return f"{found.at:%Y-%m-%d %H:%M}. {changed} of {len(found.cases)} conversations differ{lost}."


def _made(found: Replay) -> Iterator[tuple[str, str, str]]:
    """What both sides are made of, where it differs."""
    for key in dict.fromkeys((*found.before, *found.after)):
        before, after = found.before.get(key, ""), found.after.get(key, "")
        if before != after:
            yield key, before, after


def _counts(found: Replay) -> Iterator[tuple[str, ...]]:
    total = len(found.cases)
    for aspect in ASPECTS:
        n = sum(bool(c.case.sent) for c in found.cases) if aspect == "left" else total
        hits = found.counts.get(aspect, 0)
        low, high = wilson(hits, n)
        share = f"{hits / n:.3f}" if n else "–"
        yield _NAMES[aspect], str(hits), str(n), share, f"{low:.3f}–{high:.3f}" if n else "–"


def _changed(found: Replay) -> Iterator[Differs]:
    return (c for c in found.cases if c.aspects)


def _shown(answer: Answer, aspect: str) -> str:
    value = getattr(answer, aspect)
    return " ／ ".join(map(str, value)) or "–" if isinstance(value, tuple) else str(value)
