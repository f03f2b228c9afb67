"""A larger model's choice among a few words: the grammar lets it write nothing else.

A server that decodes without grammars may answer in its own way; then the first of the words it wrote counts, and an
answer without any is a ModelError.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage, SystemMessage

from copilot.drafting.grammar import choice
from copilot.errors import ModelError
from copilot.prompting import Template

_SEED = 7
_THOUGHT = re.compile(r"<think>.*?</think>", re.DOTALL)


@dataclass(frozen=True)
class Chooser:
    """Asks `chat` by a prompt and takes one of the options; at temperature 0 unless votes are wanted."""

    chat: BaseChatModel
    template: Template
    temperature: float = 0.0

    def __call__(self, options: Sequence[str], cancel: Event | None = None, vote: int = 0, **values: str) -> str:
        """The option chosen in the `vote`-th asking. `values` are the prompt's variables; ModelError when the model gives none."""
        answer = self.chat.invoke(
            [SystemMessage(self.template.system), HumanMessage(self.template.fill(**values))],
            grammar=choice(options),
            max_tokens=max(len(o.encode()) for o in options) + 4,
            seed=_SEED + vote,
            temperature=self.temperature,
            cancel=cancel,
        )
        return chosen(str(answer.text), options)


def chosen(answer: str, options: Sequence[str]) -> str:
    """The option that stands first in an answer, the longest where two begin at one place; ModelError for none."""
    plain = _THOUGHT.sub("", answer)
    places = [(plain.find(o), -len(o), o) for o in options if o in plain]
    if not places:
        raise ModelError("the model's answer is none of the choices; see model.grammar_field in docs/settings.md")
    return min(places)[2]
