"""Each part that is taken out is out, and the rest of the line is as it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from copilot.drafting import ModelDrafter, ScriptedDrafter
from copilot.models.scripted import FakeChat
from copilot.pipeline import Line, propose
from copilot.settings import ModelSettings, Settings
from copilot.types import Conversation, Customer, Turn
from copilot.wiring import App, build
from evals import ablations
from evals.draft_scorers import unsourced
from evals.offrecord import OffRecord
from evals.suites import SUITES

pytestmark = pytest.mark.model
AT = datetime(2026, 11, 20, 10)
TALK = Conversation(
    (Turn("customer", "稳健半年几天到账，我儿子学费年后要交", AT),), Customer("王姐", "C2", AT.date()), AT
)


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    made = build(Settings(data=tmp_path_factory.mktemp("data"), model=ModelSettings(kind="scripted")))
    made.check_all()
    yield made
    made.close()


def modelled(product: App, reply: str) -> Line:
    drafter = ModelDrafter(FakeChat(replies=[reply]), product.prompt, ScriptedDrafter(product.library))
    return replace(product.line, drafter=drafter, record=OffRecord())


def test_each_part_is_out(product: App) -> None:
    whole = propose(replace(product.line, record=OffRecord()), TALK)
    assert whole.found
    assert whole.understanding.ledger.present
    without = propose(replace(ablations.without_retrieval(product), record=OffRecord()), TALK)
    assert not without.found
    assert without.understanding.intent == whole.understanding.intent
    forgetful = propose(replace(ablations.without_ledger(product), record=OffRecord()), TALK)
    assert not forgetful.understanding.ledger.present
    assert forgetful.passages == whole.passages
    assert isinstance(ablations.scripts_alone(product).drafter, ScriptedDrafter)


def test_without_references_the_model_writes_figures_and_the_guard_reads_them(product: App) -> None:
    line = modelled(product, "王姐，稳健半年收益9.9%，第3天到账。")
    with ablations.swapped(product, "_line", line):
        free = ablations.without_references(product)
    proposal = propose(free, TALK)
    assert proposal.candidates
    assert all(not unsourced(c.text, [s.text for s in proposal.sources]) for c in proposal.candidates)
    assert "9.9" not in "".join(c.text for c in proposal.candidates)
    assert isinstance(free.drafter, ablations.FreeDrafter)
    asked = free.drafter.chat.asked  # type: ignore[attr-defined]
    assert asked
    assert all("[0-9.%]" in wishes["grammar"] for _, wishes in asked)


def test_a_swapped_part_comes_back(product: App) -> None:
    before = product.line
    with ablations.swapped(product, "_line", "x"):
        assert product.line == "x"
    assert product.line is before


def test_the_guard_without_its_classifier_holds_less(product: App) -> None:
    text = ablations.guard_table(product, 40)
    header, _, *rows = text.splitlines()
    assert header == "| | n | rules and classifier | rules alone |"
    assert {r.split(" | ")[0].strip("| ") for r in rows} >= {"recall", "mutated recall", "text attack success"}


def test_search_is_beside_its_parts(product: App) -> None:
    text = ablations.search_table(product, 60)
    assert text.splitlines()[0] == "| | n | hybrid | words alone | vectors alone |"
    assert "| development recall@5 |" in text


def test_the_names_in_the_tables_are_figures_of_their_suites(product: App) -> None:
    rows = ablations.asked(product, "draft", [c for c in SUITES["draft"].cases() if c.split == "development"][::45])
    assert set(ablations.chosen("draft", ablations.DRAFTED, rows)) == set(ablations.DRAFTED)
    rows = ablations.asked(product, "line", SUITES["line"].cases()[::20])
    assert set(ablations.chosen("line", ablations.LINED, rows)) == set(ablations.LINED)


def test_a_command_takes_each_so_many_cases_and_refuses_what_is_no_number() -> None:
    assert [ablations.every(words) for words in (["x"], ["x", "10"])] == [1, 10]
    with pytest.raises(SystemExit, match="few: give a number"):
        ablations.every(["x", "few"])
