"""What the Gradio pages share: who is asking, how a page looks, and how it is mounted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from html import escape
from typing import Any

import gradio as gr
import gradio.blocks
from fastapi import FastAPI, Request

from copilot.records import User
from ui import signin
from ui.desk import ALLOWED, Desk, admitted
from ui.text import Words

SESSION_COOKIE = "advisor_session"
LANGUAGE_COOKIE = "advisor_language"
SCOPE_USER = "advisor_copilot.user"
"""Where the gate leaves the signed-in user in the ASGI scope."""
FONTS = ["PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "system-ui", "sans-serif"]
HEAD = (
    '<link rel="stylesheet" href="/static/desk.css"><link rel="icon" href="/static/icon.svg">'
    '<script src="/static/session.js"></script><script src="/static/desk.js" defer></script>'
    '<link rel="stylesheet" href="/static/session.css">'
)
_BUSY = '<meta name="busy" content="{}">'
"""What the page's script says where the server had no room for a click."""
THREADS = 64
"""Of each page: more than suggestions are made at once, so that a click does not wait for them."""
TABS = 64
"""Tabs of each page that Gradio remembers, the most recently used ones. By itself it forgets none before ten thousand, and one of the
advisor's takes three megabytes. Nothing of ours lies in it: a tab that was forgotten costs four milliseconds when it comes back."""
AT_ONCE = 8
"""Events of one kind that a page handles at once, unless it says otherwise."""
_TAGS = {
    "js": '<script src="/static/{}" defer></script>',
    "css": '<link rel="stylesheet" href="/static/{}">',
}
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
"""What every event of a page has in common."""


def asking(desk: Desk, page: str, request: gr.Request) -> User:
    """The user of an event, his role checked once more; AccessDenied otherwise."""
    return admitted(desk, request.cookies.get(SESSION_COOKIE), page)


def html(value: str = "", name: str = "", classes: str = "") -> gr.Markdown:
    """An area for HTML of `ui.present`, sanitised once more in the browser."""
    return gr.Markdown(value, elem_id=name or None, elem_classes=["area-html", *classes.split()], latex_delimiters=[])


def hidden(name: str, value: str = "") -> gr.Textbox:
    """A value the browser holds; the server trusts none of them."""
    return gr.Textbox(value, elem_id=name, visible="hidden", show_label=False, container=False)


def blocks(words: Words, title: str) -> gr.Blocks:
    """An empty page."""
    return gr.Blocks(analytics_enabled=False, title=title, fill_width=True)


def path_of(page: str, words: Words) -> str:
    """The address of a page in a language."""
    return f"/{page}" if words.language == "zh" else f"/en/{page}"


def mount(app: FastAPI, desk: Desk, page: str, words: Words, made: gr.Blocks, files: Sequence[str] = ()) -> None:
    """Mount a page for the users whose role may open it. `files` are scripts and styles of its own."""

    made.max_threads = THREADS
    made.state_session_capacity = TABS
    made.queue(max_size=desk.app.settings.serve.waiting, default_concurrency_limit=AT_ONCE)

    def allowed(request: Request) -> str | None:
        user: User | None = request.scope.get(SCOPE_USER)
        return user.name if user is not None and user.role in ALLOWED[page] else None

    gr.mount_gradio_app(
        app,
        made,
        path=path_of(page, words),
        footer_links=[],
        run_history=False,
        auth_dependency=allowed,
        show_error=False,
        max_file_size=1,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
        theme=gr.themes.Base(font=FONTS, font_mono=["ui-monospace", "monospace"]),
        head=HEAD
        + signin.over(words)
        + _BUSY.format(escape(words("busy", n="{n}"), quote=True))
        + "".join(_TAGS[file.rpartition(".")[2]].format(file) for file in files),
    )
    mounted: Any = app.routes[-1]
    made.app = mounted.app  # the queue asks it


class _NotYet:
    """Stands for a page's web application while the page is built."""

    @staticmethod
    def create_app(*_: object, **__: object) -> None:
        """None: what is served is made once, when the page is mounted."""


@contextmanager
def built_once() -> Iterator[None]:
    """Gradio makes a page's web application anew whenever the page is opened, left or queued, three times for nothing.

    Sixteen pages cost three seconds of every start that way. Within this only `mount` makes one.
    """
    module: Any = gradio.blocks
    theirs, module.App = module.App, _NotYet
    try:
        yield
    finally:
        module.App = theirs


Painted = dict[Any, Any]
Handler = Callable[..., Any]
