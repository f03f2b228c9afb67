"""`advisor-copilot audit`: the record verified, signed, exported, and kept as long as the bank keeps it."""

from __future__ import annotations

import getpass
import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from copilot.errors import InputError
from copilot.records.checkpoint import read_checkpoint, take_checkpoint, verify_against
from copilot.records.evidence import make_pack
from copilot.records.keys import load_key, make_key, public_hex
from copilot.records.retention import Retention
from copilot.settings import Settings
from copilot.wiring import App, build
from copilot.written import plain

audit_app = typer.Typer(help="Verify, sign and export the record; retention and legal hold.", no_args_is_help=True)
hold_app = typer.Typer(help="Conversations that may not be redacted.", no_args_is_help=True)
audit_app.add_typer(hold_app, name="hold")

Conversation = Annotated[str, typer.Argument(help="number of the conversation")]
Reason = Annotated[str, typer.Option(help="why; it is recorded")]
Trust = Annotated[
    list[str] | None, typer.Option("--trust", help="public key of a checkpoint; this machine's own when left out")
]


@audit_app.command("verify")
def audit_verify(
    checkpoint: Annotated[
        list[Path] | None, typer.Option("--checkpoint", help="a checkpoint kept elsewhere; may be given several times")
    ] = None,
    trust: Trust = None,
) -> None:
    """Read the whole chain. Names the first broken entry and exits with 1 when there is one.

    With a checkpoint it also shows that nothing up to it was cut off or written anew.
    """
    product = build()
    paths = checkpoint or []
    trusted = _trusted(product.settings, trust) if paths else set()
    known = [read_checkpoint(path, trusted) for path in paths]
    result = verify_against(product.record.links(), known)
    print(f"{result.entries} entries hold, {result.redacted} of them redacted; head {result.head}")
    for path, found in zip(paths, known, strict=True):
        print(f"{path}: entry {found.sequence} is as signed {found.at}")
    newest = max((c.sequence for c in known), default=0)
    if newest < result.entries:
        print(f"not shown: whether entries after {newest} are all there; a later checkpoint kept elsewhere will")


@audit_app.command("key")
def audit_key() -> None:
    """Print the public key that verifies checkpoints and evidence; makes the key pair the first time."""
    path = build().settings.record_key_path
    key = load_key(path) if path.exists() else make_key(path)
    print(public_hex(key))


@audit_app.command("checkpoint")
def audit_checkpoint(
    out: Annotated[Path | None, typer.Option(help="file to write; standard output when left out")] = None,
) -> None:
    """Verify the record and sign its length and head. Keep the line where whoever can change the database cannot."""
    product = build()
    taken = take_checkpoint(product.record.links(), load_key(product.settings.record_key_path))
    if out is None:
        print(taken.text, end="")
    else:
        write_new(out, taken.text.encode())


@audit_app.command("evidence")
def audit_evidence(
    entry: Annotated[int, typer.Argument(help="number of a release, or of any step of the message")],
    out: Annotated[Path, typer.Option(help="zip file to write")],
    checkpoint: Annotated[
        Path | None, typer.Option(help="a checkpoint kept elsewhere to prove it against; else one is signed now")
    ] = None,
) -> None:
    """Write all that belongs to one message as a pack that a third party verifies offline."""
    product = build()
    key = load_key(product.settings.record_key_path)
    known = read_checkpoint(checkpoint, {public_hex(key)}) if checkpoint else None
    write_new(out, make_pack(product.record, entry, key, known))
    print(f"{out}: give the public key by another way: {public_hex(key)}")


@audit_app.command("export")
def audit_export(
    path: Annotated[
        Path | None, typer.Argument(help="file to write; standard output when left out", show_default=False)
    ] = None,
    conversation: Annotated[str | None, typer.Option(help="only this conversation")] = None,
) -> None:
    """Write the record as JSON lines: each entry with its hashes and, unless redacted, its content."""
    record = build().record
    wanted = {e.sequence for e in record.read(conversation=conversation)} if conversation else None
    try:
        out = path.open("w", encoding="utf-8") if path else sys.stdout
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    try:
        for link in record.links():
            if wanted is None or link.sequence in wanted:
                body = plain(link) | {"body": json.loads(link.body) if link.body is not None else None}
                out.write(json.dumps(body, ensure_ascii=False) + "\n")
    finally:
        if path:
            out.close()


@audit_app.command("retain")
def audit_retain(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say what would be removed")] = False,
) -> None:
    """Remove customers' words older than `record.keep_days`, but for conversations under hold. The chain stays provable."""
    product = build()
    days = product.settings.record.keep_days
    if days is None:
        raise InputError("record.keep_days is not set: contents are kept for ever; see docs/settings.md")
    done = _retention(product).retain(days, _actor(), dry_run=dry_run)
    verb = "would remove" if dry_run else "removed"
    print(f"{verb} {done.payloads} contents and {done.messages} messages from before {done.before}; {done.held} held")


@hold_app.command("add")
def hold_add(conversation: Conversation, reason: Reason) -> None:
    """Put a conversation under legal hold: neither retention nor a request removes it."""
    _retention(build()).hold(conversation, _actor(), reason)


@hold_app.command("remove")
def hold_remove(conversation: Conversation, reason: Reason) -> None:
    """End a legal hold."""
    _retention(build()).lift(conversation, _actor(), reason)


@hold_app.command("list")
def hold_list() -> None:
    """List the holds that stand."""
    for hold in _retention(build()).holds().values():
        print(f"{hold.conversation}  {hold.at}  {hold.actor}  {hold.reason}")


def write_new(path: Path, data: bytes) -> None:
    """Write a file that is not there yet, to the disk. InputError when it is, or cannot be written."""
    try:
        with path.open("xb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
    except FileExistsError as error:
        raise InputError(f"{path}: exists already; name another file") from error
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error


def _trusted(settings: Settings, named: list[str] | None) -> set[str]:
    if named:
        return {key.strip().lower() for key in named}
    if not settings.record_key_path.exists():
        raise InputError("which public key signed the checkpoints? Name it with --trust")
    return {public_hex(load_key(settings.record_key_path))}


def _retention(product: App) -> Retention:
    return Retention(product.engine, product.clock)


def _actor() -> str:
    return f"cli:{getpass.getuser()}"
