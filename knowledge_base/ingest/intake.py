"""Takes in files and folders: each file by itself, so that one bad file stops no other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Literal

from copilot.errors import InputError
from copilot.types import Finding, Kind
from knowledge_base.ingest.cut import cut, title_of
from knowledge_base.ingest.marks import ARTICLE
from knowledge_base.ingest.read import READERS, read_paper
from knowledge_base.ingest.shelf import Held, Shelf, ShelvedPaper, Writing

Screen = Callable[[str], Sequence[Finding]]
"""A passage's text → the orders to the system in it. Given by whoever wires the parts: knowledge may not know the guard."""
Outcome = Literal["added", "replaced", "unchanged", "duplicate", "failed"]
_STATUTE = 3
"""Articles from which a paper is a statute or a rule."""
_SKIPPED = re.compile(r"^(?:\.|~\$|Thumbs\.db$|desktop\.ini$)")


@dataclass(frozen=True)
class Taking:
    """How files are taken in. `kind` None: by what the paper is. `starts` None: from always for a first version, from today for a later one."""

    screen: Screen
    now: datetime
    kind: Kind | None = None
    product: str | None = None
    internal: bool = False
    starts: date | None = None
    ends: date | None = None
    dry_run: bool = False
    taken: frozenset[str] = frozenset()
    """Ids of documents that are there already."""


@dataclass(frozen=True)
class Taken:
    """What became of one file."""

    name: str
    outcome: Outcome
    id: str = ""
    passages: int = 0
    held: int = 0
    note: str = ""


def files_of(sources: Sequence[Path]) -> list[tuple[Path, str]]:
    """Every file to take in, with its name: its place within the folder given, or its own. InputError for a source that is not there."""
    found: list[tuple[Path, str]] = []
    for source in sources:
        if source.is_dir():
            inside = sorted(p for p in source.rglob("*") if p.is_file() and not _SKIPPED.match(p.name))
            found += [
                (p, p.relative_to(source).as_posix()) for p in inside if p.resolve().is_relative_to(source.resolve())
            ]
        elif source.is_file():
            found.append((source, source.name))
        else:
            raise InputError(f"{source}: no such file or folder")
    if not found:
        raise InputError(f"{sources[0]}: no file in it; readable are {' '.join(sorted(READERS))}")
    return found


def take_in(shelf: Shelf, sources: Sequence[Path], how: Taking) -> Iterator[Taken]:
    """Take in files and folders, one after the other; what became of each, as it is done. A full disk ends it with InputError."""
    files = files_of(sources)
    with shelf.writing() as writing:
        for path, name in files:
            try:
                yield _one(writing, path, name, how)
            except InputError as error:
                yield Taken(name, "failed", note=str(error))
            except OSError as error:
                raise InputError(
                    f"{name}: could not be put on the shelf ({error.strerror}); what was taken in before stays"
                ) from error


def _one(writing: Writing, path: Path, name: str, how: Taking) -> Taken:
    digest = sha256(path.read_bytes()).hexdigest()
    before = writing.newest(name)
    if before is not None and before.sha256 == digest:
        return Taken(name, "unchanged", before.id, len(before.cuts), len(before.held))
    twin = writing.same(digest)
    if before is None and twin is not None:
        return Taken(name, "duplicate", twin.id, note=f"the same bytes as {twin.paper}")
    if before is None and name in how.taken:
        raise InputError(f"{name}: the content has a document of this id; rename the file")
    paper = read_paper(path)
    title = title_of(paper, path.stem)
    cuts = cut(paper, title)
    held = tuple(
        Held(number, finding.quote, finding.reason)
        for number, piece in enumerate(cuts)
        for finding in list(how.screen(f"{piece.title}\n{paper.text[piece.start : piece.end]}"))[:1]
    )
    starts = how.starts or (how.now.date() if before is not None else None)
    new = ShelvedPaper(
        name, name, 0, how.kind or _kind(paper.text), title, paper.text, cuts, digest, how.now.isoformat(timespec="seconds"),
        path.suffix.lower(), starts, how.ends, how.product, how.internal, held,
    )  # fmt: skip
    outcome: Outcome = "replaced" if before is not None else "added"
    if how.dry_run:
        return Taken(name, outcome, name, len(cuts), len(held))
    shelved = writing.add(new, path)
    return Taken(name, outcome, shelved.id, len(cuts), len(held))


def _kind(text: str) -> Kind:
    articles = sum(1 for line in text.split("\n") if ARTICLE.match(line))
    return "compliance" if articles >= _STATUTE else "document"


def withdraw(shelf: Shelf, paper: str, last: date) -> ShelvedPaper:
    """End a paper: `last` is the last day on which its newest version holds. InputError for one that is not there."""
    with shelf.writing() as writing:
        newest = writing.newest(paper)
        if newest is None:
            raise InputError(f"{paper}: not on the shelf; see `advisor-copilot documents list`")
        ended = replace(newest, effective_to=last)
        writing.change(ended)
        return ended


def let_go(shelf: Shelf, identity: str, piece: int | None) -> int:
    """Serve passages that were held: one, or all of a version. How many; InputError when none is held there."""
    with shelf.writing() as writing:
        paper = next((p for p in writing.papers if p.id == identity), None)
        if paper is None:
            raise InputError(f"{identity}: not on the shelf; see `advisor-copilot documents list`")
        kept = tuple(h for h in paper.held if piece is not None and h.piece != piece)
        freed = len(paper.held) - len(kept)
        if not freed:
            raise InputError(f"{identity}: nothing of it is held" + ("" if piece is None else f" under number {piece}"))
        writing.change(replace(paper, held=kept))
        return freed
