"""The bank's own content in place of the bundled example: validated beside the old, then switched."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import mkdtemp

from copilot.errors import InputError
from knowledge_base.library import load_library


def take_over(source: Path, target: Path) -> None:
    """Copy a valid content folder to `target`, replacing what is there. Nothing changes when `source` is not valid."""
    _switch(_copy(source, target), target)


def merge(source: Path, part: str, base: Path, target: Path, *, dry_run: bool = False) -> list[str]:
    """Add YAML files to one part (`products` or `calendar.yaml`) of the content in `base`; the whole becomes `target`.

    Returns one line for each file that is new or differs, none when everything is there already. The result is
    validated as a whole first: a ContentError leaves everything as it was.
    """
    files = [source] if source.is_file() else sorted(source.glob("*.yaml"))
    if not files or (part.endswith(".yaml") and len(files) != 1):
        raise InputError(
            f"{source}: give {'one YAML file' if part.endswith('.yaml') else 'a YAML file or a folder of them'}"
        )
    draft = _copy(base, target)
    try:
        changed = []
        for file in files:
            place = draft / part if part.endswith(".yaml") else draft / part / file.name
            new = file.read_bytes()
            if not place.exists() or place.read_bytes() != new:
                changed.append(f"{'changed' if place.exists() else 'new'}: {part}/{file.name}")
                place.write_bytes(new)
        load_library(draft)
    except OSError as error:
        shutil.rmtree(draft)
        raise InputError(f"{source}: {error.strerror}") from error
    except BaseException:
        shutil.rmtree(draft)
        raise
    if changed and not dry_run:
        _switch(draft, target)
    else:
        shutil.rmtree(draft)
    return changed


def _copy(base: Path, target: Path) -> Path:
    """A copy of a content folder beside the target, so that the switch is a rename."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(mkdtemp(prefix=".content-", dir=target.parent))
    shutil.copytree(base, draft, dirs_exist_ok=True)
    return draft


def _switch(draft: Path, target: Path) -> None:
    old = target.with_name(f".{target.name}-old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    draft.rename(target)
    shutil.rmtree(old, ignore_errors=True)
