from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from copilot.settings import KnowledgeSettings, Settings, packaged
from knowledge_base.library import ContentLibrary, load_library
from knowledge_base.search import Search, open_search

CONTENT = packaged("knowledge_base", "content")
NOW = datetime(2026, 11, 22, 10, 0)


def write_embedder(folder: Path, seed: int = 3, dimensions: int = 48) -> Path:
    """A small deterministic StaticEmbedding: one random vector a character."""
    from safetensors.numpy import save_file
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

    text = "".join(p.read_text(encoding="utf-8") for p in sorted(CONTENT.rglob("*.yaml")))
    vocabulary = {c: i for i, c in enumerate(["[UNK]", *sorted({c for c in text if not c.isspace()})])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Whitespace(), pre_tokenizers.Split(Regex("."), "isolated")]
    )
    folder.mkdir(parents=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    weights = np.random.default_rng(seed).normal(size=(len(vocabulary), dimensions)).astype(np.float32)
    save_file({"embedding.weight": weights}, str(folder / "model.safetensors"))
    kind = "sentence_transformers.sentence_transformer.modules.static_embedding.StaticEmbedding"
    (folder / "modules.json").write_text(json.dumps([{"idx": 0, "name": "0", "path": "", "type": kind}]))
    return folder


@pytest.fixture(scope="session")
def embedder_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_embedder(tmp_path_factory.mktemp("models") / "embedder")


@pytest.fixture(scope="session")
def library() -> ContentLibrary:
    return load_library(CONTENT, lambda: NOW)


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A copy of the content that a test may spoil."""
    return Path(shutil.copytree(CONTENT, tmp_path / "content"))


@pytest.fixture
def settings(tmp_path: Path, embedder_dir: Path) -> Settings:
    return Settings(data=tmp_path / "var", knowledge=KnowledgeSettings(embedder=embedder_dir))


@pytest.fixture(scope="session")
def search(tmp_path_factory: pytest.TempPathFactory, library: ContentLibrary, embedder_dir: Path) -> Search:
    data = tmp_path_factory.mktemp("var")
    return open_search(Settings(data=data, knowledge=KnowledgeSettings(embedder=embedder_dir)), library)


@pytest.fixture
def searching(tmp_path: Path, embedder_dir: Path) -> Callable[[Path], Search]:
    """Search over a content folder of the test's own."""

    def make(folder: Path) -> Search:
        settings = Settings(data=tmp_path / "own", knowledge=KnowledgeSettings(embedder=embedder_dir))
        return open_search(settings, load_library(folder, lambda: NOW))

    return make
