"""A larger model in the customer's voice: it says her line in other words, from the same card. Where it cannot, the line stands."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage, SystemMessage

from copilot.errors import ModelError
from copilot.prompting import Template, load_prompt
from copilot.settings import packaged
from evals.draft_scorers import unsourced
from evals.practice.customer import Buyer
from evals.practice.talk import Talk

Voice = Callable[[Buyer, Talk, str, str], str]
"""(customer, the talk before, the advisor's line, her written answer) → what she says."""
LONGEST = 160
TOKENS = 200
_THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
_STAGE = re.compile(r"客户[:：]|经理[:：]|顾问[:：]|作为(?:一个)?(?:AI|模型|人工智能)|[{}<>]")


def written(buyer: Buyer, talk: Talk, said: str, line: str) -> str:
    """The line as its author wrote it."""
    return line


def voiced_by(chat: BaseChatModel | None) -> Voice:
    """The voice at hand: a larger model's where there is one, else the written lines."""
    if chat is None:
        return written
    return partial(_voiced, chat, load_prompt(packaged("prompts", "practice.md")))


def _voiced(chat: BaseChatModel, prompt: Template, buyer: Buyer, talk: Talk, said: str, line: str) -> str:
    before = "\n".join(f"{'客户' if t.role == 'customer' else '经理'}：{t.text}" for t in talk.turns[-6:])
    asked = prompt.fill(who=buyer.about.zh, hidden=buyer.hidden.zh, before=before, said=said, line=line)
    try:
        answer = chat.invoke(
            [SystemMessage(prompt.system), HumanMessage(asked)],
            max_tokens=TOKENS,
            temperature=0.8,
            seed=talk.seed % 100_000 + len(talk.exchanges),
        )
    except ModelError:
        return line
    return fit(_THOUGHT.sub("", str(answer.text)).strip(), line)


def fit(answer: str, line: str) -> str:
    """The model's words where they may stand for the line: no longer than a message, with no figure that the line lacks; else the line."""
    wrong = not answer or len(answer) > LONGEST or _STAGE.search(answer) or unsourced(answer, [line])
    return line if wrong else answer
