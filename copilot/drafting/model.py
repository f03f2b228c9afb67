"""The model's drafter: one constrained call a move, checked for form, repaired once, else the script's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from threading import Event

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from copilot.drafting.compose import compose, corrected
from copilot.drafting.disclosure import disclosure_for
from copilot.drafting.grammar import EMOJI, HAN_NUMERALS, conforms, written
from copilot.drafting.render import render
from copilot.drafting.scripted import ENOUGH, ScriptedDrafter, spares
from copilot.drafting.sense import fits
from copilot.errors import GrammarError, ModelCancelled, ModelError
from copilot.prompting import Template
from copilot.reading.figures import find_figures
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
_HERS = re.compile(r"您(?:这|那|名下|持有|手上|买)[^，。！？]{0,6}\{甲\.")
"""A product told as her own, which only a card can say."""
_SENTENCE = re.compile(r"[。！？]|\{(?:问\.答|规\.要点|观点\.要点)\}")
"""Ends of sentences; an approved answer is one by itself."""
_SAME_TONE = 4
_TONES: tuple[Tone, ...] = ("warm", "brief", "formal")
_NOUNS = {
    "起息": ("起息",),
    "起购": ("起购",),
    "起存": ("起存",),
    "利率": ("利率",),
    "期限": ("期限",),
    "费用": ("费用", "手续费"),
    "手续费": ("手续费", "费用"),
    "到期日": ("到期日",),
    "金额": ("金额", "到期金额", "持有金额"),
    "风险等级": ("风险等级",),
    "净值": ("净值",),
    "收益": ("七日年化",),
    "测评": ("风险等级", "测评日"),
    "电话": ("电话", "投诉"),
    "犹豫期": ("犹豫期",),
    "缴费期": ("缴费期",),
    "休市": ("休市",),
}
_SAID_OF = re.compile(
    rf"({'|'.join(sorted(_NOUNS, key=len, reverse=True))})(?:日|时间|等级)?(?:是|为|：|在)\{{[^{{}}.]+\.([^{{}}]+)\}}"
)
LONGEST = 150
"""Characters of a rendered reply above which it is not worth sending."""
SELLING_MOVES = frozenset({"need"})
_NUMERALS = frozenset("一两十百千万半" + HAN_NUMERALS)
_QUIET = frozenset({"soothe", "safety"})


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
        """One draft a planned move, as finished. A model that fails once is not asked again for this request."""
        failed = ""
        said: list[str] = []
        for planned in request.moves:
            if request.cancel is not None and request.cancel.is_set():
                raise ModelCancelled("the request was withdrawn")
            draft: Draft | None = None
            if not failed:
                try:
                    draft = self._write(request, planned, said)
                except ModelCancelled:
                    raise
                except (ModelError, GrammarError) as error:
                    failed = str(error) or type(error).__name__
            if draft is None:
                draft = self.scripted.one(request, planned)
                if draft is None:
                    continue
                draft = _noted(draft, failed or "模型没有写出合格的文本")
            said.append(draft.text)
            yield draft
        for planned in spares(request):
            if len(said) >= ENOUGH:
                break
            draft = self.scripted.one(request, planned)
            if draft is not None and draft.text not in said:
                said.append(draft.text)
                yield _noted(draft, failed or "模型没有写出合格的文本")
        if not said:
            yield from self.scripted(request)

    def again(
        self, request: DraftRequest, planned: PlannedMove, said: list[str], findings: Sequence[Finding] = ()
    ) -> Draft | None:
        """Another try after the guard held the first, told why; None when the model fails."""
        told = corrected(request, findings)
        try:
            attempt = self._attempt(told, planned, said, seed=97, temperature=max(self.temperature, 0.7))
        except ModelCancelled:
            raise
        except (ModelError, GrammarError):
            return None
        return attempt.draft if attempt else None

    def _write(self, request: DraftRequest, planned: PlannedMove, said: list[str]) -> Draft | None:
        """The first try that is sure enough, else the surest; None when none keeps the form or reaches the floor."""
        best: _Attempt | None = None
        for number, (seed, warmer) in enumerate(_TRIES[: self.tries]):
            attempt = self._attempt(
                self._voiced(request, number),
                planned,
                said,
                seed=seed,
                temperature=max(self.temperature, warmer) if warmer else self.temperature,
            )
            if attempt is None:
                continue
            if best is None or attempt.certainty > best.certainty:
                best = attempt
            if attempt.certainty >= self.sure:
                break
        return best.draft if best is not None and best.certainty >= self.floor else None

    def _voiced(self, request: DraftRequest, number: int) -> DraftRequest:
        """Later tries of a small model may speak in another tone: a sound reply in a near tone beats a poor one in the asked."""
        if not self.small or number < _SAME_TONE:
            return request
        return replace(request, tone=_TONES[(_TONES.index(request.tone) + number) % len(_TONES)])

    def _attempt(
        self, request: DraftRequest, planned: PlannedMove, said: list[str], *, seed: int, temperature: float
    ) -> _Attempt | None:
        prompt = compose(request, planned, self.template, self.max_tokens)
        reply = self._generate(prompt, seed, temperature, request.cancel)
        raw, trace = str(reply.text), reply.response_metadata.get("trace") or ()
        certainty = float(reply.response_metadata.get("mean_logprob", 0.0))
        if self.small and trace:
            raw, certainty = surest(raw, trace, self.sentence)
        template = trim(raw.strip(), planned)
        if not acceptable(template, request, planned) or (self.small and not fits(template, request)):
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


def surest(text: str, trace: Sequence[Sequence[float]], floor: float) -> tuple[str, float]:
    """The sentences up to the first that the model was less sure of than `floor`, and how sure it was of them.

    `trace` holds, token by token, the characters written so far and the token's log-probability.
    """
    ends = [m.end() for m in _SENTENCE.finditer(text)] or [len(text)]
    if ends[-1] < len(text):
        ends.append(len(text))
    kept, start, total, count = 0, 0, 0.0, 0
    for end in ends:
        values = [p for at, p in trace if start < at <= end]
        if values and sum(values) / len(values) < floor:
            break
        total, count, start, kept = total + sum(values), count + len(values), end, end
    return text[:kept], total / count if count else -99.0


def trim(template: str, planned: PlannedMove) -> str:
    """Cut what came after the last finished sentence, and a question where none may be asked."""
    text = re.sub(r"<think>.*?</think>", "", template, flags=re.DOTALL).strip()
    if text and text[-1] not in "。！？…～）”}" + EMOJI:
        cut = max(text.rfind(c) for c in "。！？")
        text = text[: cut + 1] if cut > 0 else text
    if planned.move in _QUIET:
        parts = re.findall(r"[^。！？]*[。！？]?", text)
        kept = "".join(p for p in parts if not p.endswith("？"))
        text = kept or text
    return text


def acceptable(template: str, request: DraftRequest, planned: PlannedMove) -> bool:
    """Form and promises a draft must keep before it is rendered.

    References at hand only, no figure of the model's own, at most one question, no product offered where none may be.
    """
    names = {r.name for r in request.references}
    if not conforms(template, names) or _figures(written(template)):
        return False
    if template.count("？") > 2 or (planned.move in _QUIET and "？" in template):
        return False
    if re.search(r"\{([^{}]+)\}\{\1\}", template) or _repeats(template) or _mislabels(template):
        return False
    if request.roles.get("甲") != "held" and _HERS.search(template):
        return False
    offered = "{甲.名称}" in template and planned.move in SELLING_MOVES
    return not (offered and request.roles.get("甲") != "offer")


def _figures(text: str) -> bool:
    """Whether the words themselves hold a numeral that means something: 两万, 百分之一, 半年; not 明年 or 这个月."""
    return any(set(figure.text) & _NUMERALS for figure in find_figures(text))


def _mislabels(template: str) -> bool:
    """Whether a value is called by another field's name: 起购是{甲.利率}."""
    return any(field not in _NOUNS[noun] for noun, field in _SAID_OF.findall(template))


def _repeats(template: str) -> bool:
    """Whether a reference, or a phrase of eight characters, comes twice."""
    refs = re.findall(r"\{[^{}]+\}", template)
    if any(refs.count(r) > 1 for r in refs if r != "{客户.称呼}"):
        return True
    body = written(template)
    grams = [body[i : i + 8] for i in range(len(body) - 7)]
    return len(grams) != len(set(grams))


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
