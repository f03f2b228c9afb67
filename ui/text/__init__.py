"""Every word of the desk, in Chinese and English, a module a page. Names of the closed sets are in `ui.labels`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ui.text.accounts import ACCOUNTS
from ui.text.advisor import ADVISOR
from ui.text.archive import ARCHIVE
from ui.text.common import COMMON
from ui.text.compliance import COMPLIANCE
from ui.text.knowledge import KNOWLEDGE
from ui.text.pasted import PASTED
from ui.text.practice import PRACTICE
from ui.text.rulebook import RULEBOOK
from ui.text.trainer import TRAINER

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

TEXT: dict[str, tuple[str, str]] = {
    **COMMON,
    **ACCOUNTS,
    **ADVISOR,
    **PASTED,
    **COMPLIANCE,
    **TRAINER,
    **ARCHIVE,
    **RULEBOOK,
    **KNOWLEDGE,
    **PRACTICE,
}


@dataclass(frozen=True)
class Words:
    """The words of one language: `words("release")`, `words("planned", n=3)`."""

    language: Language

    def __call__(self, key: str, **values: object) -> str:
        """The word for a key; an unknown key is a KeyError, so that a test finds it."""
        return TEXT[key][LANGUAGES.index(self.language)].format(**values)
