"""Every door tried by everybody it is not for: routes, events of the pages and handlers, found by introspection, so that none can be forgotten."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from fake_app import PASSWORD, FakeApp
from fastapi.testclient import TestClient
from sqlalchemy import select

import ui.handlers
from copilot.errors import AccessDenied
from copilot.records import User
from copilot.records.people import ROLES
from copilot.records.tables import metadata
from copilot.settings import OidcSettings
from ui.app import create_app
from ui.desk import ALLOWED, Desk, admitted
from ui.handlers import talking
from ui.text import TEXT
from ui.web import page_of

HTML = {"accept": "text/html"}
PEOPLE = {"advisor": "li", "compliance": "chen", "trainer": "zhou", "admin": "root"}
STRANGERS = ("nobody", "forged", "closed", "one-time", "idle")
"""Who has no session that counts."""

# Every route of our own, and for whom it is. A new one must be written down here.
EVERYBODY, SIGNED_IN = frozenset({"*"}), frozenset(ROLES)
OWN: dict[tuple[str, str], frozenset[str]] = {
    ("GET", "/"): EVERYBODY,
    ("GET", "/login"): EVERYBODY,
    ("POST", "/login"): EVERYBODY,
    ("GET", "/login/oidc"): EVERYBODY,
    ("GET", "/login/oidc/back"): EVERYBODY,
    ("POST", "/logout"): EVERYBODY,
    ("GET", "/language/{language}"): EVERYBODY,
    ("GET", "/healthz"): EVERYBODY,
    ("GET", "/favicon.ico"): EVERYBODY,
    ("GET", "/static/{name}"): EVERYBODY,
    ("GET", "/account"): SIGNED_IN,
    ("POST", "/account/password"): SIGNED_IN,
    ("POST", "/account/elsewhere"): SIGNED_IN,
    ("GET", "/session"): SIGNED_IN,
    ("POST", "/session/seen"): SIGNED_IN,
    ("GET", "/signed-in"): SIGNED_IN,
    ("POST", "/papers/upload"): frozenset({"compliance", "trainer", "admin"}),
    ("GET", "/exports/report/{name}"): frozenset({"trainer", "admin"}),
    ("GET", "/exports/trend/{suite}.svg"): frozenset({"trainer", "admin"}),
    ("GET", "/exports/lessons.tsv"): frozenset({"trainer", "admin"}),
    ("GET", "/exports/archive"): frozenset({"compliance", "admin"}),
    ("GET", "/exports/evidence/{number}.zip"): frozenset({"compliance", "admin"}),
    ("POST", "/draft"): frozenset({"advisor"}),
}
WITH_ONE_TIME = ("/account", "/session", "/signed-in")
"""What a one-time password opens, to be changed."""
FILES = ("assets/", "static/", "svelte/", "theme.css", "manifest.json", "favicon.ico", "robots.txt")
"""Gradio's own files: the same for everybody, with nothing of anybody in them."""


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    oidc = OidcSettings(issuer="http://127.0.0.1:9", client_id="x", secret_env="", roles={"rm": "advisor"})
    made = FakeApp(tmp_path_factory.mktemp("attack"), oidc=oidc).people()
    made.users.add("shut", "admin", "停用", PASSWORD)
    made.users.add("fresh", "admin", "新来")
    made.users.add("away", "admin", "走开", PASSWORD)
    return made


@pytest.fixture(scope="module")
def desk(app):
    desk = Desk(app)
    talking.say(desk, User("li", "advisor", "李经理"), "", "到期了")
    return desk


@pytest.fixture(scope="module")
def site(app, desk):
    return create_app(app)


@pytest.fixture(scope="module")
def tokens(app):
    """A token for each role, and one of each kind that is worth nothing."""
    made = {role: app.sessions.open(name).token for role, name in PEOPLE.items()}
    made |= {"nobody": "", "forged": "x" * 43, "one-time": app.sessions.open("fresh").token}
    made["closed"] = app.sessions.open("shut").token
    app.users.deactivate("shut")
    real, app.now = app.now, lambda: real() - 2 * 3600
    made["idle"] = app.sessions.open("away").token
    app.now = real
    return made


@pytest.fixture(scope="module")
def clients(site, tokens):
    made = {}
    for who, token in tokens.items():
        made[who] = TestClient(site, follow_redirects=False, cookies={"advisor_session": token} if token else None)
    return made


def routes(found, before: str = "") -> Iterator[tuple[str, str]]:
    """Method and path of every route, those of mounted applications and included routers with them."""
    for route in found:
        inner = getattr(route, "original_router", None) or getattr(route, "app", None)
        path = before + getattr(route, "path", "")
        if getattr(inner, "routes", None) and getattr(route, "endpoint", None) is None:
            context = getattr(route, "include_context", None)
            yield from routes(inner.routes, path + (getattr(context, "prefix", "") or ""))
        else:
            for method in sorted((getattr(route, "methods", None) or {"GET"}) - {"HEAD", "OPTIONS"}):
                yield method, path


