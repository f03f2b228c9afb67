"""The desk as one FastAPI application, and the server that runs it."""

from __future__ import annotations

import socket

import uvicorn
from fastapi import FastAPI

from copilot.errors import SettingsError
from ui import advisor, compliance, trainer
from ui.desk import Desk, DeskApp
from ui.frame import mount
from ui.text import LANGUAGES, Words
from ui.web import Gate, add_doors


def create_app(app: DeskApp) -> FastAPI:
    """The desk over a wired product: sign-in, and a page for each role in each language."""
    desk = Desk(app)
    web = FastAPI(title="advisor-copilot", docs_url=None, redoc_url=None, openapi_url=None)
    add_doors(web, desk)
    for language in LANGUAGES:
        words = Words(language)
        mount(web, "advisor", words, advisor.page(desk, words))
        mount(web, "compliance", words, compliance.page(desk, words))
        mount(web, "trainer", words, trainer.page(desk, words))
    web.add_middleware(Gate, desk=desk)
    return web


def serve(app: DeskApp, host: str | None = None, port: int | None = None) -> None:
    """Serve the desk until interrupted. SettingsError when the address cannot be used."""
    chosen_host = host or app.settings.serve.host
    chosen_port = port or app.settings.serve.port
    listening = _listen(chosen_host, chosen_port)
    config = uvicorn.Config(
        create_app(app), log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=5
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
