"""What a bank changed on the rules from its workbench: switches, severities, words. Applied when the rules are read; empty changes nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from copilot.errors import InputError
from copilot.settings import GuardSettings
from copilot.types import GuardContext, Severity
from guardrails.message import message

_WORD = re.compile(r"[\w%]{2,20}")
"""What a person may add: plain letters, so that a word is never a pattern."""
_RULE = re.compile(r"G\d\d-[a-z0-9-]+")
Words = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Amendment:
    """Changes over the settings and the rule files. Words stand under the name of a list or the id of a rule."""

    off: tuple[str, ...] = ()
    on: tuple[str, ...] = ()
    severity: Mapping[str, Severity] = field(default_factory=dict)
    added: Words = field(default_factory=dict)
    dropped: Words = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether anything is changed."""
        return bool(self.off or self.on or self.severity or self.added or self.dropped)

    def switched(self, rule: str, on: bool, settings: GuardSettings) -> Amendment:
        """With a rule switched on or off."""
        off = tuple(r for r in self.off if r != rule) + (() if on or rule in settings.off else (rule,))
        more = tuple(r for r in self.on if r != rule) + ((rule,) if on and rule in settings.off else ())
        return replace(self, off=tuple(sorted(off)), on=tuple(sorted(more)))

    def graded(self, rule: str, severity: Severity | None) -> Amendment:
        """With another severity for a rule; None gives back its own."""
        kept = {k: v for k, v in self.severity.items() if k != rule}
        return replace(self, severity=dict(sorted((kept | ({rule: severity} if severity else {})).items())))

    def worded(self, name: str, word: str, there: bool) -> Amendment:
        """With a word put in a list (or straight into a rule), or taken out."""
        known = word_of(word) if there else word.strip()
        added, dropped = set(self.added.get(name, ())), set(self.dropped.get(name, ()))
        if there:
            if known not in dropped:
                added.add(known)
            dropped.discard(known)
        else:
            if known not in added:
                dropped.add(known)
            added.discard(known)
        return replace(self, added=_with(self.added, name, added), dropped=_with(self.dropped, name, dropped))

    def settings(self, own: GuardSettings) -> GuardSettings:
        """The bank's settings with the switches and severities laid over them."""
        off = tuple(r for r in dict.fromkeys((*own.off, *self.off)) if r not in self.on)
        return own.model_copy(update={"off": off, "severity": {**own.severity, **self.severity}})

    def words(self, lists: Words) -> dict[str, tuple[str, ...]]:
        """The word lists as changed. InputError for a list that is not there, a word that is not in it, or a list left empty."""
        found = dict(lists)
        for name in sorted({*self.added, *self.dropped}):
            if _RULE.fullmatch(name):
                continue
            if name not in lists:
                raise InputError(f"no word list named {name}")
            gone = self.dropped.get(name, ())
            missing = [word for word in gone if word not in lists[name]]
            if missing:
                raise InputError(f"{missing[0]} is not in the list {name}")
            kept = tuple(w for w in lists[name] if w not in gone)
            found[name] = (*kept, *(w for w in self.added.get(name, ()) if w not in kept))
            if not found[name]:
                raise InputError(f"the list {name} would be empty; switch off the rules that need it")
        return found

    def patterns(self, rule: str) -> tuple[str, ...]:
        """Patterns that a rule is given beside its own."""
        return self.added.get(rule, ())

    def as_json(self) -> dict[str, Any]:
        """As the record keeps it."""
        return {
            "off": list(self.off),
            "on": list(self.on),
            "severity": dict(self.severity),
            "added": {k: list(v) for k, v in self.added.items()},
            "dropped": {k: list(v) for k, v in self.dropped.items()},
        }


NOTHING = Amendment()
_ADAPTER = TypeAdapter(Amendment)


def amendment_of(data: object) -> Amendment:
    """What the record keeps, read back; InputError when it is none."""
    try:
        return _ADAPTER.validate_python(data)
    except ValidationError as error:
        raise InputError(f"these are no changes of rules: {error.errors()[0]['msg']}") from error


def word_of(text: str) -> str:
    """A word as the guard reads texts: folded. InputError when it is not a plain word of 2 to 20 letters."""
    folded = message(text.strip(), GuardContext()).text
    if not (_WORD.fullmatch(text.strip()) and _WORD.fullmatch(folded)):
        raise InputError("a word is 2 to 20 letters, without signs or spaces")
    return folded


def _with(words: Words, name: str, those: Sequence[str] | set[str]) -> Words:
    kept = {k: v for k, v in words.items() if k != name}
    return dict(sorted((kept | ({name: tuple(sorted(those))} if those else {})).items()))
