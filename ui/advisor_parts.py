"""The components of the advisor's page."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import gradio as gr

from copilot.edges import LONGEST_TEXT
from copilot.types import INTENTS, MOVES, Tone
from ui import labels
from ui.frame import hidden, html
from ui.present.base import el, safe
from ui.text import Words

LEVELS = ("", "C1", "C2", "C3", "C4", "C5")
TONES: tuple[Tone, ...] = ("warm", "brief", "formal")


@dataclass(frozen=True)
class Parts:
    """The components of the page."""

    top: gr.Markdown
    notice: gr.Markdown
    notices: gr.Markdown
    rows: gr.Markdown
    outcomes: gr.Markdown
    new: gr.Button
    card: gr.Accordion
    name: gr.Textbox
    level: gr.Dropdown
    assessed: gr.Textbox
    age: gr.Textbox
    holdings: gr.Textbox
    tags: gr.Textbox
    events: gr.Textbox
    save: gr.Button
    facts: gr.Markdown
    chat: gr.Markdown
    preview: gr.Markdown
    say: gr.Textbox
    generate: gr.Button
    intent: gr.Dropdown
    tone: gr.Dropdown
    move: gr.Dropdown
    confidence: gr.Markdown
    first: gr.Button
    second: gr.Button
    understanding: gr.Markdown
    cards: gr.Markdown
    query: gr.Textbox
    look: gr.Button
    looked: gr.Markdown
    verdict: gr.Markdown
    editor: gr.Textbox
    findings: gr.Markdown
    sent: gr.Markdown
    release: gr.Button
    refer: gr.Button
    remark: gr.Textbox
    opened: gr.Textbox
    candidate: gr.Textbox
    roles: gr.Textbox
    previewed: gr.Textbox
    command: gr.Textbox
    go: gr.Button

    @property
    def all(self) -> list[Any]:
        """Every component an event may change."""
        return [getattr(self, f.name) for f in fields(self) if f.name not in ("command", "go")]


def draw(words: Words) -> Parts:
    """The components, in their places."""
    found: dict[str, Any] = {"top": html(name="top"), "notice": html(name="notice")}
    with gr.Row(elem_id="desk"):
        with gr.Column(elem_id="left", min_width=0):
            found |= _draw_left(words)
        with gr.Column(elem_id="middle", min_width=0):
            found |= _draw_middle(words)
        with gr.Column(elem_id="right", min_width=0):
            found |= _draw_right(words)
    found |= {name: hidden(name) for name in ("opened", "candidate", "roles", "previewed", "command")}
    html(el("p", "lost-line", safe(f"! {words('lost')}"), role="alert"), name="lost-line")
    found["go"] = gr.Button("go", elem_id="go", visible="hidden")
    return Parts(**found)


def _draw_left(words: Words) -> dict[str, Any]:
    return {
        "new": gr.Button(words("new_talk"), elem_id="new", size="sm"),
        "notices": html(name="notices"),
        "rows": html(name="rows"),
        "outcomes": html(name="outcomes"),
    }


def _draw_middle(words: Words) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with gr.Accordion(words("card_empty"), open=False, elem_id="card") as card:
        found["card"] = card
        with gr.Row(elem_classes=["fields"]):
            found["name"] = gr.Textbox(label=words("f_name"), max_length=40, min_width=90)
            found["level"] = gr.Dropdown(list(LEVELS), value="", label=words("f_level"), min_width=90)
            found["age"] = gr.Textbox(label=words("f_age"), max_length=3, min_width=60)
            found["assessed"] = gr.Textbox(label=words("f_assessed"), placeholder="2026-03-01", min_width=110)
        hint = words("f_holdings_hint")
        found["holdings"] = gr.Textbox(label=words("f_holdings"), placeholder=hint, lines=2, max_lines=5)
        found["tags"] = gr.Textbox(label=words("f_tags"), max_length=200)
        found["events"] = gr.Textbox(label=words("f_events"), placeholder=words("f_events_hint"), lines=1, max_lines=4)
        found["save"] = gr.Button(words("save_card"), size="sm", elem_id="save")
    found["facts"] = html(name="facts")
    found["chat"] = html(name="chat")
    found["preview"] = html(name="preview")
    with gr.Row(elem_id="ask"):
        found["say"] = gr.Textbox(
            label=words("say_label"),
            placeholder=words("paste"),
            lines=2,
            max_lines=8,
            elem_id="say",
            max_length=LONGEST_TEXT + 1,  # one more, so that a longer paste is refused and not cut in silence
        )
        found["generate"] = gr.Button(words("generate"), variant="primary", elem_id="generate")
    return found


def _draw_right(words: Words) -> dict[str, Any]:
    intents = [(labels.intent(words, label), label) for label in INTENTS]
    tones = [(labels.tone(words, label), label) for label in TONES]
    moves = [(words("move_auto"), ""), *((labels.move(words, label), label) for label in MOVES)]
    found: dict[str, Any] = {}
    with gr.Column(elem_id="advice", min_width=0):
        with gr.Row(elem_id="meaning"):
            found["intent"] = gr.Dropdown(intents, value=None, label=words("intent"), elem_id="intent", min_width=150)
            found["tone"] = gr.Dropdown(tones, value="warm", label=words("tone"), elem_id="tone", min_width=90)
            found["move"] = gr.Dropdown(moves, value="", label=words("move"), elem_id="move", min_width=110)
            found["confidence"] = html(name="confidence")
            found["first"] = gr.Button("", visible=False, size="sm", elem_id="offered-first", min_width=90)
            found["second"] = gr.Button("", visible=False, size="sm", elem_id="offered-second", min_width=90)
        found["understanding"] = html(name="understanding")
        found["cards"] = html(name="cards")
        with gr.Accordion(words("lk_head"), open=False, elem_id="looking"):
            with gr.Row(elem_id="look-for"):
                found["query"] = gr.Textbox(
                    label=words("look_up"), placeholder=words("lk_hint"), max_length=200, elem_id="query", min_width=120
                )
                found["look"] = gr.Button(words("look_up"), size="sm", elem_id="look", min_width=70)
            found["looked"] = html(name="looked")
    with gr.Column(elem_id="reply", min_width=0):
        found["verdict"] = html(name="verdict")
        found["editor"] = gr.Textbox(
            label=words("reply"),
            placeholder=words("reply_hint"),
            lines=3,
            max_lines=4,
            elem_id="editor",
            max_length=4000,
        )
        with gr.Column(elem_id="below", min_width=0):
            found["findings"], found["sent"] = html(name="findings"), html(name="sent")
        with gr.Row(elem_id="send"):
            found["release"] = gr.Button(words("release"), variant="primary", interactive=False, elem_id="release")
            found["remark"] = gr.Textbox(
                placeholder=words("remark_hint"), label=words("remark"), visible=False, elem_id="remark", max_length=500
            )
            found["refer"] = gr.Button(words("refer"), visible=False, elem_id="refer")
    return found
