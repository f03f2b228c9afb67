"""The knowledge page: components and wiring. What happens is in `ui.handlers.papers`, how it looks in `ui.present.knowledge`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import gradio as gr

from copilot.errors import AccessDenied, CopilotError, InputError
from copilot.records import User
from ui import labels
from ui.desk import Desk, pages_beside
from ui.frame import QUIET, Painted, asking, blocks, hidden, html
from ui.handlers import papers
from ui.handlers.papers import KINDS_OF_PAPERS, PAGE, STATES
from ui.handlers.views import failure_of
from ui.present import knowledge as present
from ui.present.advisor import failed
from ui.present.base import banner, header
from ui.refusals import refusal
from ui.text import Words

NAME = "knowledge"
TICK_S = 3
VIEWS = ("upload", "paper", "found")


@dataclass(frozen=True)
class Parts:
    """The components of the page."""

    top: gr.Markdown
    notice: gr.Markdown
    index: gr.Markdown
    query: gr.Textbox
    look_up: gr.Button
    shelf: gr.Column
    bring: gr.Button
    find: gr.Textbox
    state: gr.Dropdown
    rows: gr.Markdown
    upload: gr.Column
    tray: gr.Markdown
    form: gr.Column
    kind: gr.Dropdown
    starts: gr.Textbox
    ends: gr.Textbox
    product: gr.Textbox
    internal: gr.Checkbox
    silent: gr.Checkbox
    shelve: gr.Button
    paper: gr.Column
    text: gr.Markdown
    remark: gr.Textbox
    withdraw: gr.Button
    put_back: gr.Button
    release: gr.Button
    found: gr.Column
    answers: gr.Markdown
    opened: gr.Textbox
    listed: gr.Textbox
    seen: gr.Textbox
    command: gr.Textbox
    go: gr.Button

    @property
    def all(self) -> list[Any]:
        """Every component an event may change."""
        return [getattr(self, f.name) for f in fields(self) if f.name not in ("command", "go")]


def page(desk: Desk, words: Words) -> gr.Blocks:
    """The page in one language."""
    made = blocks(words, words("library"))
    with made:
        parts = _draw(words, desk.app.settings.serve.upload_mb * 1_000_000)
        _wire(made, parts, desk, words)
    return made


def _draw(words: Words, largest: int) -> Parts:
    found: dict[str, Any] = {name: html(name=name) for name in ("top", "notice", "index")}
    with gr.Row(elem_id="library"):
        with gr.Column(elem_id="side", min_width=0):
            found |= _draw_side(words)
        with gr.Column(elem_id="main", min_width=0):
            found |= _draw_upload(words, largest) | _draw_paper(words)
            with gr.Column(elem_id="found", min_width=0, visible=False) as found["found"]:
                found["answers"] = html(name="answers")
    found |= {name: hidden(name) for name in ("opened", "listed", "seen", "command")}
    found["go"] = gr.Button("go", elem_id="go", visible="hidden")
    return Parts(**found)


def _draw_side(words: Words) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with gr.Row(elem_id="ask-knowledge"):
        hint = words("look_up_hint")
        found["query"] = gr.Textbox(
            label=words("look_up"), placeholder=hint, max_lines=1, elem_id="query", max_length=1000, min_width=120
        )
        found["look_up"] = gr.Button(words("look_up"), elem_id="look-up", size="sm", min_width=60)
    with gr.Column(elem_id="shelf", min_width=0, visible=False) as found["shelf"]:
        found["bring"] = gr.Button(words("bring"), elem_id="bring", size="sm")
        with gr.Row(elem_id="filters"):
            states = [(words("all_states"), ""), *((words(f"p_{s}"), s) for s in STATES)]
            found["find"] = gr.Textbox(label=words("find_paper"), max_lines=1, elem_id="find", min_width=100)
            found["state"] = gr.Dropdown(states, value="", label=words("all_states"), elem_id="state", min_width=90)
        found["rows"] = html(name="rows")
    return found


def _draw_upload(words: Words, largest: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    kinds = [(words("f_kind_auto"), ""), *((labels.kind(words, k), k) for k in KINDS_OF_PAPERS)]
    with gr.Column(elem_id="upload", min_width=0, visible=False) as found["upload"]:
        html(present.dropzone(words, largest), name="dropzone")
        html(present.sending(words), name="sending")
        found["tray"] = html(name="tray")
        with gr.Column(elem_id="form", min_width=0, visible=False) as found["form"]:
            with gr.Row(elem_id="wanted"):
                found["kind"] = gr.Dropdown(kinds, value="", label=words("f_kind"), min_width=130)
                day: dict[str, Any] = {"placeholder": words("f_day_hint"), "max_lines": 1, "min_width": 120}
                found["starts"] = gr.Textbox(label=words("f_starts"), elem_id="starts", **day)
                found["ends"] = gr.Textbox(label=words("f_ends"), elem_id="ends", **day)
                found["product"] = gr.Textbox(label=words("f_product"), elem_id="product", max_lines=1, min_width=130)
            with gr.Row(elem_id="consent"):
                found["silent"] = gr.Checkbox(value=True, label=words("f_silent"), elem_id="silent", min_width=120)
                found["internal"] = gr.Checkbox(label=words("f_internal"), elem_id="internal", min_width=120)
                found["shelve"] = gr.Button(words("shelve", n=0), variant="primary", elem_id="shelve")
    return found


def _draw_paper(words: Words) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with gr.Column(elem_id="paper", min_width=0, visible=False) as found["paper"]:
        found["text"] = html(name="text")
        with gr.Row(elem_id="decide"):
            remark = words("why_remark")
            found["remark"] = gr.Textbox(label=remark, lines=1, max_lines=3, elem_id="why", max_length=1000)
            found["release"] = gr.Button(words("let_all_go"), variant="primary", elem_id="release-all")
            found["withdraw"] = gr.Button(words("withdraw"), elem_id="withdraw")
            found["put_back"] = gr.Button(words("put_back"), elem_id="put-back")
    return found


def _wire(made: gr.Blocks, parts: Parts, desk: Desk, words: Words) -> None:
    def safely(request: gr.Request, act: Callable[[User], Painted]) -> Painted:
        try:
            return {parts.notice: "", **act(asking(desk, NAME, request))}
        except InputError as error:
            return {parts.notice: banner("warn", refusal(words, str(error)))}
        except AccessDenied as error:
            mine = "not for this role" in str(error) or "himself" in str(error) or "another person" in str(error)
            return {parts.notice: banner("warn", words("not_allowed")) if mine else failed(words, "access")}
        except CopilotError as error:
            return {parts.notice: failed(words, failure_of(error), str(error))}

    _wire_frame(made, parts, desk, words, safely)
    _wire_acts(parts, desk, words, safely)


Safely = Callable[[gr.Request, Callable[[User], Painted]], Painted]


def _wire_frame(made: gr.Blocks, parts: Parts, desk: Desk, words: Words, safely: Safely) -> None:
    def load(request: gr.Request) -> Painted:
        def act(user: User) -> Painted:
            first = "upload" if papers.may(user, "load") else "found"
            return {
                **_frame(parts, desk, words, user),
                **_view(parts, first),
                **_list(parts, desk, words, user, "", "", PAGE, 0),
                parts.answers: present.found(words, papers.Found("", False, ())),
                parts.shelf: gr.Column(visible=papers.may(user, "look")),
                parts.bring: gr.Button(visible=papers.may(user, "load")),
            }

        return safely(request, act)

    def tick(opened: str, find: str, state: str, listed: str, seen: str, request: gr.Request) -> Painted:
        try:
            user = asking(desk, NAME, request)
            painted = _frame(parts, desk, words, user)
            if papers.may(user, "look") and seen != papers.edition(desk, user):
                painted |= _list(parts, desk, words, user, find, state or "", _number(listed, PAGE), _number(opened))
            return painted
        except CopilotError as error:
            kind = "access" if isinstance(error, AccessDenied) else failure_of(error)
            return {parts.notice: failed(words, kind)}

    def listing(opened: str, find: str, state: str, request: gr.Request) -> Painted:
        return safely(request, lambda user: _list(parts, desk, words, user, find, state or "", PAGE, _number(opened)))

    made.load(load, None, parts.all, **QUIET)
    shown = [parts.top, parts.notice, parts.index, parts.tray, parts.form, parts.shelve]
    shown += [parts.rows, parts.listed, parts.seen]
    watched = [parts.opened, parts.find, parts.state, parts.listed, parts.seen]
    gr.Timer(TICK_S).tick(tick, watched, shown, queue=False, **QUIET)
    filters = [parts.opened, parts.find, parts.state]
    rows = [parts.notice, parts.rows, parts.listed, parts.seen]
    parts.find.change(listing, filters, rows, queue=False, trigger_mode="always_last", **QUIET)
    parts.state.change(listing, filters, rows, queue=False, **QUIET)


def _wire_acts(parts: Parts, desk: Desk, words: Words, safely: Safely) -> None:
    def look_up(query: str, request: gr.Request) -> Painted:
        def act(user: User) -> Painted:
            return {parts.answers: present.found(words, papers.search(desk, user, query)), **_view(parts, "found")}

        return safely(request, act)

    def bring(request: gr.Request) -> Painted:
        return safely(request, lambda user: {**_frame(parts, desk, words, user), **_view(parts, "upload")})

    def shelve(
        kind: str, starts: str, ends: str, product: str, internal: bool, silent: bool, request: gr.Request
    ) -> Painted:
        form: dict[str, str | bool] = {
            "kind": kind or "",
            "starts": starts or "",
            "ends": ends or "",
            "product": product or "",
            "internal": internal,
            "silent_only": silent,
        }

        def act(user: User) -> Painted:
            count = papers.ask(desk, user, form)
            told = banner("good", words("shelving", n=count))
            return {**_frame(parts, desk, words, user), parts.notice: told}

        return safely(request, act)

    def command(
        opened: str, said: str, remark: str, find: str, state: str, listed: str, request: gr.Request
    ) -> Painted:
        at = At(_number(opened), remark or "", find or "", state or "", _number(listed, PAGE))
        return safely(request, lambda user: _obey(parts, desk, words, user, said, at))

    def deed(verb: str) -> Callable[[str, str, str, str, str, gr.Request], Painted]:
        def act(opened: str, remark: str, find: str, state: str, listed: str, request: gr.Request) -> Painted:
            at = At(_number(opened), remark or "", find or "", state or "", _number(listed, PAGE))
            return safely(request, lambda user: _obey(parts, desk, words, user, verb, at))

        return act

    parts.look_up.click(look_up, [parts.query], parts.all, **QUIET)
    parts.query.submit(look_up, [parts.query], parts.all, **QUIET)
    parts.bring.click(bring, None, parts.all, **QUIET)
    wanted = [parts.kind, parts.starts, parts.ends, parts.product, parts.internal, parts.silent]
    parts.shelve.click(shelve, wanted, parts.all, **QUIET)
    place = [parts.remark, parts.find, parts.state, parts.listed]
    parts.go.click(command, [parts.opened, parts.command, *place], parts.all, trigger_mode="multiple", **QUIET)
    for verb, pressed in (("withdraw", parts.withdraw), ("back", parts.put_back), ("free", parts.release)):
        pressed.click(deed(verb), [parts.opened, *place], parts.all, **QUIET)


@dataclass(frozen=True)
class At:
    """Where a person is on the page: the open paper, what he wrote, how the list is filtered and how far it is shown."""

    number: int
    remark: str
    find: str
    state: str
    listed: int


def _obey(parts: Parts, desk: Desk, words: Words, user: User, said: str, at: At) -> Painted:
    """A click inside one of the HTML areas, or a button below an open paper."""
    verb, _, rest = said.partition("-")
    if verb == "open" and rest.isdecimal():
        shown = _open(parts, desk, words, user, int(rest))
        return {**shown, **_listing(parts, desk, words, user, at, int(rest))}
    if verb == "more":
        return _list(parts, desk, words, user, at.find, at.state, at.listed + PAGE, at.number)
    if verb == "pieces":
        return _open(parts, desk, words, user, at.number, 10_000)
    if verb == "upload":
        return {**_frame(parts, desk, words, user), **_view(parts, "upload"), **_listing(parts, desk, words, user, at)}
    if verb in ("drop", "clear", "discard", "reindex"):
        return _tidy(parts, desk, words, user, verb, rest)
    if verb in ("withdraw", "back", "free"):
        told = _decide(desk, words, user, verb, rest, at)
        shown = _open(parts, desk, words, user, at.number)
        return {**shown, **_listing(parts, desk, words, user, at, at.number), parts.notice: told}
    return {}


def _tidy(parts: Parts, desk: Desk, words: Words, user: User, verb: str, rest: str) -> Painted:
    if verb == "drop":
        papers.drop(desk, user, rest)
    elif verb == "reindex":
        papers.again(desk, user)
    else:
        papers.clear(desk, user, everything=verb == "discard")
    return _frame(parts, desk, words, user)


def _decide(desk: Desk, words: Words, user: User, verb: str, rest: str, at: At) -> str:
    """Do what an officer decided about the open paper; the line that says so."""
    if verb == "withdraw":
        papers.withdraw(desk, user, at.number, at.remark)
        return banner("good", words("withdrawn_done"))
    if verb == "back":
        papers.put_back(desk, user, at.number, at.remark)
        return banner("good", words("put_back_done"))
    freed = papers.release(desk, user, at.number, int(rest) if rest.isdecimal() else None, at.remark)
    return banner("good", words("let_gone", n=freed))


def _frame(parts: Parts, desk: Desk, words: Words, user: User) -> Painted:
    """The bar, the state of the index, and the tray of who may load."""
    status = dict(desk.app.status())
    loads = papers.may(user, "load")
    painted: Painted = {
        parts.top: header(words, words("library"), status, user.display, pages_beside(user, NAME)),
        parts.index: present.index(words, desk.app.renewal.look(), loads),
    }
    if loads:
        view = papers.tray(desk, user)
        painted |= {
            parts.tray: present.tray(words, view),
            parts.form: gr.Column(visible=view.ready > 0),
            parts.shelve: gr.Button(words("shelve", n=view.ready)),
        }
    return painted


def _view(parts: Parts, name: str) -> Painted:
    """Which of the three the page shows on its right."""
    shown = {view: gr.Column(visible=view == name) for view in VIEWS}
    left: Painted = {} if name == "paper" else {parts.opened: ""}
    return {parts.upload: shown["upload"], parts.paper: shown["paper"], parts.found: shown["found"], **left}


def _listing(parts: Parts, desk: Desk, words: Words, user: User, at: At, opened: int = 0) -> Painted:
    return _list(parts, desk, words, user, at.find, at.state, at.listed, opened)


def _list(
    parts: Parts, desk: Desk, words: Words, user: User, find: str, state: str, shown: int, opened: int
) -> Painted:
    if not papers.may(user, "look"):
        return {}
    edition = papers.edition(desk, user)
    view = papers.shelf(desk, user, find, state, shown)
    drawn = present.rows(words, view, opened, bool(find.strip() or state))
    return {parts.rows: drawn, parts.listed: str(shown), parts.seen: edition}


def _open(parts: Parts, desk: Desk, words: Words, user: User, number: int, shown: int = PAGE) -> Painted:
    view = papers.opened(desk, user, number, shown)
    acts = (view.may_withdraw, view.may_put_back, view.may_release)
    return {
        **_view(parts, "paper"),
        parts.opened: str(number),
        parts.text: present.paper(words, view),
        parts.remark: gr.Textbox(value="", visible=any(acts)),
        parts.withdraw: gr.Button(visible=view.may_withdraw),
        parts.put_back: gr.Button(visible=view.may_put_back),
        parts.release: gr.Button(visible=view.may_release),
    }


def _number(text: str | None, otherwise: int = 0) -> int:
    return int(text) if text and text.isdecimal() else otherwise
