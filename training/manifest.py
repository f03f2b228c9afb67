"""The note beside a trained model: what it was made of and how it did. Run as a program it lists the bundled files anew."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch

from copilot.bundle import write_list
from copilot.settings import packaged

MANIFEST = "manifest.json"


def file_hash(path: Path) -> str:
    """SHA-256 of a file."""
    return sha256(path.read_bytes()).hexdigest()


def write_manifest(folder: Path, **values: Any) -> None:
    """Write `manifest.json` into a model's folder."""
    noted: Mapping[str, Any] = {"machine": "2 cores", **values}
    (folder / MANIFEST).write_text(json.dumps(noted, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    list_bundled(folder)


def list_bundled(folder: Path) -> None:
    """After a bundled folder was written: the list of released hashes says so too."""
    bundled = packaged("copilot", "bundled")
    if folder.resolve().parent == bundled.resolve():
        write_list(bundled)


def seed_all(seed: int, threads: int = 2) -> random.Random:
    """Fix every seed and the number of threads; the generator for Python's own choices comes back."""
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    np.random.seed(seed)
    random.seed(seed)
    return random.Random(seed)


if __name__ == "__main__":
    write_list(packaged("copilot", "bundled"))
