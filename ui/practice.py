"""The advisors' page of practice: its fields, and which view shows what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr

from copilot.errors import InputError
from copilot.records import User
from evals.practice.talk import LONGEST
from ui.desk import Desk
from ui.handlers import practising
from ui.leaf import Act, Done, Leaf, Place, View, go
from ui.leaf import page as leaf_page
from ui.present import practice as present
from ui.text import Words

PAGE = "practice"


def page(desk: Desk, words: Words) -> gr.Blocks:
    """The page in one language."""
    return leaf_page(LEAF, desk, words)


def _draw(_: Desk, words: Words) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    with gr.Column(elem_id="practice-form", visible=False, min_width=0) as found["form"]:
        found["said"] = gr.Textbox(
            label=words("y_say"), info=words("y_say_hint"), lines=2, elem_id="practice-say", max_length=LONGEST
        )
        with gr.Row(elem_classes="form-row"):
            found["say"] = gr.Button(words("y_send"), variant="primary", elem_id="practice-send")
            found["leave"] = gr.Button(words("y_leave"), elem_id="practice-leave")
    return found


def _look(desk: Desk, words: Words, user: User, at: Place) -> View:
    if at.view == "talk":
        kept = practising.opened(desk, user, at.get("practice"))
        back = go(words("t_back"), "mine" if kept.scored else "customers")
        shown = frozenset() if kept.scored else frozenset({"form", "say", "leave"})
        return View(present.talk(words, kept, back), {"said": ""}, shown)
    if at.view == "mine":
        return View(present.progress(words, practising.mine(desk, user)))
    return View(present.choices(words, practising.choices(desk, user)))


def _act(desk: Desk, words: Words, user: User, asked: Act) -> Done:
    practice = asked.place.get("practice")
    if asked.verb == "begin":
        return Done(Place("talk", {"practice": practising.begin(desk, user, asked.value)}))
    if asked.verb == "say":
        practising.say(desk, user, practice, asked.text("said"))
        return Done(asked.place)
    if asked.verb == "leave":
        practising.leave(desk, user, practice)
        return Done(asked.place)
    raise InputError(f"{asked.verb!r} is nothing one does here")


LEAF = Leaf(
    PAGE,
    "practice_page",
    ("customers", "mine"),
    _draw,
    frozenset({"form"}),
    frozenset({"say", "leave"}),
    _look,
    _act,
    {"talk": "customers"},
)
