"""Keeps the desk up with the shelf: an index built in a process of its own while the old one answers, then all that knows the papers exchanged."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from copilot.drafting import ModelDrafter, ScriptedDrafter
from copilot.errors import CopilotError, IndexMissing, InputError
from copilot.pipeline import Line
from copilot.settings import Settings
from copilot.types import Guard, Retrieve, Understand
from knowledge_base.added import Added
from knowledge_base.apart import Apart, Ended
from knowledge_base.build import open_index
from knowledge_base.ingest.shelf import Shelf
from knowledge_base.library import ContentLibrary, load_library
from knowledge_base.values import ValueFile

Stage = Literal["fresh", "rebuilding", "failed"]


@dataclass(frozen=True)
class Renewed:
    """How the index stands to the shelf. `detail` says why a rebuild failed: the old index then goes on answering."""

    stage: Stage = "fresh"
    since: datetime | None = None
    detail: str = ""


class Renewal:
    """Rebuilds in the background when the shelf has changed. `stamp` tells the shelf's state, `renew` builds and exchanges."""

    def __init__(
        self,
        seen: int,
        stamp: Callable[[], int],
        renew: Callable[[], object],
        busy: Callable[[], bool],
        clock: Callable[[], datetime],
    ) -> None:
        self._seen = seen
        self._stamp, self._renew, self._busy, self._clock = stamp, renew, busy, clock
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._state = Renewed()
        self._failed_at: int | None = None

    def look(self) -> Renewed:
        """The state; begins a rebuild when the shelf has changed since the last and nobody is changing it. A failed one waits for the next change."""
        with self._lock:
            stamp = self._stamp()
            changed = stamp not in (self._seen, self._failed_at)
            if self._state.stage != "rebuilding" and changed and not self._busy():
                self._state = Renewed("rebuilding", self._clock())
                self._thread = threading.Thread(target=self._run, args=(stamp,), name="renewal", daemon=True)
                self._thread.start()
            return self._state

    def again(self) -> Renewed:
        """Try a failed rebuild once more."""
        with self._lock:
            self._failed_at = None
        return self.look()

    def wait(self, seconds: float) -> Renewed:
        """The state once the running rebuild has ended, or after so many seconds."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)
        return self._state

    def _run(self, stamp: int) -> None:
        try:
            self._renew()
        except Exception as error:  # whatever goes wrong, the old index serves on and the page says so
            told = str(error) if isinstance(error, CopilotError) else f"{type(error).__name__}: {error}"
            with self._lock:
                self._failed_at, self._state = stamp, Renewed("failed", self._clock(), told.splitlines()[0])
            return
        with self._lock:
            self._seen, self._failed_at, self._state = stamp, None, Renewed()


class Builder:
    """Builds the index in a process of its own, so that the desk goes on answering and a build that fails ends nothing else."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._apart = Apart(_build)

    def build(self) -> None:
        """Build the index that fits content and shelf as they are now, unless there is one. IndexMissing when it could not be built."""
        try:
            self._apart(self._settings.model_dump())
        except (Ended, InputError) as error:
            raise IndexMissing(f"the index could not be built: {error}") from error
        finally:
            self._apart.rest()

    def close(self) -> None:
        """End a build that is running; the live index stays as it is."""
        self._apart.close()


def _build(told: dict[str, Any]) -> None:
    settings = Settings(**told)
    values = ValueFile(settings.values_path)
    shelf, days = Shelf(settings.shelf_dir), settings.knowledge.fresh_days
    added = Added(settings.added_scripts_path)
    index = open_index(settings, load_library(settings.content_dir, datetime.now, shelf, values, days, added))
    if index.lock is not None:
        index.lock.close()


def exchanged(line: Line, library: ContentLibrary, search: Retrieve, guard: Guard, understand: Understand) -> Line:
    """The line over another state of the knowledge."""
    scripted = ScriptedDrafter(library, line.scripted.hand)
    drafter = replace(line.drafter, scripted=scripted) if isinstance(line.drafter, ModelDrafter) else scripted
    return replace(
        line, understand=understand, retrieve=search, library=library, drafter=drafter, scripted=scripted, guard=guard
    )
