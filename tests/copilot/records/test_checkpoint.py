"""Checkpoints: what was cut off or written anew before one shows."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import delete, update

from copilot.errors import ChainBroken, InputError, RecordError, SettingsError
from copilot.records.chain import GENESIS, digest_entry
from copilot.records.checkpoint import read_checkpoint, sign, take_checkpoint, verify_against
from copilot.records.keys import load_key, make_key, public_hex
from copilot.records.tables import entries, payloads


@pytest.fixture
def key(tmp_path):
    return make_key(tmp_path / "keys" / "record.key")


@pytest.fixture
def taken(record, key):
    for i in range(8):
        record.append("k", "a", "c", {"i": i})
    return take_checkpoint(record.links(), key)


def rechain(engine, record, start: int) -> None:
    """What a forger with the whole database does: every hash from `start` on is made to fit."""
    links = list(record.links())
    previous = links[start - 2].hash if start > 1 else GENESIS
    with engine.begin() as connection:
        for link in links[start - 1 :]:  # out of the way first: hashes are unique
            connection.execute(
                update(entries).where(entries.c.sequence == link.sequence).values(previous=f"x{link.sequence}")
            )
        for link in links[start - 1 :]:
            hashed = digest_entry(
                previous, link.sequence, link.kind, link.at, link.actor, link.conversation, link.payload_digest
            )
            changed = update(entries).where(entries.c.sequence == link.sequence)
            connection.execute(changed.values(previous=previous, hash=hashed))
            previous = hashed


def test_a_record_that_grew_holds_against_an_older_checkpoint(record, taken):
    record.append("k", "a", "c", {})
    assert verify_against(record.links(), [taken]).entries == 9


def test_entries_cut_off_the_end_show(engine, record, taken):
    with engine.begin() as connection:
        connection.execute(delete(payloads).where(payloads.c.sequence > 5))
        connection.execute(delete(entries).where(entries.c.sequence > 5))
    assert record.verify().ok  # the chain alone cannot tell
    with pytest.raises(ChainBroken, match="cut off") as caught:
        verify_against(record.links(), [taken])
    assert caught.value.sequence == 6


def test_a_chain_written_anew_shows(engine, record, taken):
    with engine.begin() as connection:
        connection.execute(update(entries).where(entries.c.sequence == 3).values(actor="someone else"))
    rechain(engine, record, 3)
    assert record.verify().ok
    with pytest.raises(ChainBroken, match="rewritten"):
        verify_against(record.links(), [taken])


def test_what_came_after_the_last_checkpoint_is_the_limit(engine, record, taken):
    record.append("k", "a", "c", {})
    with engine.begin() as connection:
        connection.execute(delete(payloads).where(payloads.c.sequence == 9))
        connection.execute(delete(entries).where(entries.c.sequence == 9))
    assert verify_against(record.links(), [taken]).entries == 8


def test_a_broken_or_empty_record_is_not_signed(engine, record, key):
    with pytest.raises(RecordError, match="empty"):
        take_checkpoint(record.links(), key)
    record.append("k", "a", "c", {})
    with engine.begin() as connection:
        connection.execute(update(entries).values(actor="x"))
    with pytest.raises(ChainBroken):
        take_checkpoint(record.links(), key)


def test_content_that_vanished_without_a_word_is_found(engine, record, taken):
    with engine.begin() as connection:
        connection.execute(delete(payloads).where(payloads.c.sequence == 4))
    result = record.verify()
    assert (result.broken_at, "no entry says" in result.what) == (4, True)


class TestFiles:
    @pytest.fixture
    def file(self, taken, tmp_path):
        path = tmp_path / "checkpoint.json"
        path.write_text(taken.text, encoding="utf-8")
        return path

    def test_a_checkpoint_comes_back_as_it_was(self, file, taken, key):
        assert read_checkpoint(file, {public_hex(key)}) == taken

    def test_any_changed_byte_is_found(self, file, key):
        good, chance = file.read_bytes(), random.Random(1)
        for place in range(len(good)):
            file.write_bytes(good[:place] + bytes([good[place] ^ 1 << chance.randrange(8)]) + good[place + 1 :])
            with pytest.raises(InputError):
                read_checkpoint(file, {public_hex(key)})

    def test_a_strangers_signature_is_not_trusted(self, file, taken, key, tmp_path):
        stranger = make_key(tmp_path / "other.key")
        file.write_text(sign(stranger, taken.sequence, "f" * 64).text, encoding="utf-8")
        with pytest.raises(InputError, match="not a key you trust"):
            read_checkpoint(file, {public_hex(key)})
        file.write_text(replace(taken, key=public_hex(stranger)).text, encoding="utf-8")
        with pytest.raises(InputError, match="signature"):
            read_checkpoint(file, {public_hex(key), public_hex(stranger)})

    @pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b"{" * 9000])
    def test_what_is_no_checkpoint_is_one_line(self, file, content):
        file.write_bytes(content)
        with pytest.raises(InputError, match="not a checkpoint"):
            read_checkpoint(file, set())

    def test_the_time_is_signed_in_utc(self, key):
        assert sign(key, 1, "0" * 64, datetime.fromisoformat("2026-11-22T18:00:00+08:00")).at == (
            "2026-11-22T10:00:00+00:00"
        )


class TestKey:
    def test_only_its_owner_may_read_it_and_it_is_not_overwritten(self, tmp_path):
        path = tmp_path / "record.key"
        made = make_key(path)
        assert path.stat().st_mode & 0o777 == 0o600
        assert public_hex(load_key(path)) == public_hex(made)
        with pytest.raises(SettingsError, match="lies here already"):
            make_key(path)

    def test_a_key_others_may_read_is_refused(self, tmp_path):
        make_key(tmp_path / "record.key")
        (tmp_path / "record.key").chmod(0o644)
        with pytest.raises(SettingsError, match="chmod 600"):
            load_key(tmp_path / "record.key")

    @pytest.mark.parametrize(
        "content", [b"", b"not a key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"]
    )
    def test_what_is_no_key_is_one_line(self, tmp_path, content):
        path = tmp_path / "record.key"
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(SettingsError) as caught:
            load_key(path)
        assert "\n" not in str(caught.value)

    def test_no_key_says_how_to_make_one(self, tmp_path):
        with pytest.raises(SettingsError, match="audit key"):
            load_key(tmp_path / "none.key")
