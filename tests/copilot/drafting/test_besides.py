"""A second question that the answer leaves open is told what is published on it."""

from __future__ import annotations

import pytest

from copilot.drafting.besides import answered_besides
from copilot.drafting.references import gather
from copilot.types import Draft, DraftRequest, Passage, PlannedMove, Reference
from tests.copilot.drafting.test_asked import TODAY, Shop
from tests.copilot.fakes import said, understood

MESSAGE = "转账咋就让转五万呢 限额上哪调啊"
ANSWER = "单笔和一天各有上限，超了就过不去。"
TOLD = Reference("问.答", "App“安全中心”里能自己调。", "Q-1", 0, 15)
NEAR = {"转账咋就让转五万": 0.5, "转账咋就让转五万呢": 0.5, "限额上哪调": 0.0}


def whole(near: dict[str, float] = NEAR, message: str = MESSAGE, answer: str = ANSWER, title: float = 0.8):
    """`near` says how like the answer each of her questions is; `title` how like the published question is to the last."""
    conversation = said(message)
    gathered = gather(conversation, understood("transaction_help"), (), Shop(), TODAY, lambda _product: True)
    passage = Passage("Q-1#0", "Q-1", "faq", "转账限额怎么调", "", 0.8, 0, 1)
    request = DraftRequest(
        conversation, understood("transaction_help"), (passage,), (PlannedMove("answer", ""),),
        (*gathered.references, TOLD), {}, {},
    )  # fmt: skip
    draft = Draft("answer", answer, answer, "script", script="S-9")

    def likeness(text: str, other: str) -> float:
        return (title if other == "限额上哪调" else 0.0) if text == passage.title else near[other]

    return answered_besides(request, draft, likeness)


def test_what_is_published_on_the_other_question_is_told():
    found = whole()
    assert found.text == ANSWER + TOLD.value
    assert found.origin == "book", "two texts that people wrote, but nobody has read them together"
    assert found.script is None
    (citation,) = found.citations
    assert citation.document == "Q-1"


@pytest.mark.parametrize(
    ("message", "near"),
    [
        ("限额上哪调啊", {"限额上哪调": 0.0}),  # one question is answered or not, that is the answer's own affair
        (MESSAGE, NEAR | {"限额上哪调": 0.3}),  # answered
        (MESSAGE, dict.fromkeys(NEAR, 0.1) | {"限额上哪调": 0.05}),  # neither is: which one, nobody knows
    ],
)
def test_where_nothing_is_added(message, near):
    assert whole(near, message) is None


def test_only_what_answers_that_very_question():
    assert whole(title=0.4) is None


def test_only_behind_a_finished_answer():
    assert whole(answer="单笔和一天各有上限，您卡在哪一笔？") is None
    assert whole(answer="单笔有上限" * 40 + "。") is None
