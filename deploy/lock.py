"""requirements.lock as values: every package with its version and the hashes of its files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

LOCK = Path(__file__).resolve().parent.parent / "requirements.lock"


@dataclass(frozen=True)
class Locked:
    """One package; `marker` when only some Pythons need it."""

    name: str
    version: str
    hashes: tuple[str, ...]
    marker: str = ""


def read_lock(path: Path = LOCK) -> tuple[Locked, ...]:
    """All packages in the lock's order. ValueError for a line it does not know and for a package without a hash."""
    found = []
    joined = path.read_text(encoding="utf-8").replace("\\\n", " ")
    for line in joined.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        head, *hashes = line.split(" --hash=sha256:")
        match = re.fullmatch(r"([a-z0-9][a-z0-9._-]*)==([^\s;]+)(?:\s*;\s*(.+))?", head.strip())
        if match is None:
            raise ValueError(f"{path.name}: not understood: {line[:80]}")
        if not hashes:
            raise ValueError(f"{path.name}: {match[1]} has no hash; run `make lock`")
        found.append(Locked(match[1], match[2], tuple(h.strip() for h in hashes), (match[3] or "").strip()))
    return tuple(found)
