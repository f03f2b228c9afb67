"""The form a draft must keep: finished sentences, references at hand, no figure of its own, one question at most."""

from __future__ import annotations

import re
from collections.abc import Sequence

from copilot.drafting.grammar import EMOJI, HAN_NUMERALS, conforms, written
from copilot.drafting.references import names_for
from copilot.reading.figures import find_figures
from copilot.types import QUIET_MOVES, DraftRequest, PlannedMove, Reference

_HERS = re.compile(r"您(?:这|那|名下|持有|手上|买)[^，。！？]{0,6}\{甲\.")
"""A product told as her own, which only a card can say."""
_SENTENCE = re.compile(r"[。！？]|\{(?:问\.答|规\.要点|观点\.要点)\}")
"""Ends of sentences; an approved answer is one by itself."""
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
_SAME_WORDS = 4
"""Chinese characters in a row that make a thing said twice."""
_REPEATED = 0.45
"""Share of a text's runs of so many characters from which it says again what holds them."""
_PLACES = re.compile(
    r"手机银行|营业网点|客户经理|理财经理|理财产品|风险等级|风险测评|存款保险|安全中心|账户明细|业绩比较基准|工作日内|产品说明书|说明书"
)
"""Names of things and places, which one sentence and the next may both need."""
_NUMERALS = frozenset("一两十百千万半" + HAN_NUMERALS)


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
    if planned.move in QUIET_MOVES:
        parts = re.findall(r"[^。！？]*[。！？]?", text)
        kept = "".join(p for p in parts if not p.endswith("？"))
        text = kept or text
    return text


def acceptable(template: str, request: DraftRequest, planned: PlannedMove) -> bool:
    """Form and promises a draft must keep before it is rendered.

    References at hand only, no figure of the model's own, at most one question, no product offered where none may be.
    """
    if not conforms(template, names_for(request, planned.move)) or figured(written(template)):
        return False
    if template.count("？") > 1 or (planned.move in QUIET_MOVES and "？" in template):
        return False
    if re.search(r"\{([^{}]+)\}\{\1\}", template) or _repeats(template) or _mislabels(template):
        return False
    if request.roles.get("甲") != "held" and _HERS.search(template):
        return False
    if hides_that_it_is_gone(template, request):
        return False
    offered = "{甲.名称}" in template and planned.move in SELLING_MOVES
    return not (offered and request.roles.get("甲") != "offer")


def hides_that_it_is_gone(template: str, request: DraftRequest) -> bool:
    """Whether a text tells more of a product that cannot be bought, and that she does not hold, than that."""
    product = request.products.get("甲")
    if product is None or product.status == "on_sale" or request.roles.get("甲") == "held":
        return False
    told = set(re.findall(r"\{甲\.([^{}]+)\}", template))
    says_so = told & {"状态", "不在售"}
    return bool(told) and not (says_so and told <= {"名称", "类型", "状态", "不在售"})


def figured(text: str) -> bool:
    """Whether the words themselves hold a numeral that means something: 两万, 百分之一, 半年; not 明年 or 这个月."""
    return any(set(figure.text) & _NUMERALS for figure in find_figures(text))


def says_twice(template: str, references: Sequence[Reference]) -> bool:
    """Whether a value says again what the words around it, or another value, say: 马上挂断 before an answer that begins so."""
    used = {name for name in re.findall(r"\{([^{}]+)\}", template) if not name.endswith(("称呼", "名称", "所问"))}
    values = {r.name: r.value for r in references if r.name in used}
    told = _runs(written(template), _SAME_WORDS)
    for value in values.values():
        runs = _runs(value, _SAME_WORDS)
        numbers = set(re.findall(r"\d{5,}", value))
        if told & runs or told & numbers:
            return True
        told |= runs | numbers
    return False


def repeats(text: str, before: str) -> bool:
    """Whether most of a text stands in what was said before."""
    runs = [text[i : i + _SAME_WORDS] for i in range(len(text) - _SAME_WORDS + 1)] if before else []
    return bool(runs) and sum(run in before for run in runs) / len(runs) >= _REPEATED


def _runs(text: str, length: int) -> set[str]:
    """All runs of so many Chinese characters."""
    text = _PLACES.sub("·", text)
    found = (text[i : i + length] for i in range(len(text) - length + 1))
    return {run for run in found if all("\u4e00" <= c <= "\u9fff" for c in run)}


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
