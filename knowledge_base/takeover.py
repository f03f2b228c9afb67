"""Takes over a bank's own content: checked as a whole beside the old, then exchanged in one step."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory

import yaml

from copilot.errors import InputError
from knowledge_base.load import content_files, load_content
from knowledge_base.schema import CalendarFile, Entry, ProductEntry
from knowledge_base.source import read_source


def take_over(source: Path, own: Path) -> None:
    """Put a copy of a content folder in place of `own`; ContentError, and nothing changed, when a file is wrong."""
    with _draft(own) as draft:
        for path in content_files(source):
            _copy(path, draft / path.relative_to(source))


def merge(source: Path, part: str, current: Path, own: Path, *, dry_run: bool = False) -> list[str]:
    """Add or replace one part (`products`, or a single file such as `calendar.yaml`) and check the whole; a line a file: added, replaced or unchanged."""
    new = _new_files(source, part)
    products = {read_source(p, current).data.get("id"): p for p in sorted((current / "products").glob("*.yaml"))}
    old = {
        name: products.get(Path(name).stem, current / name) if part == "products" else current / name for name in new
    }
    lines = [f"{name}: {_change(path, old[name])}" for name, path in new.items()]
    with _draft(own, keep=not dry_run and any(is_change(line) for line in lines)) as draft:
        for path in content_files(current):
            _copy(path, draft / path.relative_to(current))
        for name, path in new.items():
            (draft / old[name].relative_to(current)).unlink(missing_ok=True)
            _copy(path, draft / name)
    return lines


def is_change(line: str) -> bool:
    """Whether a line of `merge` tells a change."""
    return not line.endswith(": unchanged")


@contextmanager
def written(entries: Mapping[str, Entry]) -> Iterator[Path]:
    """A folder with a YAML file for each entry, by its name, for as long as it is needed."""
    with TemporaryDirectory() as folder:
        for name, entry in entries.items():
            data = entry.model_dump(mode="json", exclude_defaults=True)
            text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=10**6)
            (Path(folder) / name).write_text(text, encoding="utf-8")
        yield Path(folder)


def _new_files(source: Path, part: str) -> dict[str, Path]:
    """The files to bring in, by their place in the content folder."""
    paths: Sequence[Path] = sorted(source.rglob("*.yaml")) if source.is_dir() else [source]
    if not paths or not all(p.is_file() for p in paths):
        raise InputError(f"{source}: no YAML file there; see docs/knowledge.md for its form")
    if part != "products":
        if len(paths) != 1:
            raise InputError(f"{source}: give the one file that becomes {part}")
        read_source(paths[0], paths[0].parent).parse(CalendarFile)
        return {part: paths[0]}
    return {f"products/{read_source(p, p.parent).parse(ProductEntry).id}.yaml": p for p in paths}


def _change(new: Path, old: Path) -> str:
    if not old.is_file():
        return "added"
    return "unchanged" if old.read_bytes() == new.read_bytes() else "replaced"


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


@contextmanager
def _draft(own: Path, *, keep: bool = True) -> Iterator[Path]:
    """A folder to fill; when whole and right it takes the place of `own`, which stays as `….previous`."""
    own.parent.mkdir(parents=True, exist_ok=True)
    draft = own.with_name(f"{own.name}.{token_hex(4)}")
    draft.mkdir()
    try:
        yield draft
        load_content(draft)
        if keep:
            _exchange(draft, own)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _exchange(draft: Path, own: Path) -> None:
    previous = own.with_name(f"{own.name}.previous")
    if own.exists():
        shutil.rmtree(previous, ignore_errors=True)
        own.rename(previous)
    draft.rename(own)
