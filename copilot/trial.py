"""Changed rules tried on the archive: which texts that were approved or sent would be read otherwise. In the background, with a way to stop it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from copilot.errors import CopilotError
from copilot.types import Guard
from guardrails.amending import NOTHING, Amendment
from guardrails.engine import Engine
from guardrails.loading import RuleSet
from guardrails.proof import Failure, prove
from guardrails.reread import Reread, Text, reread

Stage = Literal["none", "reading", "done", "stopped", "failed"]
_RANK = {"pass": 0, "warn": 1, "review": 2, "block": 3}
_log = logging.getLogger(__name__)


class _Stopped(Exception):
    pass


@dataclass(frozen=True)
class Tried:
    """How far a trial is, and what it found: texts whose verdict turned, and examples of the rules that no longer hold."""

    stage: Stage = "none"
    amendment: Amendment = NOTHING
    done: int = 0
    total: int = 0
    turned: tuple[Reread, ...] = ()
    broken: tuple[Failure, ...] = ()
    detail: str = ""

    @property
    def stricter(self) -> int:
        """Texts that would be held more firmly."""
        return sum(_RANK[r.now.outcome] > _RANK[r.was or "pass"] for r in self.turned)

    @property
    def milder(self) -> int:
        """Texts that would be let go more easily."""
        return len(self.turned) - self.stricter


class Trial:
    """One trial at a time in this process; a lost one is simply run again. `reader` reads each text on its own day."""

    def __init__(
        self,
        load: Callable[[Amendment], RuleSet],
        reader: Callable[[RuleSet | None], Guard],
        texts: Callable[[], Sequence[Text]],
    ) -> None:
        self._load, self._reader, self._texts = load, reader, texts
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._tried = Tried()

    @property
    def state(self) -> Tried:
        """The trial as it stands."""
        return self._tried

    def start(self, amendment: Amendment) -> Tried:
        """Begin, unless one is under way."""
        with self._lock:
            if self._tried.stage != "reading":
                self._stop.clear()
                self._tried = Tried("reading", amendment)
                self._thread = threading.Thread(target=self._run, args=(amendment,), name="trial", daemon=True)
                self._thread.start()
            return self._tried

    def stop(self) -> None:
        """End the one under way."""
        self._stop.set()

    def wait(self, seconds: float) -> Tried:
        """The state once it has ended, or after so many seconds."""
        if self._thread is not None:
            self._thread.join(seconds)
        return self._tried

    def _broken(self, rules: RuleSet) -> tuple[Failure, ...]:
        """Examples that the rules as they are shipped find or leave alone, by their words, and these do not."""
        before = {(f.rule, f.text) for f in prove(Engine(self._load(NOTHING))).failures}
        return tuple(f for f in prove(Engine(rules)).failures if (f.rule, f.text) not in before)

    def _run(self, amendment: Amendment) -> None:
        def progress(done: int, total: int) -> None:
            if self._stop.is_set():
                raise _Stopped
            self._tried = replace(self._tried, done=done, total=total)

        try:
            rules, texts = self._load(amendment), self._texts()
            found = tuple(reread(texts, self._reader(rules), self._reader(None), progress))
            turned = tuple(r for r in found if r.turned)
            broken = self._broken(rules)
            self._tried = replace(self._tried, stage="done", total=len(texts), turned=turned, broken=broken)
        except _Stopped:
            self._tried = replace(self._tried, stage="stopped")
        except CopilotError as error:
            self._tried = replace(self._tried, stage="failed", detail=str(error))
        except Exception as error:
            _log.exception("the trial of changed rules failed")
            self._tried = replace(self._tried, stage="failed", detail=type(error).__name__)
