"""The doors of the desk: the gate before every page, the headers on every answer, sign-in and sign-out."""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import anyio.to_thread
from fastapi import FastAPI, Form, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response

from copilot.errors import AccessDenied, CopilotError
from copilot.records import User
from ui import signin
from ui.desk import ALLOWED, HOMES, Desk
from ui.frame import LANGUAGE_COOKIE, SCOPE_USER, SESSION_COOKIE, path_of
from ui.text import LANGUAGES, Language, Words

CSRF_COOKIE = "advisor_form"
STATIC = Path(__file__).parent / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
"""No address but our own, and no `unsafe-eval`."""
_OPEN = ("/login", "/healthz", "/favicon.ico", "/static/", "/language/")
_FILES = ("assets/", "static/", "svelte/", "theme.css", "manifest.json", "favicon.ico", "robots.txt")
_CALLS = ("config", "gradio_api/config", "gradio_api/queue/", "gradio_api/run/", "gradio_api/heartbeat/")
_CALLS_TOO = (
    "gradio_api/startup-events",
    "gradio_api/cancel",
    "gradio_api/reset",
    "gradio_api/app_id",
    "gradio_api/info",
)
"""What a page needs of Gradio; upload, files, proxies and the rest of its routes stay shut."""
_PAGE = re.compile(rf"^/(?:en/)?({'|'.join(ALLOWED)})(?:/(.*))?$")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]


class Gate:
    """ASGI middleware: only the signed-in pass, only to their own page, only from our own pages; headers on all answers."""

    def __init__(self, app: Asgi, desk: Desk) -> None:
        self._app = app
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        request = Request(scope)
        secure = self._desk.app.settings.serve.secure_cookies
        sealed = _sealed(send, cacheable(request.url.path), secure)
        answer = await self._refusal(request)
        await (answer or self._app)(scope, receive, sealed)

    async def _refusal(self, request: Request) -> Response | None:
        path = request.url.path
        if request.method not in ("GET", "HEAD") and not same_origin(request):
            return PlainTextResponse("cross-site request refused", 403)
        if path == "/" or path.startswith(_OPEN):
            return None
        page, rest = page_of(path)
        if page is not None and rest.startswith(_FILES):
            return None
        token = request.cookies.get(SESSION_COOKIE)
        user = await anyio.to_thread.run_sync(self._desk.app.users.whose, token)
        if user is None:
            return _to_sign_in(request)
        if page is not None and user.role not in ALLOWED[page]:
            words = words_of(request)
            return HTMLResponse(signin.not_yours(words, user.role, home_of(user, words)), 403)
        if page is not None and rest and not rest.startswith((*_CALLS, *_CALLS_TOO)):
            return PlainTextResponse("not found", 404)
        request.scope[SCOPE_USER] = user
        return None


def page_of(path: str) -> tuple[str | None, str]:
    """The page an address belongs to, and what follows it: `/en/advisor/config` → `advisor`, `config`."""
    found = _PAGE.match(path)
    return (found.group(1), found.group(2) or "") if found else (None, "")


def same_origin(request: Request) -> bool:
    """Whether a request that changes something comes from our own pages. Without an Origin it is no browser's."""
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def cacheable(path: str) -> bool:
    """Gradio's own hashed files may be kept by the browser; nothing else may."""
    page, rest = page_of(path)
    return page is not None and rest.startswith("assets/")


def words_of(request: Request) -> Words:
    """The language of the cookie; Chinese without one."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    language: Language = "en" if chosen == "en" else "zh"
    return Words(language)


def home_of(user: User, words: Words) -> str:
    """Where a user lands."""
    return path_of(HOMES[user.role].lstrip("/"), words)


def onward(wanted: str, user: User, words: Words) -> str:
    """The wanted address if it is a page of the user's, else his own."""
    page, rest = page_of(wanted)
    known = page is not None and not rest and wanted.startswith("/") and "//" not in wanted and "\\" not in wanted
    return wanted if known and page is not None and user.role in ALLOWED[page] else home_of(user, words)


