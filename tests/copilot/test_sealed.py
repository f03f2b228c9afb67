"""A bundled folder is read whole, or refused with one line that says what to do."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest

from copilot.errors import SettingsError
from copilot.sealed import Sealed


@pytest.fixture
def sealed(tmp_path):
    (tmp_path / "a.bin").write_bytes(b"as it was")
    note = {"sha256": {"a.bin": sha256(b"as it was").hexdigest()}, "more": 1}
    (tmp_path / "note.json").write_text(json.dumps(note), encoding="utf-8")
    return Sealed(tmp_path, "note.json", "run `make it`")


def test_a_whole_folder_is_read(sealed):
    assert sealed.read("a.bin") == b"as it was"
    assert sealed.said["more"] == 1


def test_a_changed_file_is_refused(sealed):
    (sealed.folder / "a.bin").write_bytes(b"as it wos")
    with pytest.raises(SettingsError, match="does not match its recorded hash; run `make it`"):
        sealed.read("a.bin")


@pytest.mark.parametrize("name", ["a.bin", "b.bin"])
def test_a_missing_file_is_refused(sealed, name):
    (sealed.folder / "a.bin").unlink()
    with pytest.raises(SettingsError, match=r"cannot be read \(FileNotFoundError\); run `make it`"):
        sealed.read(name)


def test_a_file_the_note_does_not_name_is_refused(sealed):
    (sealed.folder / "b.bin").write_bytes(b"smuggled in")
    with pytest.raises(SettingsError, match="does not match"):
        sealed.read("b.bin")


@pytest.mark.parametrize("note", ["", "[]", "{}", '{"sha256": 3}', "null", "\ufffd{"])
def test_a_broken_note_is_refused(sealed, note):
    (sealed.folder / "note.json").write_text(note, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"note\.json: missing or broken"):
        sealed.read("a.bin")
