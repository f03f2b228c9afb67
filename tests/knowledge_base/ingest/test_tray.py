"""The tray: whole or not at all, never more than there is room for, and no name that does harm."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.errors import InputError
from knowledge_base.ingest.tray import Tray, clean_name

NOW = datetime(2026, 11, 22, 10)


@pytest.fixture
def tray(tmp_path):
    return Tray(tmp_path / "tray", 100, 150)


def put(tray, name="a.txt", content=b"x", by="chen"):
    with tray.receive(name, by, NOW) as arriving:
        arriving.write(content)
    return next(p for p in reversed(tray.parcels()) if p.name == name)


def test_a_file_waits_as_it_came(tray):
    parcel = put(tray, "办法.txt", "第一条".encode())
    assert (parcel.name, parcel.by, parcel.size, parcel.stage) == ("办法.txt", "chen", 9, "arrived")
    assert tray.file(parcel).read_bytes() == "第一条".encode()
    assert tray.get(parcel.id) == parcel


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\temp\\办法.docx", "办法.docx"),
        ("/abs/x.md", "x.md"),
        ('<img src=x onerror="a">.txt', "_img src=x onerror=_a__.txt"),
        ("a\x00\n\u202etxt.md", "atxt.md"),
        (".hidden.txt", "hidden.txt"),
        ("..", "_"),
        ("", "_"),
        ("a/", "a"),
    ],
)
def test_names_lose_what_could_do_harm(told, kept):
    assert clean_name(told) == kept


@given(st.text(max_size=60))
def test_a_clean_name_stays_as_it_is_and_stays_in_its_folder(told):
    name = clean_name(told)
    assert clean_name(name) == name
    assert not set(name) & set("/\\<>\x00\n")
    assert name not in (".", "..")


def test_too_long_a_name_is_refused_and_not_cut_to_anothers(tray):
    with pytest.raises(InputError, match="too long"):
        put(tray, "长" * 90 + ".txt")


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [("a.txt", b"x" * 101, "larger"), ("a.txt", b"", "empty"), ("a.exe", b"MZ", "not read"), ("a.docm", b"x", "docx")],
)
def test_what_is_refused_leaves_nothing(tray, name, content, match):
    with pytest.raises(InputError, match=match):
        put(tray, name, content)
    assert tray.parcels() == ()
    assert list(tray.folder.glob("*")) == []


def test_there_is_only_so_much_room_for_what_waits(tray):
    first = put(tray, "a.txt", b"x" * 90)
    with pytest.raises(InputError, match="no room"):
        put(tray, "b.txt", b"x" * 90)
    tray.drop(first.id)
    put(tray, "b.txt", b"x" * 90)


def test_a_transfer_that_breaks_off_leaves_nothing(tray):
    def broken_off():
        with tray.receive("a.txt", "chen", NOW) as arriving:
            arriving.write(b"x")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert list(tray.folder.glob("*")) == []


def test_a_full_disk_is_one_line(tray, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("knowledge_base.ingest.tray.os.fsync", full)
    with pytest.raises(InputError, match="No space left"):
        put(tray)
    assert tray.parcels() == ()


def test_the_file_goes_when_nothing_is_left_to_do_and_a_dropped_parcel_stays_dropped(tray):
    parcel = put(tray)
    tray.change(replace(parcel, stage="done"))
    assert tray.get(parcel.id).stage == "done"
    assert not tray.file(parcel).exists()
    tray.drop(parcel.id)
    tray.change(replace(parcel, stage="asked"))
    assert tray.get(parcel.id) is None


def test_no_id_leads_elsewhere(tray):
    put(tray)
    for identity in ("../tray", "", "x", "20261122100000-00000000/../x"):
        assert tray.get(identity) is None
        tray.drop(identity)
    assert len(tray.parcels()) == 1


def test_a_damaged_note_is_left_out(tray):
    parcel = put(tray)
    note = tray.folder / parcel.id / "parcel.json"
    note.write_text(note.read_text().replace("a.txt", "../../a.txt"))
    assert tray.parcels() == ()


def test_what_never_arrived_is_cleared_away_after_an_hour(tray):
    old, young = tray.folder / "coming-old", tray.folder / "coming-young"
    for draft in (old, young):
        draft.mkdir(parents=True)
    os.utime(old, (time.time() - 7200, time.time() - 7200))
    with tray.working():
        assert (old.exists(), young.exists()) == (False, True)


def test_what_was_done_a_week_ago_is_no_longer_told_and_what_waits_stays(tray):
    done, waiting = put(tray, "a.txt"), put(tray, "b.txt")
    tray.change(replace(done, stage="done"))
    for parcel in (done, waiting):
        os.utime(tray.folder / parcel.id, (time.time() - 8 * 86400, time.time() - 8 * 86400))
    with tray.working():
        assert [p.id for p in tray.parcels()] == [waiting.id]