def filled(path: str) -> str:
    return re.sub(r"\{[^}]+\}", "x", path)


def digest(app) -> str:
    """Everything the database holds, but when a session was last seen."""
    with app.engine.connect() as connection:
        rows = {
            t.name: connection.execute(select(t)).fetchall() for t in metadata.sorted_tables if t.name != "sessions"
        }
    return repr(rows)


@pytest.fixture(scope="module")
def paths(site):
    return sorted(set(routes(site.routes)))


def test_every_route_of_our_own_is_written_down(paths):
    assert {one for one in paths if page_of(one[1])[0] is None} == set(OWN)


def test_the_pages_routes_are_found(paths):
    for page in ALLOWED:
        for start in (f"/{page}/", f"/en/{page}/"):
            inner = {path for _, path in paths if path.startswith(start)}
            assert {f"{start}config", f"{start}gradio_api/queue/join", f"{start}gradio_api/upload"} <= inner


@pytest.mark.parametrize("who", STRANGERS)
def test_without_a_session_no_route_lets_in(app, clients, paths, who):
    before, let_in = digest(app), []
    for method, path in paths:
        page, rest = page_of(path)
        if OWN.get((method, path)) == EVERYBODY or (page is not None and rest.startswith(FILES)):
            continue
        if who == "one-time" and path.startswith(WITH_ONE_TIME):
            continue
        for headers in ({}, HTML):
            answer = clients[who].request(method, filled(path), headers=headers)
            sent_away = answer.status_code == 303 and answer.headers["location"].startswith(("/login?", "/account"))
            if answer.status_code != 401 and not sent_away:
                let_in.append((method, path, answer.status_code))
    assert let_in == []
    assert digest(app) == before


@pytest.mark.parametrize("role", ROLES)
def test_no_route_lets_another_role_in(app, clients, paths, role):
    before, let_in, tried = digest(app), [], 0
    for method, path in paths:
        page, rest = page_of(path)
        allowed = ALLOWED[page] if page is not None else OWN[(method, path)]
        if role in allowed or "*" in allowed or (page is not None and rest.startswith(FILES)):
            continue
        tried += 1
        answer = clients[role].request(method, filled(path), headers={"content-type": "application/octet-stream"})
        if answer.status_code != 403:
            let_in.append((method, path, answer.status_code))
    assert let_in == []
    assert tried > 40
    assert digest(app) == before


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://testserver.evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
    ids=str,
)
def test_no_route_takes_a_post_of_another_site(app, clients, paths, headers):
    before, taken = digest(app), []
    for method, path in paths:
        if method != "GET":
            page, _ = page_of(path)
            allowed = ALLOWED[page] if page is not None else OWN[(method, path)]
            who = next((role for role in ROLES if role in allowed), "advisor")
            answer = clients[who].request(method, filled(path), headers=headers)
            if (answer.status_code, answer.text) != (403, "cross-site request refused"):
                taken.append((method, path, answer.status_code))
    assert taken == []
    assert digest(app) == before


@pytest.mark.parametrize(
    "path", [path for method, path in OWN if method == "POST" and path.startswith(("/account", "/login"))]
)
def test_our_forms_want_their_token(clients, path):
    client = clients["advisor"]
    for csrf in ("", "x", "x" * 32):
        client.cookies.set("advisor_form", "y" * 32)
        form = {
            "csrf": csrf,
            "name": "li",
            "password": PASSWORD,
            "old": PASSWORD,
            "new": "a-new-password",
            "again": "a-new-password",
        }
        assert client.post(path, data=form).status_code == 400
    client.cookies.delete("advisor_form")


def events(site):
    """Every event of every page, with the page it belongs to."""
    for route in site.routes:
        made = getattr(getattr(route, "app", None), "get_blocks", None)
        if made is not None:
            for event in made().fns.values():
                yield page_of(f"{route.path}/")[0], event


def call(event, token):
    """What an event paints when a browser with this token calls it, values of its choice with it."""
    request = SimpleNamespace(cookies={"advisor_session": token} if token else {})
    wanted = list(inspect.signature(event.fn).parameters)
    result = event.fn(*(["x"] * (len(wanted) - 1)), request)
    return list(result) if inspect.isgenerator(result) else [result]


def test_no_event_of_a_page_lets_another_role_in(site, app, tokens):
    before, let_in, tried = digest(app), [], 0
    for page, event in events(site):
        assert "request" in inspect.signature(event.fn).parameters, f"{page}: {event.name} cannot know who asks"
        for who, token in tokens.items():
            if who in ALLOWED[page]:
                continue
            tried += 1
            for painted in call(event, token):
                shown = {getattr(part, "elem_id", "?"): value for part, value in painted.items()}
                refused = any(word in shown.get("notice", "") for word in TEXT["fail_access"])
                if set(shown) != {"notice"} or not refused:
                    let_in.append((page, event.name, who, shown))
    assert let_in == []
    assert tried > 300
    assert digest(app) == before


