"""The one route a page calls as it is left: the reply written since it was last read is kept before a reload takes it away."""

from __future__ import annotations

import json

import anyio.to_thread
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, Response

from copilot.edges import LONGEST_TEXT
from copilot.errors import CopilotError
from copilot.records import User
from ui.desk import ALLOWED, Desk
from ui.frame import SCOPE_USER

LARGEST = 4 * LONGEST_TEXT
"""Bytes of a body; a larger one is refused."""


def keep_draft(desk: Desk, user: User, conversation: str, text: str) -> None:
    """Keep an unsent reply of one's own conversation; AccessDenied or InputError for any other."""
    desk.app.conversations.get(conversation, user.name)
    left = desk.left(user, conversation)
    if text != left.text:
        desk.keep(user, conversation, text[:LONGEST_TEXT], left.candidate)


def add_leaving(app: FastAPI, desk: Desk) -> None:
    """Add the route. The gate has let only the signed-in in, from our own pages."""

    @app.post("/draft")
    async def draft(request: Request) -> Response:
        user: User | None = request.scope.get(SCOPE_USER)
        if user is None or user.role not in ALLOWED["advisor"]:
            return PlainTextResponse("not yours", 403)
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > LARGEST:
                return PlainTextResponse("too large", 413)
        try:
            said = json.loads(body)
            conversation, text = str(said["conversation"]), str(said["text"])
            await anyio.to_thread.run_sync(keep_draft, desk, user, conversation, text)
        except (ValueError, KeyError, TypeError):
            return PlainTextResponse("cannot be read", 400)
        except CopilotError:
            return PlainTextResponse("not yours", 403)
        return Response(status_code=204)
