"""The SHA-256 of a model file: computed, recorded beside it, compared before anything is loaded."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from copilot.errors import SettingsError

_HEX = re.compile(r"^[0-9a-f]{64}$")


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, lower-case hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def beside(path: Path) -> Path:
    """Where the hash of a model file is recorded."""
    return path.with_name(path.name + ".sha256")


def recorded(path: Path) -> str:
    """The hash recorded beside a file, `""` when there is none. SettingsError for a record that is no hash."""
    note = beside(path)
    if not note.is_file():
        return ""
    words = note.read_text(encoding="utf-8").split()
    digest = words[0].lower() if words else ""
    if not _HEX.match(digest):
        raise SettingsError(f"{note}: not a SHA-256; write it again with `sha256sum {path.name}`")
    return digest


def record(path: Path, digest: str) -> None:
    """Write the hash beside the file, in the form `sha256sum -c` reads."""
    beside(path).write_text(f"{digest}  {path.name}\n", encoding="utf-8")


def verified(path: Path, expected: str) -> str:
    """The file's hash, after comparing it with `expected`, or else with the one recorded beside it.

    SettingsError with one line when the file is missing or is not the one expected. A file nobody recorded a hash for
    is let through: its own hash goes into every record.
    """
    try:
        digest = sha256_of(path)
    except OSError as error:
        raise SettingsError(f"{path}: the model file cannot be read ({error.strerror}); correct model.path") from error
    wanted = expected.strip().lower() or recorded(path)
    if wanted and digest != wanted:
        raise SettingsError(
            f"{path}: SHA-256 is {digest[:12]}…, expected {wanted[:12]}…; the file is damaged or another one: "
            "fetch it again, or correct model.sha256"
        )
    return digest
