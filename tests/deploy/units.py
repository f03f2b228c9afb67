"""systemd's unit files as values: a key may stand several times, so each has a list."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"


def unit(name: str) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    section = ""
    for number, line in enumerate((DEPLOY / name).read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith(("#", ";")):
            continue
        if line.startswith("["):
            section = line.strip("[]")
            continue
        key, sign, value = line.partition("=")
        assert sign, f"{name}:{number}: {line}"
        assert section, f"{name}:{number}: before any section"
        found[section][key].append(value)
    return {name: dict(keys) for name, keys in found.items()}
