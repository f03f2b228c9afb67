"""Where vectors lie. `ChromaStore` is Chroma embedded in this process, never its server; `MemoryStore` is a plain matrix."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from knowledge_base.embed import Vectors

_COLLECTION = "rows"
_BATCH = 2000
_HNSW = {"space": "cosine", "ef_construction": 200, "ef_search": 256, "max_neighbors": 32}


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


@dataclass(frozen=True)
class ChromaStore:
    """A collection of Chroma. It works on a private copy: opening a collection writes a line into it, and an index is never written."""

    size: int
    _collection: Any = field(repr=False)
    _copy: Any = field(repr=False)

    def count(self) -> int:
        """How many rows there are."""
        return self.size

    def near(self, vector: Vectors, n: int) -> Sequence[Near]:
        """The `n` nearest rows, best first."""
        n = min(n, self.size)
        if not n:
            return ()
        found = self._collection.query(query_embeddings=[vector.tolist()], n_results=n, include=["distances"])
        pairs = zip(found["ids"][0], found["distances"][0], strict=True)
        return tuple(Near(int(i), 1.0 - float(d)) for i, d in pairs)


def write_chroma(folder: Path, vectors: Vectors) -> None:
    """Write a new collection and let go of it."""
    client = _client(folder)
    try:
        collection = client.create_collection(_COLLECTION, embedding_function=None, configuration={"hnsw": _HNSW})
        for start in range(0, len(vectors), _BATCH):
            part = vectors[start : start + _BATCH]
            collection.add(ids=[str(start + i) for i in range(len(part))], embeddings=part)
    finally:
        client.close()


def open_chroma(folder: Path) -> ChromaStore:
    """Open a copy of what `write_chroma` wrote; the copy goes when the store does."""
    copy = tempfile.TemporaryDirectory(prefix="advisor-copilot-index-")
    place = Path(copy.name) / "chroma"
    shutil.copytree(folder, place)
    client = _client(place)
    collection = client.get_collection(_COLLECTION, embedding_function=None)
    store = ChromaStore(int(collection.count()), collection, copy)
    weakref.finalize(store, _let_go, client, copy)
    return store


def _let_go(client: Any, copy: tempfile.TemporaryDirectory[str]) -> None:
    with contextlib.suppress(Exception):  # at exit Chroma may be gone before us; the copy must go all the same
        client.close()
    copy.cleanup()


def _client(folder: Path) -> Any:
    os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
    import chromadb
    from chromadb.config import Settings as ChromaSettings

    return chromadb.PersistentClient(path=str(folder), settings=ChromaSettings(anonymized_telemetry=False))
