"""Clicks inside the HTML areas of the advisor's page: what each asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from copilot.errors import CopilotError
from copilot.records import User
from ui import paint
from ui.advisor_parts import Parts
from ui.desk import Desk
from ui.frame import Painted
from ui.handlers import advising, importing, noticing, rewriting, sending, talking
from ui.text import Words


@dataclass(frozen=True)
class Typed:
    """What the browser holds at a click; the server trusts none of it."""

    opened: str
    pasted: str
    roles: str
    text: str
    candidate: str


@dataclass(frozen=True)
class _Click:
    """A click and everything it may need; `rest` follows the verb."""

    parts: Parts
    desk: Desk
    words: Words
    user: User
    held: Typed
    rest: str


def obey(parts: Parts, desk: Desk, words: Words, user: User, said: str, held: Typed) -> Painted:
    """Do what a click asks: `open-<conversation>`, `adopt-<n>`, `who-<n>-me`, `rewrite-<start>-<end>`; nothing for what is no such act."""
    verb, _, rest = said.partition("-")
    act = _ACTS.get(verb)
    return act(_Click(parts, desk, words, user, held, rest)) if act is not None else {}


def number(text: str | None) -> int | None:
    """The candidate's number the browser holds, None without one."""
    return int(text) if text and text.isdecimal() else None


def _open(click: _Click) -> Painted:
    painted = paint.everything(click.parts, click.desk, click.words, click.user, click.rest)
    return {**painted, **_preview(click, click.rest, click.held.roles)}


def _fresh(click: _Click) -> Painted:
    made = talking.begin(click.desk, click.user)
    painted = paint.everything(click.parts, click.desk, click.words, click.user, made)
    return {**painted, **_preview(click, made, click.held.roles)}


def _preview(click: _Click, opened: str, roles: str) -> Painted:
    """The pasted chat as it would be taken into a conversation; an error is told where it is taken."""
    try:
        view = (
            importing.preview(click.desk, click.user, opened, click.held.pasted, roles) if click.held.pasted else None
        )
    except CopilotError:
        return {}
    return {**paint.preview(click.parts, click.words, view), click.parts.roles: roles}


def _who(click: _Click) -> Painted:
    place, _, who = click.rest.partition("-")
    view = importing.preview(click.desk, click.user, click.held.opened, click.held.pasted, click.held.roles)
    if view is None or not place.isdecimal():
        return {}
    return _preview(click, click.held.opened, importing.chosen(view, click.held.roles, int(place), who))


def _names(click: _Click) -> Painted:
    return _preview(click, click.held.opened, importing.names_again(click.held.roles))


def _drop(click: _Click) -> Painted:
    return {click.parts.say: "", click.parts.roles: "", **paint.preview(click.parts, click.words, None)}


def _adopt(click: _Click) -> Painted:
    if not click.rest.isdecimal():
        return {}
    taken = sending.adopt(click.desk, click.user, click.held.opened, int(click.rest))
    return paint.adopted(click.parts, click.words, taken)


def _revise(click: _Click) -> Painted:
    if not click.rest.isdecimal():
        return {}
    kept = sending.revise(click.desk, click.user, int(click.rest))
    painted = paint.everything(click.parts, click.desk, click.words, click.user, kept)
    return {**painted, click.parts.notice: paint.good(click.words, "revising")}


def _approved(click: _Click) -> Painted:
    if not click.rest.isdecimal():
        return {}
    sent = sending.send_approved(click.desk, click.user, int(click.rest))
    return paint.sent(click.parts, click.desk, click.words, click.user, click.held.opened, sent)


def _thumb(click: _Click) -> Painted:
    place, _, what = click.rest.partition("-")
    if not place.isdecimal():
        return {}
    up, reason = what == "up", what.partition("-")[2]
    advising.thumb(click.desk, click.user, click.held.opened, int(place), up, reason)
    view = advising.current(click.desk, click.user, click.held.opened)
    painted = paint.advice(click.parts, click.words, view)
    return {**painted, click.parts.notice: paint.good(click.words, "thanks")}


def _stop(click: _Click) -> Painted:
    advising.stop(click.desk, click.user, click.held.opened)
    return paint.advice(click.parts, click.words, advising.current(click.desk, click.user, click.held.opened))


def _notice(click: _Click) -> Painted:
    if not click.rest.isdecimal():
        return {}
    place = noticing.place_of(click.desk, click.user, int(click.rest))
    noticing.mark_read(click.desk, click.user, [int(click.rest)])
    return paint.everything(click.parts, click.desk, click.words, click.user, place or click.held.opened)


def _notices(click: _Click) -> Painted:
    found = noticing.notices(click.desk, click.user)
    noticing.mark_read(click.desk, click.user, [notice.entry for notice in found])
    page = (click.parts, click.desk, click.words, click.user)
    return {**paint.frame(*page), **paint.rows(*page, click.held.opened)}


def _rewrite(click: _Click) -> Painted:
    start, _, end = click.rest.partition("-")
    if not (start.isdecimal() and end.isdecimal()):
        return {}
    held, candidate = click.held, number(click.held.candidate)
    made = rewriting.rewrite_part(click.desk, click.user, held.opened, held.text, candidate, int(start), int(end))
    if made.why:
        return {click.parts.notice: paint.told(click.words, f"rw_{made.why}")}
    view = sending.check(click.desk, click.user, held.opened, made.text, candidate)
    return {
        **paint.editor(click.parts, click.words, view),
        click.parts.notice: paint.good(click.words, "rw_done", old=made.old),
    }


_ACTS: Mapping[str, Callable[[_Click], Painted]] = {
    "open": _open,
    "fresh": _fresh,
    "who": _who,
    "names": _names,
    "drop": _drop,
    "adopt": _adopt,
    "revise": _revise,
    "approved": _approved,
    "thumb": _thumb,
    "stop": _stop,
    "notice": _notice,
    "notices": _notices,
    "rewrite": _rewrite,
}
