"""The bundled model files are the released ones: one list of their SHA-256 lies beside them, in the form `sha256sum -c` reads.

A flipped bit in a model is no crash but other words, so nothing else would notice it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from copilot.errors import SettingsError
from copilot.settings import packaged

LIST = "SHA256SUMS"
_FIX = "restore the folder from the release, or run `make run` again"


def demand_whole(folder: Path) -> None:
    """SettingsError, in one line, when a bundled folder is not as released. A bank's own folder is let through."""
    root = packaged("copilot", "bundled")
    if folder.parent != root:
        return
    wanted = {name: digest for name, digest in _listed(root).items() if name.startswith(f"{folder.name}/")}
    if not wanted:
        raise SettingsError(f"{root / LIST}: names no file of {folder.name}; {_FIX}")
    for name, digest in wanted.items():
        try:
            found = _digest(root / name)
        except OSError as error:
            raise SettingsError(f"{root / name}: cannot be read ({error.strerror}); {_FIX}") from error
        if found != digest:
            raise SettingsError(f"{root / name}: damaged or changed, its SHA-256 is not the released one; {_FIX}")


def write_list(root: Path) -> None:
    """Write the list anew: what training does once its files are there."""
    names = sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file() and p.name != LIST)
    lines = [f"{_digest(root / name)}  {name}\n" for name in names]
    (root / LIST).write_text("".join(lines), encoding="utf-8")


def _listed(root: Path) -> dict[str, str]:
    try:
        rows = [line.split("  ", 1) for line in (root / LIST).read_text(encoding="utf-8").splitlines()]
        return {name: digest for digest, name in rows}
    except (OSError, ValueError) as error:
        raise SettingsError(f"{root / LIST}: missing or broken ({type(error).__name__}); {_FIX}") from error


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
