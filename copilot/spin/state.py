"""How the customer is right now, read from words alone, and whether anything may be sold to her.

The order decides: danger of her life before all, then a minor and grief, then a fraud in progress, anger, confusion, hurry. Trouble lasts: what a talk
was about a few turns ago still keeps selling off. Patterns (`reading.state_words`) read `plain` text.
"""

from __future__ import annotations

from collections.abc import Sequence

from copilot.reading import state_words as words_of
from copilot.reading.figures import find_figures
from copilot.reading.plain import plain
from copilot.reading.wishes import wants_peace
from copilot.suitability import ADULT_AGE
from copilot.types import LASTING_STATES, SILENT_INTENTS, SILENT_STATES, Customer, State, Turn

LASTING = 4
"""Her turns after which one still speaks to a mourner, to a child or to one in danger as such."""
REMEMBERED = 8
"""Turns of a talk, hers and the advisor's, in which trouble is still felt."""
_CLEAR_INTENTS = frozenset(("objection_hesitation", "comparison_competitor", "greeting_smalltalk"))


def detect_state(text: str, history: Sequence[Turn] = (), intent: str = "", customer: Customer | None = None) -> State:
    """The state of the customer who wrote `text`; `history` is what went before, oldest first."""
    words = plain(text)
    earlier = [plain(t.text) for t in history if t.role == "customer"][-LASTING:]
    if any(_in_crisis(said) for said in (words, *earlier)):
        return "crisis"
    if any(_is_minor(said, customer) for said in (words, *earlier)):
        return "minor"
    if any(_grieves(said) for said in (words, *earlier)):
        return "grief"
    fraud = _fraud(words, intent, earlier[-2:])
    if fraud:
        return fraud
    if _upset(words, intent, earlier):
        return "upset"
    if words_of.CONFUSED.search(words) and intent not in _CLEAR_INTENTS:
        return "confused"
    if words_of.URGENT.search(words) and not words_of.UNHURRIED.search(words) and _can_hurry(intent):
        return "hurried"
    return "calm"


def _in_crisis(words: str) -> bool:
    """Whether she writes that she does not want to live."""
    return words_of.CRISIS.search(words_of.NOT_CRISIS.sub("，", words)) is not None


def selling_allowed(intent: str, state: State, customer: Customer | None = None, secondary: Sequence[str] = ()) -> bool:
    """Whether anything may be sold in this turn.

    Never to a minor, in a complaint or a fraud, in crisis, grief or confusion; nor to a customer upset about a loss or the bank.
    """
    if customer is not None and customer.age is not None and customer.age < ADULT_AGE:
        return False
    if intent in SILENT_INTENTS or state in SILENT_STATES:
        return False
    about = {intent, *secondary}
    return not (state == "upset" and about & {"performance_concern", "complaint", "outflow_churn"})


def troubled(turns: Sequence[Turn], customer: Customer | None = None) -> bool:
    """Whether a talk is one of trouble: the advisor soothed or warned, or she told of a death, a fraud, was furious or wants peace."""
    recent = turns[-REMEMBERED:]
    for index, turn in enumerate(recent):
        if turn.role == "advisor":
            if words_of.SOOTHED.search(plain(turn.text)):
                return True
        elif (
            wants_peace(turn.text)
            or words_of.FURY.search(plain(turn.text))
            or detect_state(turn.text, recent[:index], "", customer) in LASTING_STATES
        ):
            return True
    return False


def _is_minor(words: str, customer: Customer | None) -> bool:
    if customer is not None and customer.age is not None:
        if customer.age < ADULT_AGE:
            return True
        return bool(words_of.MINOR.search(words)) and customer.age < ADULT_AGE + 2
    if words_of.MINOR.search(words):
        return True
    for figure in find_figures(words):
        if figure.kind != "count" or not isinstance(figure.value, float) or not 5 <= figure.value < ADULT_AGE:
            continue
        before, after = words[: figure.start], words[figure.end : figure.end + 3]
        aged = figure.unit in ("岁", "周岁") or (figure.unit == "" and _age_end(after))
        says = words_of.PRESENT_AGE.search(before) if aged else None
        if says is not None:  # 给我儿子存点钱 今年8岁: whose age is told last was named before
            child = words_of.SOMEONE_ELSE if "我" in says[0] else words_of.A_CHILD
            return not child.search(before)
    return False


