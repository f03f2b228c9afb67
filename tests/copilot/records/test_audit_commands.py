"""`audit`, `backup` and `restore` as a person types them: one line out, one line for an error."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from copilot.cli.commands import app
from copilot.errors import ChainBroken, InputError, SettingsError
from copilot.records import RecordStore, open_database
from tests.copilot.records.stories import tell


@pytest.fixture
def house(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ADVISOR_COPILOT_DATA", str(tmp_path / "data"))
    opened = open_database(f"sqlite:///{tmp_path / 'data' / 'record.db'}")
    yield RecordStore(opened)
    opened.dispose()


def call(*typed: str) -> str:
    done = CliRunner().invoke(app, list(typed), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_from_key_to_verified_checkpoint(house, tmp_path):
    tell(house, "c-1")
    with pytest.raises(SettingsError, match="audit key"):
        call("audit", "checkpoint")
    public = call("audit", "key")
    assert call("audit", "key") == public
    call("audit", "checkpoint", "--out", "kept.json")
    with pytest.raises(InputError, match="exists already"):
        call("audit", "checkpoint", "--out", "kept.json")
    tell(house, "c-2")
    told = call("audit", "verify", "--checkpoint", "kept.json")
    assert "12 entries hold" in told
    assert "kept.json: entry 6 is as signed" in told
    assert "not shown: whether entries after 6" in told
    (tmp_path / "data" / "record.key").unlink()
    with pytest.raises(InputError, match="--trust"):
        call("audit", "verify", "--checkpoint", "kept.json")
    assert "hold" in call("audit", "verify", "--checkpoint", "kept.json", "--trust", public.strip())


def test_a_record_cut_short_is_told_by_its_first_missing_entry(house):
    tell(house, "c-1")
    call("audit", "key")
    call("audit", "checkpoint", "--out", "kept.json")
    with house._engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM payloads WHERE sequence > 4")
        connection.exec_driver_sql("DELETE FROM entries WHERE sequence > 4")
    call("audit", "verify")
    with pytest.raises(ChainBroken, match="entry 5: cut off"):
        call("audit", "verify", "--checkpoint", "kept.json")


def test_evidence_hold_retention_backup_and_restore(house, tmp_path, monkeypatch):
    found = tell(house, "c-1")
    call("audit", "key")
    assert "public key" in call("audit", "evidence", str(found["release"]), "--out", "case.zip")
    assert (tmp_path / "case.zip").read_bytes().startswith(b"PK")
    call("audit", "hold", "add", "c-1", "--reason", "法院调取")
    assert "法院调取" in call("audit", "hold", "list")
    with pytest.raises(InputError, match="keep_days"):
        call("audit", "retain")
    monkeypatch.setenv("ADVISOR_COPILOT_RECORD__KEEP_DAYS", "30")
    assert call("audit", "retain", "--dry-run").startswith("would remove 0 contents")
    call("audit", "hold", "remove", "c-1", "--reason", "已结")
    assert call("audit", "hold", "list") == ""
    assert "7 entries" not in call("backup", "kept.tar.gz")
    assert "8 entries hold" in call("restore", "kept.tar.gz", "--into", "new")
    monkeypatch.setenv("ADVISOR_COPILOT_DATA", "new")
    assert "8 entries hold" in call("audit", "verify")
