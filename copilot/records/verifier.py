#!/usr/bin/env python3
"""Verifies an evidence pack offline, with Python's standard library alone.

    python3 verify.py PACK.zip --key HEX

HEX is the bank's public key, had from the bank by another way than the pack. Python 3.9 or newer. This file is the
bank's software, and a copy lies in the pack: whoever distrusts it reads it, it is short, or follows README.txt by hand.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import struct
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any

GENESIS = "0" * 64
EVIDENCE = b"advisor-copilot evidence 1\n"
CHECKPOINT = "advisor-copilot checkpoint 1"
CHAINED = ("sequence", "kind", "at", "actor", "conversation", "payload_digest")
SIGNED_APART = {"manifest.json", "manifest.sig"}


class Fault(Exception):
    """What does not hold, in one line."""


def canonical(value: object) -> str:
    """Canonical JSON: sorted keys, no spaces, characters as they are."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def sha256(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


# --- the pack: a zip file of one possible form for its contents, so that no byte of it is free ---


def packed(files: dict[str, bytes]) -> bytes:
    """Files as a zip file: sorted, stored, without dates."""
    body, directory = b"", b""
    for name, data in sorted(files.items()):
        about = struct.pack(
            "<HHHHHIIIHH", 20, 0, 0, 0, 33, zlib.crc32(data), len(data), len(data), len(name.encode("ascii")), 0
        )
        directory += b"PK\x01\x02" + struct.pack("<H", 20) + about + struct.pack("<HHHII", 0, 0, 0, 0, len(body))
        directory += name.encode("ascii")
        body += b"PK\x03\x04" + about + name.encode("ascii") + data
    end = struct.pack("<HHHHIIH", 0, 0, len(files), len(files), len(directory), len(body), 0)
    return body + directory + b"PK\x05\x06" + end


def unpacked(data: bytes) -> dict[str, bytes]:
    """The files of a pack; Fault unless the pack is exactly what these files make."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            if sum(i.file_size for i in infos) > len(data) or any(i.compress_type for i in infos):
                raise Fault("the zip file is not as the product writes it")
            files = {i.filename: archive.read(i) for i in infos}
            same = packed(files) == data
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise Fault("the zip file is damaged") from error
    except (struct.error, zlib.error) as error:
        raise Fault("the zip file is damaged") from error
    if not same:
        raise Fault("the zip file is not as the product writes it")
    return files


# --- Ed25519, RFC 8032, verification only: slow and plain ---

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]  # extended coordinates: x, y, z, x*y


def _add(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(n: int, p: Point) -> Point:
    total = (0, 1, 1, 0)
    while n:
        if n & 1:
            total = _add(total, p)
        p, n = _add(p, p), n >> 1
    return total


def _point(data: bytes) -> Point:
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        raise ValueError("not a point")
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        raise ValueError("not a point")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = _point(bytes.fromhex("58" + "66" * 31))


def signature_holds(key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether an Ed25519 signature of a message holds under a public key."""
    try:
        if len(key) != 32 or len(signature) != 64:
            return False
        public, nonce = _point(key), _point(signature[:32])
    except ValueError:
        return False
    s = int.from_bytes(signature[32:], "little")
    if s >= L:
        return False
    hashed = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    left, right = _times(s, BASE), _add(nonce, _times(hashed, public))
    return not (left[0] * right[2] - right[0] * left[2]) % P and not (left[1] * right[2] - right[1] * left[2]) % P


# --- what is verified, in this order ---


def verify_pack(data: bytes, trusted: str) -> dict[str, Any]:
    """Verify a pack against the bank's public key (64 hexadecimal digits). Its parts as read, or Fault."""
    files = unpacked(data)
    try:
        key = bytes.fromhex(trusted)
        _manifest(files, key)
        checkpoint = json.loads(files["checkpoint.json"])
        _checkpoint(checkpoint, key)
        links = [json.loads(line) for line in files["links.jsonl"].splitlines()]
        _chain(links, checkpoint)
        evidence = json.loads(files["evidence.json"])
        contents = _contents(files, links, evidence)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise Fault("a part of the pack is missing or has another form") from error
    return {"evidence": evidence, "checkpoint": checkpoint, "links": links, "contents": contents}


