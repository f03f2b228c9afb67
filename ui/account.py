"""One's own account: who one is here, another password, leaving elsewhere; and how a page learns whether its session goes on."""

from __future__ import annotations

import logging
import secrets
from datetime import datetime
from typing import Annotated

from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from copilot.errors import AccountRefused, CopilotError
from copilot.records import User
from ui import signin
from ui.desk import Desk
from ui.frame import SCOPE_USER, SESSION_COOKIE
from ui.web import add_form_token, form_is_ours, home_of, set_cookie, words_of

log = logging.getLogger(__name__)
DONE = {"password": "password_changed", "elsewhere": "account_left"}


def add_account(app: FastAPI, desk: Desk) -> None:
    """Mount the doors. The gate lets nobody here who is not signed in."""

    @app.get("/account")
    def show(request: Request, done: str = "") -> Response:
        words = words_of(request)
        return _page(desk, request, words(DONE[done]) if done in DONE else "")

    @app.post("/account/password")
    def change(
        request: Request,
        old: Annotated[str, Form(max_length=256)] = "",
        new: Annotated[str, Form(max_length=256)] = "",
        again: Annotated[str, Form(max_length=256)] = "",
        csrf: Annotated[str, Form(max_length=64)] = "",
    ) -> Response:
        words = words_of(request)
        if not form_is_ours(request, csrf):
            return _page(desk, request, "", words("form_expired"), 400)
        if new != again:
            return _page(desk, request, "", words("not_twice"), 400)
        try:
            session = desk.app.accounts.change_own(_asking(request), old, new)
        except AccountRefused as error:
            return _page(desk, request, "", words(f"a_{error.why}"), 400)
        except CopilotError as error:
            log.warning("no password was changed: %s", error)
            return _page(desk, request, "", words("fail_record"), 503)
        answer = RedirectResponse("/account?done=password", 303)
        set_cookie(answer, desk, SESSION_COOKIE, session.token, int(desk.app.settings.serve.session_hours * 3600))
        return answer

    @app.post("/account/elsewhere")
    def elsewhere(request: Request, csrf: Annotated[str, Form(max_length=64)] = "") -> Response:
        if not form_is_ours(request, csrf):
            return _page(desk, request, "", words_of(request)("form_expired"), 400)
        desk.app.accounts.leave_elsewhere(_asking(request), request.cookies.get(SESSION_COOKIE))
        return RedirectResponse("/account?done=elsewhere", 303)

    @app.get("/session")
    def session(request: Request) -> Response:
        return JSONResponse({"name": _asking(request).name})

    @app.post("/session/seen")
    def seen(request: Request) -> Response:
        going = desk.app.sessions.touch(request.cookies.get(SESSION_COOKIE))
        return JSONResponse({"name": _asking(request).name}) if going else JSONResponse({"error": "signed out"}, 401)

    @app.get("/signed-in")
    def signed_in(request: Request) -> Response:
        return HTMLResponse(signin.signed_in(words_of(request)))


def _asking(request: Request) -> User:
    """Whom the gate let in."""
    user: User = request.scope[SCOPE_USER]
    return user


def _page(desk: Desk, request: Request, good: str, wrong: str = "", status: int = 200) -> Response:
    user, words, csrf = _asking(request), words_of(request), secrets.token_urlsafe(24)
    account = desk.app.users.account(user.name)
    last = datetime.fromtimestamp(account.signed_in).strftime("%Y-%m-%d %H:%M") if account else ""
    elsewhere = account is not None and account.subject is not None
    running = desk.app.sessions.running(user.name)
    own = signin.Own(user.name, user.display, user.role, last, running, elsewhere, user.must_change)
    answer = HTMLResponse(signin.account(words, own, csrf, home_of(user, words), good, wrong), status)
    return add_form_token(answer, desk, csrf)
