"""`advisor-copilot documents` and `import documents`: the bank's own papers, taken in, looked at, withdrawn."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from copilot.papers import day_of, kind_of
from copilot.types import KINDS
from copilot.wiring import App, build
from knowledge_base.ingest.intake import Wanted

documents_app = typer.Typer(
    help="The papers taken in beside the content: look, withdraw, let go.", no_args_is_help=True
)

Paths = Annotated[list[Path], typer.Argument(help="files or folders: txt md html docx pdf xlsx csv")]
Day = Annotated[str | None, typer.Option(help="YYYY-MM-DD")]


def import_documents(
    sources: Paths,
    kind: Annotated[str | None, typer.Option(help=f"one of {', '.join(KINDS)}; empty: by what the paper is")] = None,
    product: Annotated[str | None, typer.Option(help="catalogue id the papers are about")] = None,
    internal: Annotated[
        bool, typer.Option("--internal", help="for advisors' eyes: never quoted to a customer")
    ] = False,
    starts: Annotated[str | None, typer.Option("--from", help="first day on which they hold, YYYY-MM-DD")] = None,
    ends: Annotated[str | None, typer.Option("--to", help="last day on which they hold, YYYY-MM-DD")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say what would change")] = False,
) -> None:
    """Take in papers: read, cut into passages, screened for hidden orders, put on the shelf with their origin.

    A file that was taken in already is passed over; a changed one becomes a new version and ends the old one. A file that
    cannot be read is named and the rest goes on; then the exit code is 1.
    """
    wanted = Wanted(kind_of(kind), product, internal, day_of(starts), day_of(ends))
    if take_in(build(), sources, wanted, dry_run=dry_run):
        raise typer.Exit(1)


def take_in(app: App, sources: Sequence[Path], wanted: Wanted, *, dry_run: bool = False) -> int:
    """Take papers in with a line a file on standard error; how many could not be read."""
    counted: Counter[str] = Counter()
    for taken in app.papers.take_in(sources, wanted, "cli", dry_run=dry_run):
        counted[taken.outcome] += 1
        more = f", {taken.held} held: looks like orders to the system" if taken.held else ""
        told = taken.note.removeprefix(f"{Path(taken.name).name}: ") or f"{taken.passages} passages{more}"
        print(f"{taken.outcome:9} {taken.name}: {told}", file=sys.stderr, flush=True)
    print(", ".join(f"{n} {outcome}" for outcome, n in counted.items()) + (" (dry run)" if dry_run else ""))
    return counted["failed"]


@documents_app.command("list")
def list_documents(
    held: Annotated[bool, typer.Option("--held", help="only those with passages kept back")] = False,
) -> None:
    """Every version on the shelf: id, kind, days in force, passages, and what is held back."""
    for paper in build().shelf.papers():
        if held and not paper.held:
            continue
        days = f"{paper.effective_from or '…'} – {paper.last_day or '…'}"
        more = f", {len(paper.held)} held" if paper.held else ""
        print(f"{paper.id}  {paper.kind}  {days}  {len(paper.cuts)} passages{more}  {paper.title}")


@documents_app.command("show")
def show_document(identity: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """One version: where it came from, its passages, and why some are held back."""
    app = build()
    paper = app.papers.named(identity)
    print(f"{paper.id}  {paper.title}\nversion {paper.version} of {paper.paper}, taken in {paper.taken_at}")
    print(f"original {app.shelf.original(paper)}  sha256 {paper.sha256}")
    held = {h.piece: h for h in paper.held}
    for number, piece in enumerate(paper.cuts):
        page = f" p.{piece.page}" if piece.page is not None else ""
        text = " ".join(paper.text[piece.start : piece.end].split())
        print(f"#{number} {piece.start}–{piece.end}{page} {piece.title}: {text[:60]}")
        if number in held:
            print(f"   HELD「{held[number].quote}」{held[number].reason}")


@documents_app.command("withdraw")
def withdraw_document(
    paper: Annotated[str, typer.Argument(metavar="PAPER")],
    on: Annotated[str | None, typer.Option(help="last day on which it holds, YYYY-MM-DD; yesterday when empty")] = None,
) -> None:
    """End a paper. It stays on the shelf and is not found for any later day."""
    ended = build().papers.withdraw(paper, "cli", last=day_of(on))
    print(f"{ended.id}: last day {ended.withdrawn}")


@documents_app.command("restore")
def restore_document(paper: Annotated[str, typer.Argument(metavar="PAPER")]) -> None:
    """Undo a withdrawal."""
    print(f"{build().papers.put_back(paper, 'cli').id}: found again")


@documents_app.command("release")
def release_document(
    identity: Annotated[str, typer.Argument(metavar="ID")],
    piece: Annotated[int | None, typer.Option(help="the passage's number; all of them when empty")] = None,
) -> None:
    """Let go of passages that were held back, after a person has read them."""
    freed = build().papers.let_go(identity, piece, "cli")
    print(f"{identity}: {freed} passages are searched from the next index on")
