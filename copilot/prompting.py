"""Prompts as data: one Markdown file a prompt, front matter and body, variables declared and checked.

A prompt file reads::

    ---
    id: draft-bundled
    version: 1
    variables: [intent, move]
    changelog:
      - "1: first version"
    ---
    text with {{ intent }} and {{ move }}

The body is split at a line `--- user ---`: constant text above it (the system part, so that its prefix is kept by the
model between requests), what changes below it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import yaml

from copilot.errors import ContentError

_FRONT = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)
_VARIABLE = re.compile(r"\{\{\s*([a-z_]+)\s*\}\}")
_SPLIT = "\n--- user ---\n"
_KEYS = {"id", "version", "variables", "changelog"}


@dataclass(frozen=True)
class Template:
    """A prompt file, checked. `digest` is the SHA-256 of the file's text."""

    id: str
    version: int
    variables: tuple[str, ...]
    system: str
    user: str
    digest: str

    @property
    def name(self) -> str:
        """`id@version#digest` as written into the record."""
        return f"{self.id}@{self.version}#{self.digest[:12]}"

    def fill(self, **values: str) -> str:
        """The user part with its variables; a missing or unknown one is an error."""
        if set(values) != set(self.variables):
            odd = sorted(set(values) ^ set(self.variables))
            raise ContentError(f"prompts/{self.id}.md", f"variables do not fit: {', '.join(odd)}")
        return _VARIABLE.sub(lambda m: values[m.group(1)], self.user)


def load_prompt(path: Path) -> Template:
    """Read and check one prompt file; ContentError names the file and what is wrong."""
    where = f"prompts/{path.name}"
    try:
        raw = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError(where, f"cannot be read ({error}); restore it from the release") from error
    found = _FRONT.match(raw)
    if not found:
        raise ContentError(f"{where}:1", "no front matter between two lines of ---")
    try:
        front = yaml.safe_load(found.group(1))
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 2
        raise ContentError(f"{where}:{line}", "front matter is not valid YAML") from error
    if not isinstance(front, dict) or set(front) != _KEYS:
        raise ContentError(f"{where}:2", f"front matter needs exactly {', '.join(sorted(_KEYS))}")
    body = found.group(2)
    if _SPLIT not in body:
        raise ContentError(where, "no line '--- user ---' between the constant part and the part that changes")
    system, user = body.split(_SPLIT, 1)
    variables = tuple(front["variables"])
    used = set(_VARIABLE.findall(user))
    if _VARIABLE.search(system):
        raise ContentError(where, "the constant part may not use variables, or its prefix is not kept")
    if used != set(variables):
        raise ContentError(where, f"variables declared and used differ: {', '.join(sorted(used ^ set(variables)))}")
    if path.stem != front["id"]:
        raise ContentError(f"{where}:2", f"id {front['id']!r} is not the file's name")
    digest = sha256(raw.encode()).hexdigest()
    return Template(str(front["id"]), int(front["version"]), variables, system.strip("\n"), user.strip("\n"), digest)
