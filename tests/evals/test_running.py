"""A run in a process of its own: begun, watched, stopped, and gone on with."""

from __future__ import annotations

import json
import os
import time

import pytest

from copilot.errors import InputError
from copilot.settings import ModelSettings, Settings
from evals import running as process
from evals.running import LOCK, SCRIPTED, STATE, Running, drafting_with


@pytest.fixture
def running(tmp_path):
    running = Running(Settings(data=tmp_path, model=ModelSettings(kind="scripted")))
    yield running
    running.stop()
    running.wait(30)


def test_a_run_goes_through_and_leaves_its_reports(running):
    assert running.state().stage == "none"
    running.start(["ledger"], "zhou")
    with pytest.raises(InputError, match="under way"):
        running.start(["ledger"], "zhou")
    done = running.wait(300)
    assert (done.stage, done.by, done.detail) == ("done", "zhou", "")
    assert (running.folder / done.run / "report.html").is_file()


def test_a_run_is_stopped_and_its_answers_stay(running):
    running.start(["guard"], "zhou")
    assert running.state().stage in ("starting", "asking")
    while running.state().stage == "starting":
        time.sleep(0.05)
    running.stop()
    assert running.wait(60).stage == "stopped"
    (rows,) = running.folder.glob("[0-9]*/results.jsonl")
    assert len(rows.read_text(encoding="utf-8").splitlines()) > 1


def test_a_run_that_cannot_begin_says_why(tmp_path):
    running = Running(Settings(data=tmp_path, knowledge={"content": tmp_path / "nothing"}))
    running.start(["ledger"], "zhou")
    found = running.wait(120)
    assert found.stage == "failed"
    assert "content folder not found" in found.detail


def test_what_cannot_be_run_is_refused(running):
    for suites in ([], ["nothing"]):
        with pytest.raises(InputError):
            running.start(suites, "zhou")


def test_a_run_whose_process_has_gone_was_stopped_and_a_damaged_note_is_none(running):
    running.folder.mkdir(parents=True)
    told = {"stage": "asking", "suites": ["guard"], "pid": os.getpid()}
    (running.folder / STATE).write_text(json.dumps(told), encoding="utf-8")
    (running.folder / LOCK).touch()
    assert running.state().stage == "stopped"
    running.stop()  # a number that may be another process's by now is left alone
    (running.folder / STATE).write_text("{", encoding="utf-8")
    assert running.state().stage == "none"


def test_a_run_may_draft_with_another_model_that_is_there(running):
    folder = running.settings.data / "models"
    folder.mkdir()
    (folder / "larger.gguf").touch()
    assert running.models() == (SCRIPTED, "larger.gguf")
    with pytest.raises(InputError, match=r"no model other\.gguf"):
        running.start(["ledger"], "zhou", model="other.gguf")
    kept = Settings(data=running.settings.data, model=ModelSettings(sha256="a" * 64))
    larger = drafting_with(kept, "larger.gguf").model
    assert (larger.kind, larger.path, larger.sha256) == ("embedded", folder / "larger.gguf", None)
    assert drafting_with(kept, SCRIPTED).model.kind == "scripted"
    assert drafting_with(kept, "") is kept


def test_the_process_of_a_run_drafts_with_the_model_it_was_told(running):
    (running.settings.data / "models").mkdir()
    (running.settings.data / "models" / "broken.gguf").write_bytes(b"no model")
    running.start(["ledger"], "zhou", model="broken.gguf")
    found = running.wait(120)
    assert (found.stage, found.model) == ("failed", "broken.gguf")
    assert "broken.gguf" in found.detail


def test_a_run_that_ends_while_it_is_looked_at_was_not_stopped(running, monkeypatch):
    running.folder.mkdir(parents=True)
    note = running.folder / STATE
    note.write_text(json.dumps({"stage": "asking", "suites": ["ledger"]}), encoding="utf-8")

    def ends(folder):
        note.write_text(json.dumps({"stage": "done", "suites": ["ledger"], "run": "20261122-100000"}), encoding="utf-8")
        return False

    monkeypatch.setattr(process, "_held", ends)
    assert running.state().stage == "done"
