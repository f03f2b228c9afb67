"""Sign-in that tells nothing, one's own password, one-time passwords, and sessions that end."""

from __future__ import annotations

import re

import pytest
from fake_app import PASSWORD, FakeApp
from fastapi.testclient import TestClient

from ui.app import create_app

HTML = {"accept": "text/html"}
NEW = "another-good-one"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    app = FakeApp(tmp_path_factory.mktemp("account")).people()
    return app, create_app(app)


@pytest.fixture
def app(site):
    """The same desk for all tests here; each takes people of its own."""
    made = site[0]
    made.record.broken = False
    return made


@pytest.fixture
def web(site):
    return TestClient(site[1], follow_redirects=False)


def token_of(page) -> str:
    return re.search(r'name="csrf" value="([^"]+)"', page.text).group(1)


def sign_in(web, name, password=PASSWORD, onward=""):
    csrf = token_of(web.get("/login"))
    return web.post("/login", data={"name": name, "password": password, "csrf": csrf, "next": onward})


def change(web, old, new, again=None):
    csrf = token_of(web.get("/account"))
    again = new if again is None else again
    return web.post("/account/password", data={"old": old, "new": new, "again": again, "csrf": csrf})


def bare(page) -> str:
    """A page without what differs each time: the form's token and the name that was typed."""
    return re.sub(r'value="[^"]*"', "", page.text)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_failed_sign_in_looks_the_same_whatever_the_reason(app, web, language):
    name = f"la-{language}"
    app.users.add(name, "advisor", "辣", PASSWORD)
    web.cookies.set("advisor_language", language)
    known = [sign_in(web, name, "wrong password") for _ in range(7)]
    unknown = [sign_in(web, f"nobody-{language}", "wrong password") for _ in range(7)]
    locked = sign_in(web, name)
    assert {answer.status_code for answer in (*known, *unknown, locked)} == {401}
    assert len({bare(answer) for answer in (*known, *unknown, locked)}) == 1
    assert app.users.account(name).locked_until > app.now()


def test_a_record_that_cannot_be_written_is_one_line(app, web, monkeypatch):
    from copilot.errors import RecordError

    def fail(*_):
        raise RecordError("gone")

    monkeypatch.setattr(app.sessions, "sign_in", fail)
    answer = sign_in(web, "li")
    assert (answer.status_code, "现在无法登录" in answer.text) == (503, True)


def test_a_person_changes_her_password_and_other_sessions_end(app, web, site):
    app.users.add("ma", "advisor", "马", PASSWORD)
    other = TestClient(site[1], follow_redirects=False)
    for one in (web, other):
        sign_in(one, "ma")
    before = web.cookies["advisor_session"]
    answer = change(web, PASSWORD, NEW)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?done=password")
    assert "密码已修改" in web.get("/account?done=password").text
    assert web.cookies["advisor_session"] != before
    assert app.sessions.whose(before) is None
    assert other.get("/session").status_code == 401
    assert web.get("/session").json() == {"name": "ma"}
    entry = app.record.read(kinds=("account",), newest=1)[0]
    assert (entry.actor, entry.payload) == ("ma", {"act": "own_password", "user": "ma"})
    assert sign_in(other, "ma").status_code == 401
    assert sign_in(other, "ma", NEW).status_code == 303


@pytest.mark.parametrize(
    ("old", "new", "again", "said"),
    [
        ("not the old one", NEW, NEW, "现在的密码不对"),
        (PASSWORD, "short", "short", "至少 10 个字符"),
        (PASSWORD, "x" * 129, "x" * 129, "最多 128"),
        (PASSWORD, PASSWORD, PASSWORD, "请换一个"),
        (PASSWORD, "0000000000", "0000000000", "同一个字符"),
        (PASSWORD, NEW, NEW + "x", "不一样"),
    ],
)
def test_a_password_that_will_not_do_changes_nothing(app, web, old, new, again, said):
    sign_in(web, "wang")
    before = app.users.account("wang")
    answer = change(web, old, new, again)
    assert (answer.status_code, said in answer.text) == (400, True)
    assert app.sessions.proves("wang", PASSWORD)
    assert app.users.account("wang").user == before.user


def test_guessing_the_old_password_locks_too(app, web):
    app.users.add("hu", "advisor", "胡", PASSWORD)
    sign_in(web, "hu")
    for _ in range(5):
        change(web, "a wrong old one", NEW)
    assert "不对" in change(web, PASSWORD, NEW).text
    assert app.users.account("hu").locked_until > app.now()


def test_without_a_record_no_password_is_changed(app, web):
    app.users.add("gao", "advisor", "高", PASSWORD)
    sign_in(web, "gao")
    app.record.broken = True
    assert change(web, PASSWORD, NEW).status_code == 503
    app.record.broken = False
    assert app.sessions.proves("gao", PASSWORD)


def test_a_one_time_password_opens_nothing_but_its_change(app, web):
    made = app.users.add("xin", "advisor", "新")
    answer = sign_in(web, "xin", made)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert "一次性密码" in web.get("/account").text
    page = web.get("/advisor/", headers=HTML)
    assert (page.status_code, page.headers["location"]) == (303, "/account")
    assert web.get("/advisor/config").status_code == 401
    assert change(web, made, NEW).status_code == 303
    assert web.get("/advisor/", headers=HTML).status_code == 200


def test_leaving_elsewhere_keeps_this_one(app, web, site):
    app.users.add("bo", "advisor", "薄", PASSWORD)
    other = TestClient(site[1], follow_redirects=False)
    for one in (web, other):
        sign_in(one, "bo")
    csrf = token_of(web.get("/account"))
    assert web.post("/account/elsewhere", data={"csrf": csrf}).status_code == 303
    assert other.get("/session").status_code == 401
    assert web.get("/session").status_code == 200


def test_what_a_page_does_by_itself_does_not_keep_a_session(app, web):
    app.users.add("tan", "advisor", "谈", PASSWORD)
    real = app.now
    try:
        sign_in(web, "tan")
        app.now = lambda: real() + 50 * 60
        assert web.get("/session").status_code == 200
        assert web.get("/advisor/config").status_code == 200
        app.now = lambda: real() + 61 * 60
        assert web.get("/session").status_code == 401
        gone = web.get("/advisor/", headers=HTML)
        assert gone.headers["location"] == "/login?expired=1&next=/advisor"
    finally:
        app.now = real


def test_what_a_person_does_keeps_it_up_to_the_last_hour(app, web):
    app.users.add("shi", "advisor", "施", PASSWORD)
    real = app.now
    try:
        sign_in(web, "shi")
        for minutes in (50, 100, 150):
            app.now = lambda m=minutes: real() + m * 60
            assert web.post("/session/seen").json() == {"name": "shi"}
        app.now = lambda: real() + 205 * 60
        assert web.get("/advisor/", headers=HTML).status_code == 200  # opening a page is an act, too
        app.now = lambda: real() + 10 * 3600 + 1
        assert web.post("/session/seen").status_code == 401
    finally:
        app.now = real


def test_the_window_of_a_session_that_was_over_closes(web):
    answer = sign_in(web, "li", onward="/signed-in")
    assert answer.headers["location"] == "/signed-in"
    assert "close.js" in web.get("/signed-in").text


def test_the_account_page_switches_its_language(web):
    sign_in(web, "li")
    assert web.get("/language/en?next=/account").headers["location"] == "/account"
    assert "Change password" in web.get("/account").text
