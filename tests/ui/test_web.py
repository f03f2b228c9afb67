"""The doors: sign-in, roles, headers, and what of Gradio stays shut."""

from __future__ import annotations

import re
import socket

import pytest
from fake_app import PASSWORD, FakeApp
from fastapi.testclient import TestClient

from copilot.errors import SettingsError
from ui.app import create_app, serve
from ui.desk import ALLOWED
from ui.frame import TABS

HTML = {"accept": "text/html"}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return FakeApp(tmp_path_factory.mktemp("web")).people()


@pytest.fixture(scope="module")
def site(app):
    return create_app(app)


@pytest.fixture
def web(site):
    """A browser of its own for each test, before the one desk."""
    return TestClient(site, follow_redirects=False)


def sign_in(web, name, password=PASSWORD, onward=""):
    form = web.get("/login").text
    csrf = re.search(r'name="csrf" value="([^"]+)"', form).group(1)
    return web.post("/login", data={"name": name, "password": password, "csrf": csrf, "next": onward})


@pytest.mark.parametrize(
    ("name", "home"), [("li", "/advisor"), ("chen", "/compliance"), ("zhou", "/trainer"), ("root", "/admin")]
)
def test_each_role_lands_on_its_page_and_is_refused_the_others(web, app, name, home):
    answer = sign_in(web, name)
    assert (answer.status_code, answer.headers["location"]) == (303, home)
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "samesite=lax" in answer.headers["set-cookie"].lower()
    role = app.users.account(name).user.role
    for page, roles in ALLOWED.items():
        for prefix in ("", "/en"):
            assert web.get(f"{prefix}/{page}/", headers=HTML).status_code == (200 if role in roles else 403)
            assert web.get(f"{prefix}/{page}/config").status_code == (200 if role in roles else 403)


def test_without_a_session_a_page_goes_to_sign_in_and_a_call_is_refused(web):
    answer = web.get("/advisor/", headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/advisor")
    assert web.get("/advisor/config").status_code == 401
    assert web.post("/advisor/gradio_api/queue/join", json={}).status_code == 401


def test_an_expired_session_is_told_so(web):
    web.cookies.set("advisor_session", "gone")
    assert "expired=1" in web.get("/advisor/", headers=HTML).headers["location"]
    assert "已过期" in web.get("/login?expired=1").text


def test_sign_in_needs_its_form_and_the_right_password(web):
    assert web.post("/login", data={"name": "li", "password": PASSWORD, "csrf": "x"}).status_code == 400
    answer = sign_in(web, "li", "wrong password")
    assert (answer.status_code, "用户名或密码不对" in answer.text) == (401, True)


@pytest.mark.parametrize("onward", ["//evil.example", "https://evil.example", "/trainer", "/advisor/../x", "\\\\evil"])
def test_sign_in_goes_nowhere_else(web, onward):
    assert sign_in(web, "li", onward=onward).headers["location"] == "/advisor"


def test_sign_out_ends_the_session(web):
    token = sign_in(web, "li").cookies["advisor_session"]
    assert web.post("/logout").status_code == 303
    web.cookies.set("advisor_session", token)
    assert web.get("/advisor/config").status_code == 401


def test_another_sites_post_is_refused(web):
    sign_in(web, "li")
    for path in ("/logout", "/advisor/gradio_api/queue/join"):
        assert web.post(path, json={}, headers={"origin": "https://evil.example"}).status_code == 403


@pytest.mark.parametrize("path", ["/login", "/healthz", "/advisor/", "/advisor/config", "/static/desk.js", "/nothing"])
def test_every_answer_is_sealed(web, path):
    sign_in(web, "li")
    headers = web.get(path, headers=HTML).headers
    policy = headers["content-security-policy"]
    assert "unsafe-eval" not in policy
    assert "http" not in policy
    assert "*" not in policy
    assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "DENY")
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "gradio_api/upload",
        "gradio_api/file=/etc/passwd",
        "gradio_api/proxy=http://x",
        "gradio_api/component_server",
        "gradio_api/mcp/sse",
        "gradio_api/runs",
        "monitoring",
        "docs",
        "openapi.json",
    ],
)
def test_the_rest_of_gradio_stays_shut(web, path):
    sign_in(web, "li")
    assert web.get(f"/advisor/{path}").status_code == 404
    assert web.post(f"/advisor/{path}", json={}).status_code == 404


def test_no_event_is_public_and_nothing_is_kept_or_sent(web):
    sign_in(web, "li")
    config = web.get("/advisor/config").json()
    assert {d["api_visibility"] for d in config["dependencies"]} == {"private"}
    assert config["analytics_enabled"] is False
    assert not config.get("run_history")
    page = web.get("/advisor/", headers=HTML).text
    assert "googleapis" not in page
    assert "cdn." not in page.lower()


def test_tabs_that_were_left_are_forgotten(site):
    """Gradio keeps every page ever opened, up to ten thousand: a desk that runs for weeks would fill the memory."""
    pages = [route.app for route in site.routes if hasattr(getattr(route, "app", None), "state_holder")]
    assert len(pages) == 2 * len(ALLOWED)
    for page in pages:
        holder = page.state_holder
        holder["first"]
        for number in range(TABS):
            holder[f"tab {number}"]
        assert len(holder.session_data) == TABS
        assert "first" not in holder
        holder.session_data.clear()


def test_health_needs_no_session(web):
    assert web.get("/healthz").json() == {"ok": True, "model": "ready"}


def test_static_files_stay_in_their_folder(web):
    assert web.get("/static/..%2Fapp.py").status_code == 404
    assert web.get("/static/nothing.css").status_code == 404


def test_the_language_is_kept_and_goes_nowhere_else(web):
    assert web.get("/language/en?next=/login").headers["location"] == "/login"
    assert "Sign in" in web.get("/login").text
    assert web.get("/language/en?next=//evil.example").headers["location"] == "/"
    assert sign_in(web, "li").headers["location"] == "/en/advisor"


def test_a_taken_port_is_one_line(app):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SettingsError, match="choose another"):
            serve(app, "127.0.0.1", taken.getsockname()[1])
