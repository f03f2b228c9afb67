"""Takes in files and folders: each file by itself, so that one bad file stops no other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path, PurePath
from typing import Literal

from copilot.errors import InputError
from copilot.types import Finding, Kind
from knowledge_base.ingest.blocks import Paper
from knowledge_base.ingest.cut import cut, title_of
from knowledge_base.ingest.marks import ARTICLE
from knowledge_base.ingest.read import READERS, read_paper
from knowledge_base.ingest.shelf import Held, Shelf, ShelvedPaper, Writing
from knowledge_base.ingest.stated import stated

Screen = Callable[[str], Sequence[Finding]]
"""A passage's text → the orders to the system in it. Given by whoever wires the parts: knowledge may not know the guard."""
Outcome = Literal["added", "replaced", "unchanged", "duplicate", "failed"]
_STATUTE = 3
"""Articles from which a paper is a statute or a rule."""
_SKIPPED = re.compile(r"^(?:\.|~\$|Thumbs\.db$|desktop\.ini$)")


def _unnoted(paper: ShelvedPaper) -> None:
    """Nobody is told."""


@dataclass(frozen=True)
class Wanted:
    """What a person says of the papers he brings. With `silent_only` it holds only where a paper does not say it itself."""

    kind: Kind | None = None
    product: str | None = None
    internal: bool = False
    starts: date | None = None
    ends: date | None = None
    silent_only: bool = False


@dataclass(frozen=True)
class Taking:
    """How files are taken in. A first version that nobody dates holds from always, a later one from today."""

    screen: Screen
    now: datetime
    wanted: Wanted = Wanted()
    dry_run: bool = False
    taken: frozenset[str] = frozenset()
    """Ids of documents that are there already."""
    by: str = ""
    read: Callable[[Path], Paper] = read_paper
    note: Callable[[ShelvedPaper], object] = _unnoted
    """Told of each paper before it is on the shelf; what it raises keeps the paper off it."""


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
        note = "withdrawn; put it back" if before.withdrawn is not None else ""
        return Taken(name, "unchanged", before.id, len(before.cuts), len(before.held), note)
    twin = writing.same(digest)
    if before is None and twin is not None:
        return Taken(name, "duplicate", twin.id, note=f"the same bytes as {twin.paper}")
    if before is None and name in how.taken:
        raise InputError(f"{name}: the content has a document of this id; rename the file")
    new = replace(seen(path, name, how, before), sha256=digest)
    outcome: Outcome = "replaced" if before is not None else "added"
    if how.dry_run:
        return Taken(name, outcome, name, len(new.cuts), len(new.held))
    shelved = writing.add(new, path, how.note)
    return Taken(name, outcome, shelved.id, len(new.cuts), len(new.held))


def seen(path: Path, name: str, how: Taking, before: ShelvedPaper | None = None) -> ShelvedPaper:
    """A file as it would be shelved: read, cut and screened. InputError when it cannot be read."""
    paper = how.read(path)
    title = title_of(paper, PurePath(name).stem)
    cuts = cut(paper, title)
    held = tuple(
        Held(number, finding.quote, finding.reason)
        for number, piece in enumerate(cuts)
        for finding in list(how.screen(f"{piece.title}\n{paper.text[piece.start : piece.end]}"))[:1]
    )
    kind = how.wanted.kind or "document"
    if how.wanted.kind is None or how.wanted.silent_only:
        kind = "compliance" if is_rule(paper.text) else kind
    starts, ends = _days(how, paper.text, before)
    return ShelvedPaper(
        name, name, 0, kind, title, paper.text, cuts, "", how.now.isoformat(timespec="seconds"),
        PurePath(name).suffix.lower(), starts, ends, how.wanted.product, how.wanted.internal, held, brought_by=how.by,
    )  # fmt: skip


def _days(how: Taking, text: str, before: ShelvedPaper | None) -> tuple[date | None, date | None]:
    """The first and the last day: what the person says, what the paper says, and for a later version today."""
    said, wanted = stated(text), how.wanted
    own = said.starts
    if own is not None and before is not None and before.effective_from is not None and own <= before.effective_from:
        own = None  # a correction of a paper that names the same day again
    starts = (own or wanted.starts) if wanted.silent_only else (wanted.starts or own)
    ends = (said.ends or wanted.ends) if wanted.silent_only else (wanted.ends or said.ends)
    return starts or (how.now.date() if before is not None else None), ends


def is_rule(text: str) -> bool:
    """Whether a paper is a statute or a rule: it says so by its articles."""
    return sum(1 for line in text.split("\n") if ARTICLE.match(line)) >= _STATUTE


def withdraw(shelf: Shelf, paper: str, last: date, note: Callable[[ShelvedPaper], object] = _unnoted) -> ShelvedPaper:
    """End a paper: `last` is the last day on which its newest version may be shown. InputError for one that is not there.

    `note` here and below is told before anything changes; what it raises leaves all as it was.
    """
    with shelf.writing() as writing:
        newest = writing.newest(paper)
        if newest is None:
            raise InputError(f"{paper}: not on the shelf; see `advisor-copilot documents list`")
        return _changed(writing, replace(newest, withdrawn=last), note)


def put_back(shelf: Shelf, paper: str, note: Callable[[ShelvedPaper], object] = _unnoted) -> ShelvedPaper:
    """Undo a withdrawal of a paper's newest version. InputError when it was not withdrawn."""
    with shelf.writing() as writing:
        newest = writing.newest(paper)
        if newest is None or newest.withdrawn is None:
            raise InputError(f"{paper}: not withdrawn; see `advisor-copilot documents list`")
        return _changed(writing, replace(newest, withdrawn=None), note)


def let_go(
    shelf: Shelf, identity: str, piece: int | None, note: Callable[[Sequence[int]], object] = lambda _numbers: None
) -> int:
    """Serve passages that were held: one, or all of a version. How many; InputError when none is held there."""
    with shelf.writing() as writing:
        paper = next((p for p in writing.papers if p.id == identity), None)
        if paper is None:
            raise InputError(f"{identity}: not on the shelf; see `advisor-copilot documents list`")
        freed = tuple(h for h in paper.held if piece is None or h.piece == piece)
        if not freed:
            raise InputError(f"{identity}: nothing of it is held" + ("" if piece is None else f" under number {piece}"))
        note([h.piece for h in freed])
        writing.change(replace(paper, held=tuple(h for h in paper.held if h not in freed)))
        return len(freed)


def _changed(writing: Writing, paper: ShelvedPaper, note: Callable[[ShelvedPaper], object]) -> ShelvedPaper:
    note(paper)
    writing.change(paper)
    return paper
