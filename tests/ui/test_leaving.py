"""A page that is left: the reply is kept, for its own advisor alone."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from test_web import sign_in

from ui.app import create_app
from ui.desk import Desk
from ui.handlers import sending, talking


@pytest.fixture
def web(app):
    return TestClient(create_app(app), follow_redirects=False)


def test_a_reply_is_kept_as_the_page_is_left(web, app, li):
    conversation = talking.say(Desk(app), li, "", "在吗")
    said = {"conversation": conversation, "text": "王姐，我先看"}
    assert web.post("/draft", json=said).status_code == 401
    sign_in(web, "li")
    assert web.post("/draft", json=said).status_code == 204
    assert sending.resume(Desk(app), li, conversation).text == "王姐，我先看"
    assert web.post("/draft", json=said, headers={"origin": "https://evil.example"}).status_code == 403


@pytest.mark.parametrize("name", ["wang", "chen", "zhou", "root"])
def test_nobody_else_keeps_one_there(web, app, li, name):
    conversation = talking.say(Desk(app), li, "", "在吗")
    sign_in(web, name)
    assert web.post("/draft", json={"conversation": conversation, "text": "x"}).status_code == 403
    assert app.desk.draft(conversation, "li") is None


@pytest.mark.parametrize(("body", "status"), [(b"{", 400), (b"[]", 400), (b"{}", 400), (b"x" * 100_000, 413)])
def test_what_cannot_be_read_is_refused(web, body, status):
    sign_in(web, "li")
    assert web.post("/draft", content=body).status_code == status
