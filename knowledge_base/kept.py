"""Content that has been read and has passed every check, kept beside the data: a start with the same content need not parse
megabytes of YAML nor prove two thousand patterns again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.metadata import version as distribution_version
from pathlib import Path
from typing import Any

from knowledge_base.source import Source, read_source


@dataclass
class Kept:
    """What the file at `path` keeps of content of this `version`; nothing where it is another's, damaged or not there.

    The first line says what the rest was made of and its hash, the rest holds the files by name. `whole` says that it was
    all there.
    """

    path: Path | None
    version: str
    _files: dict[str, Any] = field(default_factory=dict)
    whole: bool = False

    def __post_init__(self) -> None:
        found = self._look()
        self.whole = found is not None
        self._files.update(found or {})

    def read(self, path: Path, root: Path) -> Source:
        """One file, as kept or from its own text; the lines of a kept one are looked up when an error needs them."""
        name = str(path.relative_to(root))
        if self.whole and name in self._files:
            return Source(path, name, self._files[name], lambda: _lines(path, root))
        source = read_source(path, root)
        self._files[name] = source.data
        return source

    def keep(self) -> None:
        """Write what was read, for the next start. Content that failed a check never comes here."""
        if self.path is None or self.whole:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        body = json.dumps(self._files, ensure_ascii=False, separators=(",", ":")).encode()
        # written beside and moved into place, so that a start at the same moment never reads half of it
        beside = self.path.with_name(f"{self.path.name}.new")
        beside.write_bytes(self._mark(body) + body)
        beside.replace(self.path)

    def _look(self) -> dict[str, Any] | None:
        if self.path is None or not self.path.is_file():
            return None
        head, _, body = self.path.read_bytes().partition(b"\n")
        if head + b"\n" != self._mark(body):
            return None
        found: dict[str, Any] = json.loads(body)
        return found

    def _mark(self, body: bytes) -> bytes:
        made = distribution_version("advisor-copilot")
        return f"{self.version} {made} {sha256(body).hexdigest()}\n".encode()


def _lines(path: Path, root: Path) -> Mapping[tuple[str | int, ...], int]:
    lines = read_source(path, root).lines
    return lines() if callable(lines) else lines
