"""Builds the index beside the live one and switches a pointer; opens it, and builds again when it does not match.

A build holds manifest.json, rows.npz, bm25/, scope.npz, elsewhere.npy, and with an embedder chroma/ (`knowledge_base/generations.py`).
"""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from hashlib import file_digest, sha256
from importlib.metadata import version
from pathlib import Path
from typing import IO

import numpy as np

from copilot.errors import IndexMissing
from copilot.settings import Settings
from knowledge_base.draft import BM25, CHROMA, ELSEWHERE, SCOPE, Filled, fill, names_of, tokenizer_for
from knowledge_base.embed import Embedder, Vectors, load_embedder
from knowledge_base.generations import Generations, Live
from knowledge_base.lexical import LexicalIndex, load_lexical
from knowledge_base.library import ContentLibrary
from knowledge_base.progress import Progress
from knowledge_base.reuse import load_kept
from knowledge_base.rows import Row, Unit, rows_of, units_of
from knowledge_base.scope import Scope, load_scope
from knowledge_base.store import VectorStore, open_chroma
from knowledge_base.tokenize import Tokenizer, cutter

SCHEMA = 4
"""Raised whenever an index built by older code can no longer be read, or texts are cut into words in another way."""
MANIFEST = "manifest.json"
CURE = "run `advisor-copilot index`"
NO_EMBEDDER = "no embedder at %s: search works on words alone; train or install one and run `advisor-copilot index`"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Manifest:
    """What a build was made from and what files it has."""

    schema: int
    content: str
    embedder: str
    tools: str
    names: str
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

    def continues(self, other: Manifest) -> bool:
        """Whether texts of the one are cut and embedded as those of the other: by the same embedder, names, code and tools."""
        mine = (self.schema, self.embedder, self.tools, self.names)
        return mine == (other.schema, other.embedder, other.tools, other.names)


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
    _build(settings.index_dir, library, embedder, progress, force=False, whole=False)
    return _open(settings.index_dir, library, embedder)


def build_index(
    settings: Settings, library: ContentLibrary, progress: Progress | None = None, *, whole: bool = False
) -> Manifest:
    """Build an index of the library and switch to it; what was built. With `whole` nothing of the build before is used again."""
    return _build(settings.index_dir, library, _embedder(settings), progress, force=True, whole=whole)


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


def _expected(library: ContentLibrary, embedder: Embedder | None) -> Manifest:
    tools = " ".join(f"{name} {version(name)}" for name in ("bm25s", "chromadb", cutter()))
    names = sha256("\n".join(names_of(library)).encode()).hexdigest()
    return Manifest(SCHEMA, library.version, embedder.version if embedder else "", tools, names, 0, 0, "", {})


def _open(root: Path, library: ContentLibrary, embedder: Embedder | None) -> Index:
    live = Generations(root, CURE).live()
    folder, lock = live.folder, live.lock
    try:
        manifest = _manifest(folder)
        if not manifest.fits(_expected(library, embedder)):
            raise IndexMissing(f"{folder}: made from other content, embedder or tools; {CURE}")
        _verify(folder, manifest)
        units = units_of(library.content.documents)
        rows = rows_of(units)
        if (len(rows), len(units)) != (manifest.rows, manifest.units):
            raise IndexMissing(f"{folder}: {manifest.rows} rows, {len(rows)} expected; {CURE}")
        try:
            lexical = load_lexical(folder / BM25)
            vectors = open_chroma(folder / CHROMA, load_kept(folder).numbers) if embedder else None
            scope = load_scope(folder / SCOPE)
            elsewhere = np.load(folder / ELSEWHERE, allow_pickle=False)
        except Exception as error:  # whatever a damaged file makes its reader raise, the cure is a new build
            raise IndexMissing(f"{folder}: cannot be read ({error}); {CURE}") from error
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


def _manifest(folder: Path) -> Manifest:
    try:
        manifest = Manifest(**json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
        if not isinstance(manifest.files, dict):
            raise TypeError("no list of files")
        return manifest
    except (OSError, ValueError, TypeError) as error:
        raise IndexMissing(f"{folder / MANIFEST}: cannot be read; {CURE}") from error


def _verify(folder: Path, manifest: Manifest) -> None:
    for name, digest in manifest.files.items():
        path = folder / name
        if not path.is_file() or _digest(path) != digest:
            raise IndexMissing(f"{path}: missing or changed since it was built; {CURE}")


def _build(
    root: Path,
    library: ContentLibrary,
    embedder: Embedder | None,
    progress: Progress | None,
    *,
    force: bool,
    whole: bool,
) -> Manifest:
    """Make a build beside the live one and switch to it."""
    say: Progress = progress or (lambda _what: None)
    builds = Generations(root, CURE)
    with builds.only_writer():
        if not force:
            try:  # another process may just have built it
                index = _open(root, library, embedder)
            except IndexMissing:
                pass
            else:
                _close(index)
                return index.manifest
        expected = _expected(library, embedder)
        with builds.fresh(library.version[:8]) as draft:
            before = None if whole else _usable(builds, expected)
            try:
                filled = fill(draft, library, embedder, before.folder if before else None, say)
            finally:
                if before is not None:
                    before.lock.close()
            say("bringing it to disk")
            made = _finish(draft, expected, filled)
        say(f"switched to {builds.current()}: {made.units} passages")
        return made


def _usable(builds: Generations, expected: Manifest) -> Live | None:
    """The live build, held, when its parts may be used again: whole, and of the same embedder, names, code and tools."""
    try:
        live = builds.live()
    except IndexMissing:
        return None
    try:
        manifest = _manifest(live.folder)
        if manifest.continues(expected):
            _verify(live.folder, manifest)
            return live
    except IndexMissing as harmed:
        _log.info("%s; nothing of it is used again", harmed)
    live.lock.close()
    return None


def _finish(draft: Path, expected: Manifest, filled: Filled) -> Manifest:
    """Write the manifest: what the build was made from, and the hash of every file."""
    paths = sorted(p for p in draft.rglob("*") if p.is_file())
    files = {str(p.relative_to(draft)): _digest(p) for p in paths}
    made = datetime.now(UTC).isoformat(timespec="seconds")
    full = replace(expected, rows=filled.rows, units=filled.units, built_at=made, files=files)
    text = json.dumps(asdict(full), ensure_ascii=False, indent=1)
    (draft / MANIFEST).write_text(text, encoding="utf-8")
    return full


def _close(index: Index) -> None:
    if index.lock is not None:
        index.lock.close()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
