"""The index keeps up with the shelf: one rebuild for many changes, the old one answering until the new one stands."""

from __future__ import annotations

import threading
from datetime import date, datetime

import pytest

from copilot.errors import IndexMissing
from copilot.renewal import Renewal
from copilot.settings import load_settings
from copilot.wiring import App
from knowledge_base.ingest.intake import Wanted

NOW = datetime(2026, 11, 22, 10)


class Shelf:
    """A stamp, a gate and a count."""

    def __init__(self):
        self.stamp, self.busy, self.made, self.fails = 1, False, [], ""
        self.gate = threading.Event()
        self.gate.set()
        self.renewal = Renewal(1, lambda: self.stamp, self.renew, lambda: self.busy, lambda: NOW)

    def renew(self):
        assert self.gate.wait(10)
        if self.fails:
            raise IndexMissing(self.fails)
        self.made.append(self.stamp)


@pytest.fixture
def shelf():
    return Shelf()


def test_nothing_is_built_while_nothing_changed(shelf):
    assert shelf.renewal.look().stage == "fresh"
    assert shelf.made == []


def test_a_change_is_built_once_and_one_that_comes_meanwhile_after_it(shelf):
    shelf.gate.clear()
    shelf.stamp = 2
    assert shelf.renewal.look().stage == "rebuilding"
    shelf.stamp = 3
    assert shelf.renewal.look().stage == "rebuilding"
    shelf.gate.set()
    assert shelf.renewal.wait(10).stage == "fresh"
    shelf.renewal.look()
    assert shelf.renewal.wait(10).stage == "fresh"
    assert len(shelf.made) == 2


def test_it_waits_while_papers_come_in(shelf):
    shelf.stamp, shelf.busy = 2, True
    assert shelf.renewal.look().stage == "fresh"
    shelf.busy = False
    assert shelf.renewal.look().stage == "rebuilding"
    assert shelf.renewal.wait(10).stage == "fresh"


def test_a_failure_is_told_and_not_tried_again_until_something_changes_or_a_person_asks(shelf):
    shelf.fails = "the index could not be built: No space left on device"
    shelf.stamp = 2
    shelf.renewal.look()
    assert shelf.renewal.wait(10).stage == "failed"
    told = shelf.renewal.look()
    assert (told.stage, told.detail) == ("failed", shelf.fails)
    shelf.fails = ""
    assert shelf.renewal.look().stage == "failed"
    shelf.renewal.again()
    assert shelf.renewal.wait(10).stage == "fresh"
    assert shelf.made == [2]


@pytest.fixture
def app(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "advisor-copilot.toml").write_text("data = 'var'\n[model]\nkind = 'scripted'\n")
    monkeypatch.delenv("ADVISOR_COPILOT_DATA", raising=False)
    made = App(load_settings(), lambda: NOW)  # as `serve` reads them: they must travel to the builder's process
    yield made
    made.close()


QUESTION = "租个保管箱一年要多少钱"


def documents(line):
    return {p.document for p in line.retrieve(QUESTION, on=date(2026, 11, 22)).passages}


def test_a_paper_is_found_after_the_switch_and_the_line_in_use_before_it_is_whole(app, tmp_path, monkeypatch):
    path = tmp_path / "保管箱.md"
    path.write_text("# 保管箱服务\n\n保管箱按尺寸收费，小号一年三百元，一年一租。\n", encoding="utf-8")
    before = app.line
    assert app.status()["index"] == "fresh"
    list(app.papers.take_in([path], Wanted(), "chen"))

    def broken():
        raise IndexMissing("the index could not be built: No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(app._builder, "build", broken)
        assert app.status()["index"] == "rebuilding"
        assert app.renewal.wait(60).stage == "failed"
        assert app.line is before
        assert documents(app.line)

    app.renewal.again()
    assert app.renewal.wait(300).stage == "fresh"
    assert path.name in documents(app.line)
    assert app.line.library.text(path.name)
    assert app.line.library is app.library is app.search.library
    assert app.guard is app.line.guard
    assert path.name not in documents(before)
    assert before.provenance().knowledge != app.line.provenance().knowledge

    app.papers.withdraw(path.name, "chen", "作废")
    assert path.name not in documents(app.line), "a withdrawal waits for no index"
    assert [e.payload for e in app.record.read(kinds=("import",))][-1] == {
        "withdrawn": path.name,
        "last": "2026-11-21",
        "remark": "作废",
    }
    app.papers.put_back(path.name, "chen")
    assert path.name in documents(app.line)
