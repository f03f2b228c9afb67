"""Signed checkpoints: the record's length and head at a moment, kept where whoever can change the database cannot."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from copilot.errors import ChainBroken, InputError, RecordError
from copilot.records.chain import Link, Verification, canonical, verify
from copilot.records.keys import public_hex

FORMAT = "advisor-copilot checkpoint 1"
_LARGEST = 4096


@dataclass(frozen=True)
class Checkpoint:
    """What the record was: entry `sequence` had the hash `head`. `key` is the public key of the signature."""

    sequence: int
    head: str
    at: str
    key: str
    signature: str
    format: str = FORMAT

    @property
    def signed(self) -> bytes:
        """The bytes under the signature: canonical JSON of the other fields."""
        return canonical({k: v for k, v in asdict(self).items() if k != "signature"}).encode()

    @property
    def text(self) -> str:
        """The checkpoint as a file holds it: one line of JSON."""
        return canonical(asdict(self)) + "\n"


def sign(key: Ed25519PrivateKey, sequence: int, head: str, at: datetime | None = None) -> Checkpoint:
    """A signed checkpoint of an entry that was verified."""
    moment = (at or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds")
    unsigned = Checkpoint(sequence, head, moment, public_hex(key), "")
    return Checkpoint(sequence, head, moment, unsigned.key, key.sign(unsigned.signed).hex())


def read_checkpoint(path: Path, trusted: Collection[str]) -> Checkpoint:
    """A checkpoint from a file, signed by one of the trusted public keys. InputError names what is wrong with it."""
    try:
        data = path.read_bytes()
        found = Checkpoint(**json.loads(data[:_LARGEST]))
        if found.format != FORMAT or not isinstance(found.sequence, int) or found.text.encode() != data:
            raise ValueError("another form")
        signature = bytes.fromhex(found.signature)
        if found.signature != signature.hex():
            raise ValueError("another form")
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(found.key)).verify(signature, found.signed)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    except InvalidSignature as error:
        raise InputError(f"{path}: the signature does not hold; this checkpoint was changed") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: not a checkpoint as `audit checkpoint` writes it, byte for byte") from error
    if found.key not in trusted:
        raise InputError(f"{path}: signed by {found.key}, which is not a key you trust; see --trust")
    return found


def verify_against(links: Iterable[Link], checkpoints: Sequence[Checkpoint]) -> Verification:
    """Read the chain once and hold it against checkpoints. ChainBroken when it does not hold, or was cut or rewritten."""
    wanted = {c.sequence for c in checkpoints}
    seen: dict[int, str] = {}

    def noting() -> Iterator[Link]:
        for link in links:
            if link.sequence in wanted:
                seen[link.sequence] = link.hash
            yield link

    result = verify(noting())
    if result.broken_at is not None:
        raise ChainBroken(result.broken_at, f"{result.what} ({result.entries} entries before it hold)")
    for checkpoint in sorted(checkpoints, key=lambda c: c.sequence):
        if checkpoint.sequence > result.entries:
            what = (
                f"cut off: the checkpoint of {checkpoint.at} has {checkpoint.sequence} entries, the record ends before"
            )
            raise ChainBroken(result.entries + 1, what)
        if seen[checkpoint.sequence] != checkpoint.head:
            what = f"the record up to here was rewritten: the checkpoint of {checkpoint.at} signs another hash"
            raise ChainBroken(checkpoint.sequence, what)
    return result


def take_checkpoint(links: Iterable[Link], key: Ed25519PrivateKey) -> Checkpoint:
    """Verify the record and sign its head. RecordError for an empty one, ChainBroken for one that does not hold."""
    result = verify_against(links, ())
    if not result.entries:
        raise RecordError("the record is empty: there is nothing to sign yet")
    return sign(key, result.entries, result.head)
