"""Builds the index beside the live one and switches a pointer; opens it, and builds again when it does not match.

index/CURRENT              the name of the live build
index/build-…/             manifest.json, bm25/, scope.npz, chroma/ and elsewhere.npy (with an embedder); never written again
index/build-….lock         held shared by whoever has the build open
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import IO

import numpy as np

from copilot.errors import IndexMissing
from copilot.settings import Settings, packaged
from knowledge_base.asked import read_asked
from knowledge_base.embed import Embedder, Vectors, load_embedder
from knowledge_base.lexical import LexicalIndex, build_lexical, load_lexical
from knowledge_base.library import ContentLibrary
from knowledge_base.rows import Row, Unit, rows_of, units_of
from knowledge_base.scope import Scope, fit_scope, load_scope
from knowledge_base.store import VectorStore, open_chroma, write_chroma
from knowledge_base.tokenize import Tokenizer

SCHEMA = 2
"""Raised whenever an index built by older code can no longer be read."""
POINTER, MANIFEST = "CURRENT", "manifest.json"
SCOPE, ELSEWHERE = "scope.npz", "elsewhere.npy"
NO_EMBEDDER = "no embedder at %s: search works on words alone; train or install one and run `advisor-copilot index`"
_OPENING = 80
"""Characters of a row by which the scope is learnt."""
_log = logging.getLogger(__name__)
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Manifest:
    """What a build was made from and what files it has."""

    schema: int
    content: str
    embedder: str
    tools: str
    rows: int
    units: int
    built_at: str
    files: dict[str, str]

    def summary(self) -> dict[str, object]:
        """What a person wants to know of a build."""
        return {
            "content": self.content[:12],
            "embedder": self.embedder[:12] or None,
            "passages": self.units,
            "rows": self.rows,
            "built_at": self.built_at,
        }

    def fits(self, other: Manifest) -> bool:
        """Whether two builds come from the same content, embedder, code and tools."""
        mine = (self.schema, self.content, self.embedder, self.tools)
        return mine == (other.schema, other.content, other.embedder, other.tools)


@dataclass(frozen=True)
class Index:
    """An open index. `lock` keeps its build from being removed while it is in use."""

    folder: Path
    manifest: Manifest
    library: ContentLibrary
    tokenizer: Tokenizer
    units: tuple[Unit, ...]
    rows: tuple[Row, ...]
    lexical: LexicalIndex
    embedder: Embedder | None
    vectors: VectorStore | None
    scope: Scope
    elsewhere: Vectors
    lock: IO[str] | None = None


def open_index(
    settings: Settings, library: ContentLibrary, *, rebuild: bool = True, progress: Progress | None = None
) -> Index:
    """The live index, built first when missing, broken or made from something else; with `rebuild` off that is IndexMissing."""
    embedder = _embedder(settings)
    try:
        return _open(settings.index_dir, library, embedder)
    except IndexMissing as missing:
        if not rebuild:
            raise
        _log.info("%s; building", missing)
    _build(settings.index_dir, library, embedder, progress, force=False)
    return _open(settings.index_dir, library, embedder)


def build_index(settings: Settings, library: ContentLibrary, progress: Progress | None = None) -> Manifest:
    """Build an index of the library and switch to it; what was built."""
    return _build(settings.index_dir, library, _embedder(settings), progress, force=True)


def index_state(settings: Settings, library: ContentLibrary) -> str:
    """One line: whether the live index fits content and embedder, else what is wrong with it."""
    try:
        index = _open(settings.index_dir, library, load_embedder(settings.embedder_dir))
    except IndexMissing as missing:
        return str(missing)
    _close(index)
    return f"{index.folder}: fits the content ({index.manifest.units} passages, built {index.manifest.built_at})"


def _embedder(settings: Settings) -> Embedder | None:
    embedder = load_embedder(settings.embedder_dir)
    if embedder is None:
        _log.warning(NO_EMBEDDER, settings.embedder_dir)
    return embedder


def tokenizer_for(library: ContentLibrary) -> Tokenizer:
    """A tokenizer that knows the catalogue's names."""
    return Tokenizer(name for p in library.content.products for name in (p.name, *p.aliases) if len(name) <= 8)


def _expected(library: ContentLibrary, embedder: Embedder | None) -> Manifest:
    tools = " ".join(f"{name} {version(name)}" for name in ("bm25s", "chromadb"))
    return Manifest(SCHEMA, library.version, embedder.version if embedder else "", tools, 0, 0, "", {})


def _open(root: Path, library: ContentLibrary, embedder: Embedder | None) -> Index:
    folder, lock = _live(root)
    try:
        manifest = _manifest(folder)
        if not manifest.fits(_expected(library, embedder)):
            raise IndexMissing(f"{folder}: made from other content, embedder or tools; run `advisor-copilot index`")
        _verify(folder, manifest)
        units = units_of(library.content.documents)
        rows = rows_of(units)
        if (len(rows), len(units)) != (manifest.rows, manifest.units):
            raise IndexMissing(f"{folder}: {manifest.rows} rows, {len(rows)} expected; run `advisor-copilot index`")
        try:
            lexical = load_lexical(folder / "bm25")
            vectors = open_chroma(folder / "chroma") if embedder else None
            scope = load_scope(folder / SCOPE)
            elsewhere = np.load(folder / ELSEWHERE, allow_pickle=False)
        except Exception as error:  # whatever a damaged file makes its reader raise, the cure is a new build
            raise IndexMissing(f"{folder}: cannot be read ({error}); run `advisor-copilot index`") from error
    except IndexMissing:
        lock.close()
        raise
    return Index(
        folder,
        manifest,
        library,
        tokenizer_for(library),
        units,
        rows,
        lexical,
        embedder,
        vectors,
        scope,
        elsewhere,
        lock,
    )


