"""What stands beside the suggestions as HTML: notices, what a search by hand found, thumbs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ui import labels
from ui.handlers.advising import REASONS
from ui.handlers.looking import FoundPassage, FoundScript, Looked
from ui.handlers.noticing import Notice
from ui.handlers.views import Card
from ui.present.base import button, el, fold, safe
from ui.text import Words

_ICONS = {"claimed": "◉", "approved": "✓", "returned": "↩", "rejected": "✕"}
_KINDS = {"claimed": "wait", "approved": "pass", "returned": "review", "rejected": "block"}


def notices(words: Words, found: Sequence[Notice], now: datetime) -> str:
    """The badge with what is unread, and the list under it."""
    if not found:
        return ""
    unread = sum(not notice.read for notice in found)
    number = el("span", "notice-count", str(unread)) if unread else ""
    rows = [_notice(words, notice, now) for notice in found]
    every = button("quiet-button", "notices-read", words("n_all_read")) if unread else ""
    return fold("notices has-new" if unread else "notices", safe(words("n_head")) + " " + number, *rows, every)


def _notice(words: Words, notice: Notice, now: datetime) -> str:
    badge = el(
        "span", f"badge is-{_KINDS[notice.what]}", f"<b>{_ICONS[notice.what]}</b> ", safe(words(f"got_{notice.what}"))
    )
    day = f"{notice.at:%H:%M}" if notice.at.date() == now.date() else f"{notice.at:%m-%d}"
    name = el("b", "row-name", safe(notice.customer or words("nameless")))
    head = el("span", "row-head", badge, name, el("span", "quiet small", day))
    said = words("said_by", by=notice.who, reason=notice.reason) if notice.reason else notice.who
    gone = words("already") + " " if notice.already else ""
    body = el("span", "row-last", safe(f"{gone}{said}"))
    css = "act row notice" if notice.read else "act row notice is-unread"
    return f'<button type="button" class="{css} do-notice-{notice.entry}">{head}{body}</button>'


def looked(words: Words, view: Looked) -> str:
    """Scripts and passages, each with its use and a way into the reply."""
    if not view.query and not view.scripts:
        return el("p", "quiet small", safe(words("lk_start")))
    parts = []
    if view.query and not view.answered:
        key = "look_up_none" if view.passages else "look_up_empty"
        parts.append(el("p", "small quiet", safe(words(key, query=view.query))))
    if view.scripts:
        parts += [el("h3", "area", safe(words("lk_scripts"))), *(_script(words, s) for s in view.scripts)]
    if view.passages:
        parts += [el("h3", "area", safe(words("lk_passages"))), *(_passage(words, p) for p in view.passages)]
    return el("div", "looked", *parts)


def _uses(words: Words, uses: int) -> str:
    return el("span", "quiet small", safe(words("lk_uses", n=uses))) if uses else ""


def _script(words: Words, found: FoundScript) -> str:
    move = el("span", "chip small", safe(labels.move(words, found.script.move)))
    put = button("small-button", "put", words("lk_put"))
    if found.missing:
        put = el("span", "chip is-warn small", "! ", safe(words("lk_missing", names="、".join(found.missing))))
    text = el("p", "put-text", safe(found.text))
    return el("div", "look-item", text, el("p", "look-foot", move, _uses(words, found.uses), put))


def _passage(words: Words, found: FoundPassage) -> str:
    passage = found.passage
    note = {"internal": "internal_note", "held": "held_note", "superseded": "superseded_note", "named": "named_note"}
    mark = (
        el("span", "chip is-warn small", "! ", safe(words(note.get(passage.note, "named_note"))))
        if passage.note
        else ""
    )
    put = button("small-button", "put", words("lk_put")) if found.quotable else ""
    head = el("b", "small", safe(passage.title)) + mark
    text = el("p", "put-text passage-text", safe(passage.text))
    return el("div", "look-item", head, text, el("p", "look-foot", _uses(words, found.uses), put))


def thumbs(words: Words, card: Card) -> str:
    """Liked or not, and why not."""
    up = button("thumb is-on" if card.liked else "thumb", f"thumb-{card.index}-up", words("th_up"))
    why = [button("small-button", f"thumb-{card.index}-down-{r}", words(f"th_{r}")) for r in REASONS]
    down = fold(
        "thumb-down is-on" if card.liked is False else "thumb-down", safe(words("th_down")), el("span", "chips", *why)
    )
    return el("span", "thumbs", up, down)
