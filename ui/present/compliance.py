"""The compliance page as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from ui.handlers.reviewing import Case, Waiting
from ui.present.advisor import card_line
from ui.present.base import badge, banner, el, finding_items, marked, outcome_word, safe
from ui.text import Words


def queue(words: Words, waiting: Sequence[Waiting], decided: Sequence[Waiting], opened: int) -> str:
    """Cases that wait, oldest first, then those decided last."""
    head = el("h2", "area", safe(words("queue_n", n=len(waiting))))
    rows = "".join(_row(words, item, opened) for item in waiting) or el("p", "empty", safe(words("queue_empty")))
    done = "".join(_row(words, item, opened) for item in decided)
    rest = el("h2", "area", safe(words("done_list"))) + done if done else ""
    return el("div", "rows", head, rows, rest)


def _row(words: Words, item: Waiting, opened: int) -> str:
    css = "act row is-open" if item.entry == opened else "act row"
    rules = safe(" ".join(item.rules))
    age = safe(words("minutes", n=item.minutes)) if not item.decision else safe(words(item.decision))
    head = el(
        "span",
        "row-head",
        badge(words, item.outcome),
        el("b", "row-name", rules),
        el("span", "quiet small", safe(item.advisor), " · ", age),
    )
    last = el("span", "row-last", safe(item.text.replace("\n", " ")[:40]))
    return f'<button type="button" class="{css} do-case-{item.entry}">{head}{last}</button>'


def case(words: Words, opened: Case | None) -> str:
    """One case: what was said, what was offered, what the advisor wants to send, and why it is held."""
    if opened is None:
        return el("p", "empty", safe(words("case_none")))
    head = el(
        "div",
        "case-head",
        el("h2", "area", safe(words("case", entry=opened.entry))),
        badge(words, opened.verdict.outcome),
        el("span", "quiet small", safe(f"{opened.advisor} · {opened.at:%Y-%m-%d %H:%M}")),
    )
    left = el("section", "case-talk", _talk(words, opened))
    right = el("section", "case-text", _difference(words, opened), _held(words, opened))
    return head + el("div", "case", left, right)


def _talk(words: Words, opened: Case) -> str:
    lines = [
        el("h3", "area", safe(words("talk_shown"))),
        el("p", "quiet small", safe(card_line(words, opened.customer))),
    ]
    for turn in opened.turns:
        hers = turn.role == "customer"
        at = f" {turn.at:%m-%d %H:%M}" if turn.at else ""
        who = el("p", "quiet small", safe(words("customer" if hers else "me") + at))
        lines.append(el("div", f"said {'hers' if hers else 'mine'}", who, el("p", "bubble", safe(turn.text))))
    return "".join(lines)


def _difference(words: Words, opened: Case) -> str:
    text = el("p", "candidate-text", marked(opened.text, opened.verdict.findings))
    parts = [el("h3", "area", safe(words("text_to_send"))), text]
    if opened.disclosure:
        shown = marked(opened.disclosure, opened.verdict.findings, len(opened.text) + 1)
        parts.append(el("p", "disclosure small", el("b", "", safe(words("disclosure"))), "<br>", shown))
    parts.append(el("h3", "area", safe(words("diff"))))
    if opened.shown is None:
        parts.append(el("p", "quiet", safe(words("diff_none"))))
    else:
        parts.append(el("p", "diff", difference(words, opened.shown, opened.text)))
    return "".join(parts)


def difference(words: Words, before: str, after: str) -> str:
    """Two texts as one, with what was taken out and what was put in."""
    pieces = []
    for kind, b0, b1, a0, a1 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(safe(before[b0:b1]))
            continue
        if b1 > b0:
            pieces.append(f'<del title="{safe(words("removed"))}">{safe(before[b0:b1])}</del>')
        if a1 > a0:
            pieces.append(f'<ins title="{safe(words("added"))}">{safe(after[a0:a1])}</ins>')
    return "".join(pieces)


def _held(words: Words, opened: Case) -> str:
    parts = [
        el("h3", "area", safe(words("findings"))),
        finding_items(words, opened.verdict, len(opened.text), acts=False),
    ]
    if opened.remark:
        parts += [el("h3", "area", safe(words("remark_given"))), el("p", "remark", safe(opened.remark))]
    if opened.provenance is not None:
        p = opened.provenance
        line = words("evidence", rules=p.rules, knowledge=p.knowledge, model=f"{p.model} {p.model_sha256[:8]}".strip())
        parts.append(el("p", "quiet small", safe(line)))
    parts.append(state(words, opened))
    return "".join(parts)


def state(words: Words, opened: Case) -> str:
    """Why a case cannot be decided, or what was decided."""
    if opened.decision:
        decision = words(opened.decision)
        return banner("info", words("decided", by=opened.decided_by, decision=decision, reason=opened.reason))
    if opened.own:
        return banner("warn", words("own_case"))
    if opened.verdict.outcome == "block":
        return banner("info", f"{outcome_word(words, 'block')}: " + words("block_case"))
    return ""
