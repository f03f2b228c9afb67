"""Environments of the peers: one each, made from a pinned list, so that nothing of theirs enters the product's."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from copilot.errors import InputError
from copilot.settings import packaged

HERE = packaged("evals", "peers")
PATIENCE = 1800
"""Seconds that an install, or a peer over all its cases, may take."""


def python(name: str, folder: Path) -> Path:
    """The interpreter of a peer's environment, made when it is missing or its list has changed; InputError when it will not install."""
    wanted = HERE / f"requirements-{name}.txt"
    stamp = sha256(wanted.read_bytes()).hexdigest()[:12]
    place = folder / f"{name}-{stamp}"
    binary, done = place / "bin" / "python", place / "installed"
    if not done.is_file():
        venv.create(place, with_pip=True, clear=True)
        if wanted.read_text(encoding="utf-8").strip():
            _install(binary, wanted, name)
        done.touch()
    return binary


def _install(binary: Path, wanted: Path, name: str) -> None:
    lines = wanted.read_text(encoding="utf-8").split()
    asked = [str(binary), "-m", "pip", "install", "-q", "--disable-pip-version-check", *lines]
    try:
        subprocess.run(asked, check=True, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise InputError(f"peer {name}: {wanted.name} does not install here: {last}") from error


def answers(binary: Path, name: str, lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What a peer's script answers, a line for each line; InputError says how it ended when it did not."""
    given = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    script = HERE / f"{name}.py"
    try:
        made = subprocess.run(
            [str(binary), str(script)], input=given, capture_output=True, text=True, timeout=PATIENCE, check=True
        )
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise InputError(f"peer {name} stopped: {last}") from error
    return [json.loads(line) for line in made.stdout.splitlines()]


def plain_python() -> Path:
    """An interpreter for a script that needs nothing installed."""
    return Path(sys.executable)
