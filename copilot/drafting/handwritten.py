"""What people wrote: the reply book and the approved scripts, judged for one request, the fittest filled with its facts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from copilot.drafting.address import NOBODY, opening
from copilot.drafting.book import Entry, Heard, Listen, ReplyBook
from copilot.drafting.disclosure import disclosure_for
from copilot.drafting.fitness import INTEREST, SIGNS, Fitness, Matter, Writing, asks_known, matter_of
from copilot.drafting.form import LONGEST, acceptable, repeats, says_twice
from copilot.drafting.grammar import written
from copilot.drafting.hearing import SIGNS as HEARING_SIGNS
from copilot.drafting.hearing import Hearing
from copilot.drafting.references import HELP
from copilot.drafting.render import ADDRESS, render
from copilot.drafting.sense import fits
from copilot.errors import SettingsError
from copilot.reading.trees import trees_from
from copilot.sealed import Sealed
from copilot.types import Draft, DraftRequest, Occasion, PlannedMove, Script, Turn

NOTE, REPLIES, VECTORS, TREES, HEARING = "book.json", "replies.jsonl", "vectors.npz", "judge.npz", "hearing.json"
JUDGE = "judge"
DIRECTIONS, STEPS = ("topic", "sense", "says_topic", "says_sense"), 127
"""Vectors of length one, kept in a byte a number."""
FIX = "restore the folder from the release, or run `make train-book`"

_REF = re.compile(r"\{([^{}]+)\}")
_SAID_AGAIN = 0.15
"""What it costs a text to bring a long fact that an earlier candidate has brought."""
_ASKED_AGAIN = 0.3
"""What it costs to ask for what she has said: of 59 such texts readers would have sent two."""
_TOLD_ALREADY = 0.4
"""What it costs to tell what the advisor has told in this talk."""
_LONG_FACT = 14
_ANSWERS = 0.3
"""What it is worth that 甲 is of the kind she asks for, or that her interest is worked out: the readers judged texts before either was so."""
_BESIDE = 0.3
"""What it costs an answer to tell none of the fields that she asks for, unless the published answer is to her question."""
_CALLED = 0.1
"""What it is worth, beyond what the judge says, that a script was written for the very occasion she comes with."""
_NAMES_NOTHING, _ASKS = 0.15, 0.1
"""How much too kind the judge is, on 2,600 verdicts it was not fitted to, to a promise to find out that is for no occasion of hers,
and to what asks: older readers liked both better. Of answers, and of promises for her occasion, it is right."""
_SENTENCES = re.compile(r"(?:\{[^{}]*\}|[^{}。！？])*(?:[。！？]|$|(?<=\{问\.答\}))")
"""Sentences of a template; an approved answer may stand as one without a stop."""
_LEAST, _SHARE = 12, 0.4
"""Characters that must remain of a trimmed reply, and share of what it was."""
_SAYS_NO = re.compile(r"[不没别]|未成年|本人")
_FOREIGN = 0.9
"""Weight of words in one sentence from which it speaks of what nobody here spoke of."""
_UNCALLED = 0.3
"""Tie of a word from which a sentence is another customer's: three in five who heard it had said it."""
_SAME_QUESTION = 0.45
"""Likeness in sense from which a published question is hers: of such answers readers threw away a quarter, of others half."""
_TRIMMED = 8
"""Replies of the book that are tried without the sentences of another's matter."""
_LEADS_OUT = re.compile(r"\{问\.答\}|\{行\.|110|96110|报警|网点")
"""What a warning must keep: where help is."""
_ASKING = frozenset({"situation", "problem", "implication", "need"})
"""Moves of which half a sentence without its question is nothing; a need may name a product instead."""
_LEANS = re.compile(
    r"(?:\{客户\.称呼\}，?)?(?:(?:另外|不过|但是?|所以|因此|而且|再说|还有|至于|其次|然后|反过来|同样)(?!没)|(?:要是|如果)[^。，]*[：，]\{问\.答\})"
)
"""A sentence that leans on the one before it, and cannot open a reply."""


