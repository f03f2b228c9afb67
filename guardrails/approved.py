"""Texts the bank has approved for customers: scripts, answers and product papers, as the guard can read them again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from copilot.types import GuardContext, Product, Script, Source
from guardrails.reread import Text

_REFERENCE = re.compile(r"\{(\w+)\.(\w+)\}")
_NEUTRAL = {
    "称呼": "您",
    "名称": "这款产品",
    "到期产品": "这款产品",
    "持有产品": "这款产品",
    "到期金额": "这笔钱",
    "持有金额": "这笔钱",
    "金额": "这笔钱",
    "到期日": "那一天",
    "日期": "那一天",
    "测评日": "那一天",
    "截止": "那一天",
    "起息": "那一天",
    "答": "这一点以资料为准。",
    "要点": "这一点以资料为准。",
    "电话": "客服电话",
}
"""What stands for a reference while a script is read by itself; a field not listed is 资料所载."""


class Answer(Protocol):
    """An answer to a customers' question: the whole of it, and one short enough for a chat."""

    @property
    def id(self) -> str:
        """The document's id."""
        ...

    @property
    def answer(self) -> str:
        """The whole answer."""
        ...

    @property
    def short(self) -> str:
        """The answer in a sentence."""
        ...


class Span(Protocol):
    """A piece of a paper."""

    @property
    def title(self) -> str:
        """What the piece is about."""
        ...

    @property
    def start(self) -> int:
        """Where it begins."""
        ...

    @property
    def end(self) -> int:
        """Where it ends."""
        ...


def filled(text: str) -> str:
    """A script with a neutral word for every reference."""
    return _REFERENCE.sub(lambda found: _NEUTRAL.get(found[2], "资料所载"), text)


def script_texts(scripts: Iterable[Script], context: GuardContext) -> tuple[Text, ...]:
    """Every approved script, its references filled. Which product one will speak of is not known: no record judges it."""
    return tuple(_sourced("scripts", s.id, filled(s.text), context, s.id) for s in scripts)


def answer_texts(answers: Iterable[Answer], context: GuardContext) -> tuple[Text, ...]:
    """Every answer, whole and short; its figures come from itself."""
    return tuple(
        replace(_sourced("faq", name, text, context, a.id), context=_with(context, f"{a.answer}\n{a.short}", a.id))
        for a in answers
        for name, text in ((a.id, a.answer), (f"{a.id} 简答", a.short))
    )


def product_texts(
    products: Iterable[Product],
    paper: Callable[[str], str],
    pieces: Callable[[str], Iterable[Span]],
    context: GuardContext,
) -> tuple[Text, ...]:
    """Every piece of every product's paper, and its disclosure; their figures come from the paper itself."""
    found: list[Text] = []
    for product in products:
        whole = paper(product.document)
        own = replace(_with(context, f"{whole}\n{product.disclosure}", product.document), products=(product,))
        found += [
            Text("products", f"{product.id} {piece.title}", whole[piece.start : piece.end], own)
            for piece in pieces(product.document)
        ]
        if product.disclosure:
            found.append(Text("products", f"{product.id} 须告知", product.disclosure, own))
    return tuple(found)


def context_at(moment: datetime) -> GuardContext:
    """How the line reads a text on a day: products it names are found in the guard's own catalogue."""
    return GuardContext(at=moment, products=())


def _sourced(origin: str, name: str, text: str, context: GuardContext, document: str) -> Text:
    return Text(origin, name, text, _with(context, text, document))


def _with(context: GuardContext, source: str, document: str) -> GuardContext:
    return replace(context, sources=(Source(source, document),))
