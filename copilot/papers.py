"""What people do with the bank's papers, on the command line and at the desk: take in, withdraw, put back, let go. Each is in the record first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from copilot.errors import InputError
from copilot.types import KINDS, Kind, Library, Record
from knowledge_base.apart import Apart, Ended
from knowledge_base.ingest import intake
from knowledge_base.ingest.blocks import Paper
from knowledge_base.ingest.intake import Screen, Taken, Taking, Wanted
from knowledge_base.ingest.read import read_paper
from knowledge_base.ingest.shelf import Shelf, ShelvedPaper

READ_S, READ_BYTES = 300.0, 4_000_000_000
"""Time and memory in which a file must be read: a page that unpacks without end stops there."""


@dataclass(frozen=True)
class Papers:
    """The shelf, and those who change it. `known` are the ids of the content's own documents."""

    shelf: Shelf
    record: Record
    screen: Screen
    clock: Callable[[], datetime]
    library: Callable[[], Library]
    known: Callable[[], frozenset[str]]

    def take_in(self, sources: Sequence[Path], wanted: Wanted, by: str, *, dry_run: bool = False) -> Iterator[Taken]:
        """Take files and folders in; what became of each, as it is done. InputError for a product that is not there."""
        if wanted.product is not None and self.library().get(wanted.product) is None:
            raise InputError(f"{wanted.product}: no product of the catalogue")
        with Reader() as read:
            yield from intake.take_in(self.shelf, sources, self.taking(wanted, by, read, dry_run=dry_run))

    def taking(self, wanted: Wanted, by: str, read: Callable[[Path], Paper], *, dry_run: bool = False) -> Taking:
        """How files are taken in."""

        def note(paper: ShelvedPaper) -> None:
            told = {"id": paper.id, "sha256": paper.sha256, "passages": len(paper.cuts), "held": len(paper.held)}
            self.record.append("import", by, "", {"documents": [told]}, self.clock())

        return Taking(self.screen, self.clock(), wanted, dry_run, self.known(), by, read, note)

    def paper(self, number: int) -> ShelvedPaper:
        """A version by its number on the shelf; InputError when there is none."""
        found = next((p for p in self.shelf.papers() if p.number == number), None)
        if found is None:
            raise InputError(f"{number}: not on the shelf")
        return found

    def named(self, identity: str) -> ShelvedPaper:
        """A version by its id; InputError when there is none."""
        found = next((p for p in self.shelf.papers() if p.id == identity), None)
        if found is None:
            raise InputError(f"{identity}: not on the shelf; see `advisor-copilot documents list`")
        return found

    def withdraw(self, paper: str, by: str, remark: str = "", last: date | None = None) -> ShelvedPaper:
        """End a paper: it is not found from now on, or after `last`."""
        day = last or self.clock().date() - timedelta(days=1)
        note = self._note(by, remark)
        return intake.withdraw(self.shelf, paper, day, lambda p: note({"withdrawn": p.id, "last": day.isoformat()}))

    def put_back(self, paper: str, by: str, remark: str = "") -> ShelvedPaper:
        """Undo a withdrawal."""
        note = self._note(by, remark)
        return intake.put_back(self.shelf, paper, lambda p: note({"put_back": p.id}))

    def let_go(self, identity: str, piece: int | None, by: str, remark: str = "") -> int:
        """Serve passages that were held, all of a version or one; how many."""
        note = self._note(by, remark)
        return intake.let_go(
            self.shelf, identity, piece, lambda numbers: note({"released": identity, "pieces": list(numbers)})
        )

    def _note(self, by: str, remark: str) -> Callable[[dict[str, object]], object]:
        more = {"remark": remark} if remark else {}
        return lambda said: self.record.append("import", by, "", {**said, **more}, self.clock())


class Reader:
    """Reads papers in a process of its own, which is all that a hostile file can end."""

    def __init__(self) -> None:
        self._apart = Apart(read_paper, memory=READ_BYTES, seconds=READ_S)

    def __call__(self, path: Path) -> Paper:
        """A file as text and blocks; InputError when it cannot be read."""
        try:
            paper: Paper = self._apart(path)
        except Ended as error:
            raise InputError(f"{path.name}: cannot be read, its reader {error}; split it or save it again") from error
        return paper

    def close(self) -> None:
        """End the process; a paper being read is given up."""
        self._apart.close()

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def kind_of(value: str | None) -> Kind | None:
    """A kind by its name, None for none told. InputError for what is none."""
    found = next((k for k in KINDS if k == value), None)
    if value and found is None:
        raise InputError(f"{value!r} is no kind; one of {', '.join(KINDS)}")
    return found


def day_of(value: str | None) -> date | None:
    """A day as it is typed, None for none. InputError for what is none."""
    if not value or not value.strip():
        return None
    with suppress(ValueError):
        return date.fromisoformat(value.strip())
    raise InputError(f"{value!r} is no day; write it as 2026-11-22")
