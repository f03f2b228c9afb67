"""The desk as one FastAPI application, and the server that runs it."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from copilot.errors import SettingsError
from copilot.logs import log_in_lines
from ui import admin, advisor, archive, compliance, knowledge, practice, rulebook, trainer
from ui.account import add_account
from ui.desk import Desk, DeskApp
from ui.exports import add_exports
from ui.frame import built_once, mount
from ui.leaving import add_leaving
from ui.signing import add_sign_in
from ui.text import LANGUAGES, Words
from ui.upload import add_upload
from ui.web import Gate, add_doors

LEAF_FILES = ("leaf.css",)
_KEPT_OPEN_S = 75
"""How long a connection without a request stays open. Shut sooner than browsers give theirs up, a request on its way is reset."""


def create_app(app: DeskApp) -> FastAPI:
    """The desk over a wired product: sign-in, and a page for each role in each language."""
    desk = Desk(app)
    web = FastAPI(title="advisor-copilot", docs_url=None, redoc_url=None, openapi_url=None)
    add_doors(web, desk)
    add_sign_in(web, desk)
    add_account(web, desk)
    add_upload(web, desk)
    add_exports(web, desk)
    add_leaving(web, desk)
    with built_once():
        for language in LANGUAGES:
            words = Words(language)
            mount(web, desk, "advisor", words, advisor.page(desk, words))
            mount(web, desk, "compliance", words, compliance.page(desk, words), ("office.js", "office.css"))
            mount(web, desk, "archive", words, archive.page(desk, words), LEAF_FILES)
            mount(web, desk, "rulebook", words, rulebook.page(desk, words), LEAF_FILES)
            mount(web, desk, "trainer", words, trainer.page(desk, words), LEAF_FILES)
            mount(web, desk, "practice", words, practice.page(desk, words), LEAF_FILES)
            mount(web, desk, "knowledge", words, knowledge.page(desk, words), ("papers.js", "papers.css"))
            mount(web, desk, "admin", words, admin.page(desk, words), ("staff.js", "staff.css"))
    web.add_middleware(Gate, desk=desk)
    return web


def serve(
    app: DeskApp, host: str | None = None, port: int | None = None, made: Callable[[], None] = lambda: None
) -> None:
    """Serve the desk until interrupted; `made` is called when its pages are. SettingsError when the address cannot be used."""
    chosen_host = host or app.settings.serve.host
    chosen_port = port or app.settings.serve.port
    listening = _listen(chosen_host, chosen_port)
    log_in_lines()
    pages = create_app(app)
    made()
    config = uvicorn.Config(
        pages,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        timeout_keep_alive=_KEPT_OPEN_S,
    )
    try:
        uvicorn.Server(config).run(sockets=[listening])
    finally:
        listening.close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise SettingsError(
            f"serve: {host}:{port} cannot be used ({error.strerror}); choose another with --port or serve.port"
        ) from error
    return listening
