"""The scripted drafter: approved scripts and the reply book, filled with cited facts. It needs no model and never fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import islice

from copilot.drafting.asked import asked_in
from copilot.drafting.besides import answered_besides
from copilot.drafting.disclosure import disclosure_for
from copilot.drafting.form import hides_that_it_is_gone, repeats
from copilot.drafting.handwritten import Handwritten, Judged
from copilot.drafting.leading import ASKING, answered_first
from copilot.drafting.question import asks
from copilot.drafting.references import ASKED, HELP, names_for
from copilot.drafting.render import render
from copilot.drafting.sense import mourns_nobody, plays_deaf, refuses_unasked_paper, tells_it_wrong
from copilot.reading.wishes import asked_to_decline, wants_peace
from copilot.types import (
    INTENTS,
    LASTING_STATES,
    SILENT_STATES,
    Draft,
    DraftRequest,
    Library,
    Move,
    PlannedMove,
    Script,
    Turn,
    Understanding,
)

OTHER, _TALK = "other_unclear", "greeting_smalltalk"
_ALWAYS = "客户.称呼"
PUBLISHED = "{问.答}"
_SAD = SILENT_STATES | {"upset"}
_SPARE: tuple[Move, ...] = ("answer", "find_out", "situation")
ENOUGH = 2
"""Candidates below which a spare move is added."""
_LAST_RESORT = Script("S-000", OTHER, "find_out", "{客户.称呼}，这件事我先去问清楚，再回您，免得说错。", (_ALWAYS,))

_LOOKED_AT = 3
"""Answers among which one for her very matter is looked for."""
_BARE = 6
"""Characters up to which a turn after the advisor's question is an answer to it (三年, 周五吧) and calls no occasion of its own."""
_LIKELY = 0.15
"""Share from which an intent is likely enough for an occasion of it to count."""
_HEARD, _SURE = 0.5, 0.9
"""Probability from which she comes with what a pattern heard, and from which that is as sure as it gets: below the first, readers
would have sent 7 of 187 such scripts, above the second 34 of 127."""
_DOUBT = 0.4
"""Probability at which a script gains nothing by it."""
_SECOND = 0.1
"""How much fitter a promise of her second intent must be than one of the first."""
_INSTEAD = PlannedMove("find_out", "手头没有对得上的说法：接住她问的这一句，说清去查什么")

POOR, _ASKS_POORLY = 0.2, 0.33
"""Fitness below which a text is offered only where nothing better is there: readers would have sent 2 % of what was less fit than the
first, and of what asked and was less fit than the second 4 %."""
_OTHER_WORDS = PlannedMove("answer", "还是答她问的，换一种说法")
_PROMISE = PlannedMove("find_out", "她问的这件事，说清去查什么、何时回")
MOST = 3
"""Candidates at most, unless the plan names more moves."""
UNSURE = 0.33
"""Fitness below which an answer gives way to an honest promise to find out, where that fits better."""
ANSWERED = 0.5
"""Fitness of an answer above which nothing needs to be found out any more."""


