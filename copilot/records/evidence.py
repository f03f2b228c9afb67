"""Evidence packs: all that belongs to one message, so that a third party verifies it offline."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from importlib.resources import files

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from copilot.errors import InputError
from copilot.records.chain import REDACTIONS, Link, canonical, redacted_by
from copilot.records.checkpoint import Checkpoint, sign, verify_against
from copilot.records.keys import public_hex
from copilot.records.ledger import RecordStore
from copilot.records.pdf import as_pdf
from copilot.records.story import TITLE, told
from copilot.records.verifier import EVIDENCE, packed, sha256
from copilot.types import Entry

STEPS = ("proposal", "candidate", "release", "held", "referral", "decision")


def make_pack(
    record: RecordStore, sequence: int, key: Ed25519PrivateKey, checkpoint: Checkpoint | None = None
) -> bytes:
    """The pack of one entry as a zip file. The whole record is verified first.

    Without a checkpoint one is signed now, at the last entry that the pack needs; with one kept elsewhere the pack also
    shows that nothing in it was written after that checkpoint. InputError for an entry that is no part of a message, or
    a checkpoint that is older than the pack.
    """
    verify_against(record.links(), (checkpoint,) if checkpoint else ())
    wanted = _belonging(record, sequence)
    last = checkpoint.sequence if checkpoint else max(wanted)
    if last < max(wanted):
        raise InputError(f"the checkpoint signs {last} entries, the pack needs {max(wanted)}: name a newer one")
    links = list(record.links(min(wanted), last))
    signed = checkpoint or sign(key, last, links[-1].hash)
    entries = [entry for number in wanted if (entry := record.get(number)) is not None]
    parts = {
        "evidence.pdf": as_pdf(told(sequence, entries, signed, public_hex(key)), TITLE),
        "README.txt": files("copilot.records").joinpath("evidence.txt").read_bytes(),
        "verify.py": files("copilot.records").joinpath("verifier.py").read_bytes(),
        "public-key.txt": f"{public_hex(key)}\n".encode(),
        "checkpoint.json": signed.text.encode(),
        "evidence.json": f"{canonical({'asked': sequence, 'entries': wanted})}\n".encode(),
        "links.jsonl": _lines(_bare(link) for link in links),
        "payloads.jsonl": _lines(
            {"sequence": link.sequence, "salt": link.salt, "body": link.body}
            for link in links
            if link.sequence in set(wanted) and link.body is not None
        ),
    }
    manifest = f"{canonical({'files': {name: sha256(data) for name, data in parts.items()}})}\n".encode()
    signature = f"{key.sign(EVIDENCE + manifest).hex()}\n".encode()
    return packed({**parts, "manifest.json": manifest, "manifest.sig": signature})


def _belonging(record: RecordStore, sequence: int) -> list[int]:
    """The entries of the message that `sequence` belongs to, and those that redacted one of them."""
    asked = record.get(sequence)
    if asked is None:
        raise InputError(f"entry {sequence}: no such entry")
    if asked.kind not in STEPS:
        raise InputError(f"entry {sequence} is of kind {asked.kind}; evidence is made for {', '.join(STEPS)}")
    steps = record.read(conversation=asked.conversation, kinds=STEPS)
    opening = _opening(asked, steps)
    mine = {e.sequence for e in steps if e.sequence in (sequence, opening) or _said(e, "proposal") == opening}
    mine |= {e.sequence for e in steps if e.kind == "decision" and _said(e, "referral") in mine}
    # a step without content cannot say which message it belonged to: those in between are listed as redacted
    mine |= {e.sequence for e in steps if e.payload is None and min(mine) < e.sequence < max(mine)}
    mine |= {
        e.sequence
        for e in record.read(kinds=REDACTIONS)
        if e.payload is not None and not mine.isdisjoint(redacted_by(e.payload))
    }
    return sorted(mine)


def _opening(asked: Entry, steps: list[Entry]) -> object:
    """The proposal that an entry answers to; the entry itself when it can no longer say."""
    if asked.kind == "proposal":
        return asked.sequence
    if asked.kind == "decision":
        referral = next((e for e in steps if e.sequence == _said(asked, "referral")), None)
        return _said(referral, "proposal") or asked.sequence if referral else asked.sequence
    return _said(asked, "proposal") or asked.sequence


def _said(entry: Entry, name: str) -> object:
    return entry.payload.get(name) if entry.payload is not None else None


def _bare(link: Link) -> dict[str, object]:
    """A link without its content: other messages' words stay at home."""
    return {k: v for k, v in asdict(replace(link, salt=None, body=None)).items() if k not in ("salt", "body")}


def _lines(rows: Iterator[dict[str, object]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in rows).encode()
