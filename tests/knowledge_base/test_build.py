"""The index is built beside the live one, switched at once, never written again, and rebuilt when it does not fit."""

from __future__ import annotations

import json
import logging
from hashlib import sha256
from pathlib import Path

import pytest

from copilot.errors import IndexMissing
from copilot.settings import KnowledgeSettings, Settings
from knowledge_base import build
from knowledge_base.build import build_index, index_state, open_index
from knowledge_base.library import ContentLibrary, load_library
from knowledge_base.search import Search
from tests.knowledge_base.conftest import NOW, write_embedder


def builds(settings: Settings) -> set[str]:
    return {p.name for p in settings.index_dir.glob("build-*") if p.is_dir()}


def state(folder: Path) -> dict[str, str]:
    return {str(p): sha256(p.read_bytes()).hexdigest() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_no_index(settings: Settings, library: ContentLibrary) -> None:
    with pytest.raises(IndexMissing, match="advisor-copilot index"):
        open_index(settings, library, rebuild=False)
    assert "no index yet" in index_state(settings, library)


def test_built_when_missing_and_kept_when_it_fits(settings: Settings, library: ContentLibrary) -> None:
    first = open_index(settings, library)
    assert first.manifest.content == library.version
    assert open_index(settings, library, rebuild=False).folder == first.folder
    assert len(builds(settings)) == 1
    assert "fits the content" in index_state(settings, library)


def test_a_build_is_never_written_again(settings: Settings, library: ContentLibrary) -> None:
    index = open_index(settings, library)
    before = state(index.folder)
    search = Search(index)
    search("赎回几天到账")
    Search(open_index(settings, library, rebuild=False))("理财保本吗")
    assert state(index.folder) == before


def test_switch_is_atomic_and_old_builds_go_when_unused(settings: Settings, library: ContentLibrary) -> None:
    build_index(settings, library)
    (old,) = builds(settings)
    told: list[str] = []
    made = build_index(settings, library, told.append)
    assert told
    assert made.summary()["passages"] == made.units
    (new,) = builds(settings)
    assert new != old
    assert (settings.index_dir / "CURRENT").read_text().strip() == new


def test_a_build_in_use_stays(settings: Settings, library: ContentLibrary) -> None:
    used = open_index(settings, library)
    build_index(settings, library)
    assert used.folder.is_dir()
    assert Search(used)("赎回几天到账").found
    assert used.lock is not None
    used.lock.close()
    build_index(settings, library)
    assert not used.folder.exists()


def test_a_failed_build_leaves_the_live_one(
    settings: Settings, library: ContentLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = open_index(settings, library).folder

    def broken(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(build, "write_chroma", broken)
    with pytest.raises(OSError, match="disk full"):
        build_index(settings, library)
    assert open_index(settings, library, rebuild=False).folder == live
    assert not list(settings.index_dir.glob("draft-*"))


@pytest.mark.parametrize("harm", ["cut", "gone", "manifest", "pointer", "schema"])
def test_a_damaged_index_is_rebuilt(settings: Settings, library: ContentLibrary, harm: str) -> None:
    folder = open_index(settings, library).folder
    data = next(folder.glob("bm25/word/*data*"))
    manifest = folder / "manifest.json"
    if harm == "cut":
        data.write_bytes(data.read_bytes()[:-7])
    elif harm == "gone":
        next(folder.glob("chroma/*.sqlite3")).unlink()
    elif harm == "manifest":
        manifest.write_text("{")
    elif harm == "schema":
        manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "schema": 0}))
    else:
        (settings.index_dir / "CURRENT").write_text("../elsewhere\n")
    with pytest.raises(IndexMissing):
        open_index(settings, library, rebuild=False)
    again = open_index(settings, library)
    assert again.folder != folder
    assert Search(again)("赎回几天到账").passages


def test_other_content_or_embedder_means_another_index(
    settings: Settings, library: ContentLibrary, content: Path, tmp_path: Path
) -> None:
    folder = open_index(settings, library).folder
    path = content / "market/M-001.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    changed = load_library(content, lambda: NOW)
    with pytest.raises(IndexMissing, match="made from other content"):
        open_index(settings, changed, rebuild=False)
    other = write_embedder(tmp_path / "other", seed=9)
    moved = settings.model_copy(update={"knowledge": KnowledgeSettings(embedder=other)})
    assert open_index(moved, library).folder != folder


def test_without_an_embedder_words_alone_search(
    tmp_path: Path, library: ContentLibrary, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(data=tmp_path / "var", knowledge=KnowledgeSettings(embedder=tmp_path / "none"))
    with caplog.at_level(logging.WARNING):
        index = open_index(settings, library)
    assert "no embedder at" in caplog.text
    assert index.vectors is None
    best = [p.document for p in Search(index)("赎回几天到账").passages[:3]]
    assert {"Q-006", "Q-002"} & set(best)
