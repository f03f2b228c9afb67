"""The gate before every page, the headers on every answer, and the doors that need no account."""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import anyio
import anyio.to_thread
from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response

from copilot.errors import CopilotError, RecordError
from copilot.records import User
from ui import signin
from ui.desk import ALLOWED, HOMES, Desk
from ui.frame import LANGUAGE_COOKIE, SCOPE_USER, SESSION_COOKIE, path_of
from ui.text import LANGUAGES, Language, Words

FORM_COOKIE = "advisor_form"
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
_OWN = ("/account", "/logout", "/session", "/signed-in")
"""What is open with a one-time password, to choose another."""
DOORKEEPERS = 8
"""Threads that look up who is asking: their own, so that busy pages keep nobody from the door."""
RETRY_S = 5
"""What a refused caller is told to wait where nothing better is known."""
_OPEN = ("/login", "/healthz", "/favicon.ico", "/static/", "/language/")
_FILES = ("assets/", "static/", "svelte/", "theme.css", "manifest.json", "favicon.ico", "robots.txt")
_CALLS = ("config", "gradio_api/config", "gradio_api/queue/", "gradio_api/run/", "gradio_api/heartbeat/")
_ACTS = ("gradio_api/queue/join", "gradio_api/run/")
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
        self._doorkeepers = anyio.CapacityLimiter(DOORKEEPERS)

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
        try:
            return await self._judged(request)
        except RecordError:
            return not_now(request)

    async def _judged(self, request: Request) -> Response | None:
        path = request.url.path
        if request.method not in ("GET", "HEAD") and not same_origin(request):
            return PlainTextResponse("cross-site request refused", 403)
        if path == "/" or path.startswith(_OPEN):
            return None
        page, rest = page_of(path)
        if page is not None and rest.startswith(_FILES):
            return None
        token = request.cookies.get(SESSION_COOKIE)
        user = await anyio.to_thread.run_sync(self._desk.app.sessions.whose, token, limiter=self._doorkeepers)
        if user is None:
            return _to_sign_in(request)
        if user.must_change and not path.startswith(_OWN):
            return _to_sign_in(request, "/account")
        if page is not None and user.role not in ALLOWED[page]:
            words = words_of(request)
            return HTMLResponse(signin.not_yours(words, user.role, home_of(user, words)), 403)
        if page is not None and rest and not rest.startswith((*_CALLS, *_CALLS_TOO)):
            return PlainTextResponse("not found", 404)
        if page is not None and request.method == "POST" and rest.startswith(_ACTS):
            seconds = self._desk.actions.take(user.name)
            if seconds:
                return told(words_of(request)("busy", n=seconds), 429, seconds)
        request.scope[SCOPE_USER] = user
        if request.method == "GET" and page is not None and not rest:
            await anyio.to_thread.run_sync(self._desk.app.sessions.touch, token)
        return None


def told(what: str, status: int, seconds: int = RETRY_S) -> Response:
    """A refusal that says when to come again."""
    return JSONResponse({"error": what}, status, {"retry-after": str(seconds)})


def not_now(request: Request) -> Response:
    """While the record's database cannot be used: a page for a person, one line for a call."""
    words = words_of(request)
    if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
        return HTMLResponse(signin.not_now(words), 503)
    return told(words("not_now_text"), 503)


def page_of(path: str) -> tuple[str | None, str]:
    """The page an address belongs to, and what follows it: `/en/advisor/config` → `advisor`, `config`."""
    found = _PAGE.match(path)
    return (found.group(1), found.group(2) or "") if found else (None, "")


def same_origin(request: Request) -> bool:
    """Whether a request that changes something comes from our own pages. Without both headers it is no browser's."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if site not in (None, "same-origin", "none"):
        return False
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
    if wanted in ("/account", "/signed-in"):
        return wanted
    return wanted if known and page is not None and user.role in ALLOWED[page] else home_of(user, words)


def add_doors(app: FastAPI, desk: Desk) -> None:
    """The way in, language, health, and our own files."""

    @app.exception_handler(RecordError)
    def unrecorded(request: Request, error: RecordError) -> Response:
        return not_now(request)

    @app.get("/")
    def start(request: Request) -> Response:
        user = desk.app.sessions.whose(request.cookies.get(SESSION_COOKIE))
        words = words_of(request)
        return RedirectResponse(home_of(user, words) if user else "/login", 303)

    @app.get("/language/{language}")
    def language(request: Request, language: str) -> Response:
        chosen = language if language in LANGUAGES else "zh"
        wanted = request.query_params.get("next", "/")
        page, rest = page_of(wanted)
        good = wanted in ("/login", "/account") or (
            page is not None and not rest and wanted in (f"/{page}", f"/en/{page}")
        )
        answer = RedirectResponse(wanted if good else "/", 303)
        set_cookie(answer, desk, LANGUAGE_COOKIE, chosen, 365 * 86400)
        return answer

    @app.get("/healthz")
    def health() -> Response:
        try:
            status = desk.app.status()
            desk.app.sessions.whose("health")
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


def add_form_token(answer: Response, desk: Desk, token: str) -> Response:
    """The other half of a form's token, which another site can neither read nor set."""
    set_cookie(answer, desk, FORM_COOKIE, token, 3600)
    return answer


def form_is_ours(request: Request, token: str) -> bool:
    """Whether a form came from a page of ours that this browser was shown."""
    kept = request.cookies.get(FORM_COOKIE, "")
    return bool(kept) and secrets.compare_digest(kept.encode(), token.encode())


def set_cookie(answer: Response, desk: Desk, name: str, value: str, seconds: int) -> None:
    """A cookie that no script reads and no other site's request brings along."""
    secure = desk.app.settings.serve.secure_cookies
    answer.set_cookie(name, value, max_age=seconds, httponly=True, samesite="lax", secure=secure, path="/")


def _to_sign_in(request: Request, goal: str = "") -> Response:
    """A page is sent to sign-in and comes back after; a call is told 401, and the page's script asks to sign in."""
    if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
        had = "expired=1&" if SESSION_COOKIE in request.cookies else ""
        return RedirectResponse(goal or f"/login?{had}next={quote(request.url.path.rstrip('/'))}", 303)
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
            if message["status"] in (429, 503) and not any(k.lower() == b"retry-after" for k, _ in kept):
                message["headers"].append((b"retry-after", str(RETRY_S).encode()))
        await send(message)

    return sealed
