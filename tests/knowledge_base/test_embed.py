from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from copilot.errors import SettingsError
from knowledge_base.embed import StaticEmbedder, TransformerEmbedder, load_embedder
from tests.knowledge_base.conftest import write_embedder

TEXTS = ["赎回以后几天到账？", "理财保本吗", "", "R2 182天"]


def test_missing_folder_is_none(tmp_path: Path) -> None:
    assert load_embedder(tmp_path / "nothing") is None


def test_a_folder_that_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"modules\.json"):
        load_embedder(tmp_path)


def test_static_embedder(embedder_dir: Path) -> None:
    embedder = load_embedder(embedder_dir)
    assert isinstance(embedder, StaticEmbedder)
    vectors = embedder.encode(TEXTS)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 0, 1])
    assert (embedder.encode(TEXTS[:1])[0] == vectors[0]).all()


def test_version_follows_the_weights(tmp_path: Path, embedder_dir: Path) -> None:
    same, other = write_embedder(tmp_path / "a"), write_embedder(tmp_path / "b", seed=4)
    versions = [e.version for e in map(load_embedder, (embedder_dir, same, other)) if e]
    assert versions[0] == versions[1] != versions[2]


@pytest.mark.model
def test_read_directly_it_says_what_the_library_says(embedder_dir: Path) -> None:
    """The direct reading equals sentence-transformers', so the short cut changes nothing."""
    direct = load_embedder(embedder_dir)
    assert direct is not None
    library = TransformerEmbedder(embedder_dir, direct.version)
    texts = [t for t in TEXTS if t]
    assert np.allclose(direct.encode(texts), library.encode(texts), atol=1e-5)


@pytest.mark.parametrize("size", [0, 7, 1 << 20, 1 << 40, (1 << 64) - 1])
def test_hostile_safetensors_are_one_line(tmp_path, size):
    folder = write_embedder(tmp_path / "own")
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", size) + b'{"embedding.weight":')
    with pytest.raises(SettingsError, match="not a usable StaticEmbedding") as told:
        load_embedder(folder).encode(["您好"])
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "2_Dense/pytorch_model.bin", "1_Other/weights.pt2"])
def test_weights_that_run_when_they_are_read_are_refused(tmp_path, name):
    folder = write_embedder(tmp_path / "own")
    if "/" not in name:
        (folder / "model.safetensors").unlink()
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"\x80\x04.")
    with pytest.raises(SettingsError, match=r"could run code when it is read; save the model as safetensors"):
        load_embedder(folder)


def test_beside_safetensors_they_are_not_read_and_do_not_matter(tmp_path):
    folder = write_embedder(tmp_path / "own")
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    assert isinstance(load_embedder(folder), StaticEmbedder)
