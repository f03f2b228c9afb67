"""New replies: proposed by a trainer, approved by compliance, written beside the content, found by library and search."""

from __future__ import annotations

from datetime import datetime

import pytest

from copilot.errors import AccessDenied, ContentError, InputError, OwnText
from copilot.records import RecordStore, User, open_database
from copilot.scriptbook import Scriptbook
from copilot.settings import Settings
from copilot.types import GuardContext, Verdict
from guardrails.engine import Engine, load_rules
from knowledge_base.added import Added
from knowledge_base.library import load_library

ZHOU, CHEN = User("zhou", "trainer", "周"), User("chen", "compliance", "陈")
NOW = datetime(2026, 11, 22)
TEXT = "{客户.称呼}，这笔钱到期后先别急，我把您在意的几样列出来，一样一样看。"
GUARD = Engine(load_rules())


@pytest.fixture
def book(tmp_path):
    record = RecordStore(open_database(f"sqlite:///{tmp_path / 'r.db'}"))
    return Scriptbook(record, tmp_path / "scripts.json", GUARD.check, lambda: NOW)


def proposed(book, text=TEXT):
    return book.propose(ZHOU, "maturity_reinvest", "answer", "warm", text, (3, 5))


def library(book):
    return load_library(Settings().content_dir, lambda: NOW, added=Added(book.path))


def test_an_approved_reply_is_a_script_of_the_bank(book):
    before = load_library(Settings().content_dir, lambda: NOW)
    script = proposed(book)
    book.write()
    assert not book.path.exists()
    book.decide(CHEN, script.entry, True, "")
    after = library(book)
    assert script.id in {s.id for s in after.scripts("maturity_reinvest")}
    assert after.documents[script.id].kind == "script"
    assert after.version != before.version
    book.withdraw(CHEN, script.entry, "说法过时")
    assert library(book).version == before.version


def test_a_refused_reply_is_none(book):
    script = proposed(book)
    with pytest.raises(InputError, match="reason"):
        book.decide(CHEN, script.entry, False, "")
    book.decide(CHEN, script.entry, False, "太长")
    assert (book.all()[0].state, book.all()[0].remark) == ("refused", "太长")
    with pytest.raises(InputError, match="no longer"):
        book.decide(CHEN, script.entry, True, "")


def test_two_pairs_of_eyes(book):
    script = proposed(book)
    with pytest.raises(AccessDenied):
        book.decide(ZHOU, script.entry, True, "")
    with pytest.raises(AccessDenied):
        book.propose(CHEN, "maturity_reinvest", "answer", "warm", TEXT, ())
    root = User("root", "admin", "管")
    own = book.propose(root, "maturity_reinvest", "answer", "warm", TEXT + "好吗？", ())
    with pytest.raises(OwnText):
        book.decide(root, own.entry, True, "")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{客户.称呼}，三个月大概有5%的收益。", "figure"),
        ("{客户.不存在}，您好，我们看看。", "no reference"),
        ("{客户.称呼}，这款稳赚不赔，您放心。", "guard"),
        ("  ", "text"),
    ],
)
def test_what_the_content_or_the_guard_would_not_take_is_refused(book, text, why):
    with pytest.raises(InputError, match=why):
        proposed(book, text)
    assert book.all() == ()


@pytest.mark.parametrize(("intent", "move"), [("nothing", "answer"), ("maturity_reinvest", "nothing")])
def test_unknown_intents_and_moves_are_refused(book, intent, move):
    with pytest.raises(InputError):
        book.propose(ZHOU, intent, move, "warm", TEXT, ())


def test_the_same_reply_is_proposed_once(book):
    proposed(book)
    with pytest.raises(InputError, match="already"):
        proposed(book)


def test_a_reply_the_rules_came_to_hold_is_not_approved(book):
    script = proposed(book)
    stricter = Scriptbook(book.record, book.path, lambda *_: Verdict("review", (_finding(),)), book.clock)
    with pytest.raises(InputError, match="guard"):
        stricter.decide(CHEN, script.entry, True, "")


def _finding():
    return GUARD.check("这款稳赚不赔", GuardContext()).findings[0]


def test_a_lost_file_is_made_again_and_a_damaged_one_named(book):
    script = proposed(book)
    book.decide(CHEN, script.entry, True, "")
    book.path.unlink()
    book.write()
    assert script.id in book.path.read_text(encoding="utf-8")
    book.path.write_text("{", encoding="utf-8")
    with pytest.raises(ContentError, match="made again"):
        library(book)
