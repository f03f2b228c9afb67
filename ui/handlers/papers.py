"""The bank's papers at the desk: looked at, brought in, withdrawn, let go. Who may do what stands here, and every function asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Literal, get_args

from copilot.errors import AccessDenied, InputError
from copilot.papers import day_of, kind_of
from copilot.records import User
from copilot.renewal import Renewed
from copilot.types import Passage
from knowledge_base.ingest.intake import Wanted
from knowledge_base.ingest.shelf import ShelvedPaper
from knowledge_base.ingest.tray import Parcel
from ui.desk import Desk
from ui.handlers.rights import only

Act = Literal["search", "look", "load", "withdraw", "release"]
RIGHTS: Mapping[Act, frozenset[str]] = MappingProxyType(
    {
        "search": frozenset({"advisor", "compliance", "trainer", "admin"}),
        "look": frozenset({"compliance", "trainer", "admin"}),
        "load": frozenset({"compliance", "trainer", "admin"}),
        "withdraw": frozenset({"compliance", "admin"}),
        "release": frozenset({"compliance"}),
    }
)
"""Who may do what. What the screen held is let go by compliance alone, and never by who brought it."""
PaperState = Literal["served", "soon", "held", "quarantined", "upcoming", "ended", "withdrawn"]
STATES: tuple[PaperState, ...] = get_args(PaperState)
KINDS_OF_PAPERS = ("document", "compliance", "faq", "market", "product", "glossary")
PAGE = 30
"""Rows of the list, and passages of a paper, shown at a time."""
FOUND = 8
_LOOKED_AT = 1000
_LONGEST_REMARK = 1000


@dataclass(frozen=True)
class Row:
    """One version of the list."""

    number: int
    id: str
    title: str
    kind: str
    version: int
    starts: date | None
    ends: date | None
    state: PaperState
    held: int
    passages: int


@dataclass(frozen=True)
class Shelved:
    """The list: the rows of one page, how many there are by state, and of how many these are."""

    rows: tuple[Row, ...]
    counts: Mapping[str, int]
    matching: int


@dataclass(frozen=True)
class Shown:
    """A passage with its place in the file; `reason` and `quote` when it is held."""

    number: int
    title: str
    text: str
    start: int
    end: int
    page: int | None
    reason: str = ""
    quote: str = ""


@dataclass(frozen=True)
class Deed:
    """What a person did with a paper."""

    at: datetime
    by: str
    what: Literal["brought", "withdrawn", "put_back", "released"]
    pieces: int = 0
    remark: str = ""


@dataclass(frozen=True)
class Opened:
    """One paper: the row, where it came from, its passages, and what the reader may do with it."""

    row: Row
    paper: str
    by: str
    taken_at: str
    product: str | None
    internal: bool
    held: tuple[Shown, ...]
    passages: tuple[Shown, ...]
    more: int
    deeds: tuple[Deed, ...]
    may_withdraw: bool
    may_put_back: bool
    may_release: bool
    own: bool


@dataclass(frozen=True)
class OnTray:
    """What came over the web and is not done with, and how the index stands."""

    parcels: tuple[Parcel, ...]
    mine: frozenset[str]
    ready: int
    renewed: Renewed
    numbers: Mapping[str, int]
    """Papers on the shelf by id, so that what was shelved can be opened."""


@dataclass(frozen=True)
class Found:
    """An answer of the search by hand."""

    query: str
    found: bool
    passages: tuple[Passage, ...]


def may(user: User, act: Act) -> bool:
    """Whether a user may do something."""
    return user.role in RIGHTS[act]


def demand(user: User, act: Act) -> None:
    """AccessDenied for who may not."""
    if not may(user, act):
        raise AccessDenied(f"papers: {act} is not for the role {user.role}")


@only(*RIGHTS["search"])
def search(desk: Desk, user: User, query: str) -> Found:
    """What the knowledge says to a question, as the line would find it today."""
    asked = query.strip()
    if not asked:
        return Found("", False, ())
    if len(asked) > _LONGEST_REMARK:
        raise InputError("query: longer than 1000 characters")
    result = desk.app.line.retrieve(asked, top_k=FOUND, on=desk.app.clock().date())
    return Found(asked, result.found, tuple(result.passages))


@only(*RIGHTS["look"])
def shelf(desk: Desk, user: User, query: str = "", state: str = "", shown: int = PAGE) -> Shelved:
    """The papers, newest first, those whose title or name has the query's words."""
    today = desk.app.clock().date()
    words = query.lower().split()
    counts: dict[str, int] = {}
    rows = []
    for paper in reversed(desk.app.papers.shelf.papers()):
        if not all(word in f"{paper.title}\n{paper.id}".lower() for word in words):
            continue
        row = _row(desk, paper, today)
        counts[row.state] = counts.get(row.state, 0) + 1
        if state in ("", row.state):
            rows.append(row)
    return Shelved(tuple(rows[:shown]), counts, len(rows))


