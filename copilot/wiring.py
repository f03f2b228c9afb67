"""Puts the parts together. Each part is made when it is first needed; `check_all` makes them all, so that a broken one stops the start."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from copilot.choosing import Chooser
from copilot.drafting import ModelDrafter, ScriptedDrafter
from copilot.drafting.grammar import validate
from copilot.entities import Extractor
from copilot.errors import CopilotError, SettingsError
from copilot.intent import IntentModel
from copilot.judging import Ground, Judge
from copilot.models import build_chat
from copilot.models.base import CopilotChat
from copilot.models.files import chosen
from copilot.pipeline import Line
from copilot.prompting import Template, load_prompt
from copilot.records import ConversationStore, RecordStore, UserStore, open_database
from copilot.settings import ModelSettings, Settings, load_settings, packaged
from copilot.spin import build_ledger, plan_moves
from copilot.spin.state import detect_state, selling_allowed
from copilot.suitability import may_pitch
from copilot.types import Customer, GuardContext, Kind, Product, Provenance, Retrieve, Verdict
from copilot.understanding import Understander
from guardrails.engine import Engine as GuardEngine
from guardrails.engine import load_rules
from guardrails.injection import quarantine
from guardrails.meaning import Meaning
from guardrails.orders import bundled as orders
from knowledge_base.ingest.intake import Taken, Taking, take_in
from knowledge_base.ingest.shelf import Shelf
from knowledge_base.library import ContentLibrary, load_library
from knowledge_base.search import open_search
from knowledge_base.values import ValueFile

BUNDLED_PROMPT, GENERAL_PROMPT, JUDGE_PROMPT = "draft-bundled", "draft", "judge"
BUNDLED_TRIES, BUNDLED_SURE, BUNDLED_FLOOR, BUNDLED_SENTENCE = 8, -0.15, -0.34, -0.45
"""The bundled drafter writes a line in some twenty milliseconds, so it may try again; what it is unsure of reads badly."""


class App:
    """The product, wired from settings. Every part is made once, when first used, whichever thread asks first."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime] = datetime.now) -> None:
        self.settings = settings
        self.clock = clock
        self._making = threading.RLock()

    def _made(self, name: str) -> Any:
        with self._making:
            return getattr(self, name)

    @cached_property
    def library(self) -> ContentLibrary:
        """The bank's knowledge."""
        own = self.settings
        values = ValueFile(own.values_path)
        return load_library(own.content_dir, self.clock, self.shelf, values, own.knowledge.fresh_days)

    @cached_property
    def shelf(self) -> Shelf:
        """The papers taken in beside the content."""
        return Shelf(self.settings.shelf_dir)

    def take_in(
        self,
        sources: Sequence[Path],
        *,
        kind: Kind | None = None,
        product: str | None = None,
        internal: bool = False,
        starts: date | None = None,
        ends: date | None = None,
        dry_run: bool = False,
    ) -> Iterator[Taken]:
        """Take papers in; what became of each file, as it is done. The index is built anew at the next start."""
        how = Taking(
            lambda text: quarantine(text)[1],
            self.clock(),
            kind,
            product,
            internal,
            starts,
            ends,
            dry_run,
            frozenset(d.id for d in self.library.content.documents),
        )
        yield from take_in(self.shelf, sources, how)

    @cached_property
    def guard(self) -> GuardEngine:
        """The guardrail."""
        own = self.settings.guard
        meaning = Meaning(self.settings.guard_dir, own.meaning_bar)
        meaning.load()
        orders().load()
        return GuardEngine(load_rules(own), self.library, meaning, self.settings.assessment_valid_days)

    @cached_property
    def classifier(self) -> IntentModel:
        """The intent classifier."""
        return IntentModel(self.settings.classifier_dir)

    @cached_property
    def understand(self) -> Understander:
        """The understanding stage."""
        return Understander(self.classifier, Extractor(self.library), build_ledger, detect_state, selling_allowed)

    @cached_property
    def search(self) -> Retrieve:
        """Hybrid search over the index; the index is built first if it is missing or no longer fits."""
        return open_search(self.settings, self.library)

    @cached_property
    def engine(self) -> Engine:
        """The record's database."""
        return open_database(self.settings.record_url)

    @cached_property
    def record(self) -> RecordStore:
        """The append-only record."""
        return RecordStore(self.engine)

    @cached_property
    def users(self) -> UserStore:
        """Users and sign-ins."""
        return UserStore(self.engine)

    @cached_property
    def conversations(self) -> ConversationStore:
        """The advisors' conversations."""
        return ConversationStore(self.engine)

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
        chat.start()
        return chat

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

    @cached_property
    def line(self) -> Line:
        """The line."""
        scripted = ScriptedDrafter(self.library)
        drafter: ModelDrafter | ScriptedDrafter = scripted
        if self.model is not None:
            model = self.settings.model
            drafter = ModelDrafter(self.model, self.prompt, scripted, model.max_tokens, model.temperature)
            if self.prompt.id == BUNDLED_PROMPT:
                drafter = replace(drafter, small=True, tries=BUNDLED_TRIES, sure=BUNDLED_SURE, floor=BUNDLED_FLOOR)
        return Line(
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
            self._provenance,
            self.settings.knowledge.top_k,
            quarantine,
            *((self.judge,) if self.judge is not None else ()),
        )

    def _gate(self, product: Product, customer: Customer | None, today: date) -> bool:
        return may_pitch(product, customer, today, self.settings.assessment_valid_days).allowed

    def _provenance(self) -> Provenance:
        info = self.model.info() if self.model is not None else None
        return Provenance(
            info.name if info else "scripts",
            info.sha256 if info else "",
            self.prompt.name if info else "",
            self.guard.version,
            self.library.version,
            self.classifier.version,
            "" if info and info.ready else "model not ready" if info else "",
        )

    def check_all(self) -> None:
        """Make every part but the model's process; a broken one raises with one line that says which file."""
        for name in ("library", "guard", "classifier", "prompt", "record", "search", "judge", "line"):
            self._made(name)

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
        }

    def _knowledge_as_of(self) -> str:
        """Month and day of the newest dated fact, else the content's hash."""
        dated = [f.as_of for p in self.library.products() for f in p.facts if f.as_of]
        return f"{max(dated):%m-%d}" if dated else self.library.version[:8]

    def close(self) -> None:
        """Stop the model's process and close the database."""
        if "model" in self.__dict__ and self.model is not None:
            self.model.close()
        judge: Judge | None = self.__dict__.get("judge")
        if judge is not None:
            judge.close()
        if "engine" in self.__dict__:
            self.engine.dispose()


def build(settings: Settings | None = None) -> App:
    """The product from settings; SettingsError when a path cannot be used."""
    chosen = settings or load_settings()
    try:
        chosen.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"data: {chosen.data} cannot be made ({error.strerror}); set ADVISOR_COPILOT_DATA"
        ) from error
    return App(chosen)


__all__ = ["App", "CopilotError", "build"]
