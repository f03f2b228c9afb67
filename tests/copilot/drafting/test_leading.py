"""A question after the answer to what she asked, in one sentence."""

from __future__ import annotations

import pytest

from copilot.drafting.leading import answered_first
from copilot.drafting.question import asks
from copilot.types import Draft, DraftRequest, PlannedMove
from tests.copilot.fakes import said, understood

ANSWER = "限额在App安全中心里能自己调，调不上去的来网点。改限额都要您本人办。"
QUESTION = "限额低是麻烦。您是只转这一回，还是以后常有？"


def led(answer: str = ANSWER, question: str = QUESTION) -> str | None:
    request = DraftRequest(said("限额怎么这么低"), understood(), (), (PlannedMove("answer", ""),), (), {}, {})
    found = answered_first(
        request, Draft("situation", question, question, "book"), Draft("answer", answer, answer, "script")
    )
    return None if found is None else found.text


def test_her_question_is_answered_before_another_is_asked() -> None:
    assert led() == "限额在App安全中心里能自己调，调不上去的来网点。您是只转这一回，还是以后常有？"


@pytest.mark.parametrize(
    ("answer", "question"),
    [
        ("能。改限额都要您本人办。", QUESTION),
        ("您先说说要转多少？", QUESTION),
        ("限额" * 40 + "。", QUESTION),
        (ANSWER, "限额低是麻烦。我去看看。"),
        (ANSWER, "限额低是麻烦。那您是只转这一回，还是以后常有？"),
        (ANSWER, "您急不急？限额低是麻烦。您是只转这一回？"),
    ],
)
def test_what_does_not_stand_by_itself_is_left(answer: str, question: str) -> None:
    assert led(answer, question) is None


@pytest.mark.parametrize(
    ("message", "does"), [("限额怎么这么低", True), ("能取吗", True), ("亏了四千多", False), ("好的谢谢", False)]
)
def test_whether_she_asks(message: str, does: bool) -> None:
    assert asks(message) is does
