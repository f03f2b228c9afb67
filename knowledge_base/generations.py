"""Folders that are never written again: a change makes a new one beside the live one, brought to disk, and a pointer is switched.

ROOT/CURRENT              the name of the live one
ROOT/build-…/             never written again
ROOT/build-….lock         held shared by whoever has it open
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from copilot.errors import IndexMissing

POINTER = "CURRENT"
_TRIES = 5
_NAME = re.compile(r"build-[\w-]{1,80}")


@dataclass(frozen=True)
class Live:
    """The live folder, held against removal until `lock` is closed."""

    folder: Path
    lock: IO[str]


@dataclass(frozen=True)
class Generations:
    """The folders under one root, of which one is live. `cure` is what a person does when none can be opened."""

    root: Path
    cure: str

    def live(self) -> Live:
        """The live folder; IndexMissing when there is none."""
        for _ in range(_TRIES):
            name = self.current()
            if not (self.root / POINTER).exists():
                raise IndexMissing(f"{self.root}: no index yet; {self.cure}")
            folder = self.root / name
            if not _NAME.fullmatch(name) or not folder.is_dir():
                raise IndexMissing(f"{self.root / POINTER}: points to no build; {self.cure}")
            lock = _lock_path(folder).open("a")
            fcntl.flock(lock, fcntl.LOCK_SH)
            if folder.is_dir():
                return Live(folder, lock)
            lock.close()
        raise IndexMissing(f"{self.root}: builds come and go too fast; {self.cure}")

    def current(self) -> str:
        """The live one's name, "" for none."""
        try:
            return (self.root / POINTER).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return ""

    @contextmanager
    def only_writer(self) -> Iterator[None]:
        """Nobody else makes one meanwhile, in this process or another."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "building.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def fresh(self, label: str) -> Iterator[Path]:
        """A folder to fill by the only writer. Left without an error it becomes the live one, else it is gone."""
        name = f"build-{label}-{secrets.token_hex(4)}"
        folder, draft = self.root / name, self.root / f"draft-{name}"
        draft.mkdir()
        try:
            yield draft
            for path in (*sorted(draft.rglob("*")), draft):
                _sync(path)
            draft.rename(folder)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        self._switch(name)
        self._sweep(keep=name)

    def _switch(self, name: str) -> None:
        """Point to a folder, in one step that is either seen or not."""
        fresh = self.root / f"{POINTER}.new"
        fresh.write_text(f"{name}\n", encoding="utf-8")
        _sync(fresh)
        fresh.replace(self.root / POINTER)
        _sync(self.root)

    def _sweep(self, keep: str) -> None:
        """Remove what nobody has open, and drafts left by a writer that died (we are the only one now)."""
        for draft in self.root.glob("draft-*"):
            shutil.rmtree(draft, ignore_errors=True)
        for folder in self.root.glob("build-*"):
            if not folder.is_dir() or folder.name == keep:
                continue
            with _lock_path(folder).open("a") as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    continue
                shutil.rmtree(folder, ignore_errors=True)
        for lock_path in self.root.glob("build-*.lock"):
            if not lock_path.with_suffix("").is_dir():
                lock_path.unlink(missing_ok=True)


def _lock_path(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.lock")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
