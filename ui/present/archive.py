"""The record searched, and samples, as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from copilot.archive import Found
from ui import labels
from ui.handlers.searching import Message, Samples, Search
from ui.leaf import Place, go, place_of
from ui.present.base import badge, banner, el, evidence, finding_items, marked, safe, short, table
from ui.present.case import difference
from ui.text import Words


def search(words: Words, found: Search, at: Place) -> str:
    """What was found, newest first, and the way to take it out."""
    if not found.asked:
        return el("p", "empty", safe(words("f_nothing_asked")))
    if not found.rows:
        return el("p", "empty", safe(words("f_nothing")))
    query = {k: v for k, v in at.at.items() if v and k != "asked"}
    links = [
        f'<a href="/exports/archive?{safe(urlencode({"form": form, **query}))}" download>{safe(words(f"f_{form}"))}</a>'
        for form in ("csv", "json")
    ]
    told = words("f_found_more" if found.more else "f_found", n=len(found.rows))
    head = el("p", "", safe(told), " · ", " · ".join(links))
    names = found.names or {}
    return head + _log(
        _titles(words), [_row(words, f, names.get(f.advisor, f.advisor), "entry", at) for f in found.rows]
    )


def _log(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return el("div", "log", table(titles, rows))


def _titles(words: Words) -> list[str]:
    return [safe(words(k)) for k in ("f_when", "t_state", "f_advisor", "f_customer", "t_words", "f_rules")]


def _row(words: Words, found: Found, by: str, view: str, at: Place | None = None) -> list[str]:
    back = at.written() if at is not None else ""
    text = go(found.text[:60], view, entry=found.entry, back=back)
    state = badge(words, found.outcome) if found.outcome else ""
    when = f"{found.at:%Y-%m-%d %H:%M}"
    rules = words("comma").join(dict.fromkeys(labels.check(words, rule[:3]) for rule in found.rules))
    return [safe(when), safe(words(f"k_{found.kind}")) + " " + state, safe(by), safe(found.customer), text, safe(rules)]


def entry(words: Words, shown: Message, at: Place) -> str:
    """One text in full: what was said, what was suggested, what was made of it, what the guard found."""
    found = shown.found
    back = go(words("t_back"), "samples" if at.view == "sampled" else "search", **_asked(at))
    head = [el("h2", "area", safe(words("f_entry", entry=found.entry))), badge(words, found.outcome), back]
    who = f"{shown.by} · {found.customer or words('nameless')} · {found.at:%Y-%m-%d %H:%M} · {words('k_' + found.kind)}"
    parts = [el("div", "case-head", *head), el("p", "quiet small", safe(who))]
    if shown.sampled is not None and shown.sampled.outcome:
        told = words(f"q_was_{shown.sampled.outcome}", by=shown.judged_by, remark=shown.sampled.remark)
        parts.append(banner("good" if shown.sampled.outcome == "good" else "warn", told))
    for turn in shown.turns:
        hers = turn.role == "customer"
        name = el("p", "quiet small", safe(words("customer" if hers else "me")))
        parts.append(el("div", f"said {'hers' if hers else 'mine'}", name, el("p", "bubble", safe(turn.text))))
    parts += [
        el("h3", "area", safe(words("text_to_send"))),
        el("p", "candidate-text", marked(found.text, shown.verdict.findings)),
    ]
    if found.disclosure:
        parts.append(el("p", "disclosure small", el("b", "", safe(words("disclosure"))), " ", safe(found.disclosure)))
    if shown.shown is not None:
        parts += [el("h3", "area", safe(words("diff"))), el("p", "diff", difference(words, shown.shown, found.text))]
    parts.append(finding_items(words, shown.verdict, len(found.text), acts=False))
    parts.append(
        el(
            "p",
            "quiet small",
            safe(words("f_proof", digest=found.digest[:16], rules=short(shown.verdict.rules_version))),
        )
    )
    parts.append(el("p", "", evidence(words, found.entry)))
    return "".join(parts)


def _asked(at: Place) -> dict[str, str]:
    return dict(place_of(at.get("back")).at)


def samples(words: Words, found: Samples) -> str:
    """What waits to be read, how each advisor's messages were judged, and the newest judgements."""
    parts = [
        el("p", "quiet small", safe(words("q_note"))),
        el("h2", "area", safe(words("q_waiting", n=len(found.waiting)))),
    ]
    if found.waiting:
        rows = [_row(words, f, found.names.get(f.advisor, f.advisor), "sampled") for _, f in found.waiting]
        parts.append(_log(_titles(words), rows))
    else:
        parts.append(el("p", "empty", safe(words("q_none"))))
    if found.tally:
        people = [[safe(found.names.get(a, a)), safe(good), safe(poor)] for a, good, poor in found.tally]
        titles = [safe(words(k)) for k in ("f_advisor", "q_good", "q_poor")]
        parts += [el("h2", "area", safe(words("q_tally"))), table(titles, people)]
        rows = [
            [*_row(words, f, found.names.get(f.advisor, f.advisor), "sampled"), safe(s.remark)] for s, f in found.judged
        ]
        parts += [el("h2", "area", safe(words("q_done"))), _log([*_titles(words), safe(words("q_remark"))], rows)]
    return "".join(parts)
