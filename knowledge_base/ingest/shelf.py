"""The shelf of papers taken in: every version kept, each with where it came from and the days between which it holds.

shelf/originals/<sha256>.<ending>    the file as it was given
shelf/papers/<n>.json                one version of one paper: text, passages, origin, days
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Any

from copilot.errors import ContentError, InputError
from copilot.types import Kind
from knowledge_base.document import Document, Piece
from knowledge_base.ingest.cut import Cut
from knowledge_base.ingest.marks import article_of

_DAYS = ("effective_from", "effective_to", "withdrawn")
FORM = 1
"""Of the papers' files; changes when they do."""


@dataclass(frozen=True)
class Held:
    """A passage kept back because it looks like an order to the system: its number, the words, the reason."""

    piece: int
    quote: str
    reason: str


@dataclass(frozen=True)
class ShelvedPaper:
    """One version of one paper. `id` names the version, `paper` the paper through all its versions."""

    id: str
    paper: str
    version: int
    kind: Kind
    title: str
    text: str
    cuts: tuple[Cut, ...]
    sha256: str
    taken_at: str
    ending: str = ""
    effective_from: date | None = None
    effective_to: date | None = None
    product: str | None = None
    internal: bool = False
    held: tuple[Held, ...] = ()
    number: int = 0
    brought_by: str = ""
    withdrawn: date | None = None
    """The last day on which it may be shown, by a person's word."""

    @property
    def last_day(self) -> date | None:
        """The last day on which it holds."""
        return min((day for day in (self.effective_to, self.withdrawn) if day is not None), default=None)

    def document(self) -> Document:
        """As search and library know it; held passages are not in it."""
        back = {h.piece for h in self.held}
        pieces = tuple(
            Piece(c.title, c.start, c.end, c.cues, c.page, article_of(c.title.rpartition(" · ")[2]))
            for i, c in enumerate(self.cuts)
            if i not in back
        )
        return Document(
            self.id,
            self.kind,
            self.title,
            self.text,
            (),
            pieces,
            self.product,
            self.effective_from,
            self.last_day,
            self.internal,
            cited_as=(self.title,),
        )


