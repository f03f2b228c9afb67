"""From a request to the words of a prompt. The bundled drafter's training builds its prompts here too."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from copilot.drafting.grammar import build
from copilot.drafting.labels import INTENT_ZH, MOVE_ZH, ROLE_ZH, STATE_ZH, TONE_ZH, TYPE_ZH
from copilot.drafting.references import names_for
from copilot.prompting import Template
from copilot.types import DraftRequest, Finding, PlannedMove, Prompt, Turn

BUNDLED_MESSAGE = 120
"""Longest customer message the bundled drafter is shown; a longer one keeps its end, where the question usually is."""
_UNTAUGHT = (".不在售", ".发行")
"""Fields that the bundled drafter has not met while it learnt."""
_NUMBER = re.compile(r"[0-9０-９]+(?:[.,，．][0-9０-９]+)*")


@dataclass(frozen=True)
class Fields:
    """What the bundled drafter is told. `known` are letters of SPIN, `names` references at hand, `faq` the matched question."""

    intent: str
    move: str
    tone: str
    state: str
    known: Sequence[str]
    kind: str
    role: str
    names: Sequence[str]
    faq: str
    before: str
    message: str


def veil(text: str) -> str:
    """A message without its figures: every run of digits becomes 某."""
    return _NUMBER.sub("某", text)


def bundled_values(fields: Fields) -> dict[str, str]:
    """Values of prompts/draft-bundled.md. Of the names only what varies is told: the grammar holds the draft to the rest."""
    names = " ".join(dict.fromkeys(_group(name) for name in sorted(set(fields.names)) if _group(name)))
    message = veil(fields.message.replace("\n", "⏎"))
    return {
        "intent": INTENT_ZH[fields.intent],
        "move": MOVE_ZH[fields.move],
        "tone": TONE_ZH[fields.tone],
        "state": STATE_ZH[fields.state],
        "known": "".join(fields.known) or "无",
        "product": f"{TYPE_ZH[fields.kind]}{ROLE_ZH[fields.role]}" if fields.kind else "无",
        "names": names or "无",
        "faq": veil(fields.faq) or "无",
        "before": veil(fields.before)[-40:] or "无",
        "message": message[-BUNDLED_MESSAGE:],
    }


_CARD_GROUPS = {
    "到期": "到期",
    "剩余": "到期",
    "持有": "持有",
    "金额": "金额",
    "期限": "期限",
    "日期": "日期",
    "测评": "测评",
}


def _group(name: str) -> str:
    """The part of a name the bundled drafter is told: the handle, and of the customer's own fields which kind is known."""
    handle, _, field = name.partition(".")
    if handle in ("甲", "行"):
        return ""
    if handle == "客户":
        kind = _CARD_GROUPS.get(field[:2], "")
        return f"客户{kind}" if kind else ""
    return handle


def bundled_fields(request: DraftRequest, move: str) -> Fields:
    """What the bundled drafter is told of a request."""
    product = request.products.get("甲")
    answering = next((r.document for r in request.references if r.name == "问.答"), None)
    faq = next((p.title for p in request.passages if p.document == answering), "")
    last = next((t.text for t in reversed(request.conversation.history) if t.role == "advisor"), "")
    return Fields(
        request.understanding.intent,
        move,
        request.tone,
        request.understanding.state,
        request.understanding.ledger.present,
        product.type if product else "",
        request.roles.get("甲", ""),
        _taught(request),
        faq,
        last,
        request.conversation.message,
    )


def _taught(request: DraftRequest) -> list[str]:
    """The names at hand that the bundled drafter has seen while it learnt."""
    return [r.name for r in request.references if not r.name.startswith("算.") and not r.name.endswith(_UNTAUGHT)]


def compose(
    request: DraftRequest, planned: PlannedMove, template: Template, max_tokens: int, examples: Sequence[str] = ()
) -> Prompt:
    """The prompt for one move of a request, with its grammar. `examples` are replies that a larger model may learn from."""
    usable = names_for(request, planned.move)
    request = replace(request, references=tuple(r for r in request.references if r.name in usable))
    if template.id == "draft-bundled":
        values = bundled_values(bundled_fields(request, planned.move))
        grammar = build(_taught(request))
    else:
        values = _general_values(request, planned, examples)
        grammar = build(r.name for r in request.references)
    return Prompt(template.system, template.fill(**values), grammar, template.name, max_tokens)


def _general_values(request: DraftRequest, planned: PlannedMove, examples: Sequence[str]) -> dict[str, str]:
    understanding = request.understanding
    ledger = "；".join(
        f"{letter}：" + "、".join(f"「{e.quote}」" for e in understanding.ledger.letter(letter))
        for letter in understanding.ledger.present
    )
    products = "；".join(
        f"{handle}是{TYPE_ZH[product.type]}「{product.name}」（{ROLE_ZH[request.roles[handle]]}）"
        for handle, product in request.products.items()
    )
    facts = "\n".join(f"{{{r.name}}} = {fenced(r.value)}" for r in request.references)
    passages = "\n".join(f"· {fenced(p.title)}：{fenced(p.text[:200])}" for p in request.passages[:3])
    return {
        "intent": INTENT_ZH[understanding.intent],
        "move": planned.move,
        "move_hint": planned.reason,
        "tone": TONE_ZH[request.tone],
        "state": STATE_ZH[understanding.state],
        "ledger": ledger or "还没有",
        "product": products or "没有",
        "facts": facts,
        "passages": passages or "没有找到",
        "examples": "\n".join(f"· {fenced(example)}" for example in examples) or "没有",
        "before": spoken(request.conversation.history[-6:]) or "没有",
        "instruction": request.instruction or "没有",
        "message": fenced(request.conversation.message),
    }


def fenced(text: str) -> str:
    """Data as it stands in a prompt: without the signs that could close its fence or open a chat template's mark."""
    return text.replace("<", "〈").replace(">", "〉")


def spoken(turns: Sequence[Turn]) -> str:
    """A conversation as a prompt shows it, line by line."""
    return "\n".join(f"{'客户' if t.role == 'customer' else '理财经理'}：{fenced(t.text)}" for t in turns)


def corrected(request: DraftRequest, findings: Sequence[Finding]) -> DraftRequest:
    """A request that also says what the guard held against the draft before, for one more try."""
    said = "；".join(
        dict.fromkeys(f"「{fenced(f.quote)}」{f.reason}" for f in findings if f.severity in ("block", "review"))
    )
    if not said:
        return request
    told = f"上一稿被合规拦下：{said} 这一稿不要再这样写。"
    return replace(request, instruction=f"{request.instruction} {told}".strip())
