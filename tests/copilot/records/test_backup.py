"""Backup beside a running desk, and restore: all of it comes back, damage is refused, nothing is overwritten."""

from __future__ import annotations

import io
import json
import random
import sqlite3
import tarfile
import threading
from contextlib import suppress

import pytest

from copilot.backup import back_up, restore
from copilot.errors import ChainBroken, CopilotError, InputError
from copilot.records import ConversationStore, RecordStore, SessionStore, UserStore, open_database
from copilot.records.conversations import StoredMessage
from copilot.records.keys import make_key
from copilot.settings import RecordSettings, Settings
from tests.copilot.records.stories import AT, tell


@pytest.fixture
def settings(tmp_path, url):
    data = tmp_path / "data"
    for name, text in {
        "content/bank.yaml": "name: 澜江银行\n",
        "shelf/papers/1.txt": "{}",
        "shelf/originals/a.pdf": "%PDF",
        "values.json": "{}",
        "model.json": '{"path": "m.gguf"}',
        "index/1/x": "not kept",
    }.items():
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text(text, encoding="utf-8")
    make_key(data / "record.key")
    return Settings(data=data, record=RecordSettings(url=url))


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('bank = "本行"\n', encoding="utf-8")
    return path


@pytest.fixture
def filled(engine, record):
    tell(record, "c-1")
    UserStore(engine).add("li", "advisor", "李经理", "a-good-password")
    desk = ConversationStore(engine)
    desk.save("c-1", "li", {"name": "王姐"}, AT)
    desk.add("c-1", "li", [StoredMessage("customer", "在吗", AT), StoredMessage("advisor", "在的", AT)])
    return record


@pytest.fixture
def kept(settings, config, engine, filled, tmp_path):
    back_up(settings, config, engine, tmp_path / "kept.tar.gz")
    return tmp_path / "kept.tar.gz"


def same_record(there: str, before: RecordStore) -> None:
    opened = open_database(there)
    assert list(RecordStore(opened).links()) == list(before.links())
    assert SessionStore(opened).sign_in("li", "a-good-password").user.display == "李经理"
    desk = ConversationStore(opened)
    assert [m.text for m in desk.get("c-1", "li").messages] == ["在吗", "在的"]
    desk.add("c-1", "li", [StoredMessage("customer", "好", AT)])  # numbers go on after those copied
    RecordStore(opened).append("k", "a", "c", {})
    assert RecordStore(opened).verify().ok
    opened.dispose()


def test_all_of_it_comes_back(kept, filled, tmp_path):
    done = restore(kept, tmp_path / "new")
    assert (done.record.entries, done.files) == (6, 7)
    names = {p.relative_to(tmp_path / "new").as_posix() for p in (tmp_path / "new").rglob("*") if p.is_file()}
    assert names == {
        "record.db",
        "content/bank.yaml",
        "shelf/papers/1.txt",
        "shelf/originals/a.pdf",
        "values.json",
        "model.json",
        "advisor-copilot.toml",
    }
    assert (tmp_path / "new/content/bank.yaml").read_text(encoding="utf-8") == "name: 澜江银行\n"
    same_record(f"sqlite:///{tmp_path / 'new' / 'record.db'}", filled)
    assert kept.stat().st_mode & 0o777 == 0o600


def test_a_record_moves_between_databases(kept, filled, tmp_path, server):
    there = server.fresh()
    assert restore(kept, tmp_path / "new", there).record.entries == 6
    assert not (tmp_path / "new" / "record.db").exists()
    same_record(there, filled)
    with pytest.raises(InputError, match="not empty"):
        restore(kept, tmp_path / "another", there)
    assert not (tmp_path / "another").exists()


def test_a_backup_beside_writers_holds_what_was_acknowledged_before(settings, engine, filled, tmp_path):
    stop, written = threading.Event(), []

    def write() -> None:
        while not stop.is_set():
            written.append(filled.append("k", "a", "c", {}).sequence)

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for i in range(4):
            before = max(written, default=0)
            found = back_up(settings, None, engine, tmp_path / f"{i}.tar.gz")
            assert found.record.entries >= before
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert restore(tmp_path / "3.tar.gz", tmp_path / "new").record.ok
    assert not list(tmp_path.glob(".*"))


