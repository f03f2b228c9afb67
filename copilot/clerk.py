"""Works through the tray in the background: looks at what arrived, shelves what a person asked for. One parcel after another."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from copilot.errors import CopilotError, InputError
from copilot.papers import Papers, Reader
from knowledge_base.ingest.blocks import Paper
from knowledge_base.ingest.intake import Taking, Wanted, seen, take_in
from knowledge_base.ingest.tray import Parcel, Stage, Tray

_KEPT = 40
"""Papers kept as they were read, so that they need not be read again to be shelved."""
_log = logging.getLogger(__name__)


class Clerk:
    """Begins when called and ends when nothing is left. What a stopped process left over is done at the next call."""

    def __init__(self, tray: Tray, papers: Papers, done: Callable[[], object]) -> None:
        self.tray = tray
        self._papers = papers
        self._done = done
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closing = False
        self._reader: Reader | None = None
        self._read: OrderedDict[str, Paper] = OrderedDict()

    @property
    def working(self) -> bool:
        """Whether it is at work in this process."""
        return self._thread is not None and self._thread.is_alive()

    def call(self) -> None:
        """Have the tray worked through, in the background."""
        with self._lock:
            if not self._closing and not self.working and any(_due(p) for p in self.tray.parcels()):
                self._thread = threading.Thread(target=self._work, name="clerk", daemon=True)
                self._thread.start()

    def ask(self, parcels: tuple[Parcel, ...], wanted: Wanted) -> int:
        """Have parcels shelved as a person wants them; how many. InputError for a product that is not there."""
        if wanted.product is not None and self._papers.library().get(wanted.product) is None:
            raise InputError(f"{wanted.product}: no product of the catalogue")
        asked = [self.tray.change(replace(p, stage="asked", wanted=wanted)) for p in parcels if p.stage == "ready"]
        self.call()
        return len(asked)

    def drop(self, parcels: tuple[Parcel, ...]) -> None:
        """Take parcels away: what waits is not shelved, what is done is no longer shown."""
        for parcel in parcels:
            self._read.pop(parcel.id, None)
            self.tray.drop(parcel.id)

    def close(self) -> None:
        """Stop after the parcel at hand, or in the middle of reading it; it is done at the next start."""
        self._closing = True
        if self._reader is not None:
            self._reader.close()
        if self._thread is not None:
            self._thread.join(5.0)

    def _work(self) -> None:
        try:
            with self.tray.working(), Reader() as reader:
                self._reader = reader
                while (parcel := self._next()) is not None:
                    self._one(parcel, reader)
        except (CopilotError, OSError):
            _log.exception("the tray could not be worked through; what waits is tried again at the next look")
        finally:
            self._reader = None
        if not self._closing:
            self._done()

    def _next(self) -> Parcel | None:
        """What is to be done next: what a person asked for before what only arrived."""
        with self._lock:
            due = [] if self._closing else sorted(filter(_due, self.tray.parcels()), key=lambda p: p.stage != "asked")
            if not due and not self._closing:
                self._thread = None  # a call from here on begins anew
            return due[0] if due else None

    def _one(self, parcel: Parcel, reader: Reader) -> None:
        how = self._papers.taking(parcel.wanted, parcel.by, lambda path: self._paper(parcel, path, reader))
        step = self._look if parcel.stage == "arrived" else self._shelve
        try:
            said = step(parcel, how)
        except Exception as error:  # one paper must not stop the others
            if self._closing:
                return
            if not isinstance(error, CopilotError):
                _log.exception("%s could not be looked at", parcel.id)
            note = str(error) if isinstance(error, CopilotError) else f"cannot be read ({type(error).__name__})"
            # what failed on our side (a full disk, the record) leaves the file waiting; what is wrong with the file ends it
            stage: Stage = "failed" if parcel.stage == "arrived" else "ready"
            said = replace(parcel, stage=stage, note=note.removeprefix(f"{parcel.name}: "))
        if not said.open:
            self._read.pop(parcel.id, None)
        self.tray.change(said)

    def _look(self, parcel: Parcel, how: Taking) -> Parcel:
        paper = seen(self.tray.file(parcel), parcel.name, how)
        return replace(
            parcel,
            stage="ready",
            title=paper.title,
            kind="compliance" if paper.kind == "compliance" else None,
            starts=paper.effective_from,
            ends=paper.effective_to,
            passages=len(paper.cuts),
            held=len(paper.held),
        )

    def _shelve(self, parcel: Parcel, how: Taking) -> Parcel:
        taken = next(iter(take_in(self._papers.shelf, [self.tray.file(parcel)], how)))
        return replace(
            parcel,
            stage="failed" if taken.outcome == "failed" else "done",
            outcome=taken.outcome,
            note=taken.note.removeprefix(f"{parcel.name}: "),
            passages=taken.passages,
            held=taken.held,
            paper=taken.id,
        )

    def _paper(self, parcel: Parcel, path: Path, reader: Reader) -> Paper:
        """A parcel as read, from memory where it was looked at before."""
        known = self._read.get(parcel.id)
        if known is None:
            known = self._read[parcel.id] = reader(path)
            while len(self._read) > _KEPT:
                self._read.popitem(last=False)
        return known


def _due(parcel: Parcel) -> bool:
    return parcel.stage in ("arrived", "asked")
