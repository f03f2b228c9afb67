"""A page of views: where a person is stands in one hidden field; a click inside goes somewhere or does something. The page draws, its handlers decide."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

import gradio as gr

from copilot.errors import AccessDenied, CopilotError, InputError, OwnText
from copilot.records import User
from ui.desk import Desk, pages_beside
from ui.frame import QUIET, Painted, asking, blocks, hidden, html
from ui.handlers.views import failure_of
from ui.present.advisor import failed
from ui.present.base import banner, button, el, header
from ui.refusals import refusal
from ui.text import Words

LONGEST_PLACE = 4000


@dataclass(frozen=True)
class Place:
    """Where a person is: a view, and what is opened in it."""

    view: str = ""
    at: Mapping[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """What is opened under a name, "" for nothing."""
        return self.at.get(name, "")

    def number(self, name: str) -> int:
        """The same as a number, 0 for none."""
        held = self.get(name)
        return int(held) if held.isdecimal() and len(held) < 16 else 0

    def written(self) -> str:
        """As the browser holds it."""
        return urlencode({"view": self.view, **{k: v for k, v in self.at.items() if v}})


def place_of(text: str | None) -> Place:
    """What the browser holds, read back."""
    told = dict(parse_qsl((text or "")[:LONGEST_PLACE]))
    return Place(told.pop("view", ""), told)


def go(label: str, view: str, css: str = "quiet-button", title: str = "", **at: object) -> str:
    """A button that goes to a view."""
    place = Place(view, {k: str(v) for k, v in at.items()})
    return button(css, f"go-{place.written().encode().hex()}", label, title)


def deed(label: str, verb: str, value: object = "", css: str = "small-button") -> str:
    """A button that does something with a value."""
    return button(css, f"act-{verb}-{str(value).encode().hex()}", label)


@dataclass(frozen=True)
class Act:
    """What a person asked for, where, and what stands in the fields of the page."""

    verb: str
    value: str
    place: Place
    fields: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A field as text."""
        return str(self.fields.get(name) or "").strip()


@dataclass(frozen=True)
class Done:
    """Where an act leads, and what is told of it."""

    place: Place
    told: str = ""


@dataclass(frozen=True)
class View:
    """A view as drawn: its HTML, the fields that are given something, and the buttons and columns that are there."""

    html: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    shown: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Leaf:
    """A page. `draw` makes columns, fields and buttons by name; `buttons` of them are verbs; `tabs` are views with a word of their own."""

    name: str
    title: str
    tabs: tuple[str, ...]
    draw: Callable[[Desk, Words], Mapping[str, Any]]
    columns: frozenset[str]
    buttons: frozenset[str]
    look: Callable[[Desk, Words, User, Place], View]
    act: Callable[[Desk, Words, User, Act], Done]
    under: Mapping[str, str] = field(default_factory=dict)
    """View → the tab it belongs to, for views without a tab."""
    tick_s: float = 0
    watches: Callable[[Place], bool] = lambda _: False
    """Whether a view changes by itself. Its columns and buttons do not: what they may do just now is for the style sheet to show."""


def page(leaf: Leaf, desk: Desk, words: Words) -> gr.Blocks:
    """The page in one language."""
    made = blocks(words, words(leaf.title))
    with made:
        top, notice, tabs = html(name="top"), html(name="notice"), html(name="tabs")
        with gr.Column(elem_id="leaf", min_width=0):
            parts = dict(leaf.draw(desk, words))
            with gr.Column(elem_id="body", min_width=0):
                body, moving = html(name="still"), html(name="moving")
        place, command = hidden("place"), hidden("command")
        pressed = gr.Button("go", elem_id="go", visible="hidden")
        named = {component: name for name, component in parts.items() if name not in leaf.columns | leaf.buttons}
        every = [top, notice, tabs, body, moving, place, *parts.values()]

        def shown(user: User, at: Place, told: str = "") -> Painted:
            view, moves = leaf.look(desk, words, user, at), leaf.watches(at)
            painted: Painted = {
                top: header(
                    words, words(leaf.title), dict(desk.app.status()), user.display, pages_beside(user, leaf.name)
                ),
                notice: told,
                tabs: _tabs(words, leaf, at),
                body: gr.Markdown("" if moves else view.html, visible=not moves),
                moving: gr.Markdown(view.html if moves else "", visible=moves),
                place: at.written(),
            }
            painted |= {parts[name]: gr.Column(visible=name in view.shown) for name in leaf.columns}
            painted |= {parts[name]: gr.Button(visible=name in view.shown) for name in leaf.buttons}
            return painted | {parts[name]: value for name, value in view.fields.items()}

        def safely(request: gr.Request, do: Callable[[User], Painted]) -> Painted:
            try:
                return do(asking(desk, leaf.name, request))
            except OwnText:
                return {notice: banner("warn", words("own_hand"))}
            except InputError as error:
                return {notice: banner("warn", refusal(words, str(error)))}
            except CopilotError as error:
                kind = "access" if isinstance(error, AccessDenied) else failure_of(error)
                return {notice: failed(words, kind)}

        def done(user: User, data: Mapping[Any, Any], verb: str, value: str) -> Painted:
            fields = {name: data.get(component) for component, name in named.items()}
            result = leaf.act(desk, words, user, Act(verb, value, place_of(data.get(place)), fields))
            return shown(user, result.place, banner("good", result.told) if result.told else "")

        def arrive(data: dict[Any, Any], request: gr.Request) -> Painted:
            return safely(request, lambda user: shown(user, place_of(data.get(place))))

        def obey(data: dict[Any, Any], request: gr.Request) -> Painted:
            def obeyed(user: User) -> Painted:
                verb, _, rest = str(data.get(command) or "").partition("-")
                if verb == "go":
                    return shown(user, place_of(unhexed(rest)))
                verb, _, value = rest.partition("-")
                return done(user, data, verb, unhexed(value))

            return safely(request, obeyed)

        def press(verb: str) -> Callable[[dict[Any, Any], gr.Request], Painted]:
            def act(data: dict[Any, Any], request: gr.Request) -> Painted:
                return safely(request, lambda user: done(user, data, verb, ""))

            return act

        def tick(held: str, request: gr.Request) -> Painted:
            """Fills its own area alone: a slow one that ends after its person went elsewhere changes nothing to be seen."""
            at = place_of(held)

            def again(user: User) -> Painted:
                return {moving: leaf.look(desk, words, user, at).html} if leaf.watches(at) else {moving: gr.skip()}

            return safely(request, again)

        inputs = {place, command, *named}
        made.load(arrive, inputs, every, **QUIET)
        pressed.click(obey, inputs, every, trigger_mode="multiple", **QUIET)
        for name in leaf.buttons:
            parts[name].click(press(name), inputs, every, **QUIET)
        if leaf.tick_s:
            gr.Timer(leaf.tick_s).tick(tick, [place], [notice, moving], queue=False, **QUIET)
    return made


def _tabs(words: Words, leaf: Leaf, at: Place) -> str:
    here = at.view if at.view in leaf.tabs else at.get("tab") or leaf.under.get(at.view, leaf.tabs[0])
    chips = [go(words(f"tab_{tab}"), tab, "count-chip" + (" is-on" if tab == here else "")) for tab in leaf.tabs]
    return el("div", "counts tabs", *chips)


def unhexed(text: str) -> str:
    """What was written in hexadecimal; "" for anything else."""
    try:
        return bytes.fromhex(text).decode()
    except ValueError:
        return ""