@dataclass(frozen=True)
class Shelf:
    """The papers under one folder. Reading needs no lock: a version's file is written whole or not at all."""

    folder: Path
    _papers: dict[str, tuple[tuple[int, int], ShelvedPaper]] = field(default_factory=dict, repr=False, compare=False)
    _withdrawn: dict[int, Mapping[str, date]] = field(default_factory=dict, repr=False, compare=False)

    def papers(self) -> tuple[ShelvedPaper, ...]:
        """Every version, in the order they came. ContentError for a file that is damaged."""
        return tuple(sorted((self._read(p) for p in self._files()), key=lambda p: p.number))

    def documents(self) -> tuple[Document, ...]:
        """What search may find, whatever the day."""
        return tuple(p.document() for p in self.papers())

    @property
    def version(self) -> str:
        """The hash of all papers, "" for none."""
        files = self._files()
        if not files:
            return ""
        digest = sha256()
        for path in files:
            digest.update(path.name.encode())
            digest.update(sha256(path.read_bytes()).digest())
        return digest.hexdigest()

    @property
    def stamp(self) -> int:
        """Another number whenever a paper came or changed: each is written into the folder under a name of its own first."""
        try:
            return (self.folder / "papers").stat().st_mtime_ns
        except OSError:
            return 0

    def withdrawn(self) -> Mapping[str, date]:
        """The last day of each version that a person withdrew, as of now: it must not wait for an index."""
        stamp = self.stamp
        known = self._withdrawn.get(stamp)
        if known is None:
            known = {p.id: p.withdrawn for p in self.papers() if p.withdrawn is not None}
            self._withdrawn.clear()
            self._withdrawn[stamp] = known
        return known

    def being_written(self) -> bool:
        """Whether somebody takes papers in at this moment, in this process or another."""
        try:
            with (self.folder / "writing.lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except OSError:
            return True
        return False

    def original(self, paper: ShelvedPaper) -> Path:
        """The file a version came from, as it was given."""
        return self.folder / "originals" / f"{paper.sha256}{paper.ending}"

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """The only writer, for as long as it lasts."""
        (self.folder / "papers").mkdir(parents=True, exist_ok=True)
        (self.folder / "originals").mkdir(exist_ok=True)
        with (self.folder / "writing.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield Writing(self, list(self.papers()))

    def _files(self) -> list[Path]:
        return sorted((self.folder / "papers").glob("*.json"))

    def _read(self, path: Path) -> ShelvedPaper:
        stat = path.stat()
        stamp = (stat.st_mtime_ns, stat.st_size)
        known = self._papers.get(path.name)
        if known is not None and known[0] == stamp:
            return known[1]
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            paper = _paper(data)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ContentError(
                str(path), f"damaged ({type(error).__name__}); remove it and import the file in originals/ again"
            ) from error
        self._papers[path.name] = (stamp, paper)
        return paper


@dataclass
class Writing:
    """Changes to a shelf, each on disk when its method returns."""

    shelf: Shelf
    papers: list[ShelvedPaper]

    def newest(self, paper: str) -> ShelvedPaper | None:
        """The last version of a paper that was taken in."""
        versions = [p for p in self.papers if p.paper == paper]
        return max(versions, key=lambda p: p.version, default=None)

    def same(self, digest: str) -> ShelvedPaper | None:
        """A paper's newest version with these very bytes, wherever it lies."""
        for paper in reversed(self.papers):
            if paper.sha256 == digest and self.newest(paper.paper) is paper:
                return paper
        return None

    def add(self, new: ShelvedPaper, source: Path, note: Callable[[ShelvedPaper], object]) -> ShelvedPaper:
        """Put a version on the shelf; the one before ends the day before this one begins. The version as shelved.

        `note` is told of it first: what it raises leaves the shelf as it was.
        """
        before = self.newest(new.paper)
        number = max((p.number for p in self.papers), default=0) + 1
        version = before.version + 1 if before else 1
        identity = new.paper if version == 1 else f"{new.paper}@{version}"
        shelved = replace(new, id=identity, version=version, number=number)
        if before is not None and shelved.effective_from is not None:
            last = shelved.effective_from - timedelta(days=1)
            if before.effective_from is not None and last < before.effective_from:
                raise InputError(
                    f"{new.paper}: holds from {shelved.effective_from}, not after the version before ({before.effective_from}); give --from"
                )
        note(shelved)
        original = self.shelf.original(shelved)
        if not original.is_file():
            _copied(source, original)
        self._write(shelved)
        if before is not None and shelved.effective_from is not None:
            last = shelved.effective_from - timedelta(days=1)
            if before.effective_to is None or before.effective_to > last:
                self.change(replace(before, effective_to=last))
        self.papers.append(shelved)
        return shelved

    def change(self, paper: ShelvedPaper) -> None:
        """Write a version's days or held passages anew."""
        self._write(paper)
        self.papers[:] = [paper if p.number == paper.number else p for p in self.papers]

    def _write(self, paper: ShelvedPaper) -> None:
        place = self.shelf.folder / "papers" / f"{paper.number:07d}.json"
        fresh = place.with_suffix(f".{token_hex(4)}.new")
        try:
            with fresh.open("w", encoding="utf-8") as file:
                json.dump({"form": FORM, **asdict(paper)}, file, ensure_ascii=False, default=date.isoformat)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(place)
            now = time.time_ns()  # the folder's own time moves in steps too coarse for two changes at once
            os.utime(place.parent, ns=(now, now))
        finally:
            fresh.unlink(missing_ok=True)


def _copied(source: Path, target: Path) -> None:
    fresh = target.with_name(f"{target.name}.{token_hex(4)}.new")
    try:
        shutil.copyfile(source, fresh)
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)


def _paper(data: dict[str, Any]) -> ShelvedPaper:
    """A version from its file; ValueError, KeyError or TypeError when it is none."""
    if data.pop("form") != FORM:
        raise ValueError("written by another version of this product")
    days = {k: date.fromisoformat(data[k]) if data.get(k) else None for k in _DAYS}
    cuts = tuple(Cut(**{**c, "cues": tuple(c["cues"])}) for c in data["cuts"])
    held = tuple(Held(**h) for h in data["held"])
    paper = ShelvedPaper(**{**data, **days, "cuts": cuts, "held": held})
    if any(not 0 <= c.start < c.end <= len(paper.text) for c in cuts):
        raise ValueError("a passage lies outside the text")
    return paper
