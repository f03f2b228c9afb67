"""The trainer's page: components and wiring."""

from __future__ import annotations

import gradio as gr

from copilot.errors import AccessDenied, CopilotError
from ui.desk import Desk
from ui.frame import QUIET, Painted, asking, blocks, html
from ui.handlers import measuring
from ui.handlers.views import failure_of
from ui.present import trainer as present
from ui.present.advisor import failed
from ui.present.base import header
from ui.text import Words

PAGE = "trainer"


def page(desk: Desk, words: Words) -> gr.Blocks:
    """The page in one language."""
    made = blocks(words, words("train"))
    with made:
        top, notice = html(name="top"), html(name="notice")
        with gr.Column(elem_id="figures", min_width=0):
            refresh = gr.Button(words("refresh"), size="sm", elem_id="refresh")
            counts, evaluation = html(name="counts"), html(name="evaluation")

        def load(request: gr.Request) -> Painted:
            try:
                user = asking(desk, PAGE, request)
                status = dict(desk.app.status())
                return {
                    notice: "",
                    top: header(words, words("train"), status, user.display),
                    counts: present.counts(words, measuring.counts(desk)),
                    evaluation: present.evaluation(words, measuring.reports(desk)),
                }
            except CopilotError as error:
                kind = "access" if isinstance(error, AccessDenied) else failure_of(error)
                return {notice: failed(words, kind, str(error))}

        shown = [top, notice, counts, evaluation]
        made.load(load, None, shown, **QUIET)
        refresh.click(load, None, shown, **QUIET)
    return made