def add_doors(app: FastAPI, desk: Desk) -> None:
    """Sign-in, sign-out, language, health, and our own files."""
    _add_sign_in(app, desk)

    @app.get("/")
    def start(request: Request) -> Response:
        user = desk.app.users.whose(request.cookies.get(SESSION_COOKIE))
        words = words_of(request)
        return RedirectResponse(home_of(user, words) if user else "/login", 303)

    @app.get("/language/{language}")
    def language(request: Request, language: str) -> Response:
        chosen = language if language in LANGUAGES else "zh"
        wanted = request.query_params.get("next", "/")
        page, rest = page_of(wanted)
        good = wanted == "/login" or (page is not None and not rest and wanted in (f"/{page}", f"/en/{page}"))
        answer = RedirectResponse(wanted if good else "/", 303)
        _set(answer, desk, LANGUAGE_COOKIE, chosen, 365 * 86400)
        return answer

    @app.get("/healthz")
    def health() -> Response:
        try:
            status = desk.app.status()
            desk.app.users.whose("health")
        except CopilotError as error:
            return JSONResponse({"ok": False, "why": type(error).__name__}, 503)
        return JSONResponse({"ok": True, "model": status.get("model", "")})

    @app.get("/favicon.ico")
    def icon() -> Response:
        return FileResponse(STATIC / "icon.svg", media_type=TYPES[".svg"])

    @app.get("/static/{name}")
    def static(name: str) -> Response:
        path = STATIC / name
        if path.parent != STATIC or path.suffix not in TYPES or not path.is_file():
            return PlainTextResponse("not found", 404)
        return FileResponse(path, media_type=TYPES[path.suffix])


def _add_sign_in(app: FastAPI, desk: Desk) -> None:
    def form(request: Request, message: str = "", name: str = "", wanted: str = "", status: int = 200) -> Response:
        csrf = secrets.token_urlsafe(24)
        words = words_of(request)
        page = signin.sign_in(words, desk.app.settings.bank, csrf, wanted, message, name)
        answer = HTMLResponse(page, status)
        _set(answer, desk, CSRF_COOKIE, csrf, 3600)
        return answer

    @app.get("/login")
    def show(request: Request, next: str = "", expired: str = "") -> Response:
        return form(request, words_of(request)("expired") if expired else "", "", next)

    @app.post("/login")
    def sign_in(
        request: Request,
        name: Annotated[str, Form(max_length=64)] = "",
        password: Annotated[str, Form(max_length=256)] = "",
        csrf: Annotated[str, Form(max_length=64)] = "",
        next: Annotated[str, Form(max_length=200)] = "",
    ) -> Response:
        words = words_of(request)
        kept = request.cookies.get(CSRF_COOKIE, "")
        if not kept or not secrets.compare_digest(kept.encode(), csrf.encode()):
            return form(request, words("form_expired"), name, next, 400)
        hours = desk.app.settings.serve.session_hours
        try:
            session = desk.app.users.sign_in(name.strip(), password, hours)
        except AccessDenied as error:
            return form(request, words("locked" if "locked" in str(error) else "wrong"), name, next, 401)
        answer = RedirectResponse(onward(next, session.user, words), 303)
        _set(answer, desk, SESSION_COOKIE, session.token, int(hours * 3600))
        answer.delete_cookie(CSRF_COOKIE)
        return answer

    @app.post("/logout")
    def sign_out(request: Request) -> Response:
        desk.app.users.sign_out(request.cookies.get(SESSION_COOKIE))
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(SESSION_COOKIE)
        return answer


def _set(answer: Response, desk: Desk, name: str, value: str, seconds: int) -> None:
    secure = desk.app.settings.serve.secure_cookies
    answer.set_cookie(name, value, max_age=seconds, httponly=True, samesite="lax", secure=secure, path="/")


def _to_sign_in(request: Request) -> Response:
    """A page is sent to sign-in and comes back after; a call is told 401, and the page's script goes to sign-in."""
    if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
        had = "expired=1&" if SESSION_COOKIE in request.cookies else ""
        return RedirectResponse(f"/login?{had}next={request.url.path.rstrip('/')}", 303)
    return JSONResponse({"error": "signed out"}, 401)


def _sealed(send: Send, keep: bool, secure: bool) -> Send:
    """`send` with the security headers on the answer."""
    fixed = {
        "content-security-policy": POLICY,
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
        "cache-control": "private, max-age=31536000, immutable" if keep else "no-store",
    }
    if secure:
        fixed["strict-transport-security"] = "max-age=31536000"

    async def sealed(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            kept = [(k, v) for k, v in message.get("headers", []) if k.lower().decode() not in fixed]
            message["headers"] = kept + [(k.encode(), v.encode()) for k, v in fixed.items()]
        await send(message)

    return sealed
