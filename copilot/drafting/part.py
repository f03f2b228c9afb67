"""A part of a reply written anew by the model, while the rest stands letter by letter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from langchain_core.messages import HumanMessage, SystemMessage

from copilot.drafting.compose import compose
from copilot.drafting.form import figured
from copilot.drafting.grammar import build, conforms, written
from copilot.drafting.model import ModelDrafter
from copilot.types import DraftRequest, PlannedMove, Reference

_TRIES = ((11, 0.6), (23, 0.8), (37, 0.8), (53, 1.0), (71, 1.0))
"""Seed and temperature of each try: the same words again are no rewriting, so it begins warm."""
_REF = re.compile(r"\{([^{}]+)\}")
_ECHO = 8
"""Characters of the rest that a part may not say once more."""
_LONGER = 3
"""How many times as long as before a part may become."""


@dataclass(frozen=True)
class Part:
    """The words to write anew, and what stands before and after them."""

    before: str
    old: str
    after: str


def rewrite_part(drafter: ModelDrafter, request: DraftRequest, planned: PlannedMove, part: Part) -> Iterator[str]:
    """Other words for the part, the surest of a few tries first; ModelError when the model gives no answer."""
    grammar = build((r.name for r in request.references), part.before, part.after)
    told = replace(request, instruction=f"{_asked(part)}{request.instruction}")
    prompt = replace(compose(told, planned, drafter.template, drafter.max_tokens), grammar=grammar)
    found: dict[str, float] = {}
    for seed, temperature in _TRIES:
        reply = drafter.chat.invoke(
            [SystemMessage(prompt.system), HumanMessage(prompt.user)],
            grammar=grammar,
            max_tokens=drafter.max_tokens + len(part.before) + len(part.after),
            seed=seed,
            temperature=max(temperature, drafter.temperature),
            cancel=request.cancel,
        )
        raw = str(reply.text)
        if not (raw.startswith(part.before) and raw.endswith(part.after)):
            continue
        end = len(raw) - len(part.after)
        new = _filled(raw[len(part.before) : end], part, request.references)
        if new is not None:
            trace = reply.response_metadata.get("trace") or ()
            found[new] = max(found.get(new, -99.0), _sureness(trace, len(part.before), end))
    best = sorted(found, key=lambda text: -found[text])
    yield from (text for text in best if found[text] >= drafter.floor or not drafter.small)


def _asked(part: Part) -> str:
    return f"整条回复现在是「{part.before}【{part.old}】{part.after}」。只把【】里的部分换一种说法，其余一字不动，输出整条回复。"


def _filled(template: str, part: Part, references: Sequence[Reference]) -> str | None:
    """The part with the published values in it; None for one that breaks the form, says the same or what stands in the rest, or runs on."""
    values = {r.name: r.value for r in references}
    if not conforms(template, values) or figured(written(template)):
        return None
    text = _REF.sub(lambda found: values[found.group(1)], template)
    rest = part.before + "\n" + part.after
    again = any(text[i : i + _ECHO] in rest for i in range(len(text) - _ECHO + 1))
    if again or text.strip() == part.old.strip() or len(text) > max(_LONGER * len(part.old), 30):
        return None
    return text


def _sureness(trace: Sequence[Sequence[float]], start: int, end: int) -> float:
    """How sure the model was of its own words; those that stood fixed do not count."""
    own = [p for at, p in trace if start < at <= end]
    return sum(own) / len(own) if own else 0.0
