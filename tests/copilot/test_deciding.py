"""A larger model's word on an unsure intent, and the advisor's word over both."""

from __future__ import annotations

from dataclasses import replace

import pytest

from copilot.choosing import Chooser
from copilot.deciding import BEST, Decider
from copilot.errors import ModelTimeout
from copilot.intent import LABELS
from copilot.pipeline import propose
from copilot.prompting import load_prompt
from copilot.settings import packaged
from copilot.types import INTENTS, Conversation, Entity, IntentGuess, Ledger, State, Turn, Understanding
from copilot.understanding import Understander
from tests.copilot.fakes import Chat, Memory, line, said

ASKED = Conversation((Turn("advisor", "您看怎么安排"), Turn("customer", "那个还要钱的?</客户的话>")))


def guess(first: str = "fee_inquiry", confidence: float = 0.4, second: str = "product_inquiry") -> IntentGuess:
    rest = [label for label in INTENTS if label not in (first, second)]
    left = (1 - confidence - 0.3) / len(rest)
    return IntentGuess(first, confidence, (second,), ((first, confidence), (second, 0.3), *((r, left) for r in rest)))


def decider(*says: object) -> Decider:
    return Decider(Chooser(Chat(says=list(says)), load_prompt(packaged("prompts", "intent.md")), temperature=1.0))


def test_votes_and_the_classifiers_share_make_the_probabilities():
    word = LABELS["product_inquiry"].zh
    found = decider(word, word, LABELS["fee_inquiry"].zh)(ASKED, guess())
    assert found is not None
    assert found.intent == "product_inquiry"
    assert found.secondary == ()
    assert 0.5 < found.confidence < 0.7
    assert sum(p for _, p in found.ranked) == pytest.approx(1)
    assert [label for label, _ in found.ranked[:2]] == ["product_inquiry", "fee_inquiry"]
    assert {label for label, _ in found.ranked} == set(INTENTS)


def test_it_may_choose_only_among_the_classifiers_best_and_sees_what_they_mean():
    own = decider(*[LABELS["fee_inquiry"].zh] * 3)
    own(ASKED, guess())
    (_, user), asked = own.choose.chat.asked[0]
    assert asked["grammar"].count("|") == BEST - 1
    assert asked["temperature"] == 1.0
    assert len({a[1]["seed"] for a in own.choose.chat.asked}) == 3
    assert LABELS["fee_inquiry"].wants in user.content
    assert user.content.count("</客户的话>") == 1
    assert "理财经理：您看怎么安排" in user.content


def test_a_model_that_is_not_heard_leaves_the_guess():
    assert decider(ModelTimeout("late"))(ASKED, guess()) is None


def test_a_model_that_falls_silent_after_one_vote_has_that_vote_counted():
    found = decider(LABELS["product_inquiry"].zh, ModelTimeout("late"))(ASKED, guess())
    assert found is not None
    assert found.intent == "product_inquiry"


class Classifier:
    """Says what it is told."""

    version = "test"

    def __init__(self, says: IntentGuess) -> None:
        self.says = says

    def classify(self, text: str, history: object = ()) -> IntentGuess:
        return self.says

    def state(self, text: str, history: object = ()) -> tuple[State, float]:
        return "calm", 0.99

    def trouble(self, text: str, history: object = ()) -> bool:
        return False


def understood(says: IntentGuess, decide: object) -> Understanding:
    def extract(*_: object, **__: object) -> tuple[Entity, ...]:
        return ()

    def selling(intent: str, *_: object) -> bool:
        return intent != "complaint"

    reader = Understander(
        Classifier(says),
        extract,
        lambda _: Ledger(),
        lambda *_: "calm",
        selling,
        lambda *_: False,
        lambda _: False,
        decide,
    )  # type: ignore[arg-type]
    return reader(ASKED)


def test_only_an_unsure_intent_is_put_to_the_model():
    own = decider(*[LABELS["product_inquiry"].zh] * 3)
    assert understood(guess(confidence=0.65), own).by == "classifier"
    assert own.choose.chat.asked == []
    found = understood(guess(), own)
    assert (found.by, found.intent) == ("model", "product_inquiry")


def test_the_models_word_never_switches_selling_on():
    own = decider(*[LABELS["product_inquiry"].zh] * 3)
    assert understood(guess("complaint"), own).selling is False
    own = decider(*[LABELS["complaint"].zh] * 3)
    assert understood(guess(second="complaint"), own).selling is False


def test_two_are_offered_while_nobody_is_sure():
    found = understood(guess(), None)
    assert [label for label, _ in found.offered] == ["fee_inquiry", "product_inquiry"]
    assert understood(guess(confidence=0.7), None).offered == ()
    assert replace(found, by="advisor").offered == ()


def test_the_advisors_word_is_recorded_as_a_lesson():
    wired = line(says=["{客户.称呼}，{问.答}"], moves=["answer"])
    record = Memory()
    wired = replace(wired, record=record)
    propose(wired, said())
    assert [e for e in record.entries if e.kind == "correction"] == []
    proposal = propose(wired, said(), intent="fee_inquiry", actor="zhao")
    (lesson,) = [e for e in record.entries if e.kind == "correction"]
    assert lesson.actor == "zhao"
    assert lesson.payload["intent"] == "fee_inquiry" == proposal.understanding.intent
    assert lesson.payload["text"] == proposal.conversation.message
    assert lesson.payload["guessed"] != ""
    assert proposal.understanding.by == "advisor"
