"""How fast one person may act, and what the desk says when it has no room or no record."""

from __future__ import annotations

import re

import pytest
from fake_app import PASSWORD, FakeApp
from fastapi.testclient import TestClient
from sqlalchemy.exc import OperationalError

from copilot.errors import TooMany
from copilot.records import User
from ui.app import create_app
from ui.desk import Desk
from ui.handlers import advising
from ui.pace import Pace
from ui.present.advisor import failed
from ui.text import Words

HTML = {"accept": "text/html"}


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_fills_evenly_and_each_has_his_own():
    clock = Clock()
    pace = Pace(6, clock)
    assert [pace.take("li") for _ in range(6)] == [0] * 6
    assert pace.take("li") == 10
    assert pace.take("wang") == 0
    clock.now = 9.9
    assert pace.take("li") == 1
    clock.now = 10.0
    assert (pace.take("li"), pace.take("li")) == (0, 10)


def test_a_clock_that_goes_back_gives_and_takes_nothing():
    clock = Clock()
    clock.now = 100.0
    pace = Pace(2, clock)
    assert [pace.take("li") for _ in range(3)] == [0, 0, 30]
    clock.now = 0.0
    assert pace.take("li") == 30


def test_only_so_many_people_are_remembered(monkeypatch):
    monkeypatch.setattr("ui.pace._KNOWN", 3)
    pace = Pace(1, Clock())
    for n in range(50):
        pace.take(f"u{n}")
    assert len(pace._left) == 3


@pytest.fixture
def slow(tmp_path):
    return FakeApp(tmp_path, suggestions_a_minute=2, actions_a_minute=3).people()


def sign_in(web, name="li"):
    csrf = re.search(r'name="csrf" value="([^"]+)"', web.get("/login").text).group(1)
    return web.post("/login", data={"name": name, "password": PASSWORD, "csrf": csrf})


def test_suggestions_have_a_pace_of_their_own(slow):
    desk, li = Desk(slow), User("li", "advisor", "李经理")
    advising.demand_pace(desk, li)
    advising.demand_pace(desk, li)
    with pytest.raises(TooMany, match="again in 30 s"):
        advising.demand_pace(desk, li)
    advising.demand_pace(desk, User("wang", "advisor", "王经理"))


def test_who_is_too_fast_is_told_when_to_come_again_and_others_go_on(slow):
    app = create_app(slow)
    web, other = TestClient(app, follow_redirects=False), TestClient(app, follow_redirects=False)
    sign_in(web)
    sign_in(other, "wang")
    body = {"data": [], "fn_index": 0, "session_hash": "x"}
    answers = [web.post("/advisor/gradio_api/queue/join", json=body) for _ in range(4)]
    assert [a.status_code for a in answers][3] == 429
    assert 429 not in [a.status_code for a in answers[:3]]
    wait = answers[3].headers["retry-after"]
    assert 1 <= int(wait) <= 20
    assert f"{wait} 秒" in answers[3].json()["error"]
    assert other.post("/advisor/gradio_api/queue/join", json=body).status_code != 429
    assert web.get("/advisor/", headers=HTML).status_code == 200  # a page can always be looked at


def test_a_page_brings_the_words_for_it_in_its_own_language(slow):
    web = TestClient(create_app(slow), follow_redirects=False)
    sign_in(web)
    for page, says in (("/advisor", "现在请求太多"), ("/en/advisor", "Too many requests")):
        head = web.get(f"{page}/config").json()["head"]
        assert re.search(rf'<meta name="busy" content="{says}[^"]*{{n}}', head)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_notice_says_how_long(language):
    assert "30" in failed(Words(language), "busy", str(TooMany(30)))


@pytest.fixture
def shut(tmp_path, monkeypatch):
    """A desk whose database answers nothing."""
    app = FakeApp(tmp_path).people()
    web = TestClient(create_app(app), follow_redirects=False, raise_server_exceptions=True)
    sign_in(web)

    def fail(*_, **__):
        raise OperationalError("SELECT secret-statement", {"token": "secret-token"}, Exception("database is locked"))

    monkeypatch.setattr(app.users._engine, "connect", fail)
    monkeypatch.setattr(app.users._engine, "begin", fail)
    return web


@pytest.mark.parametrize("path", ["/", "/advisor/", "/advisor/config", "/healthz", "/papers/upload", "/login"])
def test_without_the_database_every_door_says_so_and_none_fails(shut, path):
    answers = [shut.get(path, headers=HTML), shut.get(path)]
    if path == "/login":
        assert [a.status_code for a in answers] == [200, 200]
        csrf = re.search(r'name="csrf" value="([^"]+)"', answers[1].text).group(1)
        answers = [shut.post("/login", data={"name": "li", "password": PASSWORD, "csrf": csrf})]
    for answer in answers:
        assert answer.status_code == 503
        assert answer.headers["retry-after"]
        assert "secret" not in answer.text
        assert "Traceback" not in answer.text
    if path == "/advisor/":
        assert "没有内容丢失" in answers[0].text
        assert "没有内容丢失" in answers[1].json()["error"]
