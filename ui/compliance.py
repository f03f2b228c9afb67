"""The compliance page: components and wiring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import gradio as gr

from copilot.errors import AccessDenied, CopilotError, InputError
from copilot.records import User
from ui.desk import Desk
from ui.frame import QUIET, Painted, asking, blocks, hidden, html
from ui.handlers import reviewing
from ui.handlers.views import failure_of
from ui.present import compliance as present
from ui.present.advisor import failed
from ui.present.base import banner, header
from ui.text import Words

PAGE = "compliance"
TICK_S = 20


@dataclass(frozen=True)
class Parts:
    """The components of the page."""

    top: gr.Markdown
    notice: gr.Markdown
    queue: gr.Markdown
    case: gr.Markdown
    reason: gr.Textbox
    approved: gr.Button
    returned: gr.Button
    rejected: gr.Button
    opened: gr.Textbox
    command: gr.Textbox
    go: gr.Button

    @property
    def all(self) -> list[Any]:
        """Every component an event may change."""
        return [getattr(self, f.name) for f in fields(self) if f.name not in ("command", "go")]


def page(desk: Desk, words: Words) -> gr.Blocks:
    """The page in one language."""
    made = blocks(words, words("review"))
    with made:
        parts = _draw(words)
        _wire(made, parts, desk, words)
    return made


def _draw(words: Words) -> Parts:
    top, notice = html(name="top"), html(name="notice")
    with gr.Row(elem_id="office"):
        with gr.Column(elem_id="left", min_width=0):
            queue = html(name="queue")
        with gr.Column(elem_id="open-case", min_width=0):
            case = html(name="case-area")
            with gr.Row(elem_id="decide"):
                reason = gr.Textbox(
                    label=words("reason"), lines=2, max_lines=4, elem_id="reason", visible=False, max_length=1000
                )
                approved = gr.Button(words("approve"), variant="primary", elem_id="approved", visible=False)
                returned = gr.Button(words("return"), elem_id="returned", visible=False)
                rejected = gr.Button(words("reject"), elem_id="rejected", visible=False)
    opened, command = hidden("opened"), hidden("command")
    go = gr.Button("go", elem_id="go", visible="hidden")
    return Parts(top, notice, queue, case, reason, approved, returned, rejected, opened, command, go)


def _wire(made: gr.Blocks, parts: Parts, desk: Desk, words: Words) -> None:
    def safely(request: gr.Request, act: Callable[[User], Painted]) -> Painted:
        try:
            return {parts.notice: "", **act(asking(desk, PAGE, request))}
        except InputError as error:
            key = "need_reason" if "reason" in str(error) else "already"
            return {parts.notice: banner("warn", words(key))}
        except CopilotError as error:
            kind = "access" if isinstance(error, AccessDenied) else failure_of(error)
            return {parts.notice: failed(words, kind, str(error))}

    def refresh(opened: str, request: gr.Request) -> Painted:
        return safely(request, lambda user: _frame(parts, desk, words, user, _entry(opened)))

    def command(opened: str, said: str, request: gr.Request) -> Painted:
        verb, _, rest = said.partition("-")
        entry = _entry(rest) if verb == "case" else _entry(opened)
        return safely(request, lambda user: _everything(parts, desk, words, user, entry))

    def decide(outcome: str) -> Callable[[str, str, gr.Request], Painted]:
        def act(opened: str, reason: str, request: gr.Request) -> Painted:
            def decided(user: User) -> Painted:
                reviewing.decide(desk, user, _entry(opened), outcome, reason)
                painted = _everything(parts, desk, words, user, _entry(opened))
                return {**painted, parts.notice: banner("good", words("decision_saved"))}

            return safely(request, decided)

        return act

    made.load(command, [parts.opened, parts.command], parts.all, **QUIET)
    gr.Timer(TICK_S).tick(refresh, [parts.opened], [parts.top, parts.notice, parts.queue], queue=False, **QUIET)
    parts.go.click(command, [parts.opened, parts.command], parts.all, trigger_mode="multiple", **QUIET)
    for outcome in reviewing.DECISIONS:
        button: gr.Button = getattr(parts, outcome)
        button.click(decide(outcome), [parts.opened, parts.reason], parts.all, **QUIET)


def _frame(parts: Parts, desk: Desk, words: Words, user: User, entry: int) -> Painted:
    status = dict(desk.app.status())
    waiting, decided = reviewing.queue(desk), reviewing.queue(desk, decided=True)
    return {
        parts.top: header(words, words("review"), status, user.display),
        parts.queue: present.queue(words, waiting, decided[:20], entry),
    }


def _everything(parts: Parts, desk: Desk, words: Words, user: User, entry: int) -> Painted:
    opened = reviewing.case(desk, user, entry) if entry else None
    may = opened is not None and not opened.decision and not opened.own
    return {
        **_frame(parts, desk, words, user, entry),
        parts.case: present.case(words, opened),
        parts.opened: str(entry) if entry else "",
        parts.reason: gr.Textbox(value="", visible=may),
        parts.approved: gr.Button(visible=may, interactive=opened is not None and opened.approvable),
        parts.returned: gr.Button(visible=may),
        parts.rejected: gr.Button(visible=may),
    }


def _entry(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0