def test_nothing_is_overwritten(kept, settings, engine, tmp_path):
    before = kept.read_bytes()
    with pytest.raises(InputError, match="exists already"):
        back_up(settings, None, engine, kept)
    assert kept.read_bytes() == before
    with pytest.raises(InputError, match="not empty"):
        restore(kept, settings.data)
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="not empty"):
        restore(kept, tmp_path / "file")
    (tmp_path / "empty").mkdir()
    assert restore(kept, tmp_path / "empty").record.ok


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
class TestDamage:
    def test_changed_bits_are_found_or_harmless_and_leave_nothing_behind(self, kept, tmp_path):
        good, chance, outcomes = kept.read_bytes(), random.Random(5), {"found": 0, "harmless": 0}
        restore(kept, tmp_path / "good")
        wanted = contents(tmp_path / "good")
        for i in range(300):
            place = chance.randrange(len(good))
            kept.write_bytes(good[:place] + bytes([good[place] ^ 1 << chance.randrange(8)]) + good[place + 1 :])
            into = tmp_path / f"r{i}"
            with suppress(CopilotError):
                restore(kept, into)
            outcomes["harmless" if into.exists() else "found"] += 1
            assert not into.exists() or contents(into) == wanted
        print(f"300 bits changed in a backup of {len(good)} bytes: {outcomes}")
        assert outcomes["found"] > 250
        assert not list(tmp_path.glob(".*"))

    def test_a_file_cut_short_is_refused(self, kept, tmp_path):
        good = kept.read_bytes()
        for size in (0, 1, 10, len(good) // 2, len(good) - 200):
            kept.write_bytes(good[:size])
            with pytest.raises(InputError):
                restore(kept, tmp_path / "new")

    @pytest.mark.parametrize(
        "said", [b"", b"[]", b"{}", b'{"format":"advisor-copilot backup 1","entries":1,"hea$":"","files":{}}']
    )
    def test_a_manifest_that_says_too_little_is_refused(self, kept, tmp_path, said):
        with tarfile.open(kept, "w:gz") as archive:
            about = tarfile.TarInfo("manifest.json")
            about.size = len(said)
            archive.addfile(about, io.BytesIO(said))
        with pytest.raises(InputError, match="damaged, or no backup"):
            restore(kept, tmp_path / "new")
        assert not (tmp_path / "new").exists()

    def test_a_manifest_of_another_record_is_refused(self, kept, tmp_path):
        restore(kept, tmp_path / "first")
        with tarfile.open(kept, "r:gz") as archive:
            files = {m.name: archive.extractfile(m).read() for m in archive}
        files["manifest.json"] = json.dumps(json.loads(files["manifest.json"]) | {"head": "f" * 64}).encode()
        with tarfile.open(tmp_path / "other.tar.gz", "w:gz") as archive:
            for name, data in files.items():
                about = tarfile.TarInfo(name)
                about.size = len(data)
                archive.addfile(about, io.BytesIO(data))
        with pytest.raises(InputError, match="not the one that was kept"):
            restore(tmp_path / "other.tar.gz", tmp_path / "new")

    def test_a_record_that_does_not_hold_is_not_kept(self, settings, engine, filled, tmp_path):
        with sqlite3.connect(tmp_path / "record.db") as database:
            database.execute("UPDATE payloads SET body = '{}' WHERE sequence = 2")
        with pytest.raises(ChainBroken):
            back_up(settings, None, engine, tmp_path / "kept.tar.gz")
        assert not list(tmp_path.glob("*.tar.gz"))


class TestHostile:
    @pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "a/../../evil", "content//x", "content/./x"])
    def test_a_name_that_leaves_the_folder_is_refused(self, tmp_path, name):
        with tarfile.open(tmp_path / "evil.tar.gz", "w:gz") as archive:
            about = tarfile.TarInfo(name)
            about.size = 1
            archive.addfile(about, io.BytesIO(b"x"))
        with pytest.raises(InputError, match="nothing a backup holds"):
            restore(tmp_path / "evil.tar.gz", tmp_path / "new")

    @pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE])
    def test_what_is_no_plain_file_is_refused(self, tmp_path, kind):
        with tarfile.open(tmp_path / "evil.tar.gz", "w:gz") as archive:
            about = tarfile.TarInfo("record.db")
            about.type, about.linkname = kind, "/etc/passwd"
            archive.addfile(about)
        with pytest.raises(InputError):
            restore(tmp_path / "evil.tar.gz", tmp_path / "new")


def contents(folder) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