@dataclass(frozen=True)
class Judged:
    """A draft and the probability that a reader would send it, at most after a touch."""

    draft: Draft
    fitness: float


@dataclass(frozen=True)
class Handwritten:
    """Finds and judges. The book is searched by move; scripts come from the caller, which knows the approved ones."""

    book: ReplyBook
    fitness: Fitness
    hearing: Hearing | None = None
    """Weighs what a pattern heard; without it every occasion of a likely intent counts alike."""

    def ranked(
        self, request: DraftRequest, planned: PlannedMove, scripts: Iterable[Script], said: Sequence[str] = (),
        called: Mapping[str, float] = MappingProxyType({}),
    ) -> Iterator[Judged]:  # fmt: skip
        """The usable texts for one move, fittest first; those already `said` are left out.

        `called` holds the occasions she comes with, by id, and how surely: their scripts gain by it.
        """
        matter = matter_of(request)
        if HELP in matter.names:
            texts = ((self.compared(matter, _of_script(s, called)), s.id) for s in scripts)
            drafts = (self._filled(request, planned, w, said, script) for w, script in texts)
            yield from (Judged(draft, 1.0) for draft in drafts if draft is not None)
            return
        near = self._by_fitness(request, matter, ((w, None) for w in self.book.near(matter, planned.move)), said)
        trimmed = ((shorter, None) for _, writing, _ in near[:_TRIMMED] for shorter in self.trims(matter, writing))
        approved = ((self.compared(matter, _of_script(script, called)), script.id) for script in scripts)
        others = self._by_fitness(request, matter, chain(trimmed, approved), said)
        for fitness, writing, script in sorted([*near, *others], key=lambda row: -row[0]):
            draft = self._filled(request, planned, writing, said, script)
            if draft is not None:
                yield Judged(draft, _share(fitness))

    def _by_fitness(
        self, request: DraftRequest, matter: Matter, texts: Iterable[tuple[Writing | None, str | None]],
        said: Sequence[str],
    ) -> list[tuple[float, Writing, str | None]]:  # fmt: skip
        """Texts with their fitness and, for a script, its id; fittest first."""
        kept = [(writing, script) for writing, script in texts if writing is not None]
        rows = [
            (
                fitness
                - _again(writing.template, request, said)
                - _ASKED_AGAIN * asks_known(matter, writing.template)
                - _TOLD_ALREADY * _told(writing.template, matter)
                - _too_kind(writing)
                + _called(writing, matter)
                + _answers(writing, matter),
                writing,
                script,
            )
            for fitness, (writing, script) in zip(self.fitness.of_all(matter, [w for w, _ in kept]), kept, strict=True)
        ]
        return sorted(rows, key=lambda row: -row[0])

    def of_model(self, request: DraftRequest, draft: Draft, certainty: float, said: Sequence[str] = ()) -> Judged:
        """A draft of the model, judged alike."""
        understanding, product = request.understanding, request.products.get("甲")
        writing = Writing(
            draft.template, draft.move, "model", understanding.intent, understanding.state,
            product.type if product else "", request.roles.get("甲", ""), request.tone, certainty=certainty,
        )  # fmt: skip
        matter = matter_of(request)
        fitness = self.fitness(matter, self.compared(matter, writing))
        gained = _answers(writing, matter) - _again(draft.template, request, said) - _too_kind(writing)
        gained -= _ASKED_AGAIN * asks_known(matter, draft.template)
        return Judged(draft, _share(fitness + gained))

    def compared(self, matter: Matter, writing: Writing, apart_from: str = "") -> Writing:
        """A text that is not in the book, with how alike it is to what she wrote; replies to the message `apart_from` are no company of it."""
        says_topic, says_sense = self._said_alike(matter, writing.template)
        company = self.book.company(matter, writing.move, self.book.says(writing.template)[1], apart_from)
        found = self.book.asked_sense(matter)
        return replace(writing, says_topic=says_topic, says_sense=says_sense, asked_sense=found, company=company)

    def called(self, occasions: Iterable[Occasion], wants: Mapping[str, float], message: str, history: Sequence[Turn]) -> dict[str, float]:  # fmt: skip
        """How surely she comes with each of the occasions heard in a message, by id; 1 for all where nothing weighs them."""
        heard = list(occasions)
        if self.hearing is None or not heard:
            return dict.fromkeys((o.id for o in heard), 1.0)
        hers = self.book.read(message, history)[0], self.book.read(message)[1]
        return {o.id: self.hearing.share(o, wants, hers, self.book.read) for o in heard}

    def answered(self, request: DraftRequest) -> bool:
        """Whether the question behind 问.答 is hers."""
        return self.book.asked_sense(matter_of(request)) >= _SAME_QUESTION

    def likeness(self, text: str, other: str) -> float:
        """How alike in sense two texts are, -1 to 1."""
        return float(self.book.says(text)[1] @ self.book.says(other)[1])

    def trims(self, matter: Matter, writing: Writing) -> list[Writing]:
        """The reply without the sentences of another customer's matter, and without those of what nobody here spoke of."""
        parts = _SENTENCES.findall(writing.template)
        hers = "".join(p for p in parts if not self.fitness.borrowed(matter, writing, p))
        plain = "".join(p for p in parts if self.fitness.foreign(matter, p) < _FOREIGN)
        called = "".join(p for p in parts if self.fitness.uncalled(matter, p) < _UNCALLED)
        cut = (self._cut(matter, writing, kept) for kept in dict.fromkeys((hers, plain, called)))
        return [shorter for shorter in cut if shorter is not None]

    def _cut(self, matter: Matter, writing: Writing, kept: str) -> Writing | None:
        """The reply with only the sentences `kept`; None where none or too much would go."""
        enough = len(written(kept)) >= max(_LEAST, _SHARE * len(written(writing.template))) or "{问.答}" in kept
        if writing.move == "decline" and not _SAYS_NO.search(kept):
            return None
        if writing.move == "safety" and not _LEADS_OUT.search(kept):
            return None
        asks = "？" in kept or writing.move not in _ASKING or (writing.move == "need" and "{甲." in kept)
        leans = _LEANS.match(kept) is not None and not writing.template.startswith(kept[:_LEAST])
        if kept == writing.template or not enough or not asks or leans:
            return None
        says_topic, says_sense = self._said_alike(matter, kept)
        return replace(writing, template=kept, says_topic=says_topic, says_sense=says_sense)

    def _said_alike(self, matter: Matter, template: str) -> tuple[float, float]:
        (topic, sense), (own_topic, own_sense) = self.book.hear(matter), self.book.says(template)
        return float(topic @ own_topic), float(sense @ own_sense)

    def _filled(
        self, request: DraftRequest, planned: PlannedMove, writing: Writing, said: Sequence[str], script: str | None
    ) -> Draft | None:
        """A text with the facts in it; None for one that breaks the form or speaks of another's life."""
        called = next((r.value for r in request.references if r.name == ADDRESS), NOBODY)
        template = opening(writing.template, called, request.conversation.history)
        if script is None and not (acceptable(template, request, planned) and fits(template, request)):
            return None
        if says_twice(template, request.references):
            return None
        rendered = render(template, request.references)
        if not rendered.text or rendered.text in said or (script is None and len(rendered.text) > LONGEST):
            return None
        product = request.products.get("甲")
        return Draft(
            planned.move,
            template,
            rendered.text,
            "book" if script is None else "script",
            rendered.citations,
            planned.reason,
            disclosure_for(template, request),
            product.id if product and "{甲." in template else None,
            script,
        )


