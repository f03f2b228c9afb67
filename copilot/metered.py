"""The line, the record and the model under a meter: the same acts, counted and timed. Not used where no meter is set."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from sqlalchemy import Connection, Engine

from copilot.errors import ModelBusy, ModelCancelled, ModelTimeout, ModelUnavailable
from copilot.meter import SILENT, UNHEARD, Meter, Span
from copilot.pipeline import Line
from copilot.records import RecordStore
from copilot.types import Draft, DraftRequest, Entry, GuardContext, Record, Verdict
from copilot.watch import Watch, unwatched

R = TypeVar("R")


@dataclass
class Work:
    """One piece of work of the line, as the meter hears it."""

    meter: Meter
    name: str
    span: Span = UNHEARD
    candidates: int = 0
    began: float = field(default_factory=time.perf_counter)

    @contextmanager
    def step(self, name: str) -> Iterator[Span]:
        """A stage of it."""
        began, span = time.perf_counter(), self.meter.begin(name, self.span)
        error: BaseException | None = None
        try:
            yield span
        except BaseException as raised:
            error = raised
            raise
        finally:
            span.end(error)
            self.meter.time("step_seconds", time.perf_counter() - began, work=self.name, step=name)

    def during(self, name: str, act: Callable[..., R]) -> Callable[..., R]:
        """The act as a stage."""

        def timed(*args: Any, **kwargs: Any) -> R:
            with self.step(name):
                return act(*args, **kwargs)

        return timed

    def recorded(self, kind: str, payload: Mapping[str, Any]) -> None:
        """Tell of an entry what its closed words are."""
        if kind == "proposal":
            self.span.tell(**_words(payload.get("understanding"), "intent", "state", "by"))
            self.span.tell(**{part: len(payload.get(part, ())) for part in ("passages", "quarantined")})
        elif kind == "candidate":
            if not self.candidates:
                self.meter.time("first_candidate_seconds", time.perf_counter() - self.began)
            self.candidates += 1


@dataclass(frozen=True)
class MeteredLine(Line):
    """A line at one piece of work."""

    work: Work = field(default_factory=lambda: Work(SILENT, ""))

    def drafts(self, request: DraftRequest) -> Iterator[Draft]:
        """The drafts; only the time of making them counts, not that of whoever reads them."""
        drafts = super().drafts(request)
        while True:
            with self.work.step("draft") as span:
                draft = next(drafts, None)
                if draft is not None:
                    span.tell(origin=draft.origin, move=draft.move)
            if draft is None:
                return
            yield draft

    def read(self, text: str, context: GuardContext, *, approved: bool = False) -> Verdict:
        """The guard's word, counted by outcome and by the checks it names."""
        with self.work.step("guard") as span:
            verdict = super().read(text, context, approved=approved)
            span.tell(outcome=verdict.outcome, findings=len(verdict.findings))
        self.work.meter.count("verdicts", work=self.work.name, outcome=verdict.outcome)
        for check, severity in {(f.check, f.severity) for f in verdict.findings}:
            self.work.meter.count("findings", check=check, severity=severity)
        return verdict


@dataclass(frozen=True)
class _TimedRecord:
    """The record, as one piece of work writes to it."""

    record: Record
    work: Work

    def append(
        self, kind: str, actor: str, conversation: str, payload: Mapping[str, object], at: datetime | None = None
    ) -> Entry:
        with self.work.step("record") as span:
            entry = self.record.append(kind, actor, conversation, payload, at)
            span.tell(kind=kind)
        self.work.recorded(kind, payload)
        return entry


def watch_with(meter: Meter) -> Watch:
    """What a line carries so that the meter hears of its work."""
    if meter is SILENT:
        return unwatched

    @contextmanager
    def watch(line: Line, name: str) -> Iterator[Line]:
        work = Work(meter, name, meter.begin(name))
        parts = {f.name: getattr(line, f.name) for f in fields(Line)}
        parts |= {
            "understand": work.during("understand", line.understand),
            "retrieve": work.during("retrieve", line.retrieve),
            "record": _TimedRecord(line.record, work),
        }
        error: BaseException | None = None
        try:
            yield MeteredLine(**parts, work=work)
        except GeneratorExit:  # nobody wants more: not an error
            raise
        except BaseException as raised:
            error = raised
            meter.count("failures", work=name, error=type(raised).__name__)
            raise
        finally:
            if name == "proposal":
                work.span.tell(candidates=work.candidates)
            work.span.end(error)
            meter.time("work_seconds", time.perf_counter() - work.began, work=name)

    return watch


class MeteredRecord(RecordStore):
    """The record, counting what it acknowledged."""

    def __init__(self, engine: Engine, meter: Meter) -> None:
        super().__init__(engine)
        self._meter = meter

    def append(
        self,
        kind: str,
        actor: str,
        conversation: str,
        payload: Mapping[str, object],
        at: datetime | None = None,
        check: Callable[[Connection], None] | None = None,
    ) -> Entry:
        """Append, then count."""
        entry = super().append(kind, actor, conversation, payload, at, check)
        self._meter.count("entries", kind=kind)
        if kind == "proposal":
            self._meter.count("proposals", **_words(payload.get("understanding"), "intent", "state", "by"))
        elif kind == "candidate":
            self._meter.count("candidates", **_words(payload.get("candidate"), "origin", "move"))
        elif kind == "decision":
            self._meter.count("decisions", **_words(payload, "outcome"))
        return entry


def _words(part: object, *names: str) -> dict[str, str]:
    """Words of a part of a payload by name; the entry is written by now, so that one that lacks them is no error."""
    known = part if isinstance(part, Mapping) else {}
    return {name: str(known.get(name, "")) for name in names}


class ModelEar(BaseCallbackHandler):
    """Hears how requests to a chat model end. What was asked and answered passes by unread."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._lock = threading.Lock()
        self._begun: dict[UUID, float] = {}

    @property
    def running(self) -> int:
        """How many requests wait or are being answered."""
        return len(self._begun)

    def on_chat_model_start(self, serialized: Any, messages: Any, *, run_id: UUID, **_: Any) -> None:
        """A request begins."""
        with self._lock:
            self._begun[run_id] = time.perf_counter()

    def on_llm_end(self, response: Any, *, run_id: UUID, **_: Any) -> None:
        """It was answered."""
        self._over(run_id, "ok")

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:
        """It was not."""
        self._over(run_id, next((word for kind, word in _ENDS if isinstance(error, kind)), "error"))

    def _over(self, run_id: UUID, outcome: str) -> None:
        with self._lock:
            began = self._begun.pop(run_id, None)
        self._meter.count("model_requests", outcome=outcome)
        if began is not None:
            self._meter.time("model_request_seconds", time.perf_counter() - began, outcome=outcome)


_ENDS = (
    (ModelTimeout, "timeout"),
    (ModelBusy, "busy"),
    (ModelUnavailable, "unavailable"),
    (ModelCancelled, "cancelled"),
)
