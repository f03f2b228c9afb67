"""The queue of compliance as HTML."""

from __future__ import annotations

from collections.abc import Sequence

from ui import labels
from ui.handlers.queueing import PAGE, Counted, Filter, Queue, Row
from ui.present.base import badge, button, el, fold, outcome_word, safe, waited
from ui.present.typeset import typeset
from ui.text import Words


def queue(words: Words, found: Queue, chosen: Filter, opened: int, target: int) -> str:
    """Counts, filters, the cases that wait, then those decided last."""
    rows = "".join(_row(words, item, opened) for item in found.rows)
    if not rows:
        rows = el("p", "empty", safe(words("queue_no_match" if found.waiting else "queue_empty")))
    rest = found.matching - len(found.rows)
    more = button("small-button", "more", words("q_more", n=min(rest, PAGE))) if rest else ""
    done = "".join(_row(words, item, opened) for item in found.decided)
    shut = el("h2", "area", safe(words("done_list"))) + el("div", "rows", done) if done else ""
    return _head(words, found, chosen, target) + el("div", "rows queue-rows", rows) + more + shut


def _head(words: Words, found: Queue, chosen: Filter, target: int) -> str:
    whole = button("count-chip" + ("" if chosen.active else " is-on"), "clear", f"{words('q_all')} {found.waiting}")
    counts = [
        whole,
        _pick("holder", "mine", words("q_mine"), found.mine, chosen),
        _pick("holder", "nobody", words("q_nobody"), found.nobodys, chosen),
        _pick("age", "over", words("q_over"), found.over, chosen, "is-late" if found.over else ""),
        _pick("holder", "escalated", words("q_escalated"), found.escalated, chosen),
    ]
    note = el("p", "quiet small", safe(words("q_target", n=target, oldest=waited(words, found.oldest))))
    parts = [el("div", "counts", *counts), note if found.waiting else ""]
    if found.waiting:
        parts.append(_filters(words, found, chosen))
    if chosen.active:
        clear = button("quiet-button", "clear", words("q_clear"))
        parts.append(el("p", "small", safe(words("q_of", n=found.matching, of=found.waiting)), " ", clear))
    return el("div", "queue-head", *parts)


def _filters(words: Words, found: Queue, chosen: Filter) -> str:
    named = tuple(Counted(c.value, outcome_word(words, c.value), c.n) for c in found.severities)
    half = (Counted("half", words("q_half"), found.half),)
    groups: Sequence[tuple[str, str, Sequence[Counted]]] = (
        ("q_severity", "severity", named),
        ("q_rule", "check", tuple(Counted(c.value, labels.check(words, c.shown), c.n) for c in found.checks)),
        ("q_advisor", "advisor", found.advisors),
        ("q_age", "age", half),
    )
    lines = [
        el(
            "p",
            "filter-line",
            el("span", "quiet small", safe(words(title))),
            *(_pick(name, c.value, c.shown, c.n, chosen) for c in values),
        )
        for title, name, values in groups
    ]
    inside = any((chosen.severity, chosen.check, chosen.advisor, chosen.age == "half"))
    return fold("filters", safe(words("q_filter")), *lines, opened=inside)


def _pick(name: str, value: str, shown: str, n: int, chosen: Filter, more: str = "") -> str:
    """A condition with its count. What is picked is told in hexadecimal: a person's name may hold any letter."""
    on = " is-on" if getattr(chosen, name) == value else ""
    return button(f"count-chip {more}{on}", f"pick-{name}-{value.encode().hex()}", f"{shown} {n}", shown)


def _why(words: Words, item: Row) -> str:
    """What stands against a text, told when the pointer rests on its checks."""
    return " ".join(said for said in (typeset(item.why), *(labels.forbidden(words, c) for c in item.checks)) if said)


def _row(words: Words, item: Row, opened: int) -> str:
    css = "act row" + (" is-open" if item.entry == opened else "") + (" is-late" if item.over else "")
    age = words(item.decision) if item.decision else waited(words, item.minutes)
    late = f"{words('q_over')} " if item.over else ""
    head = el(
        "span",
        "row-head",
        badge(words, item.outcome),
        el(
            "b",
            "row-name",
            safe(words("comma").join(labels.check(words, c) for c in item.checks)),
            title=_why(words, item),
        ),
    )
    notes = [safe(item.advisor)]
    if item.again:
        notes.append(safe(words("q_again")))
    if item.escalated and not item.decision:
        notes.append(f"<b>▲ {safe(words('q_escalated'))}</b>")
    if item.own:
        notes.append(safe(words("q_own")))
    if item.holder:
        held = words("q_held_me") if item.mine else words("q_held", who=item.holder)
        notes.append(f"<b>◉ {safe(held)}</b>")
    who = el(
        "span",
        "row-who small",
        el("span", "row-notes", " · ".join(notes)),
        el("span", "row-age", safe(late + age)),
    )
    last = el("span", "row-last", safe(item.text.replace("\n", " ")[:60]))
    return f'<button type="button" class="{css} do-case-{item.entry}">{head}{who}{last}</button>'
