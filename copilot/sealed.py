"""A folder of bundled files whose note says each file's SHA-256: read whole or refused with one line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from copilot.errors import SettingsError


@dataclass(frozen=True)
class Sealed:
    """`note` is the JSON file with a table `sha256`; `fix` tells a person what to do about a broken folder."""

    folder: Path
    note: str
    fix: str

    @cached_property
    def said(self) -> dict[str, Any]:
        """The note. SettingsError when it is missing or no JSON object with the table."""
        path = self.folder / self.note
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
            dict(said["sha256"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SettingsError(f"{path}: missing or broken ({type(error).__name__}); {self.fix}") from error
        return dict(said)

    def read(self, name: str) -> bytes:
        """A file's bytes, its hash checked. SettingsError when it is missing or changed."""
        path = self.folder / name
        try:
            data = path.read_bytes()
        except OSError as error:
            raise SettingsError(f"{path}: cannot be read ({type(error).__name__}); {self.fix}") from error
        if sha256(data).hexdigest() != self.said["sha256"].get(name):
            raise SettingsError(f"{path}: does not match its recorded hash; {self.fix}")
        return data
