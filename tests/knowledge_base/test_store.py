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
        numbers = np.arange(len(vectors))
        write_chroma(tmp_path / "chroma", [(numbers, vectors)], len(vectors))
        return open_chroma(tmp_path / "chroma", numbers)

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
    numbers = np.arange(50)
    write_chroma(folder, [(numbers, vectors(50))], 50)

    def state() -> dict[str, str]:
        return {str(p): sha256(p.read_bytes()).hexdigest() for p in sorted(folder.rglob("*")) if p.is_file()}

    before = state()
    first, second = open_chroma(folder, numbers), open_chroma(folder, numbers)
    assert first.near(vectors(50)[1], 5) == second.near(vectors(50)[1], 5)
    assert state() == before


def test_rows_of_one_text_share_its_vector(tmp_path: Path) -> None:
    write_chroma(tmp_path / "chroma", [(np.array([4, 9]), vectors(2))], 2)
    store = open_chroma(tmp_path / "chroma", np.array([9, 4, 9]))
    assert store.count() == 3
    assert [near.row for near in store.near(vectors(2)[1], 3)] == [0, 2, 1]
    assert [near.row for near in store.near(vectors(2)[1], 1)] == [0]


def test_a_folder_is_continued_without_what_is_gone(tmp_path: Path) -> None:
    folder, rows = tmp_path / "chroma", vectors(40)
    write_chroma(folder, [(np.arange(30), rows[:30])], 30)
    write_chroma(folder, [(np.arange(30, 40), rows[30:])], 10, gone=[3])
    kept = np.array([n for n in range(40) if n != 3])
    store = open_chroma(folder, kept)
    assert [kept[store.near(rows[n], 1)[0].row] for n in (0, 29, 30, 39)] == [0, 29, 30, 39]
    assert store.near(rows[3], 1)[0].score < 0.99


def test_the_graph_is_written_once_when_all_is_in(tmp_path: Path) -> None:
    write_chroma(tmp_path / "chroma", [(np.arange(2500), vectors(2500))], 2500)
    graph = next((tmp_path / "chroma").glob("*/length.bin"))
    assert graph.stat().st_size == 2500 * 4


def test_the_vectors_of_some_rows_are_given_back(make: Make) -> None:
    rows = vectors(30)
    assert make(rows).of(np.array([7, 3, 7])) == pytest.approx(rows[[7, 3, 7]], abs=1e-5)


@pytest.mark.parametrize(("locked", "says"), [(2, "database is locked"), (99, "database is locked"), (1, "disk full")])
def test_a_database_that_its_own_threads_still_write_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, locked: int, says: str
) -> None:
    from chromadb import Collection
    from chromadb.errors import InternalError

    tries: list[int] = []
    real = Collection.modify

    def busy(collection: Collection, **changes: object) -> None:
        tries.append(1)
        if len(tries) <= locked:
            raise InternalError(says)
        real(collection, **changes)  # type: ignore[arg-type]

    monkeypatch.setattr(Collection, "modify", busy)
    monkeypatch.setattr("knowledge_base.store._WAITS", (0.0, 0.0, 0.0))
    rows = np.eye(3, dtype=np.float32)
    if locked == 2:
        write_chroma(tmp_path, [(np.arange(3), rows)], 3)
        assert open_chroma(tmp_path, np.arange(3)).count() == 3
    else:
        with pytest.raises(InternalError, match=says):
            write_chroma(tmp_path, [(np.arange(3), rows)], 3)
    assert len(tries) == {2: 3, 99: 4, 1: 1}[locked]
