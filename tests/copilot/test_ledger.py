"""The ledger beyond its letters: what was withdrawn, what is left open, and a model that must be the recorded one."""

from __future__ import annotations

import shutil
from datetime import datetime

import pytest

from copilot.errors import SettingsError
from copilot.settings import Settings
from copilot.spin import LedgerReader
from copilot.spin.commitments import commitments
from copilot.spin.evidence import NOTE, WEIGHTS, EvidenceModel
from copilot.spin.signs import Before, read_clauses
from copilot.spin.state import troubled
from copilot.types import Conversation, Customer, Evidence, Turn

AT = datetime(2026, 11, 24, 10)
READ = LedgerReader(Settings().ledger_dir)


def talk(*texts: str) -> Conversation:
    turns = (Turn("advisor", t[2:], AT) if t.startswith("A:") else Turn("customer", t, AT) for t in texts)
    return Conversation(tuple(turns), at=AT)


def test_what_is_corrected_is_kept_apart_as_withdrawn() -> None:
    ledger = READ(talk("我有20万要放", "A:好的，20万对吗", "不是20万，是12万"))
    assert ledger.withdrawn == (Evidence("我有20万要放", 0),)
    assert [e.quote for e in ledger.S] == ["是12万"]


def test_nothing_is_withdrawn_without_a_correction() -> None:
    assert READ(talk("我有20万要放", "A:还有别的吗", "还有5万活期")).withdrawn == ()


@pytest.mark.parametrize(
    ("text", "who", "when"),
    [
        ("明天问下老公", "老公", "2026-11-25"),
        ("我先跟我妈商量商量", "我妈", ""),
        ("等儿子周六回来再定", "儿子", "2026-11-28"),
        ("我再想想", "", ""),
        ("后天我去网点，到时候再说", "", "2026-11-26"),
    ],
)
def test_what_she_leaves_open(text: str, who: str, when: str) -> None:
    (found,) = commitments(text, 3, AT)
    assert (found.turn, found.who, found.when) == (3, who, when)
    assert found.quote in text


@pytest.mark.parametrize("text", ["想问下你利息多少", "我问一下手续费", "好的谢谢", "问问你明天开门吗", "我有20万"])
def test_a_question_to_the_advisor_leaves_nothing_open(text: str) -> None:
    assert commitments(text, 0, AT) == ()


def test_open_questions_of_the_whole_talk_stand_in_the_ledger() -> None:
    ledger = READ(talk("我明天问下老公", "A:好的", "利息多少"))
    assert [(c.who, c.turn) for c in ledger.open] == [("老公", 0)]


def test_a_clause_sees_its_neighbours_and_what_was_asked() -> None:
    alone = dict(read_clauses("怕亏", AT, Before())[0][1])
    beside = dict(read_clauses("我有20万，怕亏", AT, Before())[1][1])
    asked = dict(read_clauses("怕亏", AT, Before("您担心什么", True))[0][1])
    assert alone != beside
    assert alone != asked


def test_another_figure_is_the_same_sign() -> None:
    one, other = (read_clauses(f"我有{n}万闲钱", AT, Before())[0][1] for n in ("20", "85"))
    shared = set(one) & set(other)
    assert len(shared) > len(set(one) - shared)


def test_a_changed_file_stops_the_start(tmp_path) -> None:
    shutil.copytree(Settings().ledger_dir, tmp_path / "ledger")
    (tmp_path / "ledger" / WEIGHTS).write_bytes(b"x")
    with pytest.raises(SettingsError, match=r"does not match its recorded hash; .*make train-ledger"):
        EvidenceModel(tmp_path / "ledger").load()


def test_a_missing_or_foreign_note_stops_the_start(tmp_path) -> None:
    with pytest.raises(SettingsError, match="missing or broken"):
        EvidenceModel(tmp_path).load()
    (tmp_path / NOTE).write_text('{"size": 1, "bars": {}, "sha256": ""}', encoding="utf-8")
    with pytest.raises(SettingsError, match="made for other signs"):
        EvidenceModel(tmp_path).load()


@pytest.mark.parametrize(
    ("history", "customer", "lasts"),
    [
        (("我老伴上个月走了", "A:请您节哀"), None, True),
        (("我被人骗了，刚转了两万过去", "A:马上报警"), None, True),
        (("我要投诉你们", "A:您说"), None, True),
        (("我六年级，压岁钱能买理财吗", "A:要爸爸妈妈一起来办哦"), None, True),
        (("利息多少", "A:一年期以挂牌为准"), None, False),
        ((), None, False),
        (("能买吗", "A:能"), Customer(age=15), True),
    ],
)
def test_trouble_lasts(history: tuple[str, ...], customer: Customer | None, lasts: bool) -> None:
    assert troubled(talk(*history).turns, customer) is lasts


def test_trouble_long_ago_is_over() -> None:
    calm = [t for _ in range(5) for t in ("利息多少", "A:以挂牌为准")]
    assert not troubled(talk("我要投诉你们", "A:您说", *calm).turns)
