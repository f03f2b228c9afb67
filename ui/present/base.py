"""Escaping, and the small pieces every page shares."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from copilot.types import NOT_HEARD, Finding, Outcome, Verdict
from ui import labels
from ui.present.typeset import typeset
from ui.text import Words

ICONS: dict[str, str] = {"pass": "✓", "warn": "!", "review": "◐", "block": "✕"}
_RANK: dict[str, int] = {"block": 0, "review": 1, "warn": 2}
_HASHED = re.compile(r"(?<=-[0-9a-f]{4})[0-9a-f]{4,}.*")
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
                piece = el("mark", f"is-{finding_here.severity}", piece, title=typeset(finding_here.reason))
            pieces.append(piece)
            start = place
    return "".join(pieces)


def finding_items(words: Words, verdict: Verdict, length: int, acts: bool, before: str | None = None) -> str:
    """Findings as a list, the gravest first: what, why, on what basis, and what to say instead. `before` is the suggestion the text came from."""
    ranked = sorted(verdict.findings, key=lambda f: _RANK[f.severity])
    rows = [_finding(words, n, finding, length, acts, before) for n, finding in enumerate(ranked)]
    rest = ""
    if NOT_HEARD in verdict.not_checked:
        rest = el("p", "quiet small", safe(words("judge_silent")))
    if missing := [check for check in verdict.not_checked if check != NOT_HEARD]:
        named = words("comma").join(labels.check(words, check) for check in missing)
        rest += el("p", "quiet small", safe(words("not_checked", n=len(missing))), title=named)
    return el("ul", "findings", *rows) + rest if rows or rest else ""


def _finding(words: Words, n: int, finding: Finding, length: int, acts: bool, before: str | None) -> str:
    quote = f"「{safe(finding.quote)}」" if finding.quote else ""
    if acts and quote and finding.start <= length:
        quote = button("quiet-button quote", f"goto-{n}", f"「{finding.quote}」", words("locate"))
    elif quote:
        quote = el("span", "quote", quote)
    where = el("span", "quiet small", safe(words("in_disclosure"))) if finding.start > length else ""
    whose = ""
    if before is not None and finding.quote and finding.start <= length and finding.quote not in before:
        whose = el("span", "chip small", safe(words("yours_brought_it"))) + " "
    check = el("b", "rule", safe(labels.check(words, finding.check)))
    repair = _repair(words, n, finding, acts)
    head = el("p", "finding-head", badge(words, finding.severity), check, quote, where, repair if acts else "")
    css = f"finding is-{finding.severity} at-{finding.start}-{finding.end}"
    return el("li", css, head, el("p", "finding-why", whose, _why(words, finding)), "" if acts else repair)


def _why(words: Words, finding: Finding) -> str:
    """The reason, and more quietly its basis. The rule's own line is Chinese: on an English page it stands behind what the check forbids."""
    forbids = labels.forbidden(words, finding.check)
    own = typeset(finding.reason)
    quiet = [f"{words('rule_says')} {own}"] if forbids else []
    if finding.basis:
        quiet.append(f"{words('basis')} {typeset(finding.basis)}")
    told = el("span", "quiet small", safe(" · ".join(quiet))) if quiet else ""
    return safe(forbids or own) + (f" {told}" if told else "")


def _repair(words: Words, n: int, finding: Finding, acts: bool) -> str:
    """What to say instead, as a button where the text may be changed."""
    made = []
    for kind, text in (("fix", finding.replacement), ("add", finding.insert)):
        if text is None:
            continue
        word = words("insert" if kind == "add" else "replace_with" if text else "take_out")
        shown = safe(word) + (" 「" if text else "") + el("span", "fix-text", safe(text)) + ("」" if text else "")
        css, whole = f"act small-button repair do-{kind}-{n}", safe(f"{word} {text}")
        pressed = f'<button type="button" class="{css}" title="{whole}">{shown}</button>'
        made.append(pressed if acts else el("p", "fix", shown))
    return "".join(made)


def evidence(words: Words, entry: int) -> str:
    """The way to the evidence pack of an entry."""
    return f'<a class="small" href="/exports/evidence/{entry}.zip">{safe(words("f_evidence"))}</a>'


def banner(kind: str, text: str, *more: str) -> str:
    """A line across an area: `kind` is info, good, warn or bad."""
    icon = {"info": "i", "good": "✓", "warn": "!", "bad": "✕"}[kind]
    role = "alert" if kind == "bad" else "status"
    return el(
        "div",
        f"banner banner-{kind}",
        el("b", "banner-icon", icon),
        el("span", "", safe(text), title=text),
        *more,
        role=role,
    )


def waited(words: Words, minutes: int) -> str:
    """A waiting time as a person says it."""
    if minutes < 60:
        return words("minutes", n=minutes)
    if minutes < 24 * 60:
        return words("hours", h=minutes // 60, m=minutes % 60)
    return words("days", n=minutes // (24 * 60))


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


def short(version: str) -> str:
    """A rule set's version as people say it: its number and the first letters of its hash."""
    return _HASHED.sub("", version)


def header(words: Words, title: str, status: dict[str, str], user: str, pages: Sequence[str] = ()) -> str:
    """The bar across the top. `pages` are the others that the user may open."""
    state = status.get("model", "down")
    dot = {"ready": "pass", "scripted": "pass", "starting": "warn"}.get(state, "review")
    parts = [
        el("span", f"dot is-{dot}", "●"),
        safe(f" {words('model')} {words('model_' + state)} · {words('knowledge')} {status.get('knowledge', '')} · "),
        el("span", "", safe(f"{words('rules')} {short(status.get('rules', ''))}"), title=status.get("rules", "")),
    ]
    if status.get("index") in ("rebuilding", "failed"):
        parts.insert(2, safe(f"{words('index_' + status['index'])} · "))
    other = "en" if words.language == "zh" else "zh"
    switch = button("top-link", f"language-{other}", words("other_language"), words("other_language_long"))
    who = button("top-link who", "account", user, f"{user} · {words('account_hint')}")
    out = button("top-link", "signout", words("sign_out"))
    state_line = el("span", "top-status", *parts, title=status.get("model_detail", ""))
    links = [button("top-link", f"page-{page}", words(f"page_{page}")) for page in pages]
    return el("div", "top", el("h1", "title", safe(title)), state_line, *links, switch, who, out)


def status_banner(words: Words, status: dict[str, Any]) -> str:
    """A quiet line when the model does not answer."""
    state = status.get("model")
    return banner("info", words(f"banner_{state}")) if state in ("down", "starting") else ""
