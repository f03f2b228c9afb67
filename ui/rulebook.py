"""The page of the rule workbench, and of new scripts that wait for approval."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import gradio as gr

from copilot.errors import InputError
from copilot.records import User
from ui.desk import Desk
from ui.handlers import ruling
from ui.leaf import Act, Done, Leaf, Place, View
from ui.leaf import page as leaf_page
from ui.present import learning
from ui.present import rulebook as present
from ui.present.base import el, safe
from ui.text import Words

PAGE = "rulebook"
TICK_S = 2


def page(desk: Desk, words: Words) -> gr.Blocks:
    """The page in one language."""
    return leaf_page(LEAF, desk, words)


def _draw(_: Desk, words: Words) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    with (
        gr.Column(elem_id="severity-form", visible=False, min_width=0) as found["graded"],
        gr.Row(elem_classes="form-row"),
    ):
        choices = [(words("r_its_own"), ""), *((words(f"r_{s}"), s) for s in ruling.SEVERITIES)]
        found["severity"] = gr.Dropdown(choices, value="", label=words("q_severity"), elem_id="severity")
        found["grade"] = gr.Button(words("r_grade"), elem_id="grade")
    with gr.Column(elem_id="word-form", visible=False, min_width=0) as found["worded"], gr.Row(elem_classes="form-row"):
        found["word"] = gr.Textbox(label=words("r_word"), info=words("r_word_hint"), max_lines=1, max_length=40, elem_id="word")  # fmt: skip
        found["put"] = gr.Button(words("r_put"), variant="primary", elem_id="put")
    with (
        gr.Column(elem_id="reason-form", visible=False, min_width=0) as found["reasoned"],
        gr.Row(elem_classes="form-row"),
    ):
        found["remark"] = gr.Textbox(label=words("reason"), max_length=1000, elem_id="reason")
        found["try"] = gr.Button(words("r_try"), elem_id="try")
        found["propose"] = gr.Button(words("r_propose"), variant="primary", elem_id="propose")
        found["publish"] = gr.Button(words("r_publish"), variant="primary", elem_id="publish")
        found["refuse"] = gr.Button(words("r_refuse"), elem_id="refuse")
        found["discard"] = gr.Button(words("r_discard"), elem_id="discard")
        found["approve"] = gr.Button(words("n_approve"), variant="primary", elem_id="approve")
        found["reject"] = gr.Button(words("n_refuse"), elem_id="reject")
        found["withdraw"] = gr.Button(words("withdraw"), elem_id="withdraw-script")
    return found


def _look(desk: Desk, words: Words, user: User, at: Place) -> View:
    return _VIEWS.get(at.view, _rules)(desk, words, user, at)


def _rules(desk: Desk, words: Words, user: User, _: Place) -> View:
    return View(present.rules(words, ruling.shelf(desk, user)))


def _rule(desk: Desk, words: Words, user: User, at: Place) -> View:
    found = ruling.shelf(desk, user)
    name = at.get("rule")
    fields = {"severity": found.amendment.severity.get(name, ""), "word": ""}
    return View(
        present.rule(words, found, name, ruling.verdicts(desk, user, name)),
        fields,
        frozenset({"graded", "worded", "grade", "put"}),
    )


def _lists(desk: Desk, words: Words, user: User, _: Place) -> View:
    return View(present.lists(words, ruling.shelf(desk, user)))


def _list(desk: Desk, words: Words, user: User, at: Place) -> View:
    shown = present.word_list(words, ruling.shelf(desk, user), at.get("list"))
    return View(shown, {"word": ""}, frozenset({"worded", "put"}))


def _draft(desk: Desk, words: Words, user: User, _: Place) -> View:
    found = ruling.drafted(desk, user)
    buttons = {
        "try": (found.may_propose or found.may_refuse) and found.tried.stage != "reading",
        "propose": found.may_propose,
        "discard": found.may_propose,
        "publish": found.may_publish,
        "refuse": found.may_refuse,
    }
    shown = {name for name, there in buttons.items() if there}
    return View(present.draft(words, found), {}, frozenset(shown | ({"reasoned"} if shown else set())))


def _history(desk: Desk, words: Words, user: User, _: Place) -> View:
    return View(present.history(words, ruling.shelf(desk, user)))


def _scripts(desk: Desk, words: Words, user: User, _: Place) -> View:
    found = ruling.scripts(desk, user)
    names = {p.name: p.display for p in desk.app.users.list()}
    none = el("p", "empty", safe(words("n_none")))
    return View(learning.new_scripts(words, found, names, linked=True) or none)


def _script(desk: Desk, words: Words, user: User, at: Place) -> View:
    found, sources = ruling.script(desk, user, at.number("entry"))
    names = {p.name: p.display for p in desk.app.users.list()}
    acts = {"open": {"approve", "reject"}, "approved": {"withdraw"}}.get(found.state, set())
    if found.by == user.name:
        acts = acts - {"approve"}
    shown = frozenset(acts | {"reasoned"}) if acts else frozenset()
    return View(present.script(words, found, sources, names.get(found.by, found.by)), {"remark": ""}, shown)


_VIEWS: Mapping[str, Callable[[Desk, Words, User, Place], View]] = {
    "rules": _rules,
    "rule": _rule,
    "lists": _lists,
    "list": _list,
    "draft": _draft,
    "history": _history,
    "scripts": _scripts,
    "script": _script,
}


def _act(desk: Desk, words: Words, user: User, asked: Act) -> Done:
    here, remark = asked.place, asked.text("remark")
    if asked.verb in ("on", "off"):
        ruling.switch(desk, user, asked.value, asked.verb == "on")
    elif asked.verb == "grade":
        ruling.grade(desk, user, here.get("rule"), asked.text("severity"))
    elif asked.verb == "put":
        ruling.word(desk, user, here.get("list") or here.get("rule"), asked.text("word"), True)
    elif asked.verb == "drop":
        name, _, word = asked.value.partition("\n")
        ruling.word(desk, user, name, word, False)
    elif asked.verb in ("approve", "reject", "withdraw"):
        ruling.decide(desk, user, here.number("entry"), asked.verb, remark)
        return Done(Place("scripts"), words(f"n_done_{asked.verb}"))
    else:
        return _decide(desk, words, user, asked, remark)
    return Done(here, words("r_drafted"))


def _decide(desk: Desk, words: Words, user: User, asked: Act, remark: str) -> Done:
    """What is done with the draft as a whole."""
    waiting = desk.app.office.rulebook.bench().proposed
    number = waiting.entry if waiting is not None else 0
    if asked.verb == "try":
        ruling.try_out(desk, user)
        return Done(Place("draft"))
    if asked.verb == "stop":
        ruling.stop_trial(desk, user)
        return Done(Place("draft"))
    if asked.verb == "propose":
        ruling.propose(desk, user, remark)
    elif asked.verb == "publish":
        ruling.publish(desk, user, number)
        return Done(Place("history"), words("r_done_publish"))
    elif asked.verb == "refuse":
        ruling.refuse(desk, user, number, remark)
    elif asked.verb == "discard":
        ruling.discard(desk, user)
        return Done(Place("rules"), words("r_done_discard"))
    elif asked.verb == "restore" and asked.value.isdecimal():
        ruling.restore(desk, user, int(asked.value))
    else:
        raise InputError(f"{asked.verb!r} is nothing one does here")
    return Done(Place("draft"), words(f"r_done_{asked.verb}"))


LEAF = Leaf(
    PAGE,
    "rules_page",
    ("rules", "lists", "draft", "history", "scripts"),
    _draw,
    frozenset({"graded", "worded", "reasoned"}),
    frozenset({"grade", "put", "try", "propose", "publish", "refuse", "discard", "approve", "reject", "withdraw"}),
    _look,
    _act,
    {"list": "lists", "script": "scripts"},
    TICK_S,
    lambda at: at.view == "draft",
)