def _manifest(files: dict[str, bytes], key: bytes) -> None:
    signature = bytes.fromhex(files["manifest.sig"].decode())
    written = f"{signature.hex()}\n".encode() == files["manifest.sig"]
    if not written or not signature_holds(key, signature, EVIDENCE + files["manifest.json"]):
        raise Fault("the list of files is not signed by this key")
    listed = json.loads(files["manifest.json"])["files"]
    if set(listed) | SIGNED_APART != set(files):
        raise Fault("the pack does not hold exactly the files it lists")
    for name, digest in listed.items():
        if sha256(files[name]) != digest:
            raise Fault(name + " was changed")


def _checkpoint(checkpoint: dict[str, Any], key: bytes) -> None:
    signed = canonical({k: v for k, v in checkpoint.items() if k != "signature"}).encode()
    if checkpoint["format"] != CHECKPOINT or checkpoint["key"] != key.hex():
        raise Fault("the checkpoint is not by this key")
    if not signature_holds(key, bytes.fromhex(checkpoint["signature"]), signed):
        raise Fault("the signature of the checkpoint does not hold")


def _chain(links: list[Any], checkpoint: dict[str, Any]) -> None:
    previous, expected = links[0]["previous"], links[0]["sequence"]
    if expected == 1 and previous != GENESIS:
        raise Fault("the first entry does not follow the beginning")
    for link in links:
        fields = canonical({name: link[name] for name in CHAINED})
        held = link["sequence"] == expected and link["previous"] == previous
        if not held or sha256((previous + fields).encode()) != link["hash"]:
            raise Fault(f"entry {link['sequence']} does not follow from the one before")
        previous, expected = link["hash"], expected + 1
    if links[-1]["sequence"] != checkpoint["sequence"] or previous != checkpoint["head"]:
        raise Fault("the chain does not end in the checkpoint")


def _contents(files: dict[str, bytes], links: list[Any], evidence: dict[str, Any]) -> dict[int, Any]:
    by_number = {link["sequence"]: link for link in links}
    contents: dict[int, Any] = {}
    redacted: set[int] = set()
    for line in files["payloads.jsonl"].splitlines():
        row = json.loads(line)
        link = by_number[row["sequence"]]
        if sha256((row["salt"] + row["body"]).encode()) != link["payload_digest"]:
            raise Fault(f"the content of entry {row['sequence']} was changed")
        contents[row["sequence"]] = json.loads(row["body"])
        if link["kind"] in ("redaction", "retention"):
            body = contents[row["sequence"]]
            redacted.update([body["entry"]] if "entry" in body else [])
            for first, last in body.get("entries", []):
                redacted.update(range(first, last + 1))
    for number in evidence["entries"]:
        if number not in by_number or (number not in contents and number not in redacted):
            raise Fault(f"entry {number} is listed but its content is neither there nor redacted")
    if evidence["asked"] not in evidence["entries"]:
        raise Fault("the entry that was asked for is not in the pack")
    return contents


def main() -> int:
    """Verify the named pack and say what holds."""
    parser = argparse.ArgumentParser(description="Verify an evidence pack offline.")
    parser.add_argument("pack")
    parser.add_argument("--key", required=True, help="the bank's public key, 64 hexadecimal digits")
    named = parser.parse_args()
    try:
        found = verify_pack(Path(named.pack).read_bytes(), named.key.strip().lower())
    except (Fault, OSError) as error:
        print(f"DOES NOT HOLD: {error}")
        return 1
    links = {link["sequence"]: link for link in found["links"]}
    print(f"HOLDS: every byte of the pack, {len(links)} links of the chain")
    print("checkpoint of entry {sequence} signed {at} by {key}".format(**found["checkpoint"]))
    for number in found["evidence"]["entries"]:
        link = links[number]
        state = "" if number in found["contents"] else "  (content redacted)"
        print(f"{link['sequence']:8}  {link['at']}  {link['kind']:10} {link['actor']}{state}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
