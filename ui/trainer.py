"""The trainer's page: its fields, and which view shows what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import gradio as gr

from copilot.drafting.labels import INTENT_ZH, MOVE_ZH, TONE_ZH
from copilot.errors import InputError
from copilot.records import User
from evals.running import SCRIPTED
from evals.suites import SUITES
from ui import labels
from ui.desk import Desk
from ui.handlers import learning, practising, training
from ui.leaf import Act, Done, Leaf, Place, View, go
from ui.leaf import page as leaf_page
from ui.present import learning as drawn
from ui.present import practice as practised
from ui.present import training as present
from ui.present.base import el, safe
from ui.text import Words

PAGE = "trainer"
TICK_S = 2


def page(desk: Desk, words: Words) -> gr.Blocks:
    """The page in one language."""
    return leaf_page(LEAF, desk, words)


def _draw(desk: Desk, words: Words) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    intents = [(labels.intent(words, i), i) for i in INTENT_ZH]
    with gr.Column(elem_id="begin", visible=False, min_width=0) as found["begin"], gr.Row(elem_classes="form-row"):
        found["suites"] = gr.CheckboxGroup(
            [(labels.suite(words, s), s) for s in SUITES], label=words("t_suites"), elem_id="suites"
        )
        models = [(words("t_scripted") if m == SCRIPTED else m, m) for m in training.running(desk).models()]
        found["model"] = gr.Dropdown(
            [(words("t_in_force"), ""), *models], value="", label=words("t_model"), elem_id="run-model"
        )
        found["own"] = gr.Checkbox(label=words("t_own"), elem_id="own")
        found["start"] = gr.Button(words("t_start"), variant="primary", elem_id="start")
    with gr.Column(elem_id="habit-form", visible=False, min_width=0) as found["habit_form"]:
        found["text"] = gr.Textbox(label=words("e_script"), info=words("e_script_hint"), lines=3, elem_id="script-text", max_length=400)  # fmt: skip
        with gr.Row(elem_classes="form-row"):
            found["intent"] = gr.Dropdown(intents, label=words("a_key_intent"), elem_id="script-intent")
            found["move"] = gr.Dropdown([(labels.move(words, m), m) for m in MOVE_ZH], label=words("e_move"))
            found["tone"] = gr.Dropdown(
                [(labels.tone(words, t), t) for t in TONE_ZH], value="warm", label=words("e_tone")
            )
            found["propose"] = gr.Button(words("e_propose"), variant="primary", elem_id="propose")
    with gr.Column(elem_id="case-form", visible=False, min_width=0) as found["case_form"]:
        found["said"] = gr.Textbox(label=words("c_text"), lines=2, elem_id="case-text", max_length=1000)
        found["history"] = gr.Textbox(label=words("c_history"), lines=4, elem_id="case-history", max_length=8000)
        with gr.Row(elem_classes="form-row"):
            found["label"] = gr.Dropdown(intents, label=words("a_key_intent"), elem_id="case-intent")
            found["add"] = gr.Button(words("c_add"), variant="primary", elem_id="add-case")
    return found


def _look(desk: Desk, words: Words, user: User, at: Place) -> View:
    return _VIEWS.get(at.view, _runs)(desk, words, user, at)


def _runs(desk: Desk, words: Words, user: User, _: Place) -> View:
    return View(present.runs(words, training.runs(desk, user)), {}, frozenset({"begin", "start"}))


def _run(desk: Desk, words: Words, user: User, at: Place) -> View:
    return View(present.run(words, training.opened(desk, user, at.get("run"), at.get("suite"))))


def _cases(desk: Desk, words: Words, user: User, at: Place) -> View:
    run, suite, figure, wanted, got = (at.get(k) for k in ("run", "suite", "figure", "wanted", "got"))
    found = training.cases(desk, user, run, suite, figure, wanted, got)
    shown = labels.intent if suite == "intent" else labels.state
    cell = f"{shown(words, wanted)} → {shown(words, got)}" if wanted else labels.figure(words, figure)
    return View(present.cases(words, found, at, cell))


def _case(desk: Desk, words: Words, user: User, at: Place) -> View:
    found = training.case(desk, user, at.get("run"), at.get("suite"), at.get("case"))
    return View(present.case(words, found, at))


def _compare(desk: Desk, words: Words, user: User, at: Place) -> View:
    found = training.compared(desk, user, at.get("a"), at.get("b"))
    return View(present.compared(words, found, bool(at.get("all"))))


def _advice(desk: Desk, words: Words, user: User, at: Place) -> View:
    by = at.get("by") or "intent"
    return View(drawn.acceptance(words, learning.table(desk, user, by), by, learning.people(desk)))


def _replies(desk: Desk, words: Words, user: User, at: Place) -> View:
    by, key, people = at.get("by"), at.get("key"), learning.people(desk)
    title = drawn.key_name(words, by, key, people)
    return View(drawn.replies(words, learning.replies(desk, user, by, key), by, title, people))


def _edits(desk: Desk, words: Words, user: User, _: Place) -> View:
    return View(drawn.habits(words, learning.habits(desk, user), learning.proposed(desk, user), learning.people(desk)))


def _habit(desk: Desk, words: Words, user: User, at: Place) -> View:
    found = learning.habit(desk, user, at.number("key"))
    fields = {"text": found.text, "intent": found.intent, "move": found.move}
    return View(drawn.habit(words, found), fields, frozenset({"habit_form", "propose"}))


def _lessons(desk: Desk, words: Words, user: User, _: Place) -> View:
    return View(drawn.corrections(words, learning.corrected(desk, user), learning.people(desk)))


def _new_case(desk: Desk, words: Words, user: User, at: Place) -> View:
    found = learning.fresh(desk, user, at.number("entry"))
    fields = {"said": found.text, "history": found.history, "label": found.intent}
    note = el("h2", "area", safe(words("c_title"))) + el("p", "quiet small", safe(words("c_note")))
    return View(note, fields, frozenset({"case_form", "add"}))


def _practice(desk: Desk, words: Words, user: User, at: Place) -> View:
    person, people = at.get("person"), learning.people(desk)
    shown = practised.everybody(words, practising.talks(desk, user, person), people)
    if person:
        title = el("h2", "area", safe(words("y_of", person=people.get(person, person))))
        shown = el("div", "case-head", title, go(words("t_back"), "practice")) + shown
    return View(shown)


def _practised(desk: Desk, words: Words, user: User, at: Place) -> View:
    kept = practising.whole(desk, user, at.get("practice"))
    return View(practised.talk(words, kept, go(words("t_back"), "practice", person=kept.stored.person)))


_VIEWS: Mapping[str, Callable[[Desk, Words, User, Place], View]] = {
    "runs": _runs,
    "run": _run,
    "cases": _cases,
    "case": _case,
    "compare": _compare,
    "advice": _advice,
    "replies": _replies,
    "edits": _edits,
    "habit": _habit,
    "lessons": _lessons,
    "newcase": _new_case,
    "practice": _practice,
    "practised": _practised,
}


def _act(desk: Desk, words: Words, user: User, asked: Act) -> Done:
    if asked.verb == "start":
        suites, own = list(asked.fields.get("suites") or ()), bool(asked.fields.get("own"))
        training.start(desk, user, suites, own, asked.text("model"))
        return Done(Place("runs"))
    if asked.verb == "stop":
        training.stop(desk, user)
        return Done(Place("runs"), words("t_stopping"))
    if asked.verb == "propose":
        key = asked.place.number("key")
        words_of = (asked.text(k) for k in ("intent", "move", "tone", "text"))
        learning.propose(desk, user, key, *words_of)
        return Done(Place("edits"), words("e_proposed"))
    if asked.verb == "add":
        entry = asked.place.number("entry")
        new = learning.keep(desk, user, entry, asked.text("said"), asked.text("history"), asked.text("label"))
        return Done(Place(asked.place.get("tab") or "lessons"), words("c_added" if new else "c_known"))
    raise InputError(f"{asked.verb!r} is nothing one does here")


LEAF = Leaf(
    PAGE,
    "train",
    ("runs", "advice", "edits", "lessons", "practice"),
    _draw,
    frozenset({"begin", "habit_form", "case_form"}),
    frozenset({"start", "propose", "add"}),
    _look,
    _act,
    {"replies": "advice", "habit": "edits", "newcase": "lessons", "practised": "practice"},
    TICK_S,
    lambda at: at.view in ("", "runs"),
)
