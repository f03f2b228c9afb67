"""Figures of the record: how fast a million entries verify, how many commits a second reach the disk, what of tampering is found."""

from __future__ import annotations

import random
import secrets
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from copilot.errors import ChainBroken
from copilot.records import RecordStore, open_database
from copilot.records.chain import GENESIS, Link, canonical, digest_entry, digest_payload
from copilot.records.checkpoint import sign, verify_against
from tests.torture.record import checkpoint
from tests.torture.row import Row, busy, counted

AT = "2026-11-22T10:00:00.000"


def chained(entries: Sequence[tuple[str, object]]) -> list[Link]:
    """Links as the record makes them, of kinds and payloads."""
    links: list[Link] = []
    previous = GENESIS
    for number, (kind, payload) in enumerate(entries, 1):
        salt, body = secrets.token_hex(16), canonical(payload)
        digest = digest_payload(salt, body)
        hashed = digest_entry(previous, number, kind, AT, "li", f"c-{number % 50}", digest)
        links.append(Link(number, kind, AT, "li", f"c-{number % 50}", digest, previous, hashed, salt, body))
        previous = hashed
    return links


def verified(folder: Path, tries: int, seed: int) -> Row:
    """So many entries in SQLite, verified from the first to the last."""
    path = folder / "record.db"
    engine = open_database(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("PRAGMA synchronous=OFF")
        previous, start = GENESIS, 1
        while start <= tries:
            rows = []
            for number in range(start, min(start + 20_000, tries + 1)):
                salt, body = (
                    f"{number:032x}",
                    canonical({"i": number, "text": "这款产品不保本，收益会波动，您看一下说明书。" * 4}),
                )
                digest = digest_payload(salt, body)
                hashed = digest_entry(previous, number, "release", AT, "li", f"c-{number % 500}", digest)
                rows.append((number, "release", AT, "li", f"c-{number % 500}", digest, previous, hashed, salt, body))
                previous = hashed
            database.executemany("INSERT INTO entries VALUES (?,?,?,?,?,?,?,?)", [row[:8] for row in rows])
            database.executemany("INSERT INTO payloads VALUES (?,?,?)", [(row[0], *row[8:]) for row in rows])
            start += 20_000
    checkpoint(path, "TRUNCATE")
    began, work = time.perf_counter(), time.process_time()
    result = RecordStore(engine).verify()
    took, worked = time.perf_counter() - began, time.process_time() - work
    assert (result.ok, result.entries) == (True, tries)
    engine.dispose()
    size = path.stat().st_size / 1e6
    return Row("entries verified from first to last, SQLite", tries, f"{took:.1f} s, of it {worked:.1f} s at work; {size:,.0f} MB ({busy()})")  # fmt: skip


def committed(folder: Path, tries: int, seed: int) -> Row:
    """Entries appended one after the other, each on the disk before the next."""
    engine = open_database(f"sqlite:///{folder / 'record.db'}")
    record = RecordStore(engine)
    payload = {"text": "这款产品不保本，收益会波动，您看一下说明书。" * 4}
    record.append("release", "li", "c", payload)
    began, work = time.perf_counter(), time.process_time()
    for _ in range(tries):
        record.append("release", "li", "c", payload)
    took, worked = time.perf_counter() - began, time.process_time() - work
    assert record.verify().ok
    engine.dispose()
    told = f"{tries / took:,.0f} a second; {1000 * worked / tries:.2f} ms at work each ({busy()})"
    return Row("commits one after another, each flushed to the disk (SQLite, `synchronous=FULL`)", tries, told)


def tampered(folder: Path, tries: int, seed: int) -> Row:
    """Entries before the last checkpoint edited, deleted, reordered, inserted, cut off or all written anew."""
    chance, outcomes = random.Random(seed), Counter[str]()
    key = Ed25519PrivateKey.generate()
    links = chained([("release", {"i": i, "text": "不保本"}) for i in range(120)])
    point = sign(key, 100, links[99].hash)
    assert verify_against(links, (point,)).ok
    for i in range(tries):
        name, change = CHANGES[i % len(CHANGES)]
        made = change(list(links), chance)
        assert made != links, name
        try:
            verify_against(made, (point,))
            outcomes[f"unseen: {name}"] += 1
        except ChainBroken:
            outcomes[f"found: {name}"] += 1
    assert not [o for o in outcomes if o.startswith("unseen")], outcomes
    return Row("tampering before the last checkpoint", tries, counted(outcomes), None, seed)


def _field(links: list[Link], chance: random.Random) -> list[Link]:
    at = chance.randrange(100)
    name = chance.choice(("sequence", "kind", "at", "actor", "conversation", "payload_digest", "previous", "hash"))
    value = chance.randrange(200, 300) if name == "sequence" else chance.choice(("x", "", "wang", GENESIS[:-1] + "1"))
    links[at] = replace(links[at], **{name: value})
    return links


def _body(links: list[Link], chance: random.Random) -> list[Link]:
    at = chance.randrange(100)
    links[at] = replace(links[at], body=canonical({"i": at, "text": "保本"}))
    return links


def _gone(links: list[Link], chance: random.Random) -> list[Link]:
    at = chance.randrange(100)
    links[at] = replace(links[at], body=None, salt=None)
    return links


def _deleted(links: list[Link], chance: random.Random) -> list[Link]:
    del links[chance.randrange(100)]
    return links


def _swapped(links: list[Link], chance: random.Random) -> list[Link]:
    one, other = chance.sample(range(100), 2)
    links[one], links[other] = links[other], links[one]
    return links


def _inserted(links: list[Link], chance: random.Random) -> list[Link]:
    links.insert(chance.randrange(100), links[chance.randrange(120)])
    return links


def _cut(links: list[Link], chance: random.Random) -> list[Link]:
    return links[: chance.randrange(100)]


def _anew(links: list[Link], chance: random.Random) -> list[Link]:
    """By someone who knows the rules of the chain: one entry changed, and all after it chained again."""
    at = chance.randrange(100)
    said: list[tuple[str, object]] = [
        ("release", {"i": i, "text": "保本" if i == at else "不保本"}) for i in range(120)
    ]
    made = chained(said)
    assert all(b.previous == a.hash for a, b in pairwise(made))
    return made


CHANGES: tuple[tuple[str, Callable[[list[Link], random.Random], list[Link]]], ...] = (
    ("a field edited", _field),
    ("a content edited", _body),
    ("a content removed", _gone),
    ("an entry deleted", _deleted),
    ("two entries swapped", _swapped),
    ("an entry inserted", _inserted),
    ("the end cut off", _cut),
    ("all written anew from an entry on", _anew),
)
