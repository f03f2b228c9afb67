"""The guard: reads a whole text, runs every rule that could apply, reports everything found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain, product
from typing import Any

from copilot.errors import GuardError
from copilot.reading.sounds import characters_sounding, readings_of, sound_of, sounds
from copilot.suitability import VALID_DAYS
from copilot.types import Catalogue, Finding, GuardContext, Outcome, Verdict
from guardrails.answers import claimed
from guardrails.loading import RuleSet, load_rules
from guardrails.meaning import Meaning
from guardrails.message import SAFE_TYPES, Message, message, types_in
from guardrails.polarity import doubtful, excuse, refused, surroundings, turns
from guardrails.rule import Hit, Pattern, Rule, longest

__all__ = ["Engine", "RuleSet", "load_rules"]

_ORDER: dict[str, int] = {"pass": 0, "warn": 1, "review": 2, "block": 3}
_NUMBERS = frozenset({"G05", "G29", "G30", "G35"})
"""Checks of numbers and orders: the customer's own are not the advisor's when he says yes."""
_MOST_WEIGHED = 200
"""Hits of one rule in one text whose words around them are weighed; further ones stand as they are. No message has so many, and all of it must be read in time."""
_STOP = re.compile(r"[。!\n]")
_LIKENESS = re.compile(
    r"[跟像比似]|[和同与如][^,。]{0,8}(?:一样|差不多|没|相同|一个)|一样|差不多|等于|当成|升级|替代|换|当|[转接]"
)


@dataclass(frozen=True)
class _Entry:
    rule: int
    pattern: Pattern


class Engine:
    """Satisfies the Guard protocol. Built once, then shared: it keeps nothing between texts."""

    def __init__(
        self,
        ruleset: RuleSet,
        catalogue: Catalogue | None = None,
        meaning: Meaning | None = None,
        valid_days: int = VALID_DAYS,
    ) -> None:
        self.ruleset = ruleset
        self.catalogue = catalogue
        self.meaning = meaning
        self.valid_days = valid_days
        self._rules = tuple(r for r in ruleset.rules if r.id not in ruleset.off)
        self._automaton, self._by_anchor, self._always = _index(self._rules)
        self._sounds = _sound_index(self._rules)
        self._starters = characters_sounding({first for first, _ in self._sounds})

    @property
    def version(self) -> str:
        """The rule set's version, and the classifier's: changes with any rule, word list, piece of logic, setting or model."""
        return f"{self.ruleset.version}+{self.meaning.version}" if self.meaning else self.ruleset.version

    def check(self, text: str, context: GuardContext) -> Verdict:
        """Every finding in a text. GuardError when a rule fails: the text is then held."""
        try:
            return self._check(text, context)
        except GuardError:
            raise
        except Exception as error:
            raise GuardError(f"the guard could not read the text ({type(error).__name__}: {error}); hold it") from error

    def _check(self, text: str, context: GuardContext) -> Verdict:
        read_message = message(text, context, self.catalogue, self.meaning, self.valid_days)
        today = (context.at.date() if context.at else None) or date.today()
        hits: dict[int, list[Hit]] = {}
        for index, hit in self._matches(read_message):
            hits.setdefault(index, []).append(hit)
        for index, hit in self._homophones(read_message):
            hits.setdefault(index, []).append(hit)
        for index, hit in self._carried(read_message):
            hits.setdefault(index, []).append(hit)
        findings: list[Finding] = []
        not_checked: set[str] = set()
        for index, rule in enumerate(self._rules):
            own = hits.get(index, [])
            if not own and rule.logic is None:
                continue
            if not self._applies(rule, read_message, today):
                continue
            weighed, rest = own[:_MOST_WEIGHED], own[_MOST_WEIGHED:]
            kept = [_weighed(rule, read_message, h) for h in weighed if h.raw or not _excused(rule, read_message, h)]
            kept += rest
            if rule.logic is not None:
                judgement = rule.logic(read_message)
                kept.extend(judgement.hits)
                if judgement.not_checked:
                    not_checked.add(rule.check)
            findings.extend(_finding(rule, read_message, h) for h in longest(kept))
        findings.extend(self._answered(text, context))
        findings.sort(key=lambda f: (f.start, f.end, f.rule))
        worst: Outcome = max((f.severity for f in findings), key=lambda s: _ORDER[s], default="pass")
        return Verdict(worst, tuple(findings), tuple(sorted(not_checked)), self.version)

    def _answered(self, text: str, context: GuardContext) -> list[Finding]:
        """What a bare yes or no to the customer's words says, held as if it had been written out."""
        for said in claimed(text, context):
            verdict = self._check(said, replace(context, history=()))
            held = [f for f in verdict.findings if f.severity != "warn" and f.check not in _NUMBERS]
            if held:
                reason = f"等于答应了客户的话“{said}”。{held[0].reason}"
                whole = replace(held[0], start=0, end=len(text), quote=text)
                return [replace(whole, severity="review", reason=reason, replacement=None)]
        return []

    def _carried(self, read_message: Message) -> Iterator[tuple[int, Hit]]:
        """Words that begin in the advisor's message just before and end in this one: 这款绝对保 | 本."""
        before = read_message.sent_before
        if not before:
            return
        joined = message(before + read_message.raw, read_message.context, self.catalogue)
        edge = sum(1 for start in joined.reading.starts if start < len(before))
        for index, hit in chain(self._matches(joined), self._homophones(joined)):
            rule = self._rules[index]
            if hit.start < edge < hit.end and not _excused(rule, joined, hit):
                start, end = joined.reading.span(edge, hit.end)
                yield (
                    index,
                    Hit(start - len(before), end - len(before), reason=f"与上一条连读：{rule.message}", raw=True),
                )

    def _applies(self, rule: Rule, read_message: Message, today: date) -> bool:
        scope = rule.scope
        if not rule.in_force(today):
            return False
        channel = read_message.context.channel
        if scope.channels and channel not in scope.channels:
            return False
        if scope.marketing and channel == "one_to_one" and not self.ruleset.one_to_one_is_marketing:
            return False
        if scope.not_records and (
            read_message.context.product_type in scope.not_records
            or (read_message.products and all(p.type in scope.not_records for p in read_message.products))
        ):
            return False
        if scope.types and not read_message.types & frozenset(scope.types):
            return False
        if rule.when_text and not any(p.search(read_message.text) for p in rule.when_text):
            return False
        return not any(p.search(read_message.text) for p in rule.unless_text)

    def _matches(self, read_message: Message) -> Iterator[tuple[int, Hit]]:
        """Pattern hits, sentence by sentence: a pattern runs where all its literals are."""
        text = read_message.text
        for start, end, present in self._sentences(text):
            waiting = {id(e): e for word in present for e in self._by_anchor.get(word, ())}
            for entry in (*waiting.values(), *self._always):
                for group in entry.pattern.anchors:
                    if group.isdisjoint(present):
                        break
                else:
                    for found in entry.pattern.regex.finditer(text, start, end):
                        turned = any(gap and turns(gap) for gap in found.groups())
                        yield entry.rule, Hit(found.start(), found.end(), turned=turned)

    def _sentences(self, text: str) -> Iterator[tuple[int, int, set[str]]]:
        """Each sentence that holds anchors, with them."""
        ends = [found.end() for found in _STOP.finditer(text)] + [len(text)]
        start, index, present = 0, 0, set[str]()
        for at, word in self._automaton.iter(text):
            while at >= ends[index]:
                if present:
                    yield start, ends[index], present
                    present = set()
                start = ends[index]
                index += 1
            present.add(word)
        if present:
            yield start, ends[index], present

    def _beginnings(self, text: str) -> Iterator[int]:
        """Places where a listed term could begin by its sound."""
        known = self._sounds
        for at, character in enumerate(text):
            if character in self._starters:
                follows = text[at + 1 : at + 2]
                if not "\u4e00" <= follows <= "\u9fff" or any(
                    (a, b) in known for a in readings_of(character) for b in readings_of(follows)
                ):
                    yield at
        for found in _LETTERS.finditer(text):
            yield found.start()

    def _homophones(self, read_message: Message) -> Iterator[tuple[int, Hit]]:
        """Spans that sound like a term but are not written like it. Known words in their own right do not count."""
        reading = read_message.reading
        text = reading.text
        for at in self._beginnings(text):
            view = sounds(reading, at, at + 30)
            if len(view) < 2:
                continue
            pairs = product(view[0].readings, view[1].readings)
            for rest, term, index in chain.from_iterable(self._sounds.get(pair, ()) for pair in pairs):
                tail = view[2 : 2 + len(rest)]
                if len(tail) < len(rest) or any(r not in s.readings for r, s in zip(rest, tail, strict=True)):
                    continue
                end = tail[-1].end if tail else view[1].end
                if text[at:end] != term and not _ordinary(text, at, end):
                    yield index, Hit(at, end, severity="review", reason=f"读音与“{term}”相同，疑似改写")


