"""The understanding put together: the classifier may name a state when sure, and silence selling when it only suspects."""

from __future__ import annotations

from collections.abc import Sequence

from copilot.reading.wishes import wants_peace
from copilot.spin.state import detect_state, selling_allowed, troubled
from copilot.types import Conversation, Customer, Entity, IntentGuess, Ledger, State, Turn
from copilot.understanding import SURE_STATE, Understander


class Guess:
    """A classifier that says what the test wants."""

    version = "fake"

    def __init__(
        self,
        state: State = "calm",
        sure: float = 0.0,
        trouble: bool = False,
        intent: str = "deposit_rate",
        by: float = 1.0,
    ) -> None:
        self._state, self._sure, self._trouble, self._intent, self._by = state, sure, trouble, intent, by

    def classify(self, text: str, history: Sequence[Turn] = ()) -> IntentGuess:
        return IntentGuess(self._intent, self._by, (), ((self._intent, self._by), ("other_unclear", 1 - self._by)))

    def state(self, text: str, history: Sequence[Turn] = ()) -> tuple[State, float]:
        return self._state, self._sure

    def trouble(self, text: str, history: Sequence[Turn] = ()) -> bool:
        return self._trouble


def nothing(text: str, **_: object) -> tuple[Entity, ...]:
    return ()


def understand(guess: Guess, *texts: str, customer: Customer | None = None) -> tuple[State, bool]:
    turns = tuple(Turn("advisor", t[2:]) if t.startswith("A:") else Turn("customer", t) for t in texts)
    read = Understander(guess, nothing, lambda _: Ledger(), detect_state, selling_allowed, troubled, wants_peace)
    found = read(Conversation(turns, customer))
    return found.state, found.selling


def test_a_sure_classifier_names_the_state() -> None:
    assert understand(Guess("grief", SURE_STATE), "存折怎么取") == ("grief", False)


def test_a_complaint_that_is_only_guessed_upsets_nobody() -> None:
    leaflet, fury = "把产品资料发我一份 PDF的 不要链接", "你们什么破银行，气死我了"
    assert understand(Guess(intent="complaint", by=0.3), leaflet) == ("calm", False)
    assert understand(Guess(intent="complaint", by=0.9), leaflet) == ("upset", False)
    assert understand(Guess(intent="complaint", by=0.3), fury) == ("upset", False)


def test_a_suspicion_silences_selling_without_naming_the_state() -> None:
    assert understand(Guess("grief", SURE_STATE - 0.01, trouble=True), "存折怎么取") == ("calm", False)
    assert understand(Guess("grief", SURE_STATE - 0.01), "存折怎么取") == ("calm", True)


def test_hurry_is_no_reason_for_silence() -> None:
    assert understand(Guess("hurried", SURE_STATE), "一年多少") == ("hurried", True)


def test_selling_stays_off_to_the_end_of_a_talk_of_trouble() -> None:
    assert understand(Guess(), "我被人骗了，转了两万", "A:马上报警", "好的谢谢")[1] is False
    assert understand(Guess(), "一年多少", "A:以挂牌为准", "好的谢谢")[1] is True


def test_a_mourner_is_still_one_some_turns_later() -> None:
    assert understand(Guess(), "我老伴上周过世了", "A:您说", "要带什么证件", "A:身份证", "几点开门")[0] == "grief"
