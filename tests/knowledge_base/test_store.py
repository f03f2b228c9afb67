"""One behaviour over both stores."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from knowledge_base.embed import Vectors, unit
from knowledge_base.store import MemoryStore, VectorStore, open_chroma, write_chroma

Make = Callable[[Vectors], VectorStore]


@pytest.fixture(params=["memory", "chroma"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    def chroma(vectors: Vectors) -> VectorStore:
        write_chroma(tmp_path / "chroma", vectors)
        return open_chroma(tmp_path / "chroma")

    return MemoryStore if request.param == "memory" else chroma


def vectors(n: int) -> Vectors:
    return unit(np.random.default_rng(1).normal(size=(n, 24)))


def test_nearest_first_with_cosines(make: Make) -> None:
    rows = vectors(300)
    store = make(rows)
    assert store.count() == 300
    near = store.near(rows[7], 10)
    assert near[0].row == 7
    assert near[0].score == pytest.approx(1.0, abs=1e-4)
    exact = rows @ rows[7]
    assert [n.score for n in near] == pytest.approx(sorted(exact, reverse=True)[:10], abs=1e-4)


def test_fewer_rows_than_asked(make: Make) -> None:
    assert len(make(vectors(3)).near(vectors(3)[0], 50)) == 3


def test_reading_writes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "chroma"
    write_chroma(folder, vectors(50))

    def state() -> dict[str, str]:
        return {str(p): sha256(p.read_bytes()).hexdigest() for p in sorted(folder.rglob("*")) if p.is_file()}

    before = state()
    first, second = open_chroma(folder), open_chroma(folder)
    assert first.near(vectors(50)[1], 5) == second.near(vectors(50)[1], 5)
    assert state() == before
