"""A product made of fakes, for the desk's tests: real line, record and users; invented understanding, search, drafts and guard."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from copilot.drafting import ScriptedDrafter
from copilot.errors import GuardError, RecordError
from copilot.pipeline import Line
from copilot.records import ConversationStore, RecordStore, UserStore, open_database
from copilot.settings import Settings
from copilot.types import (
    Citation,
    Draft,
    DraftRequest,
    Evidence,
    Fact,
    Finding,
    GuardContext,
    Ledger,
    Passage,
    PlannedMove,
    Product,
    Provenance,
    Script,
    SearchResult,
    Understanding,
    Verdict,
)

PASSWORD = "correct-horse-9"
DOCUMENT = "稳健半年产品说明\n第三条 到期处理：产品到期日本金和收益自动回到签约账户，到账时间为到期后第1个工作日，无需本人操作。\n第四条 风险等级：R2。"
PLACE = DOCUMENT.index("到期后第1个工作日")
DISCLOSURE = "理财非存款、产品有风险、投资须谨慎。本产品不保证本金和收益。"
NOW = datetime(2026, 11, 22, 10, 2)


@dataclass
class FakeLibrary:
    """One product, one document, one approved script."""

    version: str = "2026-11-21"

    def products(self) -> Sequence[Product]:
        return (Product("P1", "稳健半年", "wealth", "on_sale", "R2", document="product/P1", disclosure=DISCLOSURE),)

    def get(self, product_id: str) -> Product | None:
        return next((p for p in self.products() if p.id == product_id), None)

    def named(self, text: str) -> Sequence[tuple[Product, int, int]]:
        start = text.find("稳健半年")
        return [(self.products()[0], start, start + 4)] if start >= 0 else []

    def text(self, document: str) -> str:
        return DOCUMENT if document == "product/P1" else ""

    def facts(self, document: str) -> Sequence[Fact]:
        return ()

    def holiday(self, on: date) -> Sequence[Fact]:
        return ()

    def scripts(self, intent: str) -> Sequence[Script]:
        return (Script("S-1", intent, "answer", "{客户.称呼}，这个我马上帮您查清楚，再回您。", ("客户.称呼",)),)


@dataclass
class FakeGuard:
    """Blocks 保本, holds 最好 for review, notes 放心; fails when told to."""

    version: str = "v12"
    broken: bool = False
    words: Mapping[str, tuple[str, str, str, str | None]] = field(
        default_factory=lambda: {
            "保本": ("G01", "block", "明示保证本金不受损失", "不保证本金"),
            "最好": ("G21", "review", "绝对化用语", "比较合适"),
            "放心": ("G22", "warn", "淡化风险", None),
        }
    )

    def check(self, text: str, context: GuardContext) -> Verdict:
        if self.broken:
            raise GuardError("the guard is broken for a test")
        found = []
        for word, (check, severity, reason, replacement) in self.words.items():
            start = text.find(word)
            while start >= 0:
                if not text.startswith("不", start - 1):
                    end = start + len(word)
                    found.append(
                        Finding(f"{check}-1", check, severity, start, end, word, reason, "广告法 第九条", replacement)  # type: ignore[arg-type]
                    )
                start = text.find(word, start + 1)
        outcome = next((s for s in ("block", "review", "warn") if any(f.severity == s for f in found)), "pass")
        return Verdict(outcome, tuple(found), ("G12",) if context.customer is None else (), self.version)  # type: ignore[arg-type]


@dataclass
class FakeDrafter:
    """Two drafts by the model, `pause` seconds apart; scripts when `down`."""

    library: FakeLibrary
    pause: float = 0.0
    down: bool = False
    gate: threading.Event | None = None

    def __call__(self, request: DraftRequest) -> Iterator[Draft]:
        if self.down:
            yield from ScriptedDrafter(self.library)(request)
            return
        name = request.conversation.customer.name if request.conversation.customer else ""
        who = name or "您好"
        value = "到期后第1个工作日"
        first = f"{who}，到期当天不用操作，本金和收益会自动回到卡里，{value}到账。这笔钱之后您是打算接着放，还是有别的用处？"
        at = Citation("甲.到账", value, "product/P1", PLACE, PLACE + len(value))
        last = request.conversation.message[-8:]
        drafts = [
            Draft("answer", first, first, "model", (at,), "她先问钱怎么回来，先答清楚，再问用途"),
            Draft(
                "implication",
                "…",
                f"{who}，您放心，说到「{last}」：钱到账后留在活期里，利息会低一些。要不要我帮您看看到期后怎么安排？",
                "script",
                (),
                "还不知道她的打算，点到为止",
                DISCLOSURE,
                "P1",
                "S-2",
            ),
        ]
        for draft in drafts:
            time.sleep(self.pause)
            if self.gate is not None:
                self.gate.wait(10)
            yield draft


class FakeRecord(RecordStore):
    """The real record, failing when told to."""

    broken = False

    def append(self, *args: Any, **kwargs: Any) -> Any:
        if self.broken:
            raise RecordError("the record is broken for a test")
        return super().append(*args, **kwargs)


class FakeApp:
    """The product the desk is given."""

    def __init__(self, folder: Path, **serve: Any) -> None:
        self.settings = Settings(data=folder)
        engine = open_database(f"sqlite:///{folder / 'record.db'}")
        self.record, self.users = FakeRecord(engine), UserStore(engine)
        self.conversations = ConversationStore(engine)
        self.library, self.guard = FakeLibrary(), FakeGuard()
        self.drafter = FakeDrafter(self.library)
        self.model = "ready"
        self.offset = 0
        scripted = ScriptedDrafter(self.library)
        self.line = Line(
            self._understand,
            self._retrieve,
            self.library,
            lambda *_: (PlannedMove("answer", "先答"), PlannedMove("implication", "说清影响")),
            lambda *_: True,
            self.drafter,  # type: ignore[arg-type]
            scripted,
            self.guard,
            self.record,
            self.clock,
            lambda: Provenance("drafter", "ab" * 32, "draft-1", "v12", "2026-11-21"),
        )

    def clock(self) -> datetime:
        self.offset += 1
        return NOW.replace(microsecond=self.offset % 1_000_000)

    def status(self) -> Mapping[str, str]:
        return {"model": self.model, "model_detail": "drafter.gguf", "knowledge": "11-21", "rules": "v12"}

    def people(self) -> FakeApp:
        """One user a role, and a second officer and advisor."""
        for name, role, display in (
            ("li", "advisor", "李经理"),
            ("wang", "advisor", "王经理"),
            ("chen", "compliance", "陈合规"),
            ("zhou", "trainer", "周培训"),
        ):
            self.users.add(name, role, display, PASSWORD)
        return self

    def _understand(self, conversation: Any) -> Understanding:
        turns = conversation.turns
        last = next(i for i in reversed(range(len(turns))) if turns[i].role == "customer")
        quote = turns[last].text[:6]
        ranked = (("maturity_reinvest", 0.92), ("liquidity_need", 0.05))
        return Understanding(
            "maturity_reinvest", 0.92, (), ranked, (), "calm", True, Ledger(S=(Evidence(quote, last),)), "fake"
        )

    def _retrieve(self, query: str, **_: Any) -> SearchResult:
        passage = Passage(
            "P1#3",
            "product/P1",
            "product",
            "稳健半年产品说明 §3 到期处理",
            DOCUMENT[9:],
            0.9,
            9,
            len(DOCUMENT),
            "P1",
            "held",
        )
        return SearchResult(True, (passage,))