def _age_end(after: str) -> bool:
    return not after or after[0] in "，。,!！?？ \n了的想过压能可"


def _grieves(words: str) -> bool:
    return bool(words_of.DEATH.search(words) or words_of.ILL.search(words)) and not words_of.NOT_DEATH.search(words)


def _fraud(words: str, intent: str, earlier: Sequence[str]) -> State | None:
    """Fraud in progress or just done; a lost card or phone is hurry, a suspicion that only asks stays calm."""
    scam = words_of.SCAM.search(words)
    if intent == "fraud_security":
        asks = words_of.ASKS.search(words)
        if scam:
            return None if asks and not words_of.DONE.search(words) else "fraud"
        if words_of.LOST.search(words):
            return "fraud" if words_of.MONEY_GONE.search(words) else "hurried"
        if any(words_of.SCAM.search(e) for e in earlier) or (words_of.STRANGER.search(words) and not asks):
            return "fraud"
        return "hurried" if words_of.URGENT.search(words) else None
    if intent == "complaint":
        return None
    if _pressed(words) or (any(_pressed(e) for e in earlier) and words_of.MOVES_MONEY.search(words)):
        return "fraud"
    if words_of.SENT_AND_LOST.search(words) and not words_of.SENT_WRONG.search(words):
        return "fraud"
    return "fraud" if scam and words_of.LIVE.search(words) and words_of.STRONG_SCAM.search(words) else None


def _pressed(words: str) -> bool:
    """Whether someone presses her: two of a stranger with authority, a secret to be kept and a threat."""
    signs = (words_of.AUTHORITY, words_of.SECRECY, words_of.THREAT)
    return sum(bool(sign.search(words)) for sign in signs) > 1


_TOUCHY = frozenset(
    (
        "performance_concern",
        "outflow_churn",
        "risk_assessment",
        "fee_inquiry",
        "maturity_reinvest",
        "benefits_activity",
        "liquidity_need",
    )
)
_NEUTRAL = frozenset(
    (
        "deposit_rate",
        "fee_inquiry",
        "product_inquiry",
        "comparison_competitor",
        "recommendation_request",
        "loan_credit",
        "risk_concern",
        "benefits_activity",
        "insurance_pension",
        "objection_hesitation",
        "life_planning",
    )
)
"""Intents whose plain questions share words with anger (谁负责, 糊弄): only fury counts there."""


def _upset(words: str, intent: str, earlier: Sequence[str]) -> bool:
    """Anger anywhere; loss with distress; a complaint, unless it is put in a plain, even voice."""
    angry = words_of.ANGER.search(words)
    if intent in ("greeting_smalltalk", "other_unclear", "market_view"):
        return bool(angry) and bool(words_of.BANK.search(words))
    if intent == "complaint":
        return not words_of.EVEN_VOICE.search(words) or bool(words_of.STERN.search(words))
    if angry:
        return intent not in _NEUTRAL or bool(words_of.FURY.search(words))
    if intent in _TOUCHY and words_of.BLAME.search(words):
        return intent in ("performance_concern", "outflow_churn", "risk_assessment") or bool(words_of.YOU.search(words))
    if intent in ("performance_concern", "outflow_churn", "liquidity_need", "maturity_reinvest"):
        if words_of.LOSS.search(words) and words_of.DISTRESS.search(words):
            return True
        return bool(earlier) and bool(words_of.ANGER.search(earlier[-1])) and len(words) < 30
    return False


def _can_hurry(intent: str) -> bool:
    return intent not in ("greeting_smalltalk", "market_view", "life_planning", "objection_hesitation", "other_unclear")
