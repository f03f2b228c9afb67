"""Evidence packs: a third party verifies one with Python alone, and finds any change."""

from __future__ import annotations

import io
import json
import random
import subprocess
import sys

import pdfplumber
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from copilot.errors import ChainBroken, InputError
from copilot.records.checkpoint import take_checkpoint
from copilot.records.evidence import make_pack
from copilot.records.keys import make_key, public_hex
from copilot.records.verifier import EVIDENCE, Fault, packed, sha256, signature_holds, unpacked, verify_pack
from tests.copilot.records.stories import tell

TRIED = 2000


@pytest.fixture
def key(tmp_path):
    return make_key(tmp_path / "record.key")


@pytest.fixture
def story(record):
    tell(record, "c-0")
    found = tell(record, "c-1")
    tell(record, "c-2")
    return found


@pytest.fixture
def pack(record, story, key):
    return make_pack(record, story["release"], key)


@pytest.mark.parametrize("step", ["proposal", "candidate", "held", "referral", "decision", "release"])
def test_any_step_gives_the_whole_message_and_no_word_of_another(record, story, key, step):
    found = verify_pack(make_pack(record, story[step], key), public_hex(key))
    assert found["evidence"] == {"asked": story[step], "entries": sorted(story.values())}
    assert set(found["contents"]) == set(story.values())
    assert found["contents"][story["release"]]["text"] == "不保本，请放心"
    files = unpacked(make_pack(record, story[step], key))
    assert not any("c-0问".encode() in data or "c-2问".encode() in data for data in files.values())