_LETTERS = re.compile(r"(?<![a-z])[a-z]{2,}")


def _index(rules: tuple[Rule, ...]) -> tuple[Any, dict[str, list[_Entry]], list[_Entry]]:
    import ahocorasick

    automaton = ahocorasick.Automaton()
    by_anchor: dict[str, list[_Entry]] = {}
    always: list[_Entry] = []
    for index, rule in enumerate(rules):
        for pattern in rule.patterns:
            entry = _Entry(index, pattern)
            if not pattern.anchors:
                always.append(entry)
                continue
            for group in pattern.anchors:
                for word in group:
                    automaton.add_word(word, word)
            first = max(pattern.anchors, key=lambda g: (min(map(len, g)), -len(g)))
            for word in first:
                by_anchor.setdefault(word, []).append(entry)
    automaton.add_word("\x00", "\x00")
    automaton.make_automaton()
    return automaton, by_anchor, always


def _sound_index(rules: tuple[Rule, ...]) -> dict[tuple[str, str], list[tuple[tuple[str, ...], str, int]]]:
    index: dict[tuple[str, str], list[tuple[tuple[str, ...], str, int]]] = {}
    for number, rule in enumerate(rules):
        for term in rule.sounds:
            syllables = sound_of(term)
            if len(syllables) >= 2:
                index.setdefault((syllables[0], syllables[1]), []).append((syllables[2:], term, number))
    return index


