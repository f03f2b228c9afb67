"""Archived conversations are asked again with one thing changed; what differs is counted and shown, and nothing is recorded."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from copilot.drafting import ModelDrafter
from copilot.errors import InputError
from copilot.models.scripted import FakeChat
from copilot.pipeline import propose, release
from copilot.settings import ModelSettings, Settings, packaged
from copilot.types import Conversation, Customer, Edit, Turn
from copilot.wiring import App, build
from evals.offrecord import OffRecord
from evals.replay import Answer, Archived, Change, Differs, Replay, archive, differing, prompted, replay
from evals.replay_page import as_html, as_markdown, write
from tests.rulefolder import rule, written

pytestmark = pytest.mark.model
AT = datetime(2026, 11, 20, 10)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    made = build(Settings(data=tmp_path_factory.mktemp("data"), model=ModelSettings(kind="scripted")))
    made.check_all()
    card = Customer("王姐", "C2", AT.date())
    for number, text in enumerate(("稳健半年几天到账", "一年定存利率多少", "在吗")):
        talk = Conversation((Turn("customer", text, AT),), card, AT, f"c{number}")
        proposal = propose(made.line, talk, actor="zhao")
        if not number:
            release(made.line, proposal, Edit("您放心，保本保息，稳赚不赔", "zhao"))
            release(made.line, proposal, Edit("王姐，我查一下回您。", "zhao"))
    propose(made.line, Conversation((Turn("customer", "测量", AT),), None, AT, "m"), actor="eval")
    yield made
    made.close()


def entries(desk: App) -> int:
    return len(desk.record.read())


def test_the_archive_has_what_was_answered_and_what_was_sent(desk: App) -> None:
    found = archive(desk, 10)
    assert [c.conversation.message for c in found.cases] == ["稳健半年几天到账", "一年定存利率多少", "在吗"]
    first = found.cases[0]
    assert first.conversation.customer == Customer("王姐", "C2", AT.date())
    assert first.answer.texts
    assert len(first.answer.verdicts) == len(first.answer.texts)
    assert first.answer.left == (False, True)
    assert [c.conversation.message for c in archive(desk, 1).cases] == ["在吗"]


def test_the_same_product_answers_the_same_and_leaves_no_trace(desk: App) -> None:
    before = entries(desk)
    found = replay(desk, Change())
    assert [c.aspects for c in found.cases] == [(), (), ()]
    assert entries(desk) == before
    assert "0 of 3 conversations differ" in as_markdown(found)


def test_other_rules_change_what_would_leave(desk: App, tmp_path: Path) -> None:
    asked = rule("G21-own", patterns=["查一下"], fails=["我查一下"], passes=["您好"], severity="review")
    found = replay(desk, Change(rules=written(tmp_path, asked)), today=True)
    (changed,) = [c for c in found.cases if "left" in c.aspects]
    assert changed.before.left == (False, True)
    assert changed.after.left == (True, False)
    assert found.counts["left"] == 1


def test_other_knowledge_gets_an_index_of_its_own(desk: App, tmp_path: Path) -> None:
    content = tmp_path / "content"
    shutil.copytree(packaged("knowledge_base", "content"), content)
    path = content / "products" / "LJ-D-001.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("1.05%", "1.15%"), encoding="utf-8")
    live = sorted(p.name for p in desk.settings.index_dir.iterdir())
    found = replay(desk, Change(knowledge=content), last=2)
    deposit = next(c for c in found.cases if "定存" in c.case.conversation.message)
    assert "1.15%" in "".join(deposit.after.texts)
    assert "1.15%" not in "".join(deposit.before.texts)
    assert sorted(p.name for p in desk.settings.index_dir.iterdir()) == live


def test_what_is_not_there_is_said_in_one_line(desk: App, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--rules"):
        replay(desk, Change(rules=tmp_path / "none"))
    with pytest.raises(InputError, match="no model drafts"):
        replay(desk, Change(prompts=tmp_path))
    empty = build(Settings(data=tmp_path / "new", model=ModelSettings(kind="scripted")))
    try:
        with pytest.raises(InputError, match="no conversation to replay"):
            replay(empty, Change())
    finally:
        empty.close()


def test_another_prompt_of_the_same_name_is_asked(desk: App, tmp_path: Path) -> None:
    chat = FakeChat(replies=["王姐，好的。"])
    line = replace(desk.line, drafter=ModelDrafter(chat, desk.prompt, desk.line.scripted), record=OffRecord())
    with pytest.raises(InputError, match=r"has no draft\.md"):
        prompted(line, tmp_path)
    words = packaged("prompts", "draft.md").read_text(encoding="utf-8")
    (tmp_path / "draft.md").write_text(words + "\n只说短句。\n", encoding="utf-8")
    propose(prompted(line, tmp_path), archive(desk, 1).cases[0].conversation)
    assert "只说短句" in "".join(str(m.content) for m in chat.asked[0][0])
    assert prompted(line, tmp_path).provenance() == line.provenance()


def test_a_change_touches_what_it_names(desk: App, tmp_path: Path) -> None:
    now = desk.settings
    assert Change().settings(desk, tmp_path).guard == now.guard
    other = Change(model=tmp_path / "m.gguf", rules=tmp_path).settings(desk, tmp_path)
    assert (other.model.kind, other.model.path, other.guard.rules) == ("embedded", tmp_path / "m.gguf", tmp_path)
    assert other.data == now.data
    assert Change(knowledge=tmp_path).settings(desk, tmp_path / "s").data == tmp_path / "s"
    assert str(Change(scripted=True, rules=Path("r"))) == "rules r, scripts alone"


def test_redacted_conversations_are_counted_and_not_asked(desk: App) -> None:
    last = archive(desk, 1).cases[0].entry
    desk.record.redact(last, "chen", "客户要求")
    found = archive(desk, 10)
    assert (len(found.cases), found.redacted) == (2, 1)


def answer(text: str) -> Answer:
    return Answer("fee_inquiry", "calm", True, (), ("answer",), (text,), ("pass",), (True,))


def made(*pairs: tuple[str, str]) -> Replay:
    talk = Conversation((Turn("customer", "<b>问"),))
    cases = tuple(
        Differs(Archived(i, talk, answer(a)), answer(a), answer(b), differing(answer(a), answer(b)))
        for i, (a, b) in enumerate(pairs)
    )
    counts = {"texts": sum(bool(c.aspects) for c in cases)}
    return Replay(AT, "rules x", "what was recorded", {"rules": "1"}, {"rules": "2"}, cases, 1, counts)


def test_the_pages_show_what_differs_and_escape_it(tmp_path: Path) -> None:
    found = made(("旧话", "新<i>话"), ("同", "同"))
    html, text = write(found, tmp_path)
    page = html.read_text(encoding="utf-8")
    assert "1 of 2 conversations differ, 1 more are redacted" in page
    assert "新&lt;i&gt;话" in page
    assert "<b>问" not in page
    assert "src=" not in page
    body = text.read_text(encoding="utf-8")
    assert "| words of the drafts | 1 | 2 | 0.500 |" in body
    assert "- rules: `1` → `2`" in body
    assert "before: 旧话" in body
    assert "同" not in body.split("## Entry")[1]


def test_no_sent_text_is_no_share() -> None:
    found = made(("a", "a"))
    silent = replace(found, cases=tuple(replace(c, case=replace(c.case, sent=())) for c in found.cases))
    assert "| whether a sent text would leave | 0 | 0 | – | – |" in as_markdown(silent)
    assert "0 of 1" in as_html(silent)