def test_a_third_party_needs_the_pack_the_key_and_python(pack, key, tmp_path):
    (tmp_path / "pack.zip").write_bytes(pack)
    (tmp_path / "verify.py").write_bytes(unpacked(pack)["verify.py"])

    def run(trusted: str) -> subprocess.CompletedProcess[str]:
        command = [
            sys.executable,
            "-I",
            "-S",
            "verify.py",
            "pack.zip",
            "--key",
            trusted,
        ]  # no installed package at hand
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    good = run(public_hex(key))
    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout.startswith("HOLDS")
    assert "release" in good.stdout
    bad = run(public_hex(Ed25519PrivateKey.generate()))
    assert (bad.returncode, bad.stdout.startswith("DOES NOT HOLD")) == (1, True)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_changed_bit_anywhere_is_found(pack, key):
    chance = random.Random(7)
    for _ in range(TRIED):
        place = chance.randrange(len(pack))
        changed = pack[:place] + bytes([pack[place] ^ 1 << chance.randrange(8)]) + pack[place + 1 :]
        with pytest.raises(Fault):
            verify_pack(changed, public_hex(key))
    print(f"{TRIED} bits changed in a pack of {len(pack)} bytes: all found")


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_pack_cut_short_or_made_longer_is_found(pack, key):
    for changed in [b"", pack[:-1], pack[: len(pack) // 2], pack + b"\0", b"\0" + pack]:
        with pytest.raises(Fault):
            verify_pack(changed, public_hex(key))


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
class TestForger:
    """One who knows the form, makes a zip file that fits, and has no key."""

    def test_any_file_left_out_changed_or_added_is_found(self, pack, key):
        files = unpacked(pack)
        for name in files:
            for forged in ({k: v for k, v in files.items() if k != name}, {**files, name: files[name] + b" "}):
                with pytest.raises(Fault):
                    verify_pack(packed(forged), public_hex(key))
        with pytest.raises(Fault, match="exactly the files"):
            verify_pack(packed({**files, "more.txt": b""}), public_hex(key))

    def test_signing_with_a_key_of_his_own_is_found(self, pack, key):
        files, own = unpacked(pack), Ed25519PrivateKey.generate()
        files["payloads.jsonl"] = files["payloads.jsonl"].replace("不保本".encode(), "保本".encode())
        resign(files, own)
        with pytest.raises(Fault, match="not signed by this key"):
            verify_pack(packed(files), public_hex(key))

    def test_even_with_the_key_the_words_must_fit_the_chain(self, pack, key):
        files = unpacked(pack)
        for name, old, new, why in [
            ("payloads.jsonl", "不保本", "保本", "content of entry"),
            ("links.jsonl", '"zhao"', '"wang"', "does not follow"),
            ("checkpoint.json", '"sequence":', '"sequence":1', "signature of the checkpoint"),
        ]:
            forged = {**files, name: files[name].replace(old.encode(), new.encode())}
            assert forged[name] != files[name]
            resign(forged, key)
            with pytest.raises(Fault, match=why):
                verify_pack(packed(forged), public_hex(key))

    def test_content_left_out_is_no_redaction(self, pack, key, story):
        files = unpacked(pack)
        rows = files["payloads.jsonl"].splitlines(keepends=True)
        files["payloads.jsonl"] = b"".join(r for r in rows if json.loads(r)["sequence"] != story["held"])
        resign(files, key)
        with pytest.raises(Fault, match="neither there nor redacted"):
            verify_pack(packed(files), public_hex(key))


def resign(files: dict[str, bytes], key: Ed25519PrivateKey) -> None:
    listed = {name: sha256(data) for name, data in files.items() if not name.startswith("manifest")}
    files["manifest.json"] = json.dumps({"files": listed}).encode()
    files["manifest.sig"] = f"{key.sign(EVIDENCE + files['manifest.json']).hex()}\n".encode()


def test_a_redacted_step_is_shown_as_such(record, story, key):
    record.redact(story["candidate"], "admin", "客户要求")
    found = verify_pack(make_pack(record, story["release"], key), public_hex(key))
    assert story["candidate"] not in found["contents"]
    assert found["contents"][19] == {"entry": story["candidate"], "reason": "客户要求"}


def test_a_checkpoint_kept_elsewhere_is_what_the_pack_is_proved_against(record, story, key):
    kept = take_checkpoint(record.links(), key)
    later = tell(record, "c-3")
    found = verify_pack(make_pack(record, story["release"], key, kept), public_hex(key))
    assert found["checkpoint"]["sequence"] == found["links"][-1]["sequence"] == kept.sequence
    with pytest.raises(InputError, match="newer"):
        make_pack(record, later["release"], key, kept)


def test_evidence_is_made_for_steps_of_a_message_only(record, story, key):
    note = record.append("import", "cli", "", {})
    for sequence in (note.sequence, 999):
        with pytest.raises(InputError):
            make_pack(record, sequence, key)


def test_a_record_that_does_not_hold_gives_no_evidence(engine, record, story, key):
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE entries SET actor = 'x' WHERE sequence = 1")
    with pytest.raises(ChainBroken):
        make_pack(record, story["release"], key)


def test_the_plain_verifier_agrees_with_the_library():
    chance = random.Random(3)
    for size in range(24):
        key, message = Ed25519PrivateKey.generate(), chance.randbytes(size)
        public, good = bytes.fromhex(public_hex(key)), key.sign(message)
        assert signature_holds(public, good, message)
        bad = bytearray(good)
        bad[chance.randrange(64)] ^= 1 << chance.randrange(8)
        assert not signature_holds(public, bytes(bad), message)
        assert not signature_holds(public, good, message + b"x")
        order = 2**252 + 27742317777372353535851937790883648493
        raised = int.from_bytes(good[32:], "little") + order  # the same signature in another form
        if raised < 2**256:
            assert not signature_holds(public, good[:32] + raised.to_bytes(32, "little"), message)


def _read(pack: bytes) -> str:
    with pdfplumber.open(io.BytesIO(unpacked(pack)["evidence.pdf"])) as document:
        return "\n".join(page.extract_text() for page in document.pages)


def test_the_pdf_tells_the_story_and_its_proof(record, story, key):
    text = _read(make_pack(record, story["release"], key))
    assert "c-1问" in text
    assert "不保本，请放心" in text
    assert record.get(story["release"]).digest in text
    assert public_hex(key) in text
    assert "c-0问" not in text


def test_a_redacted_entry_is_said_to_be_redacted_in_the_pdf(record, story, key):
    record.redact(story["candidate"], "admin", "客户要求")
    text = _read(make_pack(record, story["release"], key))
    assert "内容已按要求删除" in text
    assert "c-1问" in text
