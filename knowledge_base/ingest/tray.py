"""The tray: files that came over the web and are not yet on the shelf. Each waits on disk, so that nothing is lost with a browser or a process.

tray/<id>/parcel.json     who brought it, how far it is, what it says of itself
tray/<id>/file/<name>     the file; gone once it is on the shelf
tray/coming-<id>/         still on its way; gone when it does not arrive
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shutil
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any, Literal, get_args

from copilot.errors import InputError
from copilot.types import Kind
from knowledge_base.ingest.intake import Outcome, Wanted
from knowledge_base.ingest.read import check_ending

Stage = Literal["arrived", "ready", "asked", "done", "failed"]
"""arrived: not yet looked at. ready: read, waits for a person. asked: to be shelved. done, failed: what became of it."""
_LONGEST_NAME = 240
"""Bytes of a file name."""
_STALE_S = 3600
_TOLD_S = 7 * 86400
"""Seconds for which it is told what became of a file."""
_ID = re.compile(r"[0-9]{14}-[0-9a-f]{8}")
_FORBIDDEN = re.compile(r'[<>:"|?*&\x00-\x1f\x7f]')
_DAYS = ("starts", "ends")


@dataclass(frozen=True)
class Parcel:
    """One file of the tray. `title` to `held` are what the file says of itself; `outcome` and `note` what became of it."""

    id: str
    name: str
    by: str
    at: str
    size: int
    stage: Stage = "arrived"
    title: str = ""
    kind: Kind | None = None
    starts: date | None = None
    ends: date | None = None
    passages: int = 0
    held: int = 0
    wanted: Wanted = field(default_factory=Wanted)
    outcome: Outcome | Literal[""] = ""
    note: str = ""
    paper: str = ""

    @property
    def open(self) -> bool:
        """Whether something is still to be done with it."""
        return self.stage in ("arrived", "ready", "asked")


@dataclass(frozen=True)
class Tray:
    """The parcels under one folder. What it may hold: bytes of one file, and of all that wait."""

    folder: Path
    largest: int
    room: int

    def parcels(self) -> tuple[Parcel, ...]:
        """Every parcel, in the order they came; one whose note is damaged is left out."""
        return tuple(p for p in map(self._read, sorted(self.folder.glob("[0-9]*-*"))) if p is not None)

    def get(self, identity: str) -> Parcel | None:
        """One parcel, None for what is none."""
        return self._read(self.folder / identity) if _ID.fullmatch(identity) else None

    def file(self, parcel: Parcel) -> Path:
        """Where a parcel's file lies."""
        return self.folder / parcel.id / "file" / parcel.name

    @contextmanager
    def receive(self, name: str, by: str, at: datetime) -> Iterator[Arriving]:
        """Take a file over piece by piece. It is a parcel when the block ends well; otherwise nothing of it stays."""
        name = clean_name(name)
        check_ending(name)
        waiting = sum(p.size for p in self.parcels() if p.open)
        identity = f"{at:%Y%m%d%H%M%S}-{secrets.token_hex(4)}"
        draft = self.folder / f"coming-{identity}"
        try:
            (draft / "file").mkdir(parents=True)
            with (draft / "file" / name).open("wb") as file:
                arriving = Arriving(file, name, self.largest, self.room - waiting)
                yield arriving
                file.flush()
                os.fsync(file.fileno())
            if not arriving.size:
                raise InputError(f"{name}: empty")
            self._write(draft, Parcel(identity, name, by, at.isoformat(timespec="seconds"), arriving.size))
            draft.rename(self.folder / identity)
        except OSError as error:
            raise InputError(f"{name}: could not be kept ({error.strerror}); try again later") from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def change(self, parcel: Parcel) -> Parcel:
        """Write how far a parcel is; its file goes when nothing is left to be done. A parcel dropped meanwhile stays dropped."""
        folder = self.folder / parcel.id
        if folder.is_dir():
            self._write(folder, parcel)
            if not parcel.open:
                shutil.rmtree(folder / "file", ignore_errors=True)
        return parcel

    def drop(self, identity: str) -> None:
        """Take a parcel away, with its file."""
        if _ID.fullmatch(identity):
            gone = self.folder / f"coming-gone-{identity}"
            try:
                (self.folder / identity).rename(gone)
            except FileNotFoundError:
                return
            shutil.rmtree(gone, ignore_errors=True)

    @contextmanager
    def working(self) -> Iterator[None]:
        """The only one who works through the tray, of all processes. What never arrived, and what was done long ago, is cleared away first."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "working.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for draft in self.folder.glob("coming-*"):
                if time.time() - draft.stat().st_mtime > _STALE_S:
                    shutil.rmtree(draft, ignore_errors=True)
            for parcel in self.parcels():
                if not parcel.open and time.time() - (self.folder / parcel.id).stat().st_mtime > _TOLD_S:
                    self.drop(parcel.id)
            yield

    def _read(self, folder: Path) -> Parcel | None:
        try:
            data = json.loads((folder / "parcel.json").read_text(encoding="utf-8"))
            return _parcel(data)
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def _write(self, folder: Path, parcel: Parcel) -> None:
        fresh = folder / f"parcel.{secrets.token_hex(4)}.new"
        try:
            fresh.write_text(json.dumps(asdict(parcel), ensure_ascii=False, default=date.isoformat), encoding="utf-8")
            fresh.replace(folder / "parcel.json")
        finally:
            fresh.unlink(missing_ok=True)


@dataclass
class Arriving:
    """A file on its way: what is written counts, and too much is refused at once."""

    file: IO[bytes]
    name: str
    largest: int
    room: int
    size: int = 0

    def write(self, chunk: bytes) -> None:
        """Take over the next piece."""
        self.size += len(chunk)
        if self.size > self.largest:
            raise InputError(f"{self.name}: larger than {self.largest // 1_000_000} MB; split it")
        if self.size > self.room:
            raise InputError(f"{self.name}: no room; shelve or remove what waits")
        self.file.write(chunk)


def clean_name(told: str) -> str:
    """A file's name as we keep it: no folder, nothing invisible, nothing that means something to a shell, a page or a disk. InputError for one too long."""
    last = PurePosixPath(told.replace("\\", "/")).name
    shown = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] != "C")
    shown = " ".join(_FORBIDDEN.sub("_", shown).split()).lstrip(".~ ")
    if len(shown.encode()) > _LONGEST_NAME:  # cut short it might be taken for another paper's next version
        raise InputError(f"{shown[:20]}…: the name is too long; shorten it")
    return shown or "_"


def _parcel(data: dict[str, Any]) -> Parcel:
    wanted = {**data["wanted"], **{k: _day(data["wanted"][k]) for k in _DAYS}}
    parcel = Parcel(**{**data, **{k: _day(data[k]) for k in _DAYS}, "wanted": Wanted(**wanted)})
    if parcel.stage not in get_args(Stage) or not _ID.fullmatch(parcel.id) or clean_name(parcel.name) != parcel.name:
        raise ValueError("not a parcel of ours")
    return parcel


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
