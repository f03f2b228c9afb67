"""Names of the closed sets in the page's language; the Chinese ones are the product's own."""

from __future__ import annotations

from copilot.drafting.labels import INTENT_ZH, MOVE_ZH, STATE_ZH, TONE_ZH
from ui.text import Words
from ui.text.figures import PIECES, SUITES
from ui.text.guard import CHECKS, FORBIDDEN, REASONS

INTENT_EN: dict[str, str] = {
    "maturity_reinvest": "Maturity, reinvest",
    "product_inquiry": "Product question",
    "performance_concern": "Performance concern",
    "liquidity_need": "Needs the money",
    "recommendation_request": "Wants a recommendation",
    "comparison_competitor": "Comparing",
    "risk_concern": "Risk worry",
    "deposit_rate": "Deposit rates",
    "transaction_help": "Help with a transaction",
    "holiday_arrangement": "Holiday dates",
    "fee_inquiry": "Fees",
    "risk_assessment": "Risk assessment",
    "insurance_pension": "Insurance and pension",
    "market_view": "Market view",
    "loan_credit": "Loans and cards",
    "benefits_activity": "Benefits",
    "complaint": "Complaint",
    "outflow_churn": "Moving money away",
    "life_planning": "Life planning",
    "objection_hesitation": "Hesitating",
    "greeting_smalltalk": "Small talk",
    "fraud_security": "Safety and fraud",
    "other_unclear": "Other",
}
MOVE_EN: dict[str, str] = {
    "situation": "Ask about the situation",
    "problem": "Bring out the problem",
    "implication": "Show the implication",
    "need": "Name the need",
    "answer": "Answer",
    "soothe": "Soothe",
    "safety": "Safety first",
    "decline": "Decline honestly",
    "find_out": "Find out",
}
STATE_EN: dict[str, str] = {
    "calm": "calm",
    "upset": "upset",
    "grief": "grieving",
    "crisis": "in danger of her life",
    "confused": "confused",
    "minor": "a minor",
    "fraud": "being defrauded",
    "hurried": "in a hurry",
}
TONE_EN: dict[str, str] = {"warm": "Warm", "brief": "Brief", "formal": "Formal"}
ROLE: dict[str, tuple[str, str]] = {
    "advisor": ("理财经理", "advisor"),
    "compliance": ("合规", "compliance"),
    "trainer": ("培训", "trainer"),
    "admin": ("管理员", "administrator"),
}


KIND: dict[str, tuple[str, str]] = {
    "product": ("产品资料", "product"),
    "faq": ("问答", "questions"),
    "compliance": ("法规制度", "rules"),
    "script": ("话术", "script"),
    "market": ("市场观点", "market note"),
    "calendar": ("日历", "calendar"),
    "glossary": ("名词", "glossary"),
    "document": ("一般资料", "paper"),
}


def intent(words: Words, label: str) -> str:
    """An intent's name."""
    return (INTENT_ZH if words.language == "zh" else INTENT_EN).get(label, label)


def move(words: Words, label: str) -> str:
    """A move's name."""
    return (MOVE_ZH if words.language == "zh" else MOVE_EN).get(label, label)


def state(words: Words, label: str) -> str:
    """A customer state's name."""
    return (STATE_ZH if words.language == "zh" else STATE_EN).get(label, label)


def tone(words: Words, label: str) -> str:
    """A tone's name."""
    return (TONE_ZH if words.language == "zh" else TONE_EN).get(label, label)


def role(words: Words, label: str) -> str:
    """A role's name."""
    return ROLE[label][0 if words.language == "zh" else 1]


def check(words: Words, label: str) -> str:
    """A check of the guard: its number, which the papers go by, and its name."""
    named = CHECKS.get(label)
    return f"{label} {named[0 if words.language == 'zh' else 1]}" if named else label


def forbidden(words: Words, label: str) -> str:
    """What a check forbids, for who does not read the rule's own Chinese line; "" where that is enough."""
    return "" if words.language == "zh" else FORBIDDEN.get(label, "")


def reason(words: Words, said: str) -> str:
    """Why a move is worth making; what has no English is told as it is."""
    return said if words.language == "zh" else REASONS.get(said, said)


def suite(words: Words, label: str) -> str:
    """A suite of an evaluation."""
    return SUITES[label][0 if words.language == "zh" else 1] if label in SUITES else label


def figure(words: Words, name: str) -> str:
    """A figure of an evaluation, its name read piece by piece."""
    if words.language != "zh":
        return name.replace("_", " ")
    rest, found = name.split("_"), []
    while rest:
        size = next((n for n in range(len(rest), 0, -1) if "_".join(rest[:n]) in PIECES), 0)
        found.append(PIECES["_".join(rest[:size])] if size else check(words, rest[0]))
        rest = rest[size or 1 :]
    return " ".join(found)


def kind(words: Words, label: str) -> str:
    """A kind of document."""
    return KIND[label][0 if words.language == "zh" else 1]
