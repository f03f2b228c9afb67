"""What the classifier says, as findings of the check it names."""

from __future__ import annotations

from guardrails.message import Message
from guardrails.rule import Hit, Judgement, Logic


def meant(check: str) -> Logic:
    """Logic of the rule that speaks for the classifier on one check."""

    def judge(message: Message) -> Judgement:
        return Judgement(tuple(Hit(c.start, c.end) for c in message.concerns if c.check == check))

    return judge
