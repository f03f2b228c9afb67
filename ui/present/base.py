"""Escaping, and the small pieces every page shares."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from copilot.types import NOT_HEARD, Finding, Outcome, Verdict
from ui.text import Words

ICONS: dict[str, str] = {"pass": "✓", "warn": "!", "review": "◐", "block": "✕"}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029]")


def safe(value: object) -> str:
    """Text as HTML on one line: escaped, line breaks kept as <br>, control characters gone."""
    text = str(value).replace("\r\n", "\n").replace("\r", "\n")
    return escape(_CONTROL.sub(" ", text), quote=True).replace("\n", "<br>").replace("\t", " ")


def el(tag: str, css: str, *inside: str, role: str = "", title: str = "") -> str:
    """An element. `inside` is HTML; `css`, `role` and `title` are escaped here."""
    extra = (f' role="{safe(role)}"' if role else "") + (f' title="{safe(title)}"' if title else "")
    return f'<{tag} class="{safe(css)}"{extra}>{"".join(inside)}</{tag}>'


def button(css: str, act: str, label: str, title: str = "") -> str:
    """A button whose meaning the page's script reads from its class `do-…`. `act` holds letters, digits and hyphens."""
    if not re.fullmatch(r"[A-Za-z0-9-]+", act):
        raise ValueError(f"an action is letters, digits and hyphens, not {act!r}")
    extra = f' title="{safe(title)}"' if title else ""
    return f'<button type="button" class="act {safe(css)} do-{act}"{extra}>{safe(label)}</button>'


def fold(css: str, summary: str, *inside: str, opened: bool = False) -> str:
    """A folded part. `summary` and `inside` are HTML."""
    return f'<details class="{safe(css)}"{" open" if opened else ""}><summary>{summary}</summary>{"".join(inside)}</details>'


def outcome_word(words: Words, outcome: Outcome | str) -> str:
    """The word for a verdict."""
    return words("review_held" if outcome == "review" else outcome)


def badge(words: Words, outcome: Outcome | str) -> str:
    """A verdict as icon, word and colour."""
    return el("span", f"badge is-{outcome}", f"<b>{ICONS[outcome]}</b> ", safe(outcome_word(words, outcome)))


def marked(text: str, findings: Iterable[Finding], offset: int = 0) -> str:
    """A text with its findings marked. `offset` is where the text begins in what the guard read."""
    rank = {"warn": 1, "review": 2, "block": 3}
    worst: list[Finding | None] = [None] * len(text)
    for finding in findings:
        for place in range(max(0, finding.start - offset), min(len(text), finding.end - offset)):
            held = worst[place]
            if held is None or rank[finding.severity] > rank[held.severity]:
                worst[place] = finding
    pieces: list[str] = []
    start = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or worst[place] is not worst[start]:
            piece, finding_here = safe(text[start:place]), worst[start]
            if finding_here is not None:
                piece = el("mark", f"is-{finding_here.severity}", piece, title=finding_here.reason)
            pieces.append(piece)
            start = place
    return "".join(pieces)


def finding_items(words: Words, verdict: Verdict, length: int, acts: bool) -> str:
    """Findings as a list: what, why, on what basis, and what to say instead."""
    rows = [_finding(words, n, finding, length, acts) for n, finding in enumerate(verdict.findings)]
    rest = ""
    if NOT_HEARD in verdict.not_checked:
        rest = el("p", "quiet small", safe(words("judge_silent")))
    if missing := [check for check in verdict.not_checked if check != NOT_HEARD]:
        rest += el("p", "quiet small", safe(words("not_checked", checks=", ".join(missing))))
    return el("ul", "findings", *rows) + rest if rows or rest else ""


def _finding(words: Words, n: int, finding: Finding, length: int, acts: bool) -> str:
    quote = f"「{safe(finding.quote)}」" if finding.quote else ""
    where = el("span", "quiet small", safe(words("in_disclosure"))) if finding.start > length else ""
    act = button("quiet-button", f"goto-{n}", words("locate"), finding.quote) if acts and quote and not where else ""
    lines = [
        el("p", "finding-head", badge(words, finding.severity), el("b", "rule", safe(finding.check)), quote, where, act)
    ]
    lines.append(el("p", "finding-why", safe(finding.reason)))
    if finding.basis:
        lines.append(el("p", "quiet small", safe(f"{words('basis')} {finding.basis}")))
    if finding.replacement is not None:
        shown = el("span", "fix-text", safe(finding.replacement))
        fix = button("small-button", f"fix-{n}", words("replace_with")) if acts else safe(words("replace_with")) + " "
        lines.append(el("p", "fix", fix, "「", shown, "」"))
    if finding.insert is not None:
        shown = el("span", "fix-text", safe(finding.insert))
        fix = button("small-button", f"add-{n}", words("insert")) if acts else safe(words("insert")) + " "
        lines.append(el("p", "fix", fix, "「", shown, "」"))
    return el("li", f"finding is-{finding.severity} at-{finding.start}-{finding.end}", *lines)


def banner(kind: str, text: str, *more: str) -> str:
    """A line across an area: `kind` is info, good, warn or bad."""
    icon = {"info": "i", "good": "✓", "warn": "!", "bad": "✕"}[kind]
    role = "alert" if kind == "bad" else "status"
    return el(
        "div", f"banner banner-{kind}", el("b", "banner-icon", icon), el("span", "", safe(text)), *more, role=role
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of already escaped cells."""
    top = "".join(f"<th>{cell}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<table class="figures"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>'


def fingerprint(text: str) -> str:
    """FNV-1a of the text's UTF-8: the page's script compares it to know whether a verdict is about the text as it stands."""
    value = 0x811C9DC5
    for byte in text.encode("utf-8", "surrogatepass"):
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return f"{value:08x}"


def header(words: Words, title: str, status: dict[str, str], user: str) -> str:
    """The bar across the top."""
    state = status.get("model", "down")
    dot = {"ready": "pass", "scripted": "pass", "starting": "warn"}.get(state, "review")
    parts = [
        el("span", f"dot is-{dot}", "●"),
        safe(f" {words('model')} {words('model_' + state)} · {words('knowledge')} {status.get('knowledge', '')} · "),
        safe(f"{words('rules')} {status.get('rules', '')}"),
    ]
    other = "en" if words.language == "zh" else "zh"
    switch = button("top-link", f"language-{other}", words("other_language"), words("other_language_long"))
    who = el("span", "who", safe(user))
    out = button("top-link", "signout", words("sign_out"))
    state_line = el("span", "top-status", *parts, title=status.get("model_detail", ""))
    return el("div", "top", el("h1", "title", safe(title)), state_line, switch, who, out)


def status_banner(words: Words, status: dict[str, Any]) -> str:
    """A quiet line when the model does not answer."""
    state = status.get("model")
    return banner("info", words(f"banner_{state}")) if state in ("down", "starting") else ""
