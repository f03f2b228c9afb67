"""The second look: what it knows of passages, and who puts them in order."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from copilot.errors import SettingsError
from copilot.reading.trees import Trees
from copilot.settings import KnowledgeSettings, Settings
from copilot.types import Turn
from knowledge_base.library import ContentLibrary
from knowledge_base.order import NAME, NOTE, TREES, Order
from knowledge_base.search import Search, open_search
from knowledge_base.second import POOL, signs
from training.manifest import file_hash

ON = date(2026, 11, 22)
BUNDLED = Settings().order_dir


def folder_with(trees: Trees, folder: Path) -> Path:
    """A folder as the training writes it."""
    folder.mkdir(parents=True)
    np.savez_compressed(folder / TREES, **trees.arrays(NAME))
    (folder / NOTE).write_text(json.dumps({"format": 1, "sha256": {TREES: file_hash(folder / TREES)}}))
    return folder


def one_split(sign: int, bar: float, low: float, high: float) -> Trees:
    """One tree: `low` where a sign is at most the bar, else `high`."""
    return Trees(
        np.array([sign, -1, -1], dtype=np.int16),
        np.array([bar, 0, 0], dtype=np.float32),
        np.array([1, 0, 0], dtype=np.int32),
        np.array([2, 0, 0], dtype=np.int32),
        np.array([0, low, high], dtype=np.float32),
        np.array([0], dtype=np.int32),
        np.zeros(1, dtype=np.float32),
    )


def ordered(search: Search, folder: Path) -> Search:
    return Search(search.index, search.valid_days, order=Order(folder))


def standing_out(search: Search, question: str) -> tuple[int, int, float]:
    """A passage of the pool but the first, a sign by which it stands above all others, and a bar between."""
    looked = search.look(question, on=ON)
    rows = signs(search.second(looked))
    spread = rows.max(axis=0) - rows.min(axis=0) + 1e-9
    ahead = [(rows[i] - np.delete(rows, i, axis=0).max(axis=0)) / spread for i in range(1, len(rows))]
    place, sign = divmod(int(np.argmax(ahead)), rows.shape[1])
    first, second = np.sort(rows[:, sign])[::-1][:2]
    return looked.pool[place + 1].unit, sign, float(first + second) / 2


def test_rows_are_as_wide_for_every_question(search: Search) -> None:
    history = (Turn("customer", "稳健半年怎么样"), Turn("advisor", "这款R2，封闭半年"))
    widths = set()
    for question, before in (
        ("理财赎回几天到账", ()),
        ("那个呢", history),
        ("国庆能取吗", ()),
        ("稳健半年和季季澜哪个好", ()),
    ):
        looked = search.look(question, history=before, on=ON)
        rows = signs(search.second(looked))
        assert rows.shape[0] == len(looked.pool) <= POOL
        assert np.isfinite(rows).all()
        widths.add(rows.shape[1])
    assert len(widths) == 1


def test_a_single_passage_has_rows_too(search: Search) -> None:
    from dataclasses import replace

    looked = search.look("理财赎回几天到账", on=ON)
    alone = replace(looked, pool=looked.pool[:1], together=looked.together[:1])
    assert np.isfinite(signs(search.second(alone))).all()


def test_the_trees_put_the_pool_in_order_and_keep_its_scores(search: Search, tmp_path: Path) -> None:
    question = "理财赎回几天到账"
    unit, sign, bar = standing_out(search, question)
    again = ordered(search, folder_with(one_split(sign, bar, 0.0, 1.0), tmp_path / "order"))
    assert again.look(question, on=ON).kept[0].unit == unit
    plain, found = search(question, top_k=POOL, on=ON), again(question, top_k=POOL, on=ON)
    assert found.found == plain.found
    assert {p.id: p.score for p in plain.passages} == {p.id: p.score for p in found.passages}


def test_what_the_first_look_did_not_find_stays_behind(search: Search, tmp_path: Path) -> None:
    folder = folder_with(one_split(0, 0.5, 1.0, -1.0), tmp_path / "order")
    looked = ordered(search, folder).look("理财赎回几天到账", top_k=POOL + 6, on=ON)
    assert {f.unit for f in looked.kept[:POOL]} == {f.unit for f in looked.pool}
    plain = search.look("理财赎回几天到账", top_k=POOL + 6, on=ON)
    assert looked.kept[POOL:] == plain.kept[POOL:]


def test_scripts_keep_the_first_order(search: Search, tmp_path: Path) -> None:
    folder = folder_with(one_split(0, 0.5, 1.0, -1.0), tmp_path / "order")
    asked = ("您的心情我理解", "script")
    assert (
        ordered(search, folder)(asked[0], kind="script", on=ON).passages
        == search(asked[0], kind="script", on=ON).passages
    )


def test_another_embedder_has_no_trees(tmp_path: Path, embedder_dir: Path, library: ContentLibrary) -> None:
    settings = Settings(data=tmp_path, knowledge=KnowledgeSettings(embedder=embedder_dir))
    assert settings.order_dir is None
    assert open_search(settings, library)("理财赎回几天到账", on=ON).passages


def test_a_damaged_file_is_one_line(search: Search, tmp_path: Path) -> None:
    folder = folder_with(one_split(0, 0.5, 1.0, -1.0), tmp_path / "order")
    (folder / TREES).write_bytes((folder / TREES).read_bytes()[:-20])
    with pytest.raises(SettingsError, match="does not match its recorded hash"):
        ordered(search, folder)("理财赎回几天到账", on=ON)


def test_trees_of_another_version_are_refused(search: Search, tmp_path: Path) -> None:
    folder = folder_with(one_split(0, 0.5, 1.0, -1.0), tmp_path / "order")
    np.savez_compressed(folder / TREES, other=np.zeros(3))
    (folder / NOTE).write_text(json.dumps({"format": 1, "sha256": {TREES: file_hash(folder / TREES)}}))
    with pytest.raises(SettingsError, match="another version"):
        ordered(search, folder)("理财赎回几天到账", on=ON)


def test_the_bundled_trees_know_the_signs(search: Search, tmp_path: Path) -> None:
    assert BUNDLED is not None
    folder = Path(shutil.copytree(BUNDLED, tmp_path / "order"))
    with np.load(folder / TREES) as arrays:
        widest = int(arrays[f"{NAME}_feature"].max())
    looked = search.look("理财赎回几天到账", on=ON)
    assert widest < signs(search.second(looked)).shape[1]
