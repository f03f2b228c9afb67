"""Fakes of the line's boundaries: a small library, a guard that holds chosen words, a record in memory, a model that says what it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import Field

from copilot.drafting import ModelDrafter, ScriptedDrafter
from copilot.errors import RecordError
from copilot.pipeline import Line
from copilot.prompting import load_prompt
from copilot.settings import packaged
from copilot.types import (
    Conversation,
    Customer,
    Entry,
    Fact,
    Finding,
    GuardContext,
    Ledger,
    Occasion,
    Passage,
    PlannedMove,
    Product,
    Provenance,
    Script,
    SearchResult,
    Turn,
    Understanding,
    Verdict,
)

NOW = datetime(2026, 11, 22, 10, 2)
DOCS = {
    "LJ-W-001": "稳健半年\n名称：稳健半年\n期限：182天\n风险等级：R2（中低风险）\n",
    "LJ-W-009": "均衡混合\n名称：均衡混合\n风险等级：R3（中风险）\n",
    "Q-001": "到期的钱会自动回来吗\n到期当天本金和收益会自动回到卡里。\n",
    "bank": "电话：95790\n",
}


def _fact(field: str, value: str, document: str) -> Fact:
    start = DOCS[document].index(value)
    return Fact(field, value, document, start, start + len(value), document if document.startswith("LJ") else None)


STEADY = Product(
    "LJ-W-001",
    "稳健半年",
    "wealth",
    risk_level="R2",
    document="LJ-W-001",
    disclosure="理财非存款、产品有风险、投资须谨慎。",
    facts=tuple(
        _fact(*f, "LJ-W-001") for f in (("名称", "稳健半年"), ("期限", "182天"), ("风险等级", "R2（中低风险）"))
    ),
)
MIXED = Product(
    "LJ-W-009",
    "均衡混合",
    "wealth",
    risk_level="R3",
    document="LJ-W-009",
    facts=tuple(_fact(*f, "LJ-W-009") for f in (("名称", "均衡混合"), ("风险等级", "R3（中风险）"))),
)
ANSWER = Passage("Q-001#0", "Q-001", "faq", "到期的钱会自动回来吗", "到期当天本金和收益会自动回到卡里。", 0.9, 11, 28)


class Library:
    """Two products, one FAQ entry, a handful of scripts."""

    version = "test"

    def __init__(self, scripts: Sequence[Script] | None = None) -> None:
        self._scripts = scripts

    def products(self) -> Sequence[Product]:
        return (STEADY, MIXED)

    def get(self, product_id: str) -> Product | None:
        return next((p for p in self.products() if p.id == product_id), None)

    def named(self, text: str) -> Sequence[tuple[Product, int, int]]:
        found = ((p, text.find(p.name)) for p in self.products())
        return [(p, at, at + len(p.name)) for p, at in found if at >= 0]

    def text(self, document: str) -> str:
        return DOCS.get(document, "")

    def facts(self, document: str) -> Sequence[Fact]:
        if document == "Q-001":
            return (_fact("答", "到期当天本金和收益会自动回到卡里。", "Q-001"),)
        if document == "bank":
            return (_fact("电话", "95790", "bank"),)
        product = self.get(document)
        return product.facts if product else ()

    def intent_of(self, document: str) -> str:
        return ""

    def holiday(self, on: date, named: Sequence[str] = ()) -> Sequence[Fact]:
        return ()

    def occasions(self, message: str) -> Sequence[Occasion]:
        return ()

    def scripts(self, intent: str) -> Sequence[Script]:
        if self._scripts is not None:
            return self._scripts
        return (
            Script("S-1", intent, "answer", "{客户.称呼}，{问.答}", ("客户.称呼", "问.答")),
            Script("S-2", intent, "situation", "{客户.称呼}，这笔钱大概什么时候要用？", ("客户.称呼",)),
            Script(
                "S-3",
                intent,
                "need",
                "{客户.称呼}，{甲.名称}是{甲.期限}的，可以看看。",
                ("客户.称呼", "甲.名称", "甲.期限"),
            ),
            Script("S-4", intent, "find_out", "{客户.称呼}，我问清楚再回您。", ("客户.称呼",)),
            Script("S-5", intent, "soothe", "{客户.称呼}，这事换谁都着急，我陪您弄清楚。", ("客户.称呼",)),
        )


class Guard:
    """Holds every text with one of its words."""

    version = "rules-test"

    def __init__(self, words: Sequence[str] = ("保本",)) -> None:
        self.words = words
        self.read: list[tuple[str, GuardContext]] = []

    def check(self, text: str, context: GuardContext) -> Verdict:
        self.read.append((text, context))
        found = tuple(
            Finding("T", "G01", "block", text.index(w), text.index(w) + len(w), w, "", "")
            for w in self.words
            if w in text
        )
        return Verdict("block" if found else "pass", found, (), self.version)


class Memory:
    """A record in memory; `broken` makes every append fail."""

    def __init__(self, broken: bool = False) -> None:
        self.entries: list[Entry] = []
        self.broken = broken

    def append(self, kind: str, actor: str, conversation: str, payload: Any, at: datetime | None = None) -> Entry:
        if self.broken:
            raise RecordError("disk full")
        entry = Entry(len(self.entries) + 1, kind, at or NOW, actor, conversation, payload, "d", "p")
        self.entries.append(entry)
        return entry

    def kinds(self) -> list[str]:
        return [e.kind for e in self.entries]


class Chat(BaseChatModel):
    """Says the given templates in turn; an exception among them is raised."""

    says: list[Any]
    asked: list[Any] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "fake"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        self.asked.append((messages, kwargs))
        said = self.says[min(len(self.asked), len(self.says)) - 1]
        if isinstance(said, Exception):
            raise said
        return ChatResult(generations=[ChatGeneration(message=AIMessage(said))])


def understood(intent: str = "maturity_reinvest", state: str = "calm", selling: bool = True) -> Understanding:
    """An understanding with nothing else known."""
    return Understanding(intent, 0.9, (), ((intent, 0.9),), (), state, selling, Ledger())  # type: ignore[arg-type]


def line(
    *,
    says: Sequence[Any] | None = None,
    understanding: Understanding | None = None,
    passages: tuple[Passage, ...] = (ANSWER,),
    moves: Sequence[str] = ("answer", "situation", "need"),
    guard: Guard | None = None,
    record: Memory | None = None,
    library: Library | None = None,
    gate: Callable[[Product, Customer | None, date], bool] | None = None,
) -> Line:
    """A line of fakes, with the scripted drafter, or a model's that says `says`."""
    books = library or Library()
    scripted = ScriptedDrafter(books)
    drafter: Any = scripted
    if says is not None:
        drafter = ModelDrafter(
            Chat(says=list(says), asked=[]), load_prompt(packaged("prompts", "draft-bundled.md")), scripted
        )

    def retrieve(query: str, **_: Any) -> SearchResult:
        return SearchResult(bool(passages), passages)

    return Line(
        lambda conversation: understanding or understood(),
        retrieve,
        books,
        lambda *_: [PlannedMove(m, f"原因{m}") for m in moves],  # type: ignore[arg-type]
        gate or (lambda product, customer, today: product.risk_level == "R2"),
        drafter,
        scripted,
        guard or Guard(),
        record or Memory(),
        lambda: NOW,
        lambda: Provenance("fake", "0" * 64, "p@1", "rules-test", "test"),
    )


def said(text: str = "那笔钱到期会自动回来吗", **customer: Any) -> Conversation:
    """A conversation of one customer message."""
    return Conversation((Turn("customer", text, NOW),), Customer(**{"name": "王姐", **customer}), NOW, "c-1")


def with_turns(conversation: Conversation, *turns: Turn) -> Conversation:
    """The conversation with turns put before its last."""
    return replace(conversation, turns=(*turns, *conversation.turns))


def steps(iterator: Iterator[Any]) -> list[Any]:
    """Everything an iterator gives."""
    return list(iterator)
