"""The hash chain: what is hashed, and how a chain is verified.

An entry's payload is canonical JSON (sorted keys, no spaces, UTF-8). `payload_digest` is SHA-256 of `salt || payload`,
so that a redacted payload cannot be guessed from its digest. An entry's hash is SHA-256 of the previous hash and the
canonical JSON of its own fields, the digest among them. The first entry follows sixty-four zeros.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

GENESIS = "0" * 64


@dataclass(frozen=True)
class Link:
    """One entry as stored. `body` and `salt` are None once the payload is redacted."""

    sequence: int
    kind: str
    at: str
    actor: str
    conversation: str
    payload_digest: str
    previous: str
    hash: str
    salt: str | None
    body: str | None


@dataclass(frozen=True)
class Verification:
    """The result of reading a chain. `broken_at` is the first entry that does not hold, None when all do."""

    entries: int
    redacted: int
    head: str
    broken_at: int | None = None
    what: str = ""

    @property
    def ok(self) -> bool:
        """Whether every entry holds."""
        return self.broken_at is None


def canonical(value: Any) -> str:
    """Canonical JSON of plain values."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest_payload(salt: str, body: str) -> str:
    """Salted digest of a payload's canonical JSON."""
    return sha256(f"{salt}{body}".encode()).hexdigest()


def digest_entry(previous: str, fields: Mapping[str, Any]) -> str:
    """Hash of an entry that follows `previous`."""
    return sha256(f"{previous}{canonical(dict(fields))}".encode()).hexdigest()


def fields_of(
    sequence: int, kind: str, at: str, actor: str, conversation: str, payload_digest: str
) -> dict[str, str | int]:
    """The hashed fields of an entry."""
    return {
        "sequence": sequence,
        "kind": kind,
        "at": at,
        "actor": actor,
        "conversation": conversation,
        "payload_digest": payload_digest,
    }


def verify(links: Iterable[Link]) -> Verification:
    """Read a chain from its first entry, in order; stops at the first entry that does not hold."""
    previous, expected, redacted, count = GENESIS, 1, 0, 0
    for link in links:
        what = _fault(link, expected, previous)
        if what:
            return Verification(count, redacted, previous, link.sequence, what)
        redacted += link.body is None
        previous, expected, count = link.hash, expected + 1, count + 1
    return Verification(count, redacted, previous)


def _fault(link: Link, expected: int, previous: str) -> str:
    if link.sequence != expected:
        return f"entry {expected} is missing"
    if link.previous != previous:
        return "does not follow from the entry before"
    fields = fields_of(link.sequence, link.kind, link.at, link.actor, link.conversation, link.payload_digest)
    if digest_entry(previous, fields) != link.hash:
        return "its fields were changed"
    if link.body is not None and digest_payload(link.salt or "", link.body) != link.payload_digest:
        return "its content was changed"
    return ""
