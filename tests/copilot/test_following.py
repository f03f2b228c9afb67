"""Published rules reach the line of every process, within a second and without a restart; what cannot be read changes nothing."""

from __future__ import annotations

from datetime import datetime

import pytest

from copilot import following
from copilot.errors import RecordError
from copilot.records import User
from copilot.settings import ModelSettings, Settings
from copilot.types import GuardContext
from copilot.wiring import build

CHEN, SUN = User("chen", "compliance", "陈"), User("sun", "compliance", "孙")
TEXT = "周五福袋，您看看"


def publish(product, word):
    book = product.office.rulebook
    book.edit(CHEN, lambda a: a.worded("G19-urgency", word, True))
    book.propose(CHEN, "加词")
    book.publish(SUN, book.bench().proposed.entry)


@pytest.fixture
def settings(tmp_path):
    return Settings(data=tmp_path, model=ModelSettings(kind="scripted"))


def outcome(product):
    return product.line.read(TEXT, GuardContext(at=datetime(2026, 11, 22))).outcome


def test_a_publication_is_in_force_in_every_process_and_after_a_start(settings, monkeypatch):
    here, there = build(settings), build(settings)
    try:
        assert (outcome(here), outcome(there)) == ("pass", "pass")
        version = there.line.provenance().rules
        publish(here, "周五福袋")
        monkeypatch.setattr(following, "RULES_S", 0.0)
        assert (outcome(here), outcome(there)) == ("review", "review")
        assert there.line.provenance().rules != version
        assert here.status()["rules"] == there.status()["rules"] == here.guard.version

        def broken(*_):
            raise RecordError("the record could not be read")

        monkeypatch.setattr(type(there.office.rulebook), "newest", broken)
        assert outcome(there) == "review"
    finally:
        here.close()
        there.close()
    again = build(settings)
    try:
        assert again.guard.check(TEXT, GuardContext(at=datetime(2026, 11, 22))).outcome == "review"
    finally:
        again.close()


def test_a_text_is_checked_without_a_record_being_made(settings):
    product = build(settings)
    try:
        assert product.guard.check("您好", GuardContext(at=datetime(2026, 11, 22))).outcome == "pass"
    finally:
        product.close()
    assert not (settings.data / "record.db").exists()
