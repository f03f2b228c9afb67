"""Signing in and out: by a password of this desk, or by the bank's own sign-in and back."""

from __future__ import annotations

import logging
import secrets
from typing import Annotated

from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from copilot.errors import AccessDenied, CopilotError, IdentityError
from copilot.identity import Journey, Provider
from copilot.records import Session
from ui import signin
from ui.desk import Desk
from ui.frame import SESSION_COOKIE
from ui.text import Words
from ui.web import FORM_COOKIE, add_form_token, form_is_ours, onward, set_cookie, words_of

log = logging.getLogger(__name__)
JOURNEY_COOKIE, WANTED_COOKIE = "advisor_journey", "advisor_wanted"
JOURNEY_S = 600
BACK = "/login/oidc/back"


def add_sign_in(app: FastAPI, desk: Desk) -> None:
    """Mount the doors."""

    @app.get("/login")
    def show(request: Request, next: str = "", expired: str = "", oidc: str = "") -> Response:
        words = words_of(request)
        return form(desk, request, words("expired") if expired else _why(desk, words, oidc), "", next)

    @app.post("/login")
    def sign_in(
        request: Request,
        name: Annotated[str, Form(max_length=64)] = "",
        password: Annotated[str, Form(max_length=256)] = "",
        csrf: Annotated[str, Form(max_length=64)] = "",
        next: Annotated[str, Form(max_length=200)] = "",
    ) -> Response:
        words = words_of(request)
        if desk.app.settings.serve.oidc.exclusive:
            return form(desk, request, words("only_oidc"), "", next, 403)
        if not form_is_ours(request, csrf):
            return form(desk, request, words("form_expired"), name, next, 400)
        try:
            session = desk.app.sessions.sign_in(name.strip(), password)
        except AccessDenied:
            desk.app.meter.count("sign_ins", way="password", outcome="refused")
            return form(desk, request, words("wrong"), name, next, 401)
        except CopilotError as error:
            desk.app.meter.count("sign_ins", way="password", outcome="unavailable")
            log.warning("nobody can sign in: %s", error)
            return form(desk, request, words("out_of_record"), name, next, 503)
        desk.app.meter.count("sign_ins", way="password", outcome="ok")
        return _entered(desk, request, session, next)

    @app.post("/logout")
    def sign_out(request: Request) -> Response:
        desk.app.sessions.end(request.cookies.get(SESSION_COOKIE))
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(SESSION_COOKIE)
        return answer

    if desk.app.provider is not None:
        _add_journey(app, desk)


def _add_journey(app: FastAPI, desk: Desk) -> None:
    @app.get("/login/oidc")
    def leave(request: Request, next: str = "") -> Response:
        journey = Journey.begun()
        try:
            answer = RedirectResponse(_provider(desk).leave(journey, _back(desk, request)), 303)
        except IdentityError as error:
            return _turned_back(error)
        set_cookie(answer, desk, JOURNEY_COOKIE, journey.written(), JOURNEY_S)
        set_cookie(answer, desk, WANTED_COOKIE, next if next.isascii() and len(next) <= 200 else "", JOURNEY_S)
        return answer

    @app.get(BACK)
    def back(request: Request) -> Response:
        try:
            journey = Journey.read(request.cookies.get(JOURNEY_COOKIE))
            if journey is None:
                raise IdentityError("untrusted", "no sign-in was begun in this browser; begin again")
            who = _provider(desk).arrive(journey, request.query_params, _back(desk, request))
            session = desk.app.accounts.welcome(who, link=desk.app.settings.serve.oidc.link_by_name)
        except CopilotError as error:
            why = error if isinstance(error, IdentityError) else IdentityError("refused", str(error))
            away = why.why == "unreachable"
            desk.app.meter.count("sign_ins", way="oidc", outcome="unavailable" if away else "refused")
            return _turned_back(why)
        desk.app.meter.count("sign_ins", way="oidc", outcome="ok")
        answer = _entered(desk, request, session, request.cookies.get(WANTED_COOKIE, ""))
        return _journey_over(answer)


def form(desk: Desk, request: Request, said: str, name: str = "", wanted: str = "", status: int = 200) -> Response:
    """The sign-in page, with a token of its own."""
    words, own, csrf = words_of(request), desk.app.settings.serve.oidc, secrets.token_urlsafe(24)
    ways = signin.Ways((own.label or words("oidc_button")) if own.issuer else "", own.exclusive)
    answer = HTMLResponse(signin.sign_in(words, desk.app.settings.bank, csrf, wanted, ways, said, name), status)
    return add_form_token(answer, desk, csrf)


def _entered(desk: Desk, request: Request, session: Session, wanted: str) -> Response:
    """Signed in: the session that this browser had before ends, and its token with it."""
    desk.app.sessions.end(request.cookies.get(SESSION_COOKIE))
    goal = "/account" if session.user.must_change else onward(wanted, session.user, words_of(request))
    answer = RedirectResponse(goal, 303)
    set_cookie(answer, desk, SESSION_COOKIE, session.token, int(desk.app.settings.serve.session_hours * 3600))
    answer.delete_cookie(FORM_COOKIE)
    return answer


def _turned_back(error: IdentityError) -> Response:
    """To the sign-in page, which says why in one line; the log says more."""
    log.warning("not signed in: %s", error)
    return _journey_over(RedirectResponse(f"/login?oidc={error.why}", 303))


def _journey_over(answer: Response) -> Response:
    answer.delete_cookie(JOURNEY_COOKIE)
    answer.delete_cookie(WANTED_COOKIE)
    return answer


def _why(desk: Desk, words: Words, why: str) -> str:
    own = desk.app.settings.serve.oidc
    if not own.issuer or why not in IdentityError.WHY:
        return ""
    said = words(f"oidc_{why}")
    return said if own.exclusive or why != "unreachable" else f"{said}{words('oidc_or_password')}"


def _provider(desk: Desk) -> Provider:
    if desk.app.provider is None:
        raise IdentityError("unreachable", "no provider is set; see serve.oidc.issuer")
    return desk.app.provider


def _back(desk: Desk, request: Request) -> str:
    """Where the provider sends the browser: the setting's address, else this desk's as the browser knows it."""
    said = desk.app.settings.serve.oidc.redirect_url
    scheme = "https" if desk.app.settings.serve.secure_cookies else request.url.scheme
    return said or f"{scheme}://{request.headers.get('host', request.url.netloc)}{BACK}"
