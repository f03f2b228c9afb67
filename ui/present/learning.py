"""What advisors made of the suggestions, their habits, corrections and new scripts, as HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from copilot.acceptance import BY, FREE, MODEL, Reply, Tally
from copilot.mining import Cluster
from copilot.scriptbook import NewScript
from guardrails.privacy import mask
from ui import labels
from ui.handlers.learning import Lesson
from ui.leaf import go
from ui.present.base import el, safe, table
from ui.present.case import difference
from ui.text import Words

_STATES = {"open": "is-review", "approved": "is-pass", "refused": "is-block", "withdrawn": "is-warn"}


def acceptance(words: Words, found: Sequence[Tally], by: str, people: Mapping[str, str]) -> str:
    """The table by intent, script or person; a key leads to its replies."""
    chips = [go(words(f"by_{b}"), "advice", "count-chip" + (" is-on" if b == by else ""), by=b) for b in BY]
    head = el("h2", "area", safe(words("a_title"))) + el("div", "counts", *chips)
    if not found:
        return head + el("p", "empty", safe(words("a_none")))
    rows = []
    for t in found:
        share = f"{t.share:.0%}" if t.share is not None else "—"
        counts = (t.turns, t.shown, _of(t.taken, t.shown), _of(t.edited, t.taken), share, t.sent, t.flagged)
        name = key_name(words, by, t.key, people)
        shown = go(name, "replies", by=by, key=t.key) if t.sent or t.flagged else safe(name)
        rows.append([shown, *map(safe, counts)])
    titles = ("a_key", "a_turns", "a_shown", "a_adopted", "a_edited", "a_share", "a_sent", "a_flagged")
    return head + table([safe(words(k)) for k in titles], rows) + el("p", "quiet small", safe(words("a_note")))


def key_name(words: Words, by: str, key: str, people: Mapping[str, str]) -> str:
    """What a line of the table is about."""
    if by == "intent":
        return labels.intent(words, key)
    if by == "person":
        return people.get(key, key)
    return words(f"a_{key}") if key in (MODEL, FREE) else key


def _of(some: int, of: int) -> str:
    return f"{some} ({some / of:.0%})" if of else str(some)


def replies(words: Words, found: Sequence[Reply], by: str, title: str, people: Mapping[str, str]) -> str:
    """Replies with what the customer said, what was suggested and what was made of it."""
    head = el("div", "case-head", el("h2", "area", safe(title)), go(words("t_back"), "advice", by=by))
    return (
        head + "".join(_reply(words, r, people) for r in found)
        if found
        else head + el("p", "empty", safe(words("a_none")))
    )


def _reply(words: Words, reply: Reply, people: Mapping[str, str]) -> str:
    told = f"{reply.at:%m-%d %H:%M} · {people.get(reply.person, reply.person)} · {words('k_' + reply.kind)}"
    if reply.shown is not None:
        told += f" · {words('a_changed', share=f'{reply.changed:.0%}')}"
    sent = mask(reply.text)
    text = difference(words, mask(reply.shown), sent) if reply.shown is not None else safe(sent)
    return el(
        "div",
        "item",
        el("p", "quiet small", safe(told), " ", go(words("a_case"), "newcase", entry=reply.entry, tab="advice")),
        el("p", "bubble hers", safe(mask(reply.message))),
        el("p", "diff", text),
    )


def habits(words: Words, found: Sequence[Cluster], scripts: Sequence[NewScript], people: Mapping[str, str]) -> str:
    """Edits that repeat themselves, then what was proposed before."""
    head = el("h2", "area", safe(words("e_title"))) + el("p", "quiet small", safe(words("e_note")))
    rows = [
        [
            go(c.text, "habit", key=c.key),
            safe(labels.intent(words, c.intent)),
            safe(len(c.replies)),
            safe(c.people),
        ]
        for c in found
    ]
    titles = [safe(words(k)) for k in ("e_text", "a_key", "e_times", "e_people")]
    body = table(titles, rows) if rows else el("p", "empty", safe(words("e_none")))
    return head + body + new_scripts(words, scripts, people)


def habit(words: Words, found: Cluster) -> str:
    """One habit with the texts behind it."""
    head = el("div", "case-head", el("h2", "area", safe(words("e_habit"))), go(words("t_back"), "edits"))
    note = ""
    if found.figures:
        note = el("p", "small is-long", "! ", safe(words("e_figures", what="、".join(dict.fromkeys(found.figures)))))
    items = [el("li", "small", safe(f"{r.at:%m-%d} "), safe(mask(r.text))) for r in found.replies[:20]]
    return head + note + el("ul", "steps", *items)


def new_scripts(words: Words, found: Sequence[NewScript], people: Mapping[str, str], *, linked: bool = False) -> str:
    """Scripts that were proposed, and where they stand; `linked` where one can be opened."""
    if not found:
        return ""
    rows = []
    for s in found:
        state = el("span", f"badge {_STATES[s.state]}", safe(words(f"n_{s.state}")))
        who = safe(people.get(s.by, s.by))
        name = f"{labels.intent(words, s.intent)} · {labels.move(words, s.move)}"
        link = go(s.text, "script", entry=s.entry) if linked else safe(s.text)
        remark = f"{people.get(s.decided_by, s.decided_by)} {s.remark}" if s.decided_by else ""
        rows.append([state, link, safe(name), who, safe(remark)])
    titles = [safe(words(k)) for k in ("t_state", "e_text", "a_key", "n_by", "n_decided")]
    return el("h2", "area", safe(words("n_title"))) + table(titles, rows)


def corrections(words: Words, found: Sequence[Lesson], people: Mapping[str, str]) -> str:
    """Intents that advisors corrected, and the way to take them out."""
    head = el("h2", "area", safe(words("l_title")))
    if not found:
        return head + el("p", "empty", safe(words("l_none")))
    export = f'<a href="/exports/lessons.tsv" download>{safe(words("l_export"))}</a>'
    rows = [
        [
            safe(lesson.text[:80]),
            safe(f"{labels.intent(words, lesson.guessed)} {lesson.confidence:.0%}"),
            safe(labels.intent(words, lesson.intent)),
            safe(people.get(lesson.by, lesson.by)),
            go(words("a_case"), "newcase", entry=lesson.entry, tab="lessons"),
        ]
        for lesson in found
    ]
    titles = [safe(words(k)) for k in ("t_words", "l_guessed", "l_said", "n_by", "t_acts")]
    return head + el("p", "", export) + table(titles, rows)