@dataclass(frozen=True)
class ScriptedDrafter:
    """Fills the text people wrote that fits the request best.

    Without the book it is the approved script of intent, move and state that uses most of the facts at hand.
    """

    library: Library
    hand: Handwritten | None = None

    def __call__(self, request: DraftRequest) -> Iterator[Draft]:
        """One draft a planned move, in order; moves without a fitting text are left out, but never all of them."""
        told: list[Draft] = []
        kept: list[Judged] = []
        for planned in request.moves:
            best = self.best(request, planned, [d.text for d in told])
            if best is not None and good_enough(best):
                told.append(best.draft)
                yield best.draft
            elif best is not None:
                kept.append(best)
        yield from self.rest(request, told, kept)

    def rest(self, request: DraftRequest, told: Sequence[Draft], kept: Sequence[Judged]) -> Iterator[Draft]:
        """What fills up where the moves gave too little: the better of the poor ones and of the spare moves."""
        said = [d.text for d in told]
        again = self._answers_again(request)
        if len(said) < ENOUGH:
            moves = [m for m in spares(request) if all(d.move != m.move for d in told)]
            moves += [_OTHER_WORDS] if again and any(d.move == "answer" for d in told) else []
            spare = [j for j in (self.best(request, planned, said) for planned in moves) if j is not None]
            for judged in sorted((*kept, *spare), key=lambda j: j.fitness, reverse=True):
                if len(said) < ENOUGH and not any(repeats(judged.draft.text, text) for text in said):
                    said.append(judged.draft.text)
                    yield judged.draft
        if again and len(said) < min(MOST, len(request.moves)):
            moves = [_OTHER_WORDS, *(m for m in (_PROMISE,) if all(p.move != m.move for p in request.moves))]
            others = [j for j in (self.best(request, planned, said) for planned in moves) if j is not None]
            best = max(others, key=lambda j: j.fitness, default=None)
            fit = best is not None and best.fitness >= ANSWERED
            if best is not None and fit and not any(repeats(best.draft.text, text) for text in said):
                yield best.draft
        if not said:
            yield fill(_LAST_RESORT, request, PlannedMove("find_out", "先问清楚再答"))

    def _answers_again(self, request: DraftRequest) -> bool:
        """Whether another answer may stand beside the first: she asked something, and no published field tells it once for all."""
        return request.moves[0].move == "answer" and asks(request.conversation.message) and not asked_in(request)

    def best(self, request: DraftRequest, planned: PlannedMove, said: Sequence[str] = ()) -> Judged | None:
        """The fittest text for one move, of the book or approved; None when there is none."""
        refused = planned.move == "decline" and self._refusals(request)
        if (
            self.hand is None or refused
        ):  # of what may not be done people speak of one thing or the other: no likeness may choose
            draft = self.one(request, planned, said)
            return Judged(draft, 1.0) if draft is not None else None
        guessed = planned.move == "find_out" and request.understanding.guessed
        found = self._fittest(self.hand, _whatever_it_is(request) if guessed else request, planned, said)
        instead = self._instead(self.hand, request, planned, said, found)
        best = max((j for j in (found, instead) if j is not None), key=lambda j: j.fitness, default=None)
        if best is not None and planned.move == "answer":
            whole = answered_besides(request, best.draft, self.hand.likeness)
            return best if whole is None or whole.text in said else replace(best, draft=whole)
        return best if best is None else self._led(self.hand, request, best, said)

    def _led(self, hand: Handwritten, request: DraftRequest, best: Judged, said: Sequence[str]) -> Judged:
        """A question after an answer to her very matter, where she asked something and there is a script for just that, or for the fields she asks for."""
        if best.draft.move not in ASKING or "{" in best.draft.template.removeprefix("{客户.称呼}"):
            return best
        called, asked = self._occasions(request), set(asked_in(request))
        if not (called and asks(request.conversation.message)) and not asked:
            return best
        answers = hand.ranked(
            request, PlannedMove("answer", ""), self._fitting(request, PlannedMove("answer", "")), called=called
        )
        written = {s.id for s in self._everywhere() if s.when in called or (s.asks and asked.issuperset(s.asks))}
        answer = next((j for j in islice(answers, _LOOKED_AT) if j.draft.script in written), None)
        if answer is None or answer.fitness < ANSWERED:
            return best
        led = answered_first(request, best.draft, answer.draft)
        return (
            best
            if led is None or led.text in said
            else Judged(led, max(best.fitness, (best.fitness + answer.fitness) / 2))
        )

    def _instead(
        self, hand: Handwritten, request: DraftRequest, planned: PlannedMove, said: Sequence[str], found: Judged | None
    ) -> Judged | None:
        """A promise to find out what she asked, where no answer is near: in the answer's place, else in the last move's."""
        asked = next((r.value for r in request.references if r.name == ASKED), "")
        answer = next((m for m in request.moves if m.move == "answer"), None)
        planned_so = any(m.move == "find_out" for m in request.moves)
        guessed = request.understanding.guessed
        if not (asked or guessed) or answer is None or planned_so or any(asked and asked in text for text in said):
            return None
        if planned.move != "answer":
            if not asked or len(request.moves) <= ENOUGH or planned != request.moves[-1]:
                return None
            found = self._fittest(hand, request, answer, ())
        if found is not None and found.fitness >= (UNSURE if planned == answer else ANSWERED):
            return None
        if found is not None and PUBLISHED in found.draft.template and hand.answered(request):
            return None
        if guessed:  # a promise that names the wrong matter is worse than one that names none
            return self._fittest(hand, _whatever_it_is(request), _INSTEAD, said)
        # Where her words may mean two things, the promise may be one of either.
        own = self._fittest(hand, request, _INSTEAD, said)
        others = (replace(request.understanding, intent=second) for second in request.understanding.secondary)
        promises = (self._fittest(hand, replace(request, understanding=other), _INSTEAD, said) for other in others)
        better = max((p for p in promises if p is not None), key=lambda p: p.fitness, default=None)
        return better if own is None or (better is not None and better.fitness > own.fitness + _SECOND) else own

    def _fittest(
        self, hand: Handwritten, request: DraftRequest, planned: PlannedMove, said: Sequence[str]
    ) -> Judged | None:
        fitting = self._fitting(request, planned)
        return next(hand.ranked(request, planned, fitting, said, self._occasions(request)), None)

    def one(self, request: DraftRequest, planned: PlannedMove, said: Sequence[str] = ()) -> Draft | None:
        """The best approved script for one move that was not `said`, or None when none fits."""
        turn = request.conversation.message
        scripts = sorted(
            self._fitting(request, planned),
            key=lambda s: (bool(s.when), s.state is not None, _weight(s), s.tone == request.tone, _spread(s.id, turn)),
            reverse=True,
        )
        drafts = (fill(script, request, planned) for script in scripts)
        return next((draft for draft in drafts if draft.text not in said), None)

    def _fitting(self, request: DraftRequest, planned: PlannedMove) -> list[Script]:
        """Approved scripts of a move that the facts at hand can fill and the state allows."""
        names = names_for(request, planned.move)
        return [
            s
            for s in self._known(request)
            if s.move == planned.move
            and (HELP not in names or HELP in s.needs)
            and set(s.needs) <= names
            and _fits_state(s, request)
            and not (_pitches(s) and request.roles.get("甲") != "offer" and planned.move == "need")
            and not hides_that_it_is_gone(s.text, request)
            and not mourns_nobody(s.text, request)
            and not tells_it_wrong(s.text, request)
            and not (_free(s) and plays_deaf(s.text, request))
            and not refuses_unasked_paper(s.text, request)
        ]

    def _known(self, request: DraftRequest) -> Iterator[Script]:
        """Scripts of the intent and of the fields she asks for; for a state that matters more than the intent, those of the state as well.

        What she asks that may not be done is refused by the scripts for just that.
        """
        intent, state = request.understanding.believed or OTHER, request.understanding.state
        refusals = self._refusals(request)
        yield from refusals
        alone = wants_peace(request.conversation.message)
        fit = (s for s in self.library.scripts(intent) if _free(s) or (alone and s.when == "alone"))
        yield from (s for s in fit if not (refusals and s.move == "decline"))
        called = self._occasions(request)
        if called:
            yield from (s for s in self._everywhere() if s.when in called)
        asked = set(asked_in(request))
        if asked:
            yield from (s for s in self._everywhere() if s.asks and asked.issuperset(s.asks))
        if state in _SAD:
            for other in INTENTS:
                if other not in (intent, "fraud_security"):  # a word of swindlers frightens who is merely cross
                    yield from (
                        s
                        for s in self.library.scripts(other)
                        if s.state == state and (_free(s) or (alone and s.when == "alone"))
                    )

    def _refusals(self, request: DraftRequest) -> list[Script]:
        kind = asked_to_decline(request.conversation.message, request.understanding.believed)
        return [s for s in self._everywhere() if s.when == kind] if kind else []

    def _occasions(self, request: DraftRequest) -> Mapping[str, float]:
        """Ids of what she comes with and how surely, where it may come under what she is taken to want."""
        understanding, conversation = request.understanding, request.conversation
        asked = (
            conversation.history
            and conversation.history[-1].role == "advisor"
            and "？" in conversation.history[-1].text
        )
        if asked and len(conversation.message.strip()) <= _BARE:
            return {}
        heard = self._called(conversation.message, conversation.history, understanding)
        if not heard and asked and not asks(conversation.message):  # she answers back: what she came with still waits
            before = next((t.text for t in reversed(conversation.history) if t.role == "customer"), "")
            return self._called(before, (), understanding)
        return heard

    def _called(self, message: str, history: Sequence[Turn], understanding: Understanding) -> Mapping[str, float]:
        heard = self.library.occasions(message)
        if self.hand is None or self.hand.hearing is None:
            return {o.id: 1.0 for o in heard if not o.intents.isdisjoint(_likely(understanding))}
        wants = {understanding.intent: 1.0} if understanding.by == "advisor" else dict(understanding.ranked)
        surely = self.hand.called(heard, wants, message, history)
        return {
            name: min(1.0, (share - _DOUBT) / (_SURE - _DOUBT)) for name, share in surely.items() if share >= _HEARD
        }

    def _everywhere(self) -> Iterator[Script]:
        return (s for intent in INTENTS for s in self.library.scripts(intent))


