"""The rule workbench: a draft, two people, in force, taken back; and what cannot be."""

from __future__ import annotations

from datetime import datetime
from itertools import count

import pytest

from copilot.errors import AccessDenied, InputError, OwnText, RecordError
from copilot.records import RecordStore, User, open_database
from copilot.rulebook import Rulebook
from copilot.settings import GuardSettings
from copilot.trial import Trial
from copilot.types import GuardContext
from guardrails.engine import Engine
from guardrails.reread import Text

CHEN, SUN = User("chen", "compliance", "陈"), User("sun", "compliance", "孙")
URGENT = "G19-urgency"


@pytest.fixture
def book(tmp_path):
    record = RecordStore(open_database(f"sqlite:///{tmp_path / 'r.db'}"))
    ticks = count()
    return Rulebook(record, GuardSettings(), lambda: datetime(2026, 11, 22, 10, 0, next(ticks)))


def words(book, word, name=URGENT):
    return book.edit(CHEN, lambda a: a.worded(name, word, True))


def outcome(book, text):
    return Engine(book.load(book.bench().in_force)).check(text, GuardContext()).outcome


def test_a_change_is_in_force_only_when_a_second_person_published_it(book):
    words(book, "週五福袋")
    book.propose(CHEN, "客户投诉这句")
    assert outcome(book, "周五福袋") == "pass"
    (waiting,) = [book.bench().proposed]
    with pytest.raises(OwnText):
        book.publish(CHEN, waiting.entry)
    book.publish(SUN, waiting.entry)
    assert outcome(book, "周五福袋哦") == "review"
    bench = book.bench()
    assert (bench.draft, bench.proposed) == (None, None)
    assert (bench.published[0].proposed_by, bench.published[0].published_by) == ("chen", "sun")


def test_whoever_had_a_hand_in_the_draft_does_not_publish_it(book):
    words(book, "周五福袋")
    book.edit(SUN, lambda a: a.switched("G01-capital", False, GuardSettings()))
    book.propose(CHEN, "两处一起")
    with pytest.raises(OwnText):
        book.publish(SUN, book.bench().proposed.entry)
    book.publish(User("root", "admin", "管"), book.bench().proposed.entry)
    assert outcome(book, "这款保本") == "pass"
    assert book.load(book.bench().in_force).statutory_off == ("G01-capital",)


def test_a_publication_is_taken_back_in_the_same_way(book):
    words(book, "周五福袋")
    book.propose(CHEN, "加词")
    book.publish(SUN, book.bench().proposed.entry)
    book.restore(SUN, book.bench().published[0].entry)
    book.propose(SUN, "误报太多")
    with pytest.raises(OwnText):
        book.publish(SUN, book.bench().proposed.entry)
    book.publish(CHEN, book.bench().proposed.entry)
    assert outcome(book, "周五福袋哦") == "pass"


def test_a_refused_change_goes_back_to_the_draft(book):
    words(book, "周五福袋")
    book.propose(CHEN, "加词")
    entry = book.bench().proposed.entry
    with pytest.raises(InputError, match="reason"):
        book.refuse(SUN, entry, "")
    book.refuse(SUN, entry, "太宽")
    assert book.bench().draft is not None
    with pytest.raises(InputError, match="no longer"):
        book.publish(SUN, entry)
    book.discard(CHEN)
    assert book.bench().draft is None


def test_while_one_waits_nothing_else_is_changed(book):
    words(book, "周五福袋")
    book.propose(CHEN, "加词")
    with pytest.raises(InputError, match="second person"):
        words(book, "秒光")


def test_somebody_elses_change_is_not_overwritten(book, monkeypatch):
    stale = book.bench()
    words(book, "周五福袋")
    monkeypatch.setattr(Rulebook, "bench", lambda self: stale)
    with pytest.raises(InputError, match="meanwhile"):
        words(book, "秒光")


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a.worded("nolist", "秒光", True),
        lambda a: a.worded("G99-nothing", "秒光", True),
        lambda a: a.worded("principal", "不在里面", False),
        lambda a: a.worded("principal", "秒.*光", True),
        lambda a: a.worded("principal", "光", True),
        lambda a: a.switched("G99-nothing", False, GuardSettings()),
    ],
)
def test_a_change_that_cannot_be_is_refused_and_not_kept(book, change):
    with pytest.raises(InputError):
        book.edit(CHEN, change)
    assert book.bench().draft is None


def test_a_word_put_in_and_taken_out_again_changes_nothing(book):
    words(book, "秒光", "principal")
    changed = book.edit(CHEN, lambda a: a.worded("principal", "秒光", False))
    assert not changed
    with pytest.raises(InputError, match="nothing"):
        book.propose(CHEN, "没有变化")


def test_only_compliance_changes_rules(book):
    with pytest.raises(AccessDenied):
        book.edit(User("zhou", "trainer", "周"), lambda a: a)


def test_rules_taken_out_of_the_record_are_not_passed_over(book):
    words(book, "周五福袋")
    book.record.redact(1, "root", "mistake")
    with pytest.raises(RecordError):
        book.bench()


def test_a_severity_and_a_switch_of_the_settings_can_be_turned(tmp_path, book):
    own = GuardSettings(off=("G01-capital",))
    changed = book.bench().in_force.switched("G01-capital", True, own).graded(URGENT, "warn")
    settings = changed.settings(own)
    assert (settings.off, settings.severity) == ((), {URGENT: "warn"})
    assert not changed.switched("G01-capital", False, own).graded(URGENT, None)


def trial(book, texts):
    return Trial(book.load, lambda rules: Engine(rules or book.load(book.bench().in_force)), lambda: texts)


def test_a_trial_says_what_would_change_and_which_examples_no_longer_hold(book):
    changed = words(book, "周五福袋").switched("G01-capital", False, GuardSettings())
    texts = [Text("records", "1", "周五福袋哦"), Text("records", "2", "这款保本"), Text("records", "3", "您好")]
    tried = trial(book, texts)
    tried.start(changed)
    found = tried.wait(60)
    assert (found.stage, found.done, found.stricter, found.milder, found.broken) == ("done", 3, 1, 1, ())
    tried.start(book.bench().in_force.worded("principal", "本金", False))
    assert any(f.rule.startswith("G01") for f in tried.wait(60).broken)


def test_a_trial_can_be_stopped(book):
    tried = trial(book, [Text("records", str(n), "周五福袋哦" * 50) for n in range(3000)])
    tried.start(words(book, "周五福袋"))
    tried.stop()
    assert tried.wait(60).stage == "stopped"


def test_a_trial_that_fails_says_so(book):
    def broken():
        raise RecordError("the record could not be read")

    tried = Trial(book.load, lambda rules: Engine(rules), broken)
    tried.start(book.bench().in_force)
    assert (tried.wait(30).stage, tried.state.detail) == ("failed", "the record could not be read")
