"""A larger model as a second reader beside the guard, where the bank has set one.

It reads whole candidates and texts about to be released, after the rules and the classifier found nothing that holds. It
may send a text to review, naming the check; it can clear nothing, and where it does not answer the guard's word stands
and the verdict says that the judge was not heard.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from copilot.choosing import Chooser
from copilot.drafting.compose import fenced, spoken
from copilot.errors import GrammarError, ModelError
from copilot.types import NOT_HEARD, Finding, GuardContext, Verdict

log = logging.getLogger(__name__)
PASS, HOLD = "放行", "复核"
_TURNS = 4


@dataclass(frozen=True)
class Ground:
    """What a finding of the judge tells about a check."""

    title: str
    basis: str


@dataclass(frozen=True)
class Judge:
    """Satisfies `pipeline.SecondReader`. `grounds` are the checks it may name."""

    choose: Chooser
    grounds: Mapping[str, Ground]
    model: Callable[[], str]
    close: Callable[[], None] = lambda: None
    """Ends a connection of its own."""

    @property
    def version(self) -> str:
        """Prompt and model, for the record."""
        return f"judge:{self.choose.template.name}:{self.model()}"

    def __call__(self, text: str, context: GuardContext, verdict: Verdict) -> Verdict:
        """The verdict, perhaps with one finding more. A text that is held already is not read again."""
        if not verdict.releasable or not text.strip():
            return verdict
        version = f"{verdict.rules_version}+{self.version}"
        options = (PASS, *(f"{HOLD}{check}" for check in self.grounds))
        try:
            word = self.choose(options, before=spoken(context.history[-_TURNS:]) or "没有", text=fenced(text))
        except (ModelError, GrammarError) as error:
            log.warning("the judge gave no answer: %s", error)
            return replace(verdict, not_checked=(*verdict.not_checked, NOT_HEARD), rules_version=version)
        if word == PASS:
            return replace(verdict, rules_version=version)
        check = word.removeprefix(HOLD)
        ground = self.grounds[check]
        finding = Finding(
            f"{check}-judge",
            check,
            "review",
            0,
            len(text),
            text,
            f"另一个模型读后认为可能涉及：{ground.title}。请合规同事再看。",
            ground.basis,
        )
        return replace(verdict, outcome="review", findings=(*verdict.findings, finding), rules_version=version)