def _likely(understanding: Understanding) -> set[str]:
    """Intents of which an occasion counts where nothing weighs what was heard."""
    likely: set[str] = {understanding.intent, *understanding.secondary}
    if understanding.by != "advisor":
        likely |= {intent for intent, share in understanding.ranked if share >= _LIKELY}
    return likely


def _free(script: Script) -> bool:
    """Whether a script waits for nothing of her words."""
    return not script.asks and not script.when


def _whatever_it_is(request: DraftRequest) -> DraftRequest:
    """The request as one whose matter is not known, in the state that she is in."""
    return replace(request, understanding=replace(request.understanding, intent=OTHER))


def good_enough(judged: Judged) -> bool:
    """Whether a text may stand among the candidates without anything being amiss with the others."""
    return judged.fitness >= (_ASKS_POORLY if judged.draft.move in (*ASKING, "need") else POOR)


def spares(request: DraftRequest) -> Iterator[PlannedMove]:
    """Moves that fit any turn of this state, for when the planned ones gave too little to choose from."""
    planned = {m.move for m in request.moves}
    moves: tuple[Move, ...] = ("soothe", "find_out", "answer") if request.understanding.state in _SAD else _SPARE
    if request.understanding.believed == _TALK:  # there is nothing to find out
        moves = ("answer", "situation")
    for move in moves:
        if move not in planned:
            yield PlannedMove(move, "其余走法没有合适的说法，备一条")


