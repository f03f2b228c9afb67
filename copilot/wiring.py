"""Puts the parts together. Each part is made when it is first needed; `check_all` makes them all, so that a broken one stops the start."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from copilot.archive import Archive
from copilot.bundle import demand_whole
from copilot.choosing import Chooser
from copilot.clerk import Clerk
from copilot.deciding import Decider
from copilot.drafting import ModelDrafter, ScriptedDrafter
from copilot.drafting.grammar import validate
from copilot.drafting.handwritten import Handwritten, load_handwritten
from copilot.entities import Extractor
from copilot.errors import CopilotError, SettingsError
from copilot.following import Following
from copilot.intent import IntentModel
from copilot.judging import Ground, Judge
from copilot.meter import SILENT, Meter
from copilot.metered import ModelEar, watch_with
from copilot.models import build_chat
from copilot.models.base import CopilotChat
from copilot.models.files import chosen
from copilot.office import Office
from copilot.papers import Papers
from copilot.pipeline import Line
from copilot.prompting import Template, load_prompt
from copilot.reading.wishes import wants_peace
from copilot.renewal import Builder, Renewal, exchanged
from copilot.rereading import ORIGINS, OnItsDay, approved_texts, refused, released
from copilot.rulebook import Rulebook
from copilot.sampling import Sampling
from copilot.scriptbook import Scriptbook
from copilot.settings import ModelSettings, Settings, load_settings, packaged
from copilot.spin import LedgerReader, plan_moves
from copilot.spin.state import detect_state, selling_allowed, troubled
from copilot.stores import Stores
from copilot.suitability import may_pitch
from copilot.telemetry import open_meter
from copilot.trial import Trial
from copilot.types import Customer, GuardContext, Product, Provenance, Retrieve, Verdict
from copilot.understanding import Understander
from guardrails.amending import Amendment
from guardrails.engine import Engine as GuardEngine
from guardrails.engine import load_rules
from guardrails.injection import quarantine
from guardrails.meaning import Meaning
from guardrails.orders import bundled as orders
from guardrails.reread import Text
from knowledge_base.added import Added
from knowledge_base.build import open_index
from knowledge_base.embed import load_embedder
from knowledge_base.ingest.shelf import Shelf
from knowledge_base.ingest.tray import Tray
from knowledge_base.library import ContentLibrary, load_library
from knowledge_base.search import Search, open_search
from knowledge_base.values import ValueFile

BUNDLED_PROMPT, GENERAL_PROMPT, JUDGE_PROMPT, INTENT_PROMPT = "draft-bundled", "draft", "judge", "intent"
BUNDLED_TRIES, BUNDLED_SURE, BUNDLED_FLOOR, BUNDLED_SENTENCE = 8, -0.15, -0.34, -0.45
"""The bundled drafter writes a line in some twenty milliseconds, so it may try again; what it is unsure of reads badly."""


class App(Stores):
    """The product, wired from settings. Every part is made once, when first used, whichever thread asks first."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime] = datetime.now, meter: Meter = SILENT) -> None:
        super().__init__(settings, clock, meter)
        self._making = threading.RLock()
        self._loaded = 0

    def _made(self, name: str) -> Any:
        with self._making:
            return getattr(self, name)

    @cached_property
    def library(self) -> ContentLibrary:
        """The bank's knowledge."""
        self._loaded = self._stamp()
        return self._load()

    def _stamp(self) -> int:
        """Another number whenever a paper or an added reply changed."""
        return hash((self.shelf.stamp, self._added.stamp))

    @cached_property
    def _added(self) -> Added:
        return Added(self.settings.added_scripts_path)

    def _load(self) -> ContentLibrary:
        own = self.settings
        values = ValueFile(own.values_path)
        fresh = own.knowledge.fresh_days
        return load_library(own.content_dir, self.clock, self.shelf, values, fresh, self._added, own.proven_path)

    @cached_property
    def shelf(self) -> Shelf:
        """The papers taken in beside the content."""
        return Shelf(self.settings.shelf_dir)

    @cached_property
    def papers(self) -> Papers:
        """The shelf and those who change it."""
        return Papers(
            self.shelf,
            self.record,
            lambda text: quarantine(text)[1],
            self.clock,
            lambda: self.library,
            lambda: frozenset(self.library.documents),
        )

    @cached_property
    def clerk(self) -> Clerk:
        """Who works through the files that came over the web."""
        serve = self.settings.serve
        tray = Tray(self.settings.tray_dir, serve.upload_mb * 1_000_000, serve.upload_waiting_mb * 1_000_000)
        return Clerk(tray, self.papers, lambda: self.renewal.look())

    @cached_property
    def renewal(self) -> Renewal:
        """Keeps the index up with the shelf while the desk is open."""
        _ = self.library

        def busy() -> bool:
            return self.clerk.working or self.shelf.being_written()

        return Renewal(self._loaded, self._stamp, self._renew, busy, self.clock)

    @cached_property
    def _builder(self) -> Builder:
        return Builder(self.settings)

    def _renew(self) -> None:
        """Have the index of the shelf as it is built, and exchange what knows the papers. What runs ends with what it began with."""
        self._builder.build()
        library = self._load()
        search = Search(open_index(self.settings, library, rebuild=False), self.settings.assessment_valid_days)
        understand = replace(self.understand, extract=Extractor(library))
        with self._making:
            guard = GuardEngine(self.guard.ruleset, library, self.guard.meaning, self.guard.valid_days)
            line = exchanged(self._line, library, search, guard, understand)
            line = replace(line, provenance=partial(self._provenance, guard, library))
            self.__dict__.update(library=library, search=search, guard=guard, understand=understand, _line=line)

    @cached_property
    def office(self) -> Office:
        """What compliance and trainers work with beside the queue."""
        rulebook = Rulebook(self.record, self.settings.guard, self.clock)

        def texts() -> Sequence[Text]:
            return (*approved_texts(self, ORIGINS), *released(self), *refused(self))

        return Office(
            Archive(self.record, self.settings.record_key_path),
            Sampling(self.record, self.clock),
            rulebook,
            Scriptbook(
                self.record,
                self.settings.added_scripts_path,
                lambda text, context: self.guard.check(text, context),
                self.clock,
            ),
            Trial(rulebook.load, lambda rules: OnItsDay(self, rules), texts),
        )

    @cached_property
    def _following(self) -> Following:
        own = self.settings
        return Following(
            lambda: self.office.rulebook, lambda: own.record.url is not None or (own.data / "record.db").is_file()
        )

    def _exchange_rules(self, amendment: Amendment) -> None:
        """Put the line under changed rules; what runs ends with those it began with."""
        ruleset = load_rules(self.settings.guard, amendment)
        with self._making:
            guard = GuardEngine(ruleset, self.library, self.guard.meaning, self.guard.valid_days)
            line = replace(self._line, guard=guard, provenance=partial(self._provenance, guard, self.library))
            self.__dict__.update(guard=guard, _line=line)

    @cached_property
    def guard(self) -> GuardEngine:
        """The guardrail."""
        own = self.settings.guard
        demand_whole(self.settings.guard_dir)
        meaning = Meaning(self.settings.guard_dir, own.meaning_bar)
        meaning.load()
        orders().load()
        ruleset = load_rules(own, self._following.begin())
        return GuardEngine(ruleset, self.library, meaning, self.settings.assessment_valid_days)

    @cached_property
    def classifier(self) -> IntentModel:
        """The intent classifier."""
        demand_whole(self.settings.classifier_dir)
        return IntentModel(self.settings.classifier_dir)

    @cached_property
    def understand(self) -> Understander:
        """The understanding stage."""
        return Understander(
            self.classifier,
            Extractor(self.library),
            self.ledger,
            detect_state,
            selling_allowed,
            troubled,
            wants_peace,
            self.decider,
        )

    @cached_property
    def ledger(self) -> LedgerReader:
        """What the customer has revealed; its model is loaded now, so that a broken one stops the start."""
        demand_whole(self.settings.ledger_dir)
        reader = LedgerReader(self.settings.ledger_dir)
        reader.load()
        return reader

    @cached_property
    def decider(self) -> Decider | None:
        """The larger model's word on an unsure intent; None where only the bundled drafter or scripts are there."""
        if not self.settings.understanding.model_decides or self.model is None or self.prompt.id == BUNDLED_PROMPT:
            return None
        return Decider(Chooser(self.model, load_prompt(packaged("prompts", f"{INTENT_PROMPT}.md")), temperature=1.0))

    @cached_property
    def hand(self) -> Handwritten | None:
        """The reply book and the judge of drafts; None without the bundled embedder, by which its messages were read."""
        embedder = load_embedder(packaged("copilot", "bundled", "embedder"))
        if embedder is None:
            return None
        demand_whole(self.settings.book_dir)
        topic = self.classifier.topic
        return load_handwritten(
            self.settings.book_dir, lambda text, history: (topic(text, history), embedder.encode([text])[0])
        )

    @cached_property
    def search(self) -> Retrieve:
        """Hybrid search over the index; the index is built first if it is missing or no longer fits."""
        return open_search(self.settings, self.library)

    @property
    def larger(self) -> CopilotChat | None:
        """The model where it can speak freely: None with the bundled drafter and with scripts, which only know a reply's form."""
        return self.model if self.model is not None and self.prompt.id != BUNDLED_PROMPT else None

    @cached_property
    def prompt(self) -> Template:
        """The drafter's prompt: the bundled model's own, or the one for general chat models."""
        bundled = self.settings.model.kind == "embedded" and self.model_path == self.settings.drafter_path
        name = BUNDLED_PROMPT if bundled else GENERAL_PROMPT
        return load_prompt(packaged("prompts", f"{name}.md"))

    @property
    def model_path(self) -> Path:
        """The GGUF in use: the setting's, else the one a person chose, else the bundled drafter."""
        picked = chosen(self.settings.data)
        return self.settings.model.path or (Path(picked.path) if picked else self.settings.drafter_path)

    @property
    def model_sha256(self) -> str | None:
        """The hash the model file must have; None leaves it to the hash recorded beside the file."""
        picked = chosen(self.settings.data)
        recorded = picked.sha256 if picked and str(self.model_path) == picked.path else None
        return self.settings.model.sha256 or recorded

    @cached_property
    def model(self) -> CopilotChat | None:
        """The chat model, starting in the background; None when only scripts are wanted."""
        if self.settings.model.kind == "scripted":
            return None
        chat = build_chat(
            self.settings.model, self.model_path, self.model_sha256, validate, self.settings.data / "logs"
        )
        if self.meter is not SILENT:
            chat.callbacks = [self.ear]
        chat.start()
        return chat

    @cached_property
    def ear(self) -> ModelEar:
        """Counts requests to the model, where a meter is set."""
        return ModelEar(self.meter)

    @cached_property
    def judge(self) -> Judge | None:
        """The second reader beside the guard; None when none is set. SettingsError when the set one cannot judge."""
        own = self.settings.judge
        if own.kind == "none":
            return None
        chat = self._judging_chat()
        grounds = {
            rule.check: Ground(rule.title, rule.basis)
            for rule in self.guard.ruleset.rules
            if rule.id == f"{rule.check}-meaning"
        }
        prompt = load_prompt(packaged("prompts", f"{JUDGE_PROMPT}.md"))
        named = {check: ground for check, ground in grounds.items() if f"\n{check} " in prompt.system}
        judge = Judge(Chooser(chat, prompt), named, lambda: chat.info().name)
        return judge if chat is self.model else replace(judge, close=chat.close)

    def _judging_chat(self) -> CopilotChat:
        own = self.settings.judge
        if own.kind == "model":
            if self.model is None or self.prompt.id == BUNDLED_PROMPT:
                raise SettingsError(
                    "judge.kind: the bundled drafter and the scripts cannot judge; set a larger model, or judge.kind to remote"
                )
            return self.model
        if not own.base_url:
            raise SettingsError("judge.base_url: needed when judge.kind is remote, such as http://10.0.0.5:8000/v1")
        asked = ModelSettings(
            kind="remote",
            base_url=own.base_url,
            api_key=own.api_key,
            name=own.name,
            grammar_field=own.grammar_field,
            timeout_s=own.timeout_s,
            first_token_timeout_s=own.timeout_s,
            queue=own.queue,
        )
        chat = build_chat(asked, self.model_path, None, validate, None)
        chat.start()
        return chat

    def read(self, text: str, context: GuardContext) -> Verdict:
        """The guard's word on a whole text, and the judge's where one is set."""
        verdict = self.guard.check(text, context)
        return self.judge(text, context, verdict) if self.judge is not None else verdict

    @property
    def line(self) -> Line:
        """The line, under the rules in force."""
        self._made("_line")
        self._following.look(self._exchange_rules)
        return self._line

    @cached_property
    def _line(self) -> Line:
        scripted = ScriptedDrafter(self.library, self.hand)
        drafter: ModelDrafter | ScriptedDrafter = scripted
        if self.model is not None:
            model = self.settings.model
            drafter = ModelDrafter(self.model, self.prompt, scripted, model.max_tokens, model.temperature)
            if self.prompt.id == BUNDLED_PROMPT:
                drafter = replace(drafter, small=True, tries=BUNDLED_TRIES, sure=BUNDLED_SURE, floor=BUNDLED_FLOOR)
        line = Line(
            self.understand,
            self.search,
            self.library,
            plan_moves,
            self._gate,
            drafter,
            scripted,
            self.guard,
            self.record,
            self.clock,
            partial(self._provenance, self.guard, self.library),
            self.settings.knowledge.top_k,
            quarantine,
            watch=watch_with(self.meter),
        )
        return replace(line, second_reader=self.judge) if self.judge is not None else line

    def _gate(self, product: Product, customer: Customer | None, today: date) -> bool:
        return may_pitch(product, customer, today, self.settings.assessment_valid_days).allowed

    def _provenance(self, guard: GuardEngine, library: ContentLibrary) -> Provenance:
        info = self.model.info() if self.model is not None else None
        return Provenance(
            info.name if info else "scripts",
            info.sha256 if info else "",
            self.prompt.name if info else "",
            guard.version,
            library.version,
            self.classifier.version,
            "" if info and info.ready else "model not ready" if info else "",
        )

    def check_all(self) -> None:
        """Make every part but the model's process; a broken one raises with one line that says which file."""
        for name in (
            "library",
            "guard",
            "classifier",
            "prompt",
            "record",
            "search",
            "judge",
            "decider",
            "line",
            "provider",
        ):
            self._made(name)

    def warm(self) -> None:
        """Make now what the first message would wait seconds for: patterns compiled, the reply book counted."""
        if self.hand is not None:
            self.hand.book.ready()
        self.library.ready()

    def status(self) -> Mapping[str, str]:
        """What the desk's header shows."""
        info = self.model.info() if self.model is not None else None
        state = "scripted" if info is None else "ready" if info.ready else "starting"
        if info is not None and not info.ready and info.detail:
            state = "down"
        return {
            "model": state,
            "model_detail": (info.detail or info.name) if info else "",
            "knowledge": self._knowledge_as_of(),
            "rules": self.guard.version,
            "index": self.renewal.look().stage,
        }

    def _knowledge_as_of(self) -> str:
        """Month and day of the newest dated fact, else the content's hash."""
        dated = [f.as_of for p in self.library.products() for f in p.facts if f.as_of]
        return f"{max(dated):%m-%d}" if dated else self.library.version[:8]

    def close(self) -> None:
        """Stop the processes beside this one and close the database."""
        if "clerk" in self.__dict__:
            self.clerk.close()
        if "_builder" in self.__dict__:
            self._builder.close()
        if "model" in self.__dict__ and self.model is not None:
            self.model.close()
        judge: Judge | None = self.__dict__.get("judge")
        if judge is not None:
            judge.close()
        super().close()
        self.meter.close()


def build(settings: Settings | None = None, *, metered: bool = False) -> App:
    """The product from settings; SettingsError when a path cannot be used. Only a `metered` one is counted and traced, where that is set."""
    chosen = settings or load_settings()
    try:
        chosen.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"data: {chosen.data} cannot be made ({error.strerror}); set ADVISOR_COPILOT_DATA"
        ) from error
    return App(chosen, meter=open_meter(chosen.telemetry) if metered else SILENT)


__all__ = ["App", "CopilotError", "build"]