def handlers():
    """Every public function of the handlers' modules that is given the desk."""
    for module in pkgutil.iter_modules(ui.handlers.__path__):
        loaded = importlib.import_module(f"ui.handlers.{module.name}")
        for name, found in inspect.getmembers(loaded, inspect.isfunction):
            if found.__module__ == loaded.__name__ and not name.startswith("_"):
                parameters = list(inspect.signature(found).parameters)
                if "desk" in parameters:
                    yield f"{module.name}.{name}", found, parameters


INNER = {
    "advising.suggestion_of",
    "advising.proposal_of",
    "advising.recorded_of",
    "learning.people",
    "practising.progress_of",
    "practising.room",
    "queueing.names_of",
    "training.running",
}
"""Steps of other handlers: they are given what a marked one has fetched, and no page calls them with a browser's words."""


def test_every_handler_says_whom_it_is_for():
    unmarked = {name for name, found, _ in handlers() if not getattr(found, "roles", None)}
    assert unmarked == INNER
    for name, found, parameters in handlers():
        if name not in INNER:
            assert parameters[:2] == ["desk", "user"], name
            assert found.roles <= set(ROLES), name


@pytest.mark.parametrize(
    ("name", "handler"),
    [(n, h) for n, h, _ in handlers() if n not in INNER],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_no_handler_lets_another_role_in(app, desk, name, handler):
    before = digest(app)
    wanted = inspect.signature(handler).parameters.values()
    rest = ["x" for p in list(wanted)[2:] if p.default is inspect.Parameter.empty]
    others = [User(PEOPLE[role], role, "") for role in ROLES if role not in handler.roles]
    one = next(iter(handler.roles))
    shut = [User("shut", one, "", active=False), User("fresh", one, "", must_change=True), None, "root"]
    for user in (*others, *shut):
        with pytest.raises(AccessDenied):
            handler(desk, user, *rest)
    assert digest(app) == before


def _run(result):
    """A handler that goes step by step refuses at its first step."""
    return list(result) if inspect.isgenerator(result) else result


def test_no_handler_opens_another_advisor_s_conversation(app, desk):
    (row,) = talking.rows(desk, User("li", "advisor", ""), "")
    wang, before, tried = User("wang", "advisor", ""), digest(app), 0
    for name, handler, parameters in handlers():
        if "conversation" in parameters and name not in INNER:
            tried += 1
            values = [
                row.id if p == "conversation" else {} if p == "fields" else 0 if p in ("index", "place") else "x"
                for p in parameters[2:]
            ]
            required = [
                p for p in inspect.signature(handler).parameters.values() if p.default is inspect.Parameter.empty
            ]
            with pytest.raises(AccessDenied):
                _run(handler(desk, wang, *values[: len(required) - 2]))
    assert tried > 8
    assert digest(app) == before


@pytest.mark.parametrize("page", ALLOWED)
def test_a_page_admits_whom_it_is_for_and_nobody_else(desk, tokens, page):
    for who, token in tokens.items():
        if who in ALLOWED[page]:
            assert admitted(desk, token, page).role == who
        else:
            with pytest.raises(AccessDenied):
                admitted(desk, token, page)


def test_a_session_cannot_be_fixed(app, site):
    """A token that somebody put into the browser before the sign-in is worth nothing after it."""
    planted = app.sessions.open("wang").token
    client = TestClient(site, follow_redirects=False, cookies={"advisor_session": planted})
    csrf = re.search(r'name="csrf" value="([^"]+)"', client.get("/login").text).group(1)
    answer = client.post("/login", data={"name": "li", "password": PASSWORD, "csrf": csrf})
    fresh = answer.cookies["advisor_session"]
    assert fresh != planted
    assert app.sessions.whose(planted) is None
    assert app.sessions.whose(fresh).name == "li"


def test_cookies_are_shut_to_scripts_and_other_sites(tmp_path):
    app = FakeApp(tmp_path, secure_cookies=True).people()
    client = TestClient(create_app(app), base_url="https://testserver", follow_redirects=False)
    form = client.get("/login")
    csrf = re.search(r'name="csrf" value="([^"]+)"', form.text).group(1)
    entered = client.post("/login", data={"name": "li", "password": PASSWORD, "csrf": csrf})
    set_ones = [*form.headers.get_list("set-cookie"), *entered.headers.get_list("set-cookie")]
    alive = [cookie for cookie in set_ones if "max-age=0" not in cookie.lower()]
    assert {cookie.split("=")[0] for cookie in alive} == {"advisor_form", "advisor_session"}
    for cookie in alive:
        kept = cookie.lower()
        assert all(flag in kept for flag in ("httponly", "samesite=lax", "secure", "path=/")), cookie
        assert "domain=" not in kept