@only(*RIGHTS["look"])
def edition(desk: Desk, user: User) -> str:
    """Another text whenever the list has changed: a paper came or was changed, or an index took over."""
    return f"{desk.app.papers.shelf.stamp} {desk.app.renewal.look().stage}"


@only(*RIGHTS["look"])
def opened(desk: Desk, user: User, number: int, shown: int = PAGE) -> Opened:
    """One paper with its passages. InputError when it is not on the shelf."""
    paper = desk.app.papers.paper(number)
    row = _row(desk, paper, desk.app.clock().date())
    newest = max(p.version for p in desk.app.papers.shelf.papers() if p.paper == paper.paper) == paper.version
    held = {h.piece: h for h in paper.held}
    pieces = [
        Shown(
            n,
            cut.title,
            paper.text[cut.start : cut.end],
            cut.start,
            cut.end,
            cut.page,
            held[n].reason if n in held else "",
            held[n].quote if n in held else "",
        )
        for n, cut in enumerate(paper.cuts)
    ]
    free = [p for p in pieces if p.number not in held]
    own = paper.brought_by == user.name
    return Opened(
        row,
        paper.paper,
        paper.brought_by,
        paper.taken_at,
        paper.product,
        paper.internal,
        tuple(p for p in pieces if p.number in held),
        tuple(free[:shown]),
        max(0, len(free) - shown),
        _deeds(desk, paper),
        may(user, "withdraw") and newest and paper.withdrawn is None,
        may(user, "withdraw") and newest and paper.withdrawn is not None,
        may(user, "release") and bool(held) and not own,
        own,
    )


@only(*RIGHTS["withdraw"])
def withdraw(desk: Desk, user: User, number: int, remark: str) -> None:
    """End a paper for everyone, at once."""
    paper = desk.app.papers.paper(number)
    desk.app.papers.withdraw(paper.paper, user.name, _remark(remark))
    desk.app.renewal.look()


@only(*RIGHTS["withdraw"])
def put_back(desk: Desk, user: User, number: int, remark: str) -> None:
    """Undo a withdrawal."""
    paper = desk.app.papers.paper(number)
    desk.app.papers.put_back(paper.paper, user.name, _remark(remark))
    desk.app.renewal.look()


@only(*RIGHTS["release"])
def release(desk: Desk, user: User, number: int, piece: int | None, remark: str) -> int:
    """Let go of what the screen held: one passage, or all of a paper. Nobody lets go of what he brought himself."""
    paper = desk.app.papers.paper(number)
    if paper.brought_by == user.name:
        raise AccessDenied("nobody lets go of what he brought himself")
    freed = desk.app.papers.let_go(paper.id, piece, user.name, _remark(remark))
    desk.app.renewal.look()
    return freed


@only(*RIGHTS["load"])
def tray(desk: Desk, user: User) -> OnTray:
    """What waits and what became of it; work that a stopped process left is taken up again."""
    parcels = desk.app.clerk.tray.parcels()
    desk.app.clerk.call()
    mine = frozenset(p.id for p in parcels if p.by == user.name)
    ready = sum(1 for p in parcels if p.id in mine and p.stage == "ready")
    done = {p.paper for p in parcels if p.paper}
    numbers = {p.id: p.number for p in desk.app.papers.shelf.papers() if p.id in done} if done else {}
    return OnTray(parcels, mine, ready, desk.app.renewal.look(), numbers)


