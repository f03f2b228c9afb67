"""The model's drafter: one constrained call a move, checked for form, repaired once, else the script's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from threading import Event

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from copilot.drafting.compose import compose, corrected
from copilot.drafting.disclosure import disclosure_for
from copilot.drafting.form import LONGEST, acceptable, says_twice, surest, trim
from copilot.drafting.handwritten import Judged
from copilot.drafting.references import HELP
from copilot.drafting.render import render
from copilot.drafting.scripted import ScriptedDrafter, good_enough
from copilot.drafting.sense import fits
from copilot.errors import GrammarError, ModelCancelled, ModelError
from copilot.prompting import Template
from copilot.types import Draft, DraftRequest, Finding, PlannedMove, Prompt, Tone


@dataclass(frozen=True)
class _Attempt:
    """A draft that keeps the form, and how sure the model was of it."""

    draft: Draft
    certainty: float


_TRIES = (
    (11, 0.0),
    (23, 0.5),
    (37, 0.6),
    (53, 0.7),
    (71, 0.7),
    (97, 0.8),
    (113, 0.8),
    (131, 0.9),
    (151, 0.9),
    (173, 1.0),
)
"""Seed of each try and the least temperature it is made with (0: the setting's)."""
GOOD = 0.4
"""Fitness from which what people wrote needs no model beside it."""
BETTER = 0.1
"""How much fitter a small model's draft must be than a reply of the book: of two judged alike, what was written to a message like hers reads better."""
NOT_WRITTEN = "模型没有写出合格的文本"
_EXAMPLES = 3
_SAME_TONE = 4
_TONES: tuple[Tone, ...] = ("warm", "brief", "formal")


@dataclass(frozen=True)
class ModelDrafter:
    """Writes with `chat`; what the model cannot give comes from `scripted`, with the reason in `Draft.note`."""

    chat: BaseChatModel
    template: Template
    scripted: ScriptedDrafter
    max_tokens: int = 160
    temperature: float = 0.3
    tries: int = 2
    sure: float = -10.0
    """Mean log-probability of a token above which a try is taken without another."""
    small: bool = False
    """Whether the model is small enough to need `sense.fits`."""
    floor: float = -100.0
    """Mean log-probability below which the script is better than the model."""
    sentence: float = -100.0
    """The same for one sentence: a reply of a small model ends before its first sentence that is less sure."""

    def __call__(self, request: DraftRequest) -> Iterator[Draft]:
        """One draft a planned move, as finished. A model that fails once is not asked again for this request.

        Beside a small model stands what people wrote: the fitter of the two is offered, and the model is not asked where
        theirs is good enough.
        """
        if any(r.name == HELP for r in request.references):
            yield from self.scripted(request)
            return
        failed = ""
        told: list[Draft] = []
        kept: list[Judged] = []
        for planned in request.moves:
            said = [d.text for d in told]
            if request.cancel is not None and request.cancel.is_set():
                raise ModelCancelled("the request was withdrawn")
            theirs = self.scripted.best(request, planned, said) if self._weighed else None
            mine: Judged | None = None
            if not failed and not (self._weighed and theirs is not None and theirs.fitness >= GOOD):
                try:
                    mine = self._judged(request, planned, said)
                except ModelCancelled:
                    raise
                except (ModelError, GrammarError) as error:
                    failed = str(error) or type(error).__name__
            if mine is None and theirs is None:
                theirs = self.scripted.best(request, planned, said)
            best = self._better(mine, theirs, failed)
            if best is None:
                continue
            if not good_enough(best):
                kept.append(best)
                continue
            told.append(best.draft)
            yield best.draft
        for draft in self.scripted.rest(request, told, kept):
            yield draft if draft.origin == "model" else self._explained(draft, failed)

    def _judged(self, request: DraftRequest, planned: PlannedMove, said: list[str]) -> Judged | None:
        """What the model writes for a move; a small one's is judged, a larger one's is taken."""
        attempt = self._write(request, planned, said)
        if attempt is None:
            return None
        hand = self.scripted.hand
        if hand is None or not self.small:
            return Judged(attempt.draft, 1.0)
        return hand.of_model(request, attempt.draft, attempt.certainty, said)

    def _better(self, mine: Judged | None, theirs: Judged | None, failed: str) -> Judged | None:
        """The model's draft or what people wrote: the fitter one of a small model's, else the model's where there is one."""
        margin = BETTER if theirs is not None and theirs.draft.origin == "book" else 0.0
        if mine is not None and (theirs is None or not self._weighed or mine.fitness >= theirs.fitness + margin):
            return mine
        return Judged(self._explained(theirs.draft, failed), theirs.fitness) if theirs is not None else None

    def _explained(self, draft: Draft, failed: str) -> Draft:
        """A text people wrote, with the reason where it stands for a model that failed or wrote nothing good."""
        return draft if self._weighed and not failed else _noted(draft, failed or NOT_WRITTEN)

    @property
    def _weighed(self) -> bool:
        return self.small and self.scripted.hand is not None

    def again(
        self, request: DraftRequest, planned: PlannedMove, said: list[str], findings: Sequence[Finding] = ()
    ) -> Draft | None:
        """Another try after the guard held the first, told why; None when the model fails."""
        told = corrected(request, findings)
        try:
            examples = self._examples(told, planned)
            attempt = self._attempt(told, planned, said, examples, seed=97, temperature=max(self.temperature, 0.7))
        except ModelCancelled:
            raise
        except (ModelError, GrammarError):
            return None
        return attempt.draft if attempt else None

    def _write(self, request: DraftRequest, planned: PlannedMove, said: list[str]) -> _Attempt | None:
        """The first try that is sure enough, else the surest; None when none keeps the form or reaches the floor."""
        best: _Attempt | None = None
        examples = self._examples(request, planned)
        for number, (seed, warmer) in enumerate(_TRIES[: self.tries]):
            attempt = self._attempt(
                self._voiced(request, number),
                planned,
                said,
                examples,
                seed=seed,
                temperature=max(self.temperature, warmer) if warmer else self.temperature,
            )
            if attempt is None:
                continue
            if best is None or attempt.certainty > best.certainty:
                best = attempt
            if attempt.certainty >= self.sure:
                break
        return best if best is not None and best.certainty >= self.floor else None

    def _voiced(self, request: DraftRequest, number: int) -> DraftRequest:
        """Later tries of a small model may speak in another tone: a sound reply in a near tone beats a poor one in the asked."""
        if not self.small or number < _SAME_TONE:
            return request
        return replace(request, tone=_TONES[(_TONES.index(request.tone) + number) % len(_TONES)])

    def _attempt(
        self, request: DraftRequest, planned: PlannedMove, said: list[str], examples: Sequence[str], *, seed: int,
        temperature: float,
    ) -> _Attempt | None:  # fmt: skip
        prompt = compose(request, planned, self.template, self.max_tokens, examples)
        reply = self._generate(prompt, seed, temperature, request.cancel)
        raw, trace = str(reply.text), reply.response_metadata.get("trace") or ()
        certainty = float(reply.response_metadata.get("mean_logprob", 0.0))
        if self.small and trace:
            raw, certainty = surest(raw, trace, self.sentence)
        template = trim(raw.strip(), planned)
        if not acceptable(template, request, planned) or (self.small and not fits(template, request)):
            return None
        if self.small and says_twice(template, request.references):
            return None
        rendered = render(template, request.references)
        if not rendered.text or len(rendered.text) > LONGEST or rendered.text in said:
            return None
        product = request.products.get("甲")
        draft = Draft(
            planned.move,
            template,
            rendered.text,
            "model",
            rendered.citations,
            planned.reason,
            disclosure_for(template, request),
            product.id if product and "{甲." in template else None,
        )
        return _Attempt(draft, certainty)

    def _examples(self, request: DraftRequest, planned: PlannedMove) -> tuple[str, ...]:
        """Replies of the book that fit the request best, as templates; a small model was not made to read any."""
        if self.small or self.scripted.hand is None:
            return ()
        ranked = self.scripted.hand.ranked(request, planned, ())
        return tuple(judged.draft.template for judged in islice(ranked, _EXAMPLES))

    def _generate(self, prompt: Prompt, seed: int, temperature: float, cancel: Event | None) -> AIMessage:
        messages = [SystemMessage(prompt.system), HumanMessage(prompt.user)]
        return self.chat.invoke(
            messages,
            grammar=prompt.grammar,
            max_tokens=prompt.max_tokens,
            seed=seed,
            temperature=temperature,
            cancel=cancel,
        )


def _noted(draft: Draft, note: str) -> Draft:
    return Draft(
        draft.move,
        draft.template,
        draft.text,
        draft.origin,
        draft.citations,
        draft.reason,
        draft.disclosure,
        draft.product,
        draft.script,
        note,
    )
