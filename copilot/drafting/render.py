"""From a template with references to Chinese a person would write, with a citation for every figure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from copilot.types import Citation, Reference

_REF = re.compile(r"\{([^{}]+)\}")
ADDRESS = "客户.称呼"
_STOP = "。！？…"
_PAUSE = "，、；："
# a noun the writer put before a value that already begins with it: 业绩比较基准是|业绩比较基准年化…
_ECHOES = ("业绩比较基准", "单位净值", "七日年化", "年利率", "买入手续费", "提前支取", "赎回", "固定管理费")
_LINKS = "是为在：的"


@dataclass(frozen=True)
class Rendered:
    """Text and the citations in order of appearance; `unknown` lists references that were not at hand."""

    text: str
    citations: tuple[Citation, ...]
    unknown: tuple[str, ...] = ()


def render(template: str, references: Iterable[Reference]) -> Rendered:
    """Put the published values in. Never raises: an unknown reference is reported and leaves nothing behind."""
    known = {r.name: r for r in references}
    out = ""
    citations: list[Citation] = []
    unknown: list[str] = []
    position = 0
    if known.get(ADDRESS) is not None and known[ADDRESS].value == "您":
        template = _nameless(template)
    for found in _REF.finditer(template):
        out += template[position : found.start()]
        position = found.end()
        reference = known.get(found.group(1))
        if reference is None:
            unknown.append(found.group(1))
            continue
        out = _join(out, reference.value)
        citations.append(Citation(reference.name, reference.value, reference.document, reference.start, reference.end))
    out += template[position:]
    return Rendered(_tidy(out), tuple(citations), tuple(unknown))


def _nameless(template: str) -> str:
    """Without a name on the card nobody is called: `{客户.称呼}，好的。` is `好的。`, not `您，好的。`."""
    name = re.escape(f"{{{ADDRESS}}}")
    template = re.sub(rf"^{name}[，、！]?", "", template)
    template = re.sub(rf"(?<=[。！？}}]){name}，", "", template)
    return re.sub(rf"(?:[，、]|(?<=\w)){name}(?=[。！？，])", "", template)


def _join(before: str, value: str) -> str:
    """Join without saying a noun twice."""
    for echo in _ECHOES:
        if not value.startswith(echo):
            continue
        trimmed = before.rstrip(_LINKS)
        if trimmed.endswith(echo):
            return trimmed[: -len(echo)] + value
    return before + value


def _tidy(text: str) -> str:
    """Punctuation as a person sets it: one stop, no pause after a stop, none at the start."""
    text = re.sub(rf"([{_STOP}])[{_STOP}{_PAUSE}]+(?<!…)", r"\1", text)
    text = re.sub(rf"([{_PAUSE}])[{_PAUSE}]+", r"\1", text)
    text = re.sub(rf"([{_PAUSE}])([{_STOP}])", r"\2", text)
    text = re.sub(rf"^[{_PAUSE}{_STOP}\s]+", "", text)
    return text.strip()
