"""Backup while the desk runs, and restore: record, content, shelf, settings, the model's note. The index is built anew.

The signing key is left out on purpose: it must not lie beside the record.
"""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path, PurePosixPath
from typing import IO, Literal

from pydantic import BaseModel
from sqlalchemy import Engine

from copilot.errors import ChainBroken, InputError
from copilot.models.files import CHOICE
from copilot.records import RecordStore, Verification, open_database
from copilot.records.copying import load, snapshot
from copilot.settings import CONFIG_NAME, Settings
from knowledge_base.ingest.shelf import Shelf

MANIFEST, RECORD = "manifest.json", "record.db"


class _Manifest(BaseModel, frozen=True, extra="forbid"):
    """What a backup says of itself: the record's length and head, and each file's SHA-256."""

    format: Literal["advisor-copilot backup 1"] = "advisor-copilot backup 1"
    entries: int
    head: str
    files: dict[str, str]


@dataclass(frozen=True)
class Kept:
    """What a backup holds, or a restore put back."""

    files: int
    record: Verification


def back_up(settings: Settings, config: Path | None, engine: Engine, target: Path) -> Kept:
    """Write a backup beside what runs. It is whole under its name or not there. InputError when the name is taken.

    The record is verified before it is kept: ChainBroken for one that does not hold.
    """
    if target.exists():
        raise InputError(f"{target}: exists already; name another file")
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as room, ExitStack() as stack:
            copy = Path(room) / RECORD
            if settings.shelf_dir.is_dir():  # a paper is recorded, then shelved: both or neither
                stack.enter_context(Shelf(settings.shelf_dir).writing())
            snapshot(engine, copy)
            found = _verified(f"sqlite:///{copy}")
            with part.open("xb") as out:
                part.chmod(0o600)
                count = _write(out, copy, settings, config, found)
                out.flush()
                os.fsync(out.fileno())
        os.link(part, target)  # unlike a rename it does not overwrite
    except FileExistsError as error:
        raise InputError(f"{target}: exists already; name another file") from error
    except OSError as error:
        raise InputError(
            f"{target}: the backup could not be written ({error.strerror}); nothing is left of it"
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return Kept(count, found)


def restore(source: Path, folder: Path, url: str | None = None) -> Kept:
    """Put a backup into a new data folder, the record into an empty database when `url` names one; then verify all of it.

    InputError when the folder holds anything, or the backup is damaged: then nothing is left behind.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder}: not empty; nothing is overwritten, name a new folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".restore-") as room:
        unpacked = Path(room) / "data"
        manifest = _unpack(source, unpacked)
        found = _verified(f"sqlite:///{unpacked / RECORD}")
        if (found.entries, found.head) != (manifest.entries, manifest.head):
            raise InputError(f"{source}: the record in it is not the one that was kept")
        if url is not None:
            load(unpacked / RECORD, url)
            found = _verified(url)
            (unpacked / RECORD).unlink()
        unpacked.replace(folder)
    return Kept(len(manifest.files), found)


def _sources(settings: Settings, config: Path | None) -> Iterator[tuple[str, Path]]:
    """Name in the backup and file, besides the record."""
    if settings.knowledge.content or settings.own_content_dir.is_dir():
        yield from _below("content", settings.content_dir)
    yield from _below("shelf", settings.shelf_dir)
    for name, path in ((settings.values_path.name, settings.values_path), (CHOICE, settings.data / CHOICE)):
        if path.is_file():
            yield name, path
    if config is not None:
        yield CONFIG_NAME, config


def _below(name: str, folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix not in (".lock", ".part"):
            yield f"{name}/{path.relative_to(folder).as_posix()}", path


def _write(out: IO[bytes], copy: Path, settings: Settings, config: Path | None, found: Verification) -> int:
    listed: dict[str, str] = {}
    with tarfile.open(fileobj=out, mode="w:gz", format=tarfile.PAX_FORMAT) as archive:
        with copy.open("rb") as handle:
            listed[RECORD] = file_digest(handle, "sha256").hexdigest()
            _add(archive, RECORD, handle, copy.stat().st_size)
        for name, path in _sources(settings, config):
            data = path.read_bytes()
            listed[name] = sha256(data).hexdigest()
            _add(archive, name, io.BytesIO(data), len(data))
        data = _Manifest(entries=found.entries, head=found.head, files=listed).model_dump_json(indent=1).encode()
        _add(archive, MANIFEST, io.BytesIO(data), len(data))
    return len(listed)


def _add(archive: tarfile.TarFile, name: str, data: IO[bytes], size: int) -> None:
    data.seek(0)
    about = tarfile.TarInfo(name)
    about.size, about.mode = size, 0o600
    archive.addfile(about, data)


def _unpack(source: Path, folder: Path) -> _Manifest:
    """The files of a backup under a new folder, each as the manifest says. Nothing but plain files with plain names."""
    found: dict[str, str] = {}
    manifest = b""
    try:
        with tarfile.open(source, "r:gz") as archive:
            for member in archive:
                data = archive.extractfile(member) if member.isreg() else None
                if data is None or member.name in found or not _plain(member.name):
                    raise InputError(f"{source}: {member.name!r} is nothing a backup holds")
                if member.name == MANIFEST:
                    manifest = data.read()
                    continue
                found[member.name] = _save(data, folder / member.name)
        said = _Manifest.model_validate_json(manifest)
        if said.files != found or RECORD not in found:
            raise InputError(f"{source}: not the files that were kept; take another copy of the backup")
    except (tarfile.TarError, zlib.error, gzip.BadGzipFile, EOFError, ValueError) as error:
        raise InputError(f"{source}: damaged, or no backup; take another copy of it") from error
    except OSError as error:
        raise InputError(f"{source}: cannot be restored ({error.strerror})") from error
    return said


def _plain(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and str(path) == name and "\\" not in name


def _save(data: IO[bytes], path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = sha256()
    with path.open("xb") as out:
        while block := data.read(1 << 20):
            digest.update(block)
            out.write(block)
    return digest.hexdigest()


def _verified(url: str) -> Verification:
    engine = open_database(url)
    try:
        found = RecordStore(engine).verify()
    finally:
        engine.dispose()
    if found.broken_at is not None:
        raise ChainBroken(found.broken_at, found.what)
    return found
