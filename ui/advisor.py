"""The advisor's page: components and wiring. What happens is in `ui.handlers`, how it looks in `ui.present`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import gradio as gr

from copilot.errors import AccessDenied, CopilotError
from copilot.records import User
from copilot.types import INTENTS, Tone
from ui import labels, paint
from ui.desk import Desk
from ui.frame import QUIET, Painted, asking, blocks, hidden, html
from ui.handlers import advising, sending, talking
from ui.handlers.views import Failure, failure_of
from ui.text import Words

PAGE = "advisor"
LEVELS = ("", "C1", "C2", "C3", "C4", "C5")
TONES: tuple[Tone, ...] = ("warm", "brief", "formal")
GENERATING = 32
"""Suggestions made at the same time by one web process."""
TICK_S = 20


@dataclass(frozen=True)
class Parts:
    """The components of the page."""

    top: gr.Markdown
    notice: gr.Markdown
    rows: gr.Markdown
    outcomes: gr.Markdown
    new: gr.Button
    card: gr.Accordion
    name: gr.Textbox
    level: gr.Dropdown
    assessed: gr.Textbox
    age: gr.Textbox
    holdings: gr.Textbox
    save: gr.Button
    chat: gr.Markdown
    say: gr.Textbox
    generate: gr.Button
    intent: gr.Dropdown
    tone: gr.Dropdown
    confidence: gr.Markdown
    understanding: gr.Markdown
    cards: gr.Markdown
    verdict: gr.Markdown
    editor: gr.Textbox
    findings: gr.Markdown
    sent: gr.Markdown
    release: gr.Button
    refer: gr.Button
    remark: gr.Textbox
    opened: gr.Textbox
    candidate: gr.Textbox
    command: gr.Textbox
    go: gr.Button

    @property
    def all(self) -> list[Any]:
        """Every component an event may change."""
        return [getattr(self, f.name) for f in fields(self) if f.name not in ("command", "go")]


def page(desk: Desk, words: Words) -> gr.Blocks:
    """The page in one language."""
    made = blocks(words, words("desk"))
    with made:
        parts = _draw(words)
        _wire(made, parts, desk, words)
    return made


def _draw(words: Words) -> Parts:
    found: dict[str, Any] = {"top": html(name="top"), "notice": html(name="notice")}
    with gr.Row(elem_id="desk"):
        with gr.Column(elem_id="left", min_width=0):
            found |= _draw_left(words)
        with gr.Column(elem_id="middle", min_width=0):
            found |= _draw_middle(words)
        with gr.Column(elem_id="right", min_width=0):
            found |= _draw_right(words)
    found |= {name: hidden(name) for name in ("opened", "candidate", "command")}
    found["go"] = gr.Button("go", elem_id="go", visible="hidden")
    return Parts(**found)


def _draw_left(words: Words) -> dict[str, Any]:
    return {
        "new": gr.Button(words("new_talk"), elem_id="new", size="sm"),
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
        found["save"] = gr.Button(words("save_card"), size="sm", elem_id="save")
    found["chat"] = html(name="chat")
    with gr.Row(elem_id="ask"):
        found["say"] = gr.Textbox(
            label=words("say_label"), placeholder=words("paste"), lines=2, max_lines=8, elem_id="say", max_length=20_000
        )
        found["generate"] = gr.Button(words("generate"), variant="primary", elem_id="generate")
    return found


def _draw_right(words: Words) -> dict[str, Any]:
    intents = [(labels.intent(words, label), label) for label in INTENTS]
    tones = [(labels.tone(words, label), label) for label in TONES]
    found: dict[str, Any] = {}
    with gr.Column(elem_id="advice", min_width=0):
        with gr.Row(elem_id="meaning"):
            found["intent"] = gr.Dropdown(intents, value=None, label=words("intent"), elem_id="intent", min_width=150)
            found["tone"] = gr.Dropdown(tones, value="warm", label=words("tone"), elem_id="tone", min_width=90)
            found["confidence"] = html(name="confidence")
        found["understanding"] = html(name="understanding")
        found["cards"] = html(name="cards")
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


def _wire(made: gr.Blocks, parts: Parts, desk: Desk, words: Words) -> None:
    _wire_frame(made, parts, desk, words)
    _wire_advice(parts, desk, words)
    _wire_editor(parts, desk, words)


def _safely(parts: Parts, desk: Desk, words: Words, request: gr.Request, act: Callable[[User], Painted]) -> Painted:
    """Run an act for the signed-in advisor; what goes wrong is told in the notice, and nothing else changes."""
    try:
        return {parts.notice: "", **act(asking(desk, PAGE, request))}
    except CopilotError as error:
        kind: Failure = "access" if isinstance(error, AccessDenied) else failure_of(error)
        return {parts.notice: paint.failure(words, kind, str(error))}


def _wire_frame(made: gr.Blocks, parts: Parts, desk: Desk, words: Words) -> None:
    def load(request: gr.Request) -> Painted:
        return _safely(
            parts,
            desk,
            words,
            request,
            lambda user: paint.everything(parts, desk, words, user, talking.newest(desk, user)),
        )

    def tick(request: gr.Request) -> Painted:
        return _safely(parts, desk, words, request, lambda user: paint.frame(parts, desk, words, user))

    def begin(request: gr.Request) -> Painted:
        return _safely(
            parts,
            desk,
            words,
            request,
            lambda user: paint.everything(parts, desk, words, user, talking.begin(desk, user)),
        )

    def save(
        opened: str, name: str, level: str, assessed: str, age: str, holdings: str, request: gr.Request
    ) -> Painted:
        typed = {"name": name, "risk_level": level, "assessed_on": assessed, "age": age, "holdings": holdings}

        def act(user: User) -> Painted:
            kept = talking.save_card(desk, user, opened, {k: v or "" for k, v in typed.items()})
            return {**paint.everything(parts, desk, words, user, kept), parts.notice: paint.good(words, "card_saved")}

        return _safely(parts, desk, words, request, act)

    made.load(load, None, parts.all, **QUIET)
    gr.Timer(TICK_S).tick(tick, None, [parts.top, parts.notice, parts.outcomes], queue=False, **QUIET)
    parts.new.click(begin, None, parts.all, **QUIET)
    inputs = [parts.opened, parts.name, parts.level, parts.assessed, parts.age, parts.holdings]
    parts.save.click(save, inputs, parts.all, **QUIET)


def _wire_advice(parts: Parts, desk: Desk, words: Words) -> None:
    def suggest(opened: str, said: str, tone: str, intent: str | None, request: gr.Request) -> Iterator[Painted]:
        try:
            user = asking(desk, PAGE, request)
            kept = talking.say(desk, user, opened, said)
            yield {**paint.said(parts, desk, words, user, kept), parts.notice: ""}
            chosen: Tone = next((t for t in TONES if t == tone), "warm")
            for view in advising.suggest(desk, user, kept, intent, chosen):
                yield paint.suggestion(parts, desk, words, user, kept, view)
        except CopilotError as error:
            kind: Failure = "access" if isinstance(error, AccessDenied) else failure_of(error)
            yield {parts.notice: paint.failure(words, kind, str(error))}

    def generate(opened: str, said: str, tone: str, request: gr.Request) -> Iterator[Painted]:
        yield from suggest(opened, said, tone, None, request)

    def correct(opened: str, intent: str, tone: str, request: gr.Request) -> Iterator[Painted]:
        yield from suggest(opened, "", tone, intent, request)

    many: dict[str, Any] = {**QUIET, "trigger_mode": "multiple", "concurrency_limit": GENERATING}
    parts.generate.click(generate, [parts.opened, parts.say, parts.tone], parts.all, **many)
    parts.intent.input(correct, [parts.opened, parts.intent, parts.tone], parts.all, **many)
    parts.tone.input(correct, [parts.opened, parts.intent, parts.tone], parts.all, **many)


def _wire_editor(parts: Parts, desk: Desk, words: Words) -> None:
    def check(opened: str, text: str, candidate: str, request: gr.Request) -> Painted:
        def act(user: User) -> Painted:
            return paint.verdict(parts, words, sending.check(desk, user, opened, text, number(candidate)))

        return _safely(parts, desk, words, request, act)

    def release(opened: str, text: str, candidate: str, request: gr.Request) -> Painted:
        def act(user: User) -> Painted:
            view = sending.send(desk, user, opened, text, number(candidate))
            return paint.sent(parts, desk, words, user, opened, view)

        return _safely(parts, desk, words, request, act)

    def refer(opened: str, text: str, candidate: str, remark: str, request: gr.Request) -> Painted:
        def act(user: User) -> Painted:
            view = sending.ask_compliance(desk, user, opened, text, number(candidate), remark)
            return paint.sent(parts, desk, words, user, opened, view)

        return _safely(parts, desk, words, request, act)

    def command(opened: str, said: str, request: gr.Request) -> Painted:
        return _safely(parts, desk, words, request, lambda user: _obey(parts, desk, words, user, opened, said))

    writing: Sequence[Any] = [parts.opened, parts.editor, parts.candidate]
    shown = [parts.notice, parts.verdict, parts.findings, parts.release, parts.refer, parts.remark, parts.candidate]
    # `input` follows key presses only: a paste or an input method would go unread
    parts.editor.change(check, writing, shown, queue=False, trigger_mode="always_last", **QUIET)
    parts.release.click(release, writing, parts.all, **QUIET)
    parts.refer.click(refer, [*writing, parts.remark], parts.all, **QUIET)
    parts.go.click(command, [parts.opened, parts.command], parts.all, trigger_mode="multiple", **QUIET)


def _obey(parts: Parts, desk: Desk, words: Words, user: User, opened: str, said: str) -> Painted:
    """A click inside one of the HTML areas: `open-<conversation>`, `adopt-<n>`, `approved-<referral>`."""
    verb, _, rest = said.partition("-")
    if verb == "open":
        return paint.everything(parts, desk, words, user, rest)
    if verb == "adopt" and rest.isdecimal():
        return paint.adopted(parts, words, sending.adopt(desk, user, opened, int(rest)))
    if verb == "approved" and rest.isdecimal():
        return paint.sent(parts, desk, words, user, opened, sending.send_approved(desk, user, int(rest)))
    return {}


def number(text: str | None) -> int | None:
    """The candidate's number the browser holds, None without one."""
    return int(text) if text and text.isdecimal() else None
