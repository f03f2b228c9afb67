"""Where vectors lie. `ChromaStore` is Chroma embedded in this process, never its server; `MemoryStore` is a plain matrix."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from knowledge_base.embed import Vectors
from knowledge_base.reuse import Numbers

_COLLECTION = "rows"
_BATCH = 4000
_HNSW = {"space": "cosine", "ef_search": 256, "max_neighbors": 32}
_CARE, _LARGE, _LESS_CARE = 200, 50_000, 64
"""Candidates weighed for each vector that comes in, and from how many vectors on fewer: at 20,000 statutes that took 0.20 ms a vector,
not 0.48, and found 98.6 % of the nearest 300, not 99.5 %."""
_WAITS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds between tries at a database that is locked."""
_FEW, _LEAST = 1000, 2
"""Changes after which Chroma writes its graph to disk, when nobody says how many there will be; and the fewest it takes."""


@dataclass(frozen=True)
class Near:
    """A row near a query; `score` is the cosine."""

    row: int
    score: float


class VectorStore(Protocol):
    """Rows of unit vectors, numbered from 0, and the nearest of them."""

    def count(self) -> int:
        """How many rows there are."""
        ...

    def near(self, vector: Vectors, n: int) -> Sequence[Near]:
        """The `n` nearest rows, best first."""
        ...

    def of(self, rows: Numbers) -> Vectors:
        """The vectors of some rows."""
        ...


@dataclass(frozen=True)
class MemoryStore:
    """All vectors in one matrix; exact."""

    vectors: Vectors

    def count(self) -> int:
        """How many rows there are."""
        return int(self.vectors.shape[0])

    def near(self, vector: Vectors, n: int) -> Sequence[Near]:
        """The `n` nearest rows, best first."""
        scores = self.vectors @ vector
        n = min(n, len(scores))
        if not n:
            return ()
        best = np.argpartition(-scores, n - 1)[:n]
        return tuple(Near(int(i), float(scores[i])) for i in best[np.argsort(-scores[best], kind="stable")])

    def of(self, rows: Numbers) -> Vectors:
        """The vectors of some rows."""
        return self.vectors[rows]


@dataclass(frozen=True)
class Opened:
    """A collection on a private copy of its folder: opening one writes a line into it, and a generation is never written."""

    collection: Any
    _copy: tempfile.TemporaryDirectory[str] = field(repr=False)


@dataclass(frozen=True)
class ChromaStore:
    """A collection of Chroma that holds the vector of each distinct text under its number; rows of one text share it."""

    rows: _Rows
    _opened: Opened = field(repr=False)

    def count(self) -> int:
        """How many rows there are."""
        return len(self.rows.order)

    def near(self, vector: Vectors, n: int) -> Sequence[Near]:
        """The `n` nearest rows, best first."""
        n = min(n, self.count())
        if not n:
            return ()
        query = self._opened.collection.query
        found = query(query_embeddings=[vector.tolist()], n_results=min(n, self.rows.texts), include=["distances"])
        pairs = zip(found["ids"][0], found["distances"][0], strict=True)
        return tuple(Near(row, 1.0 - float(d)) for i, d in pairs for row in self.rows.of(int(i)))[:n]

    def of(self, rows: Numbers) -> Vectors:
        """The vectors of some rows."""
        texts, back = np.unique(self.rows.numbers[rows], return_inverse=True)
        kept: dict[str, Vectors] = {}
        for start in range(0, len(texts), _BATCH):
            part = [str(number) for number in texts[start : start + _BATCH]]
            found = self._opened.collection.get(ids=part, include=["embeddings"])
            kept |= dict(zip(found["ids"], found["embeddings"], strict=True))
        return np.asarray([kept[str(number)] for number in texts], dtype=np.float32)[back]


class _Rows:
    """The rows of each text, by its number."""

    def __init__(self, numbers: Numbers) -> None:
        self.numbers = numbers
        self.order = np.argsort(numbers, kind="stable")
        self._sorted = numbers[self.order]
        self.texts = len(np.unique(numbers))

    def of(self, number: int) -> list[int]:
        """The rows of a text, in their order."""
        first, last = np.searchsorted(self._sorted, (number, number + 1))
        return self.order[first:last].tolist()  # type: ignore[no-any-return]


def write_chroma(
    folder: Path, parts: Iterable[tuple[Numbers, Vectors]], total: int, gone: Sequence[int] | Numbers = ()
) -> None:
    """Put vectors in under their numbers, a part at a time, after taking out those that are gone; `total` bounds what comes in.

    Chroma writes its whole graph to disk at every `sync_threshold` vectors. With the thousand it begins with, 286,000 vectors
    would be written 286 times; here it is told to write once, when all are in.
    """
    with changing(folder, total + len(gone)) as collection:
        for start in range(0, len(gone), _BATCH):
            collection.delete(ids=[str(number) for number in gone[start : start + _BATCH]])
        for numbers, vectors in parts:
            for start in range(0, len(numbers), _BATCH):
                ids = [str(number) for number in numbers[start : start + _BATCH]]
                collection.add(ids=ids, embeddings=vectors[start : start + _BATCH])


def open_chroma(folder: Path, numbers: Numbers) -> ChromaStore:
    """Open what `write_chroma` wrote; `numbers` tells each row's text."""
    return ChromaStore(_Rows(numbers), open_collection(folder))


@contextlib.contextmanager
def changing(folder: Path, changes: int = _FEW) -> Iterator[Any]:
    """The collection of a folder that nobody else has open, made when there is none; written to disk after so many changes."""
    client = _client(folder)
    written = {"sync_threshold": max(changes, _LEAST)}
    care = {"ef_construction": _CARE if changes < _LARGE else _LESS_CARE}
    try:
        settings = {"hnsw": {**_HNSW, **care, **written}}
        collection = client.get_or_create_collection(_COLLECTION, embedding_function=None, configuration=settings)
        _patient(lambda: collection.modify(configuration={"hnsw": written}))
        yield collection
    finally:
        client.close()


def _patient(act: Callable[[], object]) -> None:
    """Do it, again where Chroma's own threads still write the folder that nobody else has open: it does not wait for them itself."""
    from chromadb.errors import InternalError

    for wait in _WAITS:
        try:
            act()
        except InternalError as error:
            if "locked" not in str(error):
                raise
            time.sleep(wait)
        else:
            return
    act()


def open_collection(folder: Path) -> Opened:
    """The collection of a folder, on a copy that goes when the collection does."""
    copy = tempfile.TemporaryDirectory(prefix="advisor-copilot-index-")
    place = Path(copy.name) / "chroma"
    shutil.copytree(folder, place)
    client = _client(place)
    opened = Opened(client.get_collection(_COLLECTION, embedding_function=None), copy)
    weakref.finalize(opened, _let_go, client, copy)
    return opened


def _let_go(client: Any, copy: tempfile.TemporaryDirectory[str]) -> None:
    with contextlib.suppress(Exception):  # at exit Chroma may be gone before us; the copy must go all the same
        client.close()
    copy.cleanup()


def _client(folder: Path) -> Any:
    os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
    import chromadb
    from chromadb.config import Settings as ChromaSettings

    return chromadb.PersistentClient(path=str(folder), settings=ChromaSettings(anonymized_telemetry=False))