@only(*RIGHTS["load"])
def ask(desk: Desk, user: User, form: Mapping[str, str | bool]) -> int:
    """Have the files one brought oneself put on the shelf, with what the form says; how many."""
    product = str(form.get("product") or "").strip()
    wanted = Wanted(
        kind_of(str(form.get("kind") or "") or None),
        product or None,
        bool(form.get("internal")),
        day_of(str(form.get("starts") or "")),
        day_of(str(form.get("ends") or "")),
        bool(form.get("silent_only")),
    )
    if wanted.starts and wanted.ends and wanted.ends < wanted.starts:
        raise InputError("the last day lies before the first")
    mine = tuple(p for p in desk.app.clerk.tray.parcels() if p.by == user.name)
    asked = desk.app.clerk.ask(mine, wanted)
    if not asked:
        raise InputError("no file waits")
    return asked


@only(*RIGHTS["load"])
def drop(desk: Desk, user: User, identity: str) -> None:
    """Take one file off the tray, one's own; an administrator's any."""
    parcel = desk.app.clerk.tray.get(identity)
    if parcel is not None:
        if parcel.by != user.name and user.role != "admin":
            raise AccessDenied("another person's file")
        desk.app.clerk.drop((parcel,))


@only(*RIGHTS["load"])
def clear(desk: Desk, user: User, everything: bool = False) -> None:
    """Take one's own files off the tray: those that are done with, or with `everything` those that wait as well."""
    mine = (p for p in desk.app.clerk.tray.parcels() if p.by == user.name)
    desk.app.clerk.drop(tuple(p for p in mine if everything or not p.open))


@only(*RIGHTS["load"])
def again(desk: Desk, user: User) -> Renewed:
    """Try a failed rebuild of the index once more."""
    return desk.app.renewal.again()


def _row(desk: Desk, paper: ShelvedPaper, today: date) -> Row:
    return Row(
        paper.number,
        paper.id,
        paper.title,
        paper.kind,
        paper.version,
        paper.effective_from,
        paper.last_day,
        _state(desk, paper, today),
        len(paper.held),
        len(paper.cuts),
    )


def _state(desk: Desk, paper: ShelvedPaper, today: date) -> PaperState:
    if paper.withdrawn is not None and paper.withdrawn < today:
        return "withdrawn"
    if paper.last_day is not None and paper.last_day < today:
        return "ended"
    if paper.held and len(paper.held) == len(paper.cuts):
        return "quarantined"
    if paper.effective_from is not None and paper.effective_from > today:
        return "upcoming"
    if not desk.app.line.library.text(paper.id):
        return "soon"
    return "held" if paper.held else "served"


def _deeds(desk: Desk, paper: ShelvedPaper) -> tuple[Deed, ...]:
    """What the record says was done with a paper, oldest first."""
    found = []
    for entry in desk.app.record.read(kinds=("import",), newest=_LOOKED_AT):
        said = entry.payload or {}
        documents = said.get("documents")
        remark = str(said.get("remark", ""))
        if isinstance(documents, Sequence) and any(
            isinstance(d, Mapping) and d.get("id") == paper.id for d in documents
        ):
            found.append(Deed(entry.at, entry.actor, "brought"))
        elif said.get("withdrawn") == paper.id:
            found.append(Deed(entry.at, entry.actor, "withdrawn", 0, remark))
        elif said.get("put_back") == paper.id:
            found.append(Deed(entry.at, entry.actor, "put_back", 0, remark))
        elif said.get("released") == paper.id:
            pieces = said.get("pieces")
            count = len(pieces) if isinstance(pieces, Sequence) else 0
            found.append(Deed(entry.at, entry.actor, "released", count, remark))
    return tuple(found)


def _remark(text: str) -> str:
    remark = text.strip()
    if not remark:
        raise InputError("a remark is needed: say why")
    return remark[:_LONGEST_REMARK]