def _live(root: Path) -> tuple[Path, IO[str]]:
    """The live build's folder, held against removal."""
    for _ in range(5):
        try:
            name = (root / POINTER).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise IndexMissing(f"{root}: no index yet; run `advisor-copilot index`") from error
        folder = root / name
        if not name or Path(name).name != name or not folder.is_dir():
            raise IndexMissing(f"{root / POINTER}: points to no build; run `advisor-copilot index`")
        lock = _lock_path(folder).open("a")
        fcntl.flock(lock, fcntl.LOCK_SH)
        if folder.is_dir():
            return folder, lock
        lock.close()
    raise IndexMissing(f"{root}: builds come and go too fast; run `advisor-copilot index`")


def _manifest(folder: Path) -> Manifest:
    try:
        return Manifest(**json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise IndexMissing(f"{folder / MANIFEST}: cannot be read; run `advisor-copilot index`") from error


def _verify(folder: Path, manifest: Manifest) -> None:
    for name, digest in manifest.files.items():
        path = folder / name
        if not path.is_file() or _digest(path) != digest:
            raise IndexMissing(f"{path}: missing or changed since it was built; run `advisor-copilot index`")


def _build(
    root: Path, library: ContentLibrary, embedder: Embedder | None, progress: Progress | None, *, force: bool
) -> Manifest:
    """Make a build under a name of its own, then switch the pointer."""
    say: Progress = progress or (lambda _what: None)
    root.mkdir(parents=True, exist_ok=True)
    with _only_builder(root):
        if not force:
            try:  # another process may just have built it
                index = _open(root, library, embedder)
            except IndexMissing:
                pass
            else:
                _close(index)
                return index.manifest
        expected = _expected(library, embedder)
        name = f"build-{library.version[:8]}-{secrets.token_hex(4)}"
        folder, draft = root / name, root / f"draft-{name}"
        draft.mkdir()
        try:
            rows, units = _write(draft, library, embedder, say)
            made = _finish(draft, expected, rows, units)
            draft.rename(folder)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        _switch(root, name)
        _sweep(root, keep=name)
        say(f"switched to {name}: {made.units} passages")
        return made


def _write(draft: Path, library: ContentLibrary, embedder: Embedder | None, say: Progress) -> tuple[int, int]:
    units = units_of(library.content.documents)
    rows = rows_of(units)
    tokenizer = tokenizer_for(library)
    say(f"indexing the words of {len(units)} passages")
    build_lexical([tokenizer.fields(row.text) for row in rows]).save(draft / "bm25")
    outside = questions_elsewhere(library)
    fit_scope([row.text[:_OPENING] for row in rows], outside).save(draft / SCOPE)
    np.save(draft / ELSEWHERE, embedder.encode(outside) if embedder and outside else np.zeros((0, 0), dtype=np.float32))
    if embedder is not None:
        say(f"embedding {len(rows)} texts")
        write_chroma(draft / "chroma", embedder.encode([row.text for row in rows]))
    return len(rows), len(units)


def questions_elsewhere(library: ContentLibrary) -> list[str]:
    """Questions this knowledge does not answer: the content's own, else those of the bundled example."""
    asked = library.content.asked or read_asked(packaged("knowledge_base", "content", "asked"))
    return [a.text for a in asked if not a.gold]


def _finish(draft: Path, expected: Manifest, rows: int, units: int) -> Manifest:
    """Write the manifest and see everything safely on disk."""
    paths = sorted(p for p in draft.rglob("*") if p.is_file())
    files = {str(p.relative_to(draft)): _digest(p) for p in paths}
    made = datetime.now(UTC).isoformat(timespec="seconds")
    full = replace(expected, rows=rows, units=units, built_at=made, files=files)
    manifest = draft / MANIFEST
    manifest.write_text(json.dumps(asdict(full), ensure_ascii=False, indent=1), encoding="utf-8")
    folders = [draft, *(p for p in draft.rglob("*") if p.is_dir())]
    for path in (*paths, manifest, *folders):
        _sync(path)
    return full


def _switch(root: Path, name: str) -> None:
    """Point to a build, in one step that is either seen or not."""
    fresh = root / f"{POINTER}.new"
    fresh.write_text(f"{name}\n", encoding="utf-8")
    _sync(fresh)
    fresh.replace(root / POINTER)
    _sync(root)


def _sweep(root: Path, keep: str) -> None:
    """Remove builds nobody has open, and drafts left by a builder that died (we are the only builder now)."""
    for draft in root.glob("draft-*"):
        shutil.rmtree(draft, ignore_errors=True)
    for folder in root.glob("build-*"):
        if not folder.is_dir() or folder.name == keep:
            continue
        with _lock_path(folder).open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            shutil.rmtree(folder, ignore_errors=True)
    for lock_path in root.glob("build-*.lock"):
        if not lock_path.with_suffix("").is_dir():
            lock_path.unlink(missing_ok=True)


@contextmanager
def _only_builder(root: Path) -> Iterator[None]:
    with (root / "building.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _close(index: Index) -> None:
    if index.lock is not None:
        index.lock.close()


def _lock_path(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.lock")


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
