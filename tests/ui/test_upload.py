"""The door for files: who may use it, what it takes, and that nothing half is left."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from fake_app import FakeApp
from fastapi.testclient import TestClient
from test_web import HTML, sign_in

from ui.app import create_app

BODY = {"content-type": "application/octet-stream"}


@pytest.fixture
def app(tmp_path):
    made = FakeApp(tmp_path, upload_mb=1).people()
    yield made
    made.clerk.close()


@pytest.fixture
def web(app):
    return TestClient(create_app(app), follow_redirects=False)


def send(web, name="办法.txt", content=b"x", headers=None, language="zh"):
    address = f"/papers/upload?language={language}&name={quote(name)}"
    return web.post(address, content=content, headers=headers or BODY)


def names(app):
    return [p.name for p in app.clerk.tray.parcels()]


@pytest.mark.parametrize("name", ["chen", "zhou", "root"])
def test_who_may_load_sends_a_file(web, app, name):
    sign_in(web, name)
    assert send(web, content="第一条".encode()).json() == {"ok": True}
    (parcel,) = app.clerk.tray.parcels()
    assert (parcel.name, parcel.by, parcel.size) == ("办法.txt", name, 9)


def test_nobody_and_an_advisor_send_nothing(web, app):
    assert send(web).status_code == 401
    sign_in(web, "li")
    assert send(web).status_code == 403
    web.cookies.clear()
    web.cookies.set("advisor_session", "forged")
    assert send(web).status_code == 401
    assert not app.clerk.tray.folder.exists()


@pytest.mark.parametrize("name", ["li", "chen", "zhou", "root", ""])
def test_gradios_own_upload_is_shut_for_everyone(web, name):
    if name:
        sign_in(web, name)
    for page in ("knowledge", "en/knowledge", "compliance", "trainer", "advisor"):
        for path in ("gradio_api/upload", "upload", "gradio_api/upload_progress", "gradio_api/file=/etc/passwd"):
            for answer in (
                web.post(f"/{page}/{path}", files={"files": ("a.txt", b"x")}),
                web.get(f"/{page}/{path}"),
            ):
                assert answer.status_code in ((403, 404) if name else (401,))


def test_another_sites_form_cannot_send(web, app):
    sign_in(web, "chen")
    assert send(web, headers={**BODY, "origin": "https://evil.example"}).status_code == 403
    assert send(web, headers={"content-type": "text/plain"}).status_code == 415
    assert web.post("/papers/upload?name=a.txt", files={"file": ("a.txt", b"x")}).status_code == 415
    assert web.get("/papers/upload?name=a.txt").status_code == 405
    assert names(app) == []


@pytest.mark.parametrize(
    ("name", "content", "status", "why"),
    [
        ("a.txt", b"x" * 1_000_001, 413, "超过 1 MB"),
        ("a.txt", b"", 400, "没有文字"),
        ("a.exe", b"MZ", 415, "读不了"),
        ("a.doc", b"x", 415, ".docx"),
        ("", b"x", 415, "读不了"),
        ("长" * 90 + ".txt", b"x", 400, "文件名太长"),
    ],
)
def test_what_is_refused_is_told_in_one_line_and_leaves_nothing(web, app, name, content, status, why):
    sign_in(web, "chen")
    answer = send(web, name, content)
    assert (answer.status_code, why in answer.json()["error"]) == (status, True)
    assert list(app.clerk.tray.folder.glob("*")) == []


def test_a_body_that_grows_beyond_what_it_said_is_cut_off(web, app):
    sign_in(web, "chen")

    def body():
        for _ in range(30):
            yield b"x" * 50_000

    answer = send(web, content=body())
    assert answer.status_code == 413
    assert list(app.clerk.tray.folder.glob("*")) == []


def test_the_answer_is_in_the_pages_language(web):
    sign_in(web, "chen")
    assert "save it as" in send(web, "a.doc", language="en").json()["error"]


def test_a_name_is_only_a_name(web, app):
    sign_in(web, "chen")
    for name in ("../../../etc/cron.txt", "..\\..\\x.txt", "/etc/passwd.txt", "<img src=x>.txt"):
        assert send(web, name).status_code == 200
    assert sorted(names(app)) == ["_img src=x_.txt", "cron.txt", "passwd.txt", "x.txt"]
    assert {p.parent.parent.parent for p in app.clerk.tray.folder.rglob("*.txt")} == {app.clerk.tray.folder}


def test_a_full_disk_is_told(web, app, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("knowledge_base.ingest.tray.os.fsync", full)
    sign_in(web, "chen")
    answer = send(web)
    assert (answer.status_code, "磁盘" in answer.json()["error"]) == (507, True)
    assert names(app) == []


def test_too_many_at_once_are_asked_to_wait(app, monkeypatch):
    monkeypatch.setattr("ui.upload.AT_ONCE", 0)
    busy = TestClient(create_app(app), follow_redirects=False)
    sign_in(busy, "chen")
    assert send(busy).status_code == 429


@pytest.mark.parametrize("name", ["li", "chen", "zhou", "root"])
def test_the_knowledge_page_opens_for_every_role_signed_in(web, name):
    assert web.get("/knowledge/", headers=HTML).status_code == 303
    assert web.get("/knowledge/config").status_code == 401
    sign_in(web, name)
    for prefix in ("", "/en"):
        answer = web.get(f"{prefix}/knowledge/", headers=HTML)
        assert answer.status_code == 200
        assert "unsafe-eval" not in answer.headers["content-security-policy"]
        assert "papers.js" in answer.text
    config = web.get("/knowledge/config").json()
    assert {d["api_visibility"] for d in config["dependencies"]} == {"private"}