def fill(script: Script, request: DraftRequest, planned: PlannedMove) -> Draft:
    """A script with the request's facts in it."""
    rendered = render(script.text, request.references)
    move: Move = script.move
    return Draft(
        move,
        script.text,
        rendered.text,
        "script",
        rendered.citations,
        planned.reason,
        disclosure_for(script.text, request),
        request.products["甲"].id if "甲" in request.products and "{甲." in script.text else None,
        script.id,
    )


def last_resort(request: DraftRequest) -> Draft:
    """What is said when no other text may be shown: an honest promise to find out."""
    return fill(_LAST_RESORT, request, PlannedMove("find_out", "其余建议未通过合规检查"))


def _fits_state(script: Script, request: DraftRequest) -> bool:
    state = request.understanding.state
    return script.state == state or (script.state is None and state not in LASTING_STATES)


def _pitches(script: Script) -> bool:
    return "{甲.名称}" in script.text


def _weight(script: Script) -> int:
    """Scripts that carry facts answer better than those that do not; an approved answer best."""
    return len(script.needs) + 2 * ("问.答" in script.needs)


def _spread(script_id: str, turn: str) -> str:
    """Ties fall differently from message to message, and the same for the same message."""
    return sha256(f"{script_id}|{turn}".encode()).hexdigest()
