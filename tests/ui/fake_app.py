"""A product made of fakes, for the desk's tests: real line, record and users; invented understanding, search, drafts and guard."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from copilot.accounts import Accounts
from copilot.archive import Archive
from copilot.casework import Casework
from copilot.clerk import Clerk
from copilot.drafting import ScriptedDrafter
from copilot.errors import GuardError, IndexMissing, RecordError
from copilot.identity import Provider
from copilot.meter import SILENT, Meter
from copilot.metered import MeteredRecord, ModelEar, watch_with
from copilot.office import Office
from copilot.papers import Papers
from copilot.pipeline import Line
from copilot.records import (
    CaseStore,
    ConversationStore,
    DeskStore,
    PracticeStore,
    SessionStore,
    UserStore,
    open_database,
)
from copilot.records.passwords import hashed
from copilot.records.users import add_in
from copilot.renewal import Renewal
from copilot.rulebook import Rulebook
from copilot.sampling import Sampling
from copilot.scriptbook import Scriptbook
from copilot.settings import ServeSettings, Settings
from copilot.trial import Trial
from copilot.types import (
    Citation,
    Draft,
    DraftRequest,
    Evidence,
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
    Understanding,
    Verdict,
)
from guardrails.engine import Engine
from guardrails.entries import refused_texts, released_texts
from knowledge_base.added import Added
from knowledge_base.ingest.shelf import Shelf
from knowledge_base.ingest.tray import Tray

PASSWORD = "correct-horse-9"
DOCUMENT = "稳健半年产品说明\n第三条 到期处理：产品到期日本金和收益自动回到签约账户，到账时间为到期后第1个工作日，无需本人操作。\n第四条 风险等级：R2。"
PLACE = DOCUMENT.index("到期后第1个工作日")
DISCLOSURE = "理财非存款、产品有风险、投资须谨慎。本产品不保证本金和收益。"
NOW = datetime(2026, 11, 22, 10, 2)


@cache
def kept_password() -> str:
    """What is kept of PASSWORD, made once: a proof of argon2 takes as long as ten tests."""
    return hashed(PASSWORD)


@dataclass
class FakeLibrary:
    """One product, one document, one approved script; and the papers of the last index."""

    version: str = "2026-11-21"
    papers: dict[str, str] = field(default_factory=dict)

    def products(self) -> Sequence[Product]:
        return (Product("P1", "稳健半年", "wealth", "on_sale", "R2", document="product/P1", disclosure=DISCLOSURE),)

    def get(self, product_id: str) -> Product | None:
        return next((p for p in self.products() if p.id == product_id), None)

    def named(self, text: str) -> Sequence[tuple[Product, int, int]]:
        start = text.find("稳健半年")
        return [(self.products()[0], start, start + 4)] if start >= 0 else []

    def text(self, document: str) -> str:
        return DOCUMENT if document == "product/P1" else self.papers.get(document, "")

    def facts(self, document: str) -> Sequence[Fact]:
        return ()

    def holiday(self, on: date, named: Sequence[str] = ()) -> Sequence[Fact]:
        return ()

    def occasions(self, message: str) -> Sequence[Occasion]:
        return ()

    def scripts(self, intent: str) -> Sequence[Script]:
        return (Script("S-1", intent, "answer", "{客户.称呼}，这个我马上帮您查清楚，再回您。", ("客户.称呼",)),)


def _screen(text: str) -> tuple[Finding, ...]:
    at = text.find("忽略规则")
    return (Finding("T", "G35", "review", at, at + 4, "忽略规则", "疑似对系统的指令", ""),) if at >= 0 else ()


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


class FakeRecord(MeteredRecord):
    """The real record, failing when told to."""

    broken = False

    def append(self, *args: Any, **kwargs: Any) -> Any:
        if self.broken:
            raise RecordError("the record is broken for a test")
        return super().append(*args, **kwargs)


class FakeApp:
    """The product the desk is given."""

    def __init__(self, folder: Path, meter: Meter = SILENT, **serve: Any) -> None:
        self.meter = meter
        self.settings = Settings(data=folder, serve=ServeSettings(**serve))
        self.engine = engine = open_database(f"sqlite:///{folder / 'record.db'}")
        self.now = time.time  # what sign-ins and locks go by
        self.record, self.users = FakeRecord(engine, meter), UserStore(engine, lambda: self.now())
        own = self.settings.serve
        self.sessions = SessionStore(engine, lambda: self.now(), own.session_hours, own.idle_minutes)
        self.accounts = Accounts(self.record, self.users, self.sessions, self.clock)
        self.provider = Provider(own.oidc, lambda: self.now()) if own.oidc.issuer else None
        self.conversations = ConversationStore(engine)
        self.cases, self.desk = CaseStore(engine), DeskStore(engine)
        self.practices, self.larger = PracticeStore(engine), None
        patience = timedelta(minutes=self.settings.serve.review_minutes)
        self.casework = Casework(self.record, self.cases, self.users.list, self.clock, patience)
        self.library, self.guard = FakeLibrary(), FakeGuard()
        self.drafter = FakeDrafter(self.library)
        self.model, self.ear = "ready", ModelEar(meter)
        self.unsure = False
        self.offset, self.later = 0, timedelta()
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
            watch=watch_with(meter),
        )

        self.papers = Papers(
            Shelf(self.settings.shelf_dir), self.record, _screen, self.clock, lambda: self.library, frozenset
        )
        tray = Tray(self.settings.tray_dir, 1_000_000 * self.settings.serve.upload_mb, 100_000_000)
        self.clerk = Clerk(tray, self.papers, lambda: self.renewal.look())
        added = Added(self.settings.added_scripts_path)
        rulebook = Rulebook(self.record, self.settings.guard, self.clock)
        self.office = Office(
            Archive(self.record, self.settings.record_key_path),
            Sampling(self.record, self.clock),
            rulebook,
            Scriptbook(self.record, added.path, lambda text, context: self.guard.check(text, context), self.clock),
            Trial(
                rulebook.load,
                lambda rules: Engine(rules or rulebook.load(rulebook.bench().in_force)),
                lambda: (*released_texts(self.record.read()), *refused_texts(self.record.read())),
            ),
        )
        self.building, self.index_fails = threading.Event(), ""
        self.building.set()
        shelf = self.papers.shelf
        self.renewal = Renewal(
            hash((0, 0)),
            lambda: hash((shelf.stamp, added.stamp)),
            self._renew,
            lambda: self.clerk.working or shelf.being_written(),
            self.clock,
        )

    def _renew(self) -> None:
        """An index that is there as soon as `building` is set."""
        self.building.wait(60)
        if self.index_fails:
            raise IndexMissing(self.index_fails)
        self.library.papers = {d.id: d.text for d in self.papers.shelf.documents()}

    def clock(self) -> datetime:
        self.offset += 1
        return NOW.replace(microsecond=self.offset % 1_000_000) + self.later

    def status(self) -> Mapping[str, str]:
        stage = self.renewal.look().stage
        return {
            "model": self.model,
            "model_detail": "drafter.gguf",
            "knowledge": "11-21",
            "rules": "v12",
            "index": stage,
        }

    def people(self) -> FakeApp:
        """One user a role, and a second officer and advisor."""
        for name, role, display in (
            ("li", "advisor", "李经理"),
            ("wang", "advisor", "王经理"),
            ("chen", "compliance", "陈合规"),
            ("sun", "compliance", "孙合规"),
            ("zhou", "trainer", "周培训"),
            ("root", "admin", "管理员"),
        ):
            with self.engine.begin() as connection:
                add_in(connection, name, role, display, kept_password(), 0.0)
        return self

    def _understand(self, conversation: Any) -> Understanding:
        turns = conversation.turns
        last = next(i for i in reversed(range(len(turns))) if turns[i].role == "customer")
        quote = turns[last].text[:6]
        sure = 0.45 if self.unsure else 0.92
        ranked = (("maturity_reinvest", sure), ("liquidity_need", 0.05))
        return Understanding(
            "maturity_reinvest", sure, (), ranked, (), "calm", True, Ledger(S=(Evidence(quote, last),)), "fake"
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
