"""The page on which compliance searches the record and reads samples of what went out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import gradio as gr

from copilot.archive import KINDS
from copilot.errors import InputError
from copilot.records import User
from ui.desk import Desk
from ui.handlers import searching
from ui.leaf import Act, Done, Leaf, Place, View
from ui.leaf import page as leaf_page
from ui.present import archive as present
from ui.text import Words

PAGE = "archive"


def page(desk: Desk, words: Words) -> gr.Blocks:
    """The page in one language."""
    return leaf_page(LEAF, desk, words)


def _draw(_: Desk, words: Words) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    line: dict[str, Any] = {"max_lines": 1, "max_length": 200, "min_width": 130}
    day = {**line, "placeholder": "2026-12-01"}
    with gr.Column(elem_id="seek", visible=False, min_width=0) as found["seek"], gr.Row(elem_classes="form-row"):
        found["text"] = gr.Textbox(label=words("f_text"), elem_id="find-text", **line)
        found["customer"] = gr.Textbox(label=words("f_customer"), elem_id="find-customer", **line)
        found["advisor"] = gr.Textbox(label=words("f_advisor"), elem_id="find-advisor", **line)
        found["rule"] = gr.Textbox(label=words("f_rule"), elem_id="find-rule", placeholder="G01", **line)
        kinds = [(words("f_any_kind"), ""), *((words(f"k_{k}"), k) for k in KINDS)]
        found["kind"] = gr.Dropdown(kinds, value="", label=words("f_what"), min_width=120)
        found["since"] = gr.Textbox(label=words("f_since"), **day)
        found["until"] = gr.Textbox(label=words("f_until"), **day)
        found["find"] = gr.Button(words("f_find"), variant="primary", elem_id="find-record")
    with gr.Column(elem_id="draw", visible=False, min_width=0) as found["draw"], gr.Row(elem_classes="form-row"):
        found["percent"] = gr.Textbox("5", label=words("q_percent"), elem_id="percent", **line)
        found["of_advisor"] = gr.Textbox(label=words("f_advisor"), elem_id="of-advisor", **line)
        found["of_rule"] = gr.Textbox(label=words("f_rule"), placeholder="G22", **line)
        found["from"] = gr.Textbox(label=words("f_since"), **day)
        found["to"] = gr.Textbox(label=words("f_until"), **day)
        found["sample"] = gr.Button(words("q_draw"), variant="primary", elem_id="sample")
    with gr.Column(elem_id="judge", visible=False, min_width=0) as found["judge"], gr.Row(elem_classes="form-row"):
        found["remark"] = gr.Textbox(label=words("q_remark"), elem_id="remark-text", max_length=1000)
        found["good"] = gr.Button(words("q_good"), variant="primary", elem_id="good")
        found["poor"] = gr.Button(words("q_poor"), elem_id="poor")
    return found


def _look(desk: Desk, words: Words, user: User, at: Place) -> View:
    return _VIEWS.get(at.view, _search)(desk, words, user, at)


def _search(desk: Desk, words: Words, user: User, at: Place) -> View:
    found = searching.search(desk, user, at.at)
    fields = {name: at.get(name) for name in ("text", "customer", "advisor", "rule", "kind", "since", "until")}
    return View(present.search(words, found, at), fields, frozenset({"seek", "find"}))


def _entry(desk: Desk, words: Words, user: User, at: Place) -> View:
    return View(present.entry(words, searching.message(desk, user, at.number("entry")), at))


def _samples(desk: Desk, words: Words, user: User, _: Place) -> View:
    return View(present.samples(words, searching.samples(desk, user)), {}, frozenset({"draw", "sample"}))


def _sampled(desk: Desk, words: Words, user: User, at: Place) -> View:
    found = searching.message(desk, user, at.number("entry"))
    shown = frozenset({"judge", "good", "poor"}) if found.judgeable else frozenset()
    return View(present.entry(words, found, at), {"remark": ""}, shown)


_VIEWS: Mapping[str, Callable[[Desk, Words, User, Place], View]] = {
    "search": _search,
    "entry": _entry,
    "samples": _samples,
    "sampled": _sampled,
}


def _act(desk: Desk, words: Words, user: User, asked: Act) -> Done:
    if asked.verb == "find":
        names = ("text", "customer", "advisor", "rule", "kind", "since", "until")
        return Done(Place("search", {"asked": "1", **{name: asked.text(name) for name in names}}))
    if asked.verb == "sample":
        drawn = searching.draw(
            desk, user, {k: asked.text(k) for k in ("percent", "of_advisor", "of_rule", "from", "to")}
        )
        return Done(Place("samples"), words("q_drawn", n=drawn))
    if asked.verb in ("good", "poor"):
        following = searching.judge(desk, user, asked.place.number("entry"), asked.verb, asked.text("remark"))
        place = Place("sampled", {"entry": str(following)}) if following else Place("samples")
        return Done(place, words("q_judged"))
    raise InputError(f"{asked.verb!r} is nothing one does here")


LEAF = Leaf(
    PAGE,
    "archive_page",
    ("search", "samples"),
    _draw,
    frozenset({"seek", "draw", "judge"}),
    frozenset({"find", "sample", "good", "poor"}),
    _look,
    _act,
    {"sampled": "samples"},
)