def _ordinary(text: str, start: int, end: int) -> bool:
    """Whether a homophone is made of common words: 请问转账 sounds like 稳赚 and means nothing of the kind."""
    if all("a" <= c <= "z" for c in text[start:end].replace(" ", "")):
        return False
    import rjieba

    window_start, window_end = max(0, start - 4), min(len(text), end + 4)
    at = window_start
    for token in _tokens(rjieba, text[window_start:window_end]):
        stop = at + len(token)
        overlaps = at < end and stop > start
        crosses = at < start or stop > end
        if overlaps and len(token) >= 2 and (crosses or (at == start and stop == end)):
            return True
        at = stop
    return False


def _tokens(cutter: Any, text: str) -> Iterable[str]:
    tokens: list[str] = cutter.cut(text, False)
    return tokens


def _excused(rule: Rule, read_message: Message, hit: Hit) -> bool:
    text = read_message.text
    place = surroundings(text, hit.start, hit.end)
    near = text[max(place.sentence, place.clause - 16) : min(place.sentence_end, place.clause_end + 18)]
    if any(p.search(near) for p in rule.unless):
        return True
    if rule.scope.not_types and _of_type(rule, read_message, text[place.clause : place.clause_end]):
        return True
    if rule.stance == "claim":
        return excuse(text, hit.start, hit.end) is not None
    if rule.stance == "request":
        return refused(text, hit.start, hit.end) is not None
    return False


def _weighed(rule: Rule, read_message: Message, hit: Hit) -> Hit:
    """A hit whose clause could be turned, though nothing says that it is, only warns: by the words alone, whatever a model says."""
    if hit.raw or rule.firm or rule.stance == "none":
        return hit
    if not (hit.turned or doubtful(read_message.text, hit.start, hit.end)):
        return hit
    return replace(hit, severity="warn", reason=f"{hit.reason or rule.message}（语气未定：若是在否认或提醒，可以不理）")


def _of_type(rule: Rule, read_message: Message, clause: str) -> bool:
    """Whether a clause speaks of a product type the rule leaves alone: a real deposit may keep its principal."""
    allowed = frozenset(rule.scope.not_types)
    said = types_in(clause)
    if said - allowed:
        return False
    if said and not _LIKENESS.search(clause):
        return True
    known = read_message.context.product_type
    if known is not None:
        return known in allowed
    if read_message.products:
        return all(p.type in allowed for p in read_message.products)
    rest = read_message.types_said
    return bool(rest) and rest <= allowed and bool(rest & SAFE_TYPES) and not _LIKENESS.search(read_message.text)


def _finding(rule: Rule, read_message: Message, hit: Hit) -> Finding:
    start, end = (hit.start, hit.end) if hit.raw else read_message.reading.span(hit.start, hit.end)
    return Finding(
        rule=rule.id,
        check=rule.check,
        severity=hit.severity or rule.severity,
        start=start,
        end=end,
        quote=read_message.raw[start:end],
        reason=hit.reason or rule.message,
        basis=rule.basis,
        replacement=hit.replacement if hit.replacement is not None else rule.replacement,
        insert=hit.insert if hit.insert is not None else rule.insert,
    )