def _called(writing: Writing, matter: Matter) -> float:
    """What a script for her very occasion gains; nothing for an answer that tells nothing of the product or the interest that would answer her."""
    told = writing.move != "answer" or "{甲." in writing.template or f"{{{INTEREST}}}" in writing.template
    known = (matter.of_kind and matter.role != "held") or (matter.asks_for_interest and INTEREST in matter.names)
    return _CALLED * writing.called if told or not known else 0.0


def _too_kind(writing: Writing) -> float:
    """What the judge's word is lowered by, for a kind of text it is known to flatter."""
    if writing.move == "find_out":
        return _NAMES_NOTHING if writing.called <= 0 else 0.0
    return _ASKS if writing.move in _ASKING else 0.0


def _told(template: str, matter: Matter) -> bool:
    """Whether most of a text stands in what the advisor has said."""
    before = " ".join(t.text for t in matter.history if t.role == "advisor")
    return repeats(written(template), before)


def _again(template: str, request: DraftRequest, said: Sequence[str]) -> float:
    """What a text loses for facts that were brought before."""
    used = set(_REF.findall(template))
    long = [r.value for r in request.references if r.name in used and len(r.value) >= _LONG_FACT]
    return _SAID_AGAIN * sum(any(value in text for text in said) for value in long)


