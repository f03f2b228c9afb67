"""The one door by which a file comes in: its bytes are the request's body, counted as they come, and its name is only a name.

Gradio's own upload route stays shut for everyone: it would write to a folder of its own and serve it again.
"""

from __future__ import annotations

import threading
from urllib.parse import unquote

import anyio
import anyio.from_thread
import anyio.to_thread
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.requests import ClientDisconnect

from copilot.errors import AccessDenied, InputError
from ui.desk import Desk, admitted
from ui.frame import SESSION_COOKIE
from ui.handlers import papers
from ui.refusals import refusal
from ui.text import Words

UPLOAD = "/papers/upload"
BODY = "application/octet-stream"
"""What a form of another site cannot send."""
AT_ONCE = 8
SILENCE_S = 60.0
"""A sender silent for so long is given up."""
_STATUS = (("larger", 413), ("no room", 507), ("could not be kept", 507), ("not read", 415))


def add_upload(app: FastAPI, desk: Desk) -> None:
    """Mount the door."""
    places = threading.Semaphore(AT_ONCE)

    @app.post(UPLOAD)
    async def upload(request: Request) -> Response:
        words = Words("en" if request.query_params.get("language") == "en" else "zh")
        token = request.cookies.get(SESSION_COOKIE)
        try:
            user = await anyio.to_thread.run_sync(admitted, desk, token, "knowledge")
            papers.demand(user, "load")
        except AccessDenied:
            return _refused(words("fail_access"), 403)
        if request.headers.get("content-type") != BODY:
            return _refused(words("fail_input"), 415)
        largest = desk.app.clerk.tray.largest
        said = request.headers.get("content-length", "")
        if said.isdecimal() and int(said) > largest:
            return _refused(refusal(words, f"larger than {largest // 1_000_000} MB"), 413)
        if not places.acquire(blocking=False):
            return _refused(words("up_busy"), 429)
        try:
            await anyio.to_thread.run_sync(
                _receive, desk, unquote(request.query_params.get("name", "")), user.name, request
            )
        except InputError as error:
            told = str(error)
            return _refused(refusal(words, told), next((status for mark, status in _STATUS if mark in told), 400))
        except (ClientDisconnect, TimeoutError):
            return _refused(words("up_broken"), 400)
        finally:
            places.release()
        await anyio.to_thread.run_sync(desk.app.clerk.call)
        return JSONResponse({"ok": True})


def _receive(desk: Desk, name: str, by: str, request: Request) -> None:
    """Take the body over, in a thread of its own; only what arrived whole stays."""
    stream = request.stream()

    async def piece() -> bytes:
        with anyio.fail_after(SILENCE_S):
            return await anext(stream, b"")

    with desk.app.clerk.tray.receive(name, by, desk.app.clock()) as arriving:
        while chunk := anyio.from_thread.run(piece):
            arriving.write(chunk)


def _refused(what: str, status: int) -> JSONResponse:
    return JSONResponse({"error": what}, status)
