"""Texts read again: what another version of the rules, or the rules of today, would say of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from copilot.types import Guard, GuardContext, Outcome, Verdict
from guardrails.loading import RuleSet

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Text:
    """A text that was approved, released or written as an example. `before` is the verdict it was released with."""

    origin: str
    name: str
    text: str
    context: GuardContext = field(default_factory=GuardContext)
    before: Verdict | None = None


@dataclass(frozen=True)
class Reread:
    """A text with its verdict before and now; `before` is None where there is nothing to compare with."""

    text: Text
    before: Verdict | None
    now: Verdict

    @property
    def was(self) -> Outcome | None:
        """The outcome before."""
        return self.before.outcome if self.before is not None else None

    @property
    def turned(self) -> bool:
        """Whether the verdict changed; a text with nothing before it speaks when it does not pass."""
        return self.now.outcome != (self.was or "pass")

    @property
    def shifted(self) -> bool:
        """Whether the same verdict now stands on other rules."""
        return self.before is not None and not self.turned and _grounds(self.before) != _grounds(self.now)


def reread(
    texts: Sequence[Text], now: Guard, before: Guard | None = None, progress: Progress | None = None
) -> Iterator[Reread]:
    """Each text with its verdicts; compared with `before` when given, else with the verdict it was released with."""
    for number, text in enumerate(texts, start=1):
        earlier = before.check(text.text, text.context) if before is not None else text.before
        yield Reread(text, earlier, now.check(text.text, text.context))
        if progress is not None:
            progress(number, len(texts))


def examples(*rulesets: RuleSet) -> tuple[Text, ...]:
    """The examples of rule sets, each message once."""
    found = {
        (example.text, repr(example.context)): Text("example", rule.id, example.text, example.context)
        for ruleset in rulesets
        for rule in ruleset.rules
        for example in (*rule.fails, *rule.passes)
    }
    return tuple(found.values())


def gained(reread: Reread) -> tuple[str, ...]:
    """Rules that find something now and did not before."""
    return _minus(reread.now.findings, reread.before.findings if reread.before else ())


def lost(reread: Reread) -> tuple[str, ...]:
    """Rules that found something before and no longer do."""
    return _minus(reread.before.findings if reread.before else (), reread.now.findings)


def _minus(some: Iterable[object], others: Iterable[object]) -> tuple[str, ...]:
    taken = {getattr(f, "rule", "") for f in others}
    return tuple(dict.fromkeys(str(r) for r in (getattr(f, "rule", "") for f in some) if r not in taken))


def _grounds(verdict: Verdict) -> set[tuple[str, str]]:
    return {(f.rule, f.severity) for f in verdict.findings}
