"""What search costs over many passages: time of the hybrid beside its parts and rank_bm25, building, disk, memory.

`python -m knowledge_base.bench [PASSAGES]`; a plot of several sizes: `python -m evals.scale`.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from copilot.settings import Settings
from knowledge_base.build import Index, build_index, open_index
from knowledge_base.document import Document, Piece
from knowledge_base.library import ContentLibrary, load_library
from knowledge_base.rows import units_of
from knowledge_base.search import Search

Item = TypeVar("Item")
_PEER_UP_TO = 150_000
"""Passages up to which rank_bm25 is beside: of more it takes seconds a question and gigabytes."""


@dataclass(frozen=True)
class Timing:
    """Milliseconds of one way to search."""

    name: str
    p50: float
    p95: float
    p99: float
    n: int


@dataclass(frozen=True)
class Cost:
    """What an index of so many passages took to build and keep, and each way to search it."""

    passages: int
    rows: int
    build_s: float
    disk_mb: float
    memory_mb: float
    """Resident at most while building, opening and searching, without the peer."""
    timings: tuple[Timing, ...]


def measure(passages: int = 10_000, queries: int = 200, settings: Settings | None = None) -> Cost:
    """Build and search an index of the bundled content thinned or grown to `passages`."""
    with tempfile.TemporaryDirectory() as folder:
        chosen = (settings or Settings()).model_copy(update={"data": Path(folder)})
        library = sized(load_library(chosen.content_dir), passages)
        started = time.perf_counter()
        made = build_index(chosen, library)
        build_s = time.perf_counter() - started
        index = open_index(chosen, library)
        asked = _queries(library, queries)
        timings = [_time(name, way, asked) for name, way in _ways(index)]
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        peer = _rank_bm25(index) if made.units <= _PEER_UP_TO else None
        if peer is not None:
            timings.append(_time("rank_bm25", peer, asked))
        disk = sum(path.stat().st_size for path in index.folder.rglob("*") if path.is_file()) / 1e6
        return Cost(made.units, made.rows, build_s, disk, memory, tuple(timings))


def _ways(index: Index) -> list[tuple[str, Callable[[str], object]]]:
    """The hybrid and its parts."""
    search = Search(index)
    found: list[tuple[str, Callable[[str], object]]] = [
        ("hybrid", search),
        ("BM25", lambda q: index.lexical.scores(index.tokenizer.fields(q))),
    ]
    embedder, vectors = index.embedder, index.vectors
    if embedder is not None and vectors is not None:
        found.append(("dense", lambda q: vectors.near(embedder.encode([q])[0], 80)))
    return found


def sized(library: ContentLibrary, passages: int) -> ContentLibrary:
    """The library with part of its products and documents, or with passages mixed from its own sentences."""
    content = library.content
    own = len(units_of(content.documents))
    version = f"{content.version}-{passages}"
    if passages < own:
        products = _some(content.products, passages / own)
        known = {p.id for p in products}
        free = _some([d for d in content.documents if d.product is None and d.kind != "calendar"], passages / own)
        needed = [d for d in content.documents if d.product in known or d.kind == "calendar"]
        kept = (*needed, *free)
        return replace(library, content=replace(content, version=version, products=products, documents=kept))
    sentences = [s for d in content.documents for s in d.text.replace("\n", "。").split("。") if len(s) > 8]
    rng = random.Random(11)
    more = []
    for number in range(passages - own):
        text, title = "。".join(rng.sample(sentences, 3)), f"补充{number}"
        more.append(Document(f"X-{number}", "faq", title, text, (), (Piece(title, 0, len(text)),)))
    return replace(library, content=replace(content, version=version, documents=(*content.documents, *more)))


def _some(items: Sequence[Item], share: float) -> tuple[Item, ...]:
    """A share of the items, evenly spread."""
    return tuple(item for at, item in enumerate(items) if int(at * share) != int((at + 1) * share))


def _queries(library: ContentLibrary, n: int) -> list[str]:
    """Wordings of the FAQ and questions about products, in a fixed mix."""
    asked = [v for f in library.content.faq for v in f.variants]
    asked += [f"{p.name}{what}" for p in library.content.products for what in ("多久到账", "风险高不高", "费用多少")]
    random.Random(5).shuffle(asked)
    return [asked[i % len(asked)] for i in range(n)]


def _rank_bm25(index: Index) -> Callable[[str], object] | None:
    """The peer, words alone."""
    try:
        from rank_bm25 import BM25Okapi
    except ImportError:
        return None
    peer = BM25Okapi([index.tokenizer.words(row.text) or [""] for row in index.rows])
    return lambda q: peer.get_scores(index.tokenizer.words(q))


def _time(name: str, way: Callable[[str], object], asked: Sequence[str]) -> Timing:
    way(asked[0])
    took: list[float] = []
    for query in asked:
        start = time.perf_counter()
        way(query)
        took.append((time.perf_counter() - start) * 1000)
    took.sort()
    p50, p95, p99 = (took[int(len(took) * share)] for share in (0.5, 0.95, 0.99))
    return Timing(name, p50, p95, p99, len(took))


if __name__ == "__main__":
    cost = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
    print(f"{cost.passages} passages, {cost.rows} rows: built in {cost.build_s:.1f} s, {cost.disk_mb:.0f} MB on disk,")
    print(f"{cost.memory_mb:.0f} MB resident at most")
    for timing in cost.timings:
        print(
            f"{timing.name:12} p50 {timing.p50:7.2f} ms   p95 {timing.p95:7.2f} ms   p99 {timing.p99:7.2f} ms   n={timing.n}"
        )
