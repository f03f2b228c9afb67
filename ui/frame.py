"""What the Gradio pages share: who is asking, how a page looks, and how it is mounted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr
from fastapi import FastAPI, Request

from copilot.records import User
from ui.desk import ALLOWED, Desk, admitted
from ui.text import Words

SESSION_COOKIE = "advisor_session"
LANGUAGE_COOKIE = "advisor_language"
SCOPE_USER = "advisor_copilot.user"
"""Where the gate leaves the signed-in user in the ASGI scope."""
FONTS = ["PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "system-ui", "sans-serif"]
HEAD = (
    '<link rel="stylesheet" href="/static/desk.css"><link rel="icon" href="/static/icon.svg">'
    '<script src="/static/desk.js" defer></script>'
)
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


def mount(app: FastAPI, page: str, words: Words, made: gr.Blocks) -> None:
    """Mount a page for the users whose role may open it."""

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
        head=HEAD,
    )


Painted = dict[Any, Any]
Handler = Callable[..., Any]
