"""Times hybrid search over many passages beside its parts and rank_bm25. `python -m knowledge_base.bench [passages]`."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from copilot.settings import Settings
from knowledge_base.build import Index, open_index, tokenizer_for
from knowledge_base.document import Document
from knowledge_base.lexical import build_lexical
from knowledge_base.library import ContentLibrary, load_library
from knowledge_base.rows import Row, Unit, rows_of, units_of
from knowledge_base.search import Search
from knowledge_base.store import open_chroma, write_chroma


@dataclass(frozen=True)
class Timing:
    """Milliseconds of one way to search."""

    name: str
    p50: float
    p95: float
    n: int


def bench(passages: int = 10_000, queries: int = 200, settings: Settings | None = None) -> tuple[Timing, ...]:
    """Time search over `passages` passages: the bundled ones, and more mixed from their sentences."""
    with tempfile.TemporaryDirectory() as folder:
        chosen = (settings or Settings()).model_copy(update={"data": Path(folder)})
        library = load_library(chosen.content_dir)
        index = grown(open_index(chosen, library), passages, Path(folder))
        search = Search(index)
        asked = _queries(library, queries)
        ways: list[tuple[str, Callable[[str], object]]] = [
            (f"hybrid, {len(index.units)} passages, {len(index.rows)} rows", lambda q: search(q)),
            ("BM25 alone, three views", lambda q: index.lexical.scores(index.tokenizer.fields(q))),
        ]
        embedder, vectors = index.embedder, index.vectors
        if embedder is not None and vectors is not None:
            ways.append(("dense alone", lambda q: vectors.near(embedder.encode([q])[0], 80)))
        peer = _rank_bm25(index)
        if peer is not None:
            ways.append(("rank_bm25, words alone", peer))
        return tuple(_time(name, way, asked) for name, way in ways)


def grown(index: Index, passages: int, folder: Path) -> Index:
    """The index with passages mixed from the content's own sentences until there are `passages`."""
    library = index.library
    sentences = [s for d in library.content.documents for s in d.text.replace("\n", "。").split("。") if len(s) > 8]
    rng = random.Random(11)
    more: list[Document] = []
    for number in range(max(0, passages - len(index.units))):
        text = "。".join(rng.sample(sentences, 3))
        piece = replace(index.units[0].piece, title=f"补充{number}", start=0, end=len(text), cues=())
        more.append(Document(f"X-{number}", "faq", f"补充{number}", text, (), (piece,)))
    units: tuple[Unit, ...] = units_of((*library.content.documents, *more))
    rows: tuple[Row, ...] = rows_of(units)
    tokenizer = tokenizer_for(library)
    lexical = build_lexical([tokenizer.fields(row.text) for row in rows])
    vectors = None
    if index.embedder is not None:
        write_chroma(folder / "grown", index.embedder.encode([row.text for row in rows]))
        vectors = open_chroma(folder / "grown")
    return replace(index, units=units, rows=rows, lexical=lexical, vectors=vectors)


def _queries(library: ContentLibrary, n: int) -> list[str]:
    """Wordings of the FAQ and questions about products, in a fixed mix."""
    asked = [v for f in library.content.faq for v in f.variants]
    asked += [f"{p.name}{what}" for p in library.content.products for what in ("多久到账", "风险高不高", "费用多少")]
    random.Random(5).shuffle(asked)
    return [asked[i % len(asked)] for i in range(n)]


def _rank_bm25(index: Index) -> Callable[[str], object] | None:
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
    return Timing(name, took[len(took) // 2], took[int(len(took) * 0.95)], len(took))


if __name__ == "__main__":
    for timing in bench(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000):
        print(f"{timing.name:44} p50 {timing.p50:7.2f} ms   p95 {timing.p95:7.2f} ms   n={timing.n}")
