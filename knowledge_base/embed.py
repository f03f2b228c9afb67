"""Sentence embeddings from a local sentence-transformers folder. Nothing is looked up outside the machine."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from copilot.bundle import demand_whole
from copilot.errors import SettingsError

Vectors = npt.NDArray[np.float32]
_SAFE = ("model.safetensors", "model.safetensors.index.json")
"""What sentence-transformers reads rather than a pickle beside it; no other name keeps it from the pickle."""
_PICKLED = (".bin", ".pt", ".pth", ".pt2", ".ckpt", ".pkl", ".pickle", ".joblib")
"""Weights that are unpickled when they are read, so that their maker can run code. Beside safetensors nobody reads them."""


class Embedder(Protocol):
    """Texts in, one unit vector each out."""

    @property
    def version(self) -> str:
        """The hash of the model's files."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row a text; a text without known tokens is all zeros."""
        ...


def unit(vectors: npt.NDArray[Any]) -> Vectors:
    """Rows at length one; zero rows stay zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), dtype=np.float32)


def folder_version(folder: Path) -> str:
    """The hash of all files of a model folder that bear on its vectors; README and the like do not."""
    digest = sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix != ".md"):
        digest.update(str(path.relative_to(folder)).encode())
        digest.update(sha256(path.read_bytes()).digest())
    return digest.hexdigest()


@dataclass(frozen=True)
class StaticEmbedder:
    """A folder that holds one StaticEmbedding: the mean of token vectors, read directly (20 ms, where torch takes seconds)."""

    folder: Path
    version: str

    @cached_property
    def _parts(self) -> tuple[Any, Vectors]:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        place = _static_place(self.folder)
        if place is None:
            raise SettingsError(f"{self.folder}: not a folder with one StaticEmbedding; correct knowledge.embedder")
        try:
            tokenizer = Tokenizer.from_file(str(place / "tokenizer.json"))
            tokenizer.no_padding()
            weights = load_file(str(place / "model.safetensors"))["embedding.weight"]
            return tokenizer, np.asarray(weights, dtype=np.float32)
        except Exception as error:  # whatever a damaged or hostile file makes its reader raise, it is that file's fault
            raise SettingsError(
                f"{place}: not a usable StaticEmbedding ({type(error).__name__}); restore it or correct knowledge.embedder"
            ) from error

    def encode(self, texts: Sequence[str]) -> Vectors:
        """The mean of each text's token vectors, at length one."""
        tokenizer, weights = self._parts
        out = np.zeros((len(texts), weights.shape[1]), dtype=np.float32)
        for row, encoding in enumerate(tokenizer.encode_batch(list(texts), add_special_tokens=False)):
            if encoding.ids:
                out[row] = weights[encoding.ids].mean(axis=0)
        return unit(out)


@dataclass(frozen=True)
class TransformerEmbedder:
    """Any other sentence-transformers folder, through the library itself."""

    folder: Path
    version: str

    @cached_property
    def _model(self) -> Any:
        from sentence_transformers import SentenceTransformer

        return SentenceTransformer(str(self.folder), device="cpu", local_files_only=True)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """What the model gives, at length one."""
        return unit(np.asarray(self._model.encode(list(texts), show_progress_bar=False, convert_to_numpy=True)))


def load_embedder(folder: Path) -> Embedder | None:
    """The embedder of a folder, or None when there is no such folder; SettingsError when it is no model folder."""
    if not folder.is_dir():
        return None
    go_offline()
    if not (folder / "modules.json").is_file():
        raise SettingsError(f"{folder}: no modules.json, so no sentence-transformers model; correct knowledge.embedder")
    demand_whole(folder)
    pickled = sorted(
        p.name
        for p in folder.rglob("*")
        if p.suffix.lower() in _PICKLED and not any((p.parent / name).is_file() for name in _SAFE)
    )
    if pickled:
        raise SettingsError(
            f"{folder}: {pickled[0]} could run code when it is read; save the model as safetensors, or correct knowledge.embedder"
        )
    version = folder_version(folder)
    if _static_place(folder) is not None:
        return StaticEmbedder(folder, version)
    return TransformerEmbedder(folder, version)


def go_offline() -> None:
    """Keep Hugging Face's libraries from looking anything up."""
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY"):
        os.environ.setdefault(name, "1")


def _static_place(folder: Path) -> Path | None:
    """Where the StaticEmbedding lies, when that is all the model is (a Normalize after it changes nothing here)."""
    modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
    kinds = [str(m.get("type", "")).rsplit(".", 1)[-1] for m in modules]
    if not kinds or kinds[0] != "StaticEmbedding" or any(k != "Normalize" for k in kinds[1:]):
        return None
    place = folder / str(modules[0].get("path", ""))
    whole = (place / "tokenizer.json").is_file() and (place / "model.safetensors").is_file()
    return place if whole else None