def _answers(writing: Writing, matter: Matter) -> float:
    """What a text gains that brings what she asks for, and loses that passes it over or works out an interest nobody asked for."""
    template = writing.template
    if f"{{{INTEREST}}}" in template and not matter.asks_for_interest:
        return -_ANSWERS
    asked = [name for name in matter.asked if name in matter.names_for(writing.move)]
    if asked and writing.move == "answer":
        used = set(_REF.findall(template))
        if not used.isdisjoint(asked):
            return 2 * _ANSWERS * sum(name in used for name in asked) / len(asked)
        published = "问.答" in used and writing.asked_sense >= _SAME_QUESTION
        return 0.0 if published else -_BESIDE
    if matter.asks_for_interest and INTEREST in matter.names:
        return _ANSWERS if f"{{{INTEREST}}}" in template else 0.0
    return _ANSWERS if matter.of_kind and "{甲." in template and matter.role != "held" else 0.0


def _share(fitness: float) -> float:
    return min(1.0, max(0.0, fitness))


def _of_script(script: Script, called: Mapping[str, float]) -> Writing:
    sure = called.get(script.when, 1.0) if script.when else 0.0
    return Writing(
        script.text, script.move, "script", script.intent, script.state or "calm", tone=script.tone or "warm",
        called=sure,
    )  # fmt: skip


def load_handwritten(folder: Path, listen: Listen) -> Handwritten:
    """The bundled book and its judge. SettingsError, in one line, for what is missing, broken or made for other signs."""
    sealed = Sealed(folder, NOTE, FIX)
    try:
        entries = [Entry.model_validate_json(line) for line in sealed.read(REPLIES).splitlines()]
        with np.load(BytesIO(sealed.read(VECTORS)), allow_pickle=False) as arrays:
            directions = {name: arrays[name].astype(np.float32) / STEPS for name in DIRECTIONS}
            heard = Heard(middle=arrays["middle"], **directions)
        with np.load(BytesIO(sealed.read(TREES)), allow_pickle=False) as arrays:
            trees = trees_from(arrays, JUDGE)
        weights = {str(sign): float(weight) for sign, weight in sealed.said["weights"].items()}
        offset = float(sealed.said["offset"])
        hearing = _hearing(json.loads(sealed.read(HEARING)))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(f"{folder}: the reply book is broken ({type(error).__name__}); {FIX}") from error
    if tuple(weights) != SIGNS or not len(entries) == len(heard.topic) == len(heard.sense):
        raise SettingsError(f"{folder}: the reply book was made for another version; {FIX}")
    book = ReplyBook(entries, heard, listen)
    return Handwritten(book, Fitness(weights, offset, lambda: book.vocabulary, trees), hearing)


def _hearing(note: Mapping[str, Any]) -> Hearing:
    """ValueError or KeyError when it was fitted to other signs."""
    if tuple(note["weights"]) != HEARING_SIGNS:
        raise ValueError("fitted to other signs")
    rates = {str(name): float(rate) for name, rate in note["rates"].items()}
    return Hearing(np.array([float(weight) for weight in note["weights"].values()]), float(note["offset"]), rates)
