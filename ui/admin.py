"""The administrator's page: components and wiring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import gradio as gr

from copilot.errors import AccessDenied, AccountRefused, CopilotError
from copilot.records import User
from copilot.records.people import ROLES
from ui import labels
from ui.desk import Desk, pages_beside
from ui.frame import QUIET, Painted, asking, blocks, hidden, html
from ui.handlers import staffing
from ui.handlers.views import failure_of
from ui.present import admin as present
from ui.present.advisor import failed
from ui.present.base import banner, header
from ui.text import Words

PAGE = "admin"
TICK_S = 20


@dataclass(frozen=True)
class Parts:
    """The components of the page."""

    top: gr.Markdown
    notice: gr.Markdown
    find: gr.Textbox
    people: gr.Markdown
    making: gr.Column
    name: gr.Textbox
    display: gr.Textbox
    new_role: gr.Dropdown
    person: gr.Markdown
    changing: gr.Row
    role: gr.Dropdown
    history: gr.Markdown
    opened: gr.Textbox
    command: gr.Textbox
    bring: gr.Button
    make: gr.Button
    set_role: gr.Button
    go: gr.Button

    @property
    def all(self) -> list[Any]:
        """Every component an event may change."""
        fixed = ("command", "bring", "make", "set_role", "go", "find")
        return [getattr(self, f.name) for f in fields(self) if f.name not in fixed]


def page(desk: Desk, words: Words) -> gr.Blocks:
    """The page in one language."""
    made = blocks(words, words("staff"))
    with made:
        parts = _draw(words)
        _wire(made, parts, desk, words)
    return made


def _draw(words: Words) -> Parts:
    found: dict[str, Any] = {name: html(name=name) for name in ("top", "notice")}
    roles = [(labels.role(words, role), role) for role in ROLES]
    with gr.Row(elem_id="staff"):
        with gr.Column(elem_id="side", min_width=0):
            found["bring"] = gr.Button(words("s_add"), elem_id="bring", size="sm")
            found["find"] = gr.Textbox(
                label=words("s_find"),
                placeholder=words("s_find"),
                show_label=False,
                max_lines=1,
                elem_id="find",
                max_length=64,
            )
            found["people"] = html(name="people")
        with gr.Column(elem_id="main", min_width=0):
            with gr.Column(elem_id="making", min_width=0, visible=False) as found["making"]:
                html(f"<h2>{words('s_add_head')}</h2>", name="making-head")
                with gr.Row(elem_id="making-row"):
                    one: dict[str, Any] = {"max_lines": 1, "max_length": 64, "min_width": 150}
                    hint = words("s_name_hint")
                    found["name"] = gr.Textbox(label=words("s_name"), placeholder=hint, elem_id="name", **one)
                    found["display"] = gr.Textbox(label=words("s_display"), elem_id="display", **one)
                    found["new_role"] = gr.Dropdown(
                        roles, value="advisor", label=words("s_role"), elem_id="new-role", min_width=130
                    )
                    found["make"] = gr.Button(words("s_make"), variant="primary", elem_id="make", min_width=110)
            found["person"] = html(name="person")
            with gr.Row(elem_id="changing", visible=False) as found["changing"]:
                found["role"] = gr.Dropdown(
                    roles, value="advisor", label=words("s_role"), elem_id="role", min_width=130
                )
                found["set_role"] = gr.Button(words("s_set_role"), elem_id="set-role", min_width=90)
            found["history"] = html(name="history")
    found |= {name: hidden(name) for name in ("opened", "command")}
    found["go"] = gr.Button("go", elem_id="go", visible="hidden")
    return Parts(**found)


def _wire(made: gr.Blocks, parts: Parts, desk: Desk, words: Words) -> None:
    def safely(request: gr.Request, act: Callable[[User], Painted]) -> Painted:
        try:
            return {parts.notice: "", **act(asking(desk, PAGE, request))}
        except AccountRefused as error:
            return {parts.notice: banner("warn", words(f"a_{error.why}"))}
        except CopilotError as error:
            kind = "access" if isinstance(error, AccessDenied) else failure_of(error)
            return {parts.notice: failed(words, kind, str(error))}

    def load(find: str, opened: str, request: gr.Request) -> Painted:
        return safely(request, lambda user: _everything(parts, desk, words, user, find, unhexed(opened)))

    def tick(find: str, opened: str, request: gr.Request) -> Painted:
        painted = safely(request, lambda user: _frame(parts, desk, words, user, find, unhexed(opened)))
        return painted if painted[parts.notice] else {k: v for k, v in painted.items() if k is not parts.notice}

    def listing(find: str, opened: str, request: gr.Request) -> Painted:
        def act(user: User) -> Painted:
            return {parts.people: present.people(words, staffing.people(desk, user, find or ""), unhexed(opened))}

        return safely(request, act)

    def bring(find: str, request: gr.Request) -> Painted:
        def act(user: User) -> Painted:
            painted = _everything(parts, desk, words, user, find, "")
            return {**painted, parts.person: "", parts.making: gr.Column(visible=True)}

        return safely(request, act)

    def make(find: str, name: str, display: str, role: str, request: gr.Request) -> Painted:
        def act(user: User) -> Painted:
            made = staffing.add(desk, user, name, display, role or "")
            told = words("s_added", who=display.strip() or name.strip())
            painted = _everything(parts, desk, words, user, find, name.strip())
            emptied = {parts.name: "", parts.display: ""}
            return {**painted, **emptied, parts.notice: present.secret(words, told, made)}

        return safely(request, act)

    def set_role(find: str, opened: str, role: str, request: gr.Request) -> Painted:
        return safely(request, lambda user: _done(parts, desk, words, user, find, unhexed(opened), "role", role or ""))

    def command(find: str, opened: str, said: str, request: gr.Request) -> Painted:
        return safely(request, lambda user: _obey(parts, desk, words, user, find, unhexed(opened), said))

    made.load(load, [parts.find, parts.opened], parts.all, **QUIET)
    gr.Timer(TICK_S).tick(
        tick, [parts.find, parts.opened], [parts.top, parts.notice, parts.people], queue=False, **QUIET
    )
    seen = [parts.find, parts.opened]
    parts.find.change(listing, seen, [parts.notice, parts.people], queue=False, trigger_mode="always_last", **QUIET)
    parts.bring.click(bring, [parts.find], parts.all, **QUIET)
    parts.make.click(make, [parts.find, parts.name, parts.display, parts.new_role], parts.all, **QUIET)
    parts.set_role.click(set_role, [parts.find, parts.opened, parts.role], parts.all, **QUIET)
    inputs = [parts.find, parts.opened, parts.command]
    parts.go.click(command, inputs, parts.all, trigger_mode="multiple", **QUIET)


def _obey(parts: Parts, desk: Desk, words: Words, user: User, find: str, opened: str, said: str) -> Painted:
    """A click inside the HTML areas: `person-<hex>`, or an act on the open account."""
    verb, _, rest = said.partition("-")
    what = said.replace("-", "_")
    if what in staffing.ACTS and what != "role":
        return _done(parts, desk, words, user, find, opened, what)
    return _everything(parts, desk, words, user, find, unhexed(rest) if verb == "person" else opened)


def _done(
    parts: Parts, desk: Desk, words: Words, user: User, find: str, name: str, what: str, role: str = ""
) -> Painted:
    """Do an act on an account, and say what was done."""
    made = staffing.act(desk, user, what, name, role)
    who = staffing.opened(desk, user, name).person.display
    told = (
        words(f"s_done_{what}", who=who, role=labels.role(words, role))
        if role
        else words(f"s_done_{what}", who=who, role="")
    )
    notice = present.secret(words, told, made) if made else banner("good", told)
    return {**_everything(parts, desk, words, user, find, name), parts.notice: notice}


def _frame(parts: Parts, desk: Desk, words: Words, user: User, find: str, opened: str) -> Painted:
    status = dict(desk.app.status())
    return {
        parts.top: header(words, words("staff"), status, user.display, pages_beside(user, PAGE)),
        parts.people: present.people(words, staffing.people(desk, user, find or ""), opened),
    }


def _everything(parts: Parts, desk: Desk, words: Words, user: User, find: str, opened: str) -> Painted:
    view = staffing.opened(desk, user, opened) if opened else None
    may = view is not None and "role" in view.acts
    return {
        **_frame(parts, desk, words, user, find, opened),
        parts.making: gr.Column(visible=False),
        parts.person: present.person(words, view),
        parts.history: present.history(words, view),
        parts.opened: opened.encode().hex(),
        parts.changing: gr.Row(visible=may),
        parts.role: view.person.role if view is not None else "advisor",
    }


def unhexed(text: str | None) -> str:
    """A name the browser sent in hexadecimal; "" for anything else."""
    try:
        return bytes.fromhex(text or "").decode()
    except ValueError:
        return ""
