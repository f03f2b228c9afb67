"""Model files: a hub on loopback that redirects, resumes, and goes wrong."""

from __future__ import annotations

import hashlib
import json
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tiny import make_tiny

from copilot.errors import InputError, SettingsError
from copilot.models import build_chat, files
from copilot.models.doctor import doctor
from copilot.models.files import PRESETS, chosen, forget, get, use
from copilot.models.gguf import read_header
from copilot.models.hashing import recorded
from copilot.settings import ModelSettings

NAME = "qwen3-4b"
FILE = PRESETS[NAME].file


@dataclass
class Hub:
    """A hub as Hugging Face's behaves: metadata on HEAD, a redirect to a store that serves ranges."""

    content: bytes
    linked: bool = True
    listed: bool = True
    ranges: bool = True
    sha256: str = ""
    cut: int = 0  # break off the first transfer after so many bytes
    status: int = 0
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    url: str = ""

    @property
    def digest(self) -> str:
        return self.sha256 or hashlib.sha256(self.content).hexdigest()

    def serve(self) -> ThreadingHTTPServer:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                self.answer()

            def do_GET(self) -> None:
                self.answer()

            def answer(self) -> None:
                hub.asked.append((self.command, self.path, self.headers.get("Range", "")))
                if hub.status:
                    self.plain(hub.status, b"no")
                elif self.path == f"/{PRESETS[NAME].repo}/resolve/main/{FILE}":
                    self.redirect()
                elif self.path == f"/api/models/{PRESETS[NAME].repo}/tree/main":
                    lfs = {"lfs": {"oid": hub.digest, "size": len(hub.content)}} if hub.listed else {}
                    self.plain(200, json.dumps([{"type": "file", "path": FILE} | lfs]).encode())
                elif self.path == "/store/blob":
                    self.blob()
                else:
                    self.plain(404, b"")

            def redirect(self) -> None:
                self.send_response(302)
                self.send_header("Location", f"http://localhost:{self.server.server_port}/store/blob")  # type: ignore[attr-defined]
                if hub.linked:
                    self.send_header("X-Linked-Etag", f'"{hub.digest}"')
                    self.send_header("X-Linked-Size", str(len(hub.content)))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def blob(self) -> None:
                asked = self.headers.get("Range", "")
                start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and hub.ranges else 0
                body = hub.content[start:]
                self.send_response(206 if start else 200)
                if start:
                    self.send_header("Content-Range", f"bytes {start}-{len(hub.content) - 1}/{len(hub.content)}")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                cut, hub.cut = hub.cut, 0
                self.wfile.write(body[:cut] if cut else body)
                if cut:
                    self.close_connection = True

            def plain(self, code: int, body: bytes) -> None:
                self.send_response(code)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def log_message(self, *_: Any) -> None: ...

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server


@pytest.fixture
def hub(tiny: Path) -> Iterator[Hub]:
    one = Hub(tiny.read_bytes())
    server = one.serve()
    yield one
    server.shutdown()
    server.server_close()


def test_fetched_verified_and_recorded(hub: Hub, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    path = get(NAME, hub.url, tmp_path, lambda done, total: seen.append((done, total)))
    assert path == tmp_path / FILE
    assert path.read_bytes() == hub.content
    assert recorded(path) == hub.digest
    assert seen[-1] == (len(hub.content), len(hub.content))
    assert list(tmp_path.glob("*.part")) == []
    chat = build_chat(ModelSettings(), path, None, None, None)
    assert chat.wait_ready(30)
    assert chat.info().sha256 == hub.digest
    chat.close()


def test_a_file_already_there_is_not_fetched_again(hub: Hub, tmp_path: Path) -> None:
    get(NAME, hub.url, tmp_path)
    hub.asked.clear()
    get(NAME, hub.url + "/", tmp_path)
    assert [method for method, *_ in hub.asked] == ["HEAD"]


def test_a_broken_connection_goes_on_where_it_stopped(hub: Hub, tmp_path: Path) -> None:
    hub.cut = 1_000_000
    assert get(NAME, hub.url, tmp_path).read_bytes() == hub.content
    assert "bytes=1000000-" in [r for _, _, r in hub.asked]


def test_an_earlier_try_is_gone_on_with(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / f"{FILE}.{hub.digest[:12]}.part").write_bytes(hub.content[:500_000])
    assert get(NAME, hub.url, tmp_path).read_bytes() == hub.content
    assert hub.asked[-1][2] == "bytes=500000-"


def test_a_store_without_ranges_begins_anew(hub: Hub, tmp_path: Path) -> None:
    hub.ranges = False
    (tmp_path / f"{FILE}.{hub.digest[:12]}.part").write_bytes(b"x" * 500_000)
    assert get(NAME, hub.url, tmp_path).read_bytes() == hub.content


def test_a_hub_without_the_header_is_asked_for_its_list(hub: Hub, tmp_path: Path) -> None:
    hub.linked = False
    assert recorded(get(NAME, hub.url, tmp_path)) == hub.digest


def one_line(message: str) -> bool:
    return "\n" not in message and len(message) < 300


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"sha256": "0" * 64}, "thrown away"),
        ({"linked": False, "listed": False}, "no SHA-256"),
        ({"status": 404}, "HTTP 404"),
        ({"status": 500}, "no SHA-256"),
    ],
    ids=["other hash", "no hash", "no file", "hub fails"],
)
def test_nothing_unverified_is_kept(hub: Hub, tmp_path: Path, wrong: dict[str, Any], match: str) -> None:
    for name, value in wrong.items():
        setattr(hub, name, value)
    with pytest.raises(SettingsError, match=match) as caught:
        get(NAME, hub.url, tmp_path)
    assert one_line(str(caught.value))
    assert list(tmp_path.iterdir()) == []


def test_without_a_network(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="by hand") as caught:
        get(NAME, "http://127.0.0.1:9", tmp_path)
    assert one_line(str(caught.value))


def test_a_full_disk(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_SPARE", 10**18)
    with pytest.raises(SettingsError, match="GB free"):
        get(NAME, hub.url, tmp_path)


def test_a_disk_that_fills_meanwhile(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(SettingsError, match="disk is full"):
        get(NAME, hub.url, tmp_path, full)


def test_an_unknown_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="qwen3-4b"):
        get("gpt-9", "http://127.0.0.1:9", tmp_path)


def test_presets_are_whole() -> None:
    for preset in PRESETS.values():
        assert preset.file.endswith(".gguf")
        assert preset.repo.count("/") == 1
        assert preset.read_per_token <= preset.bytes


# --- choosing ------------------------------------------------------------------------------------------------------


def test_a_chosen_model_is_remembered_and_forgotten(tiny: Path, tmp_path: Path) -> None:
    assert chosen(tmp_path) is None
    made = use(tiny, tmp_path / "data")
    assert chosen(tmp_path / "data") == made
    assert made.sha256 == hashlib.sha256(tiny.read_bytes()).hexdigest()
    assert (made.name, made.path) == ("tiny", str(tiny.resolve()))
    forget(tmp_path / "data")
    assert chosen(tmp_path / "data") is None


@pytest.mark.parametrize("content", [b"", b"GGUF", b"PK\x03\x04zip", b"GGUF\x09\x00\x00\x00" + b"\x01" * 40])
def test_what_is_no_gguf_is_not_chosen(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.gguf").write_bytes(content)
    with pytest.raises(SettingsError, match=r"m\.gguf: not a usable GGUF") as caught:
        use(tmp_path / "m.gguf", tmp_path / "data")
    assert one_line(str(caught.value))
    assert not (tmp_path / "data").exists()


def test_a_truncated_header(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "m.gguf").write_bytes(tiny.read_bytes()[:3000])
    with pytest.raises(SettingsError, match="ends within"):
        use(tmp_path / "m.gguf", tmp_path)


def test_a_model_without_chat_template_is_not_chosen(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="chat template"):
        use(make_tiny(tmp_path / "base.gguf", template=""), tmp_path)


def test_a_broken_record_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text("{")
    with pytest.raises(SettingsError, match="model use"):
        chosen(tmp_path)


def test_the_header_is_read_without_llama(tiny: Path) -> None:
    header = read_header(tiny)
    assert (header.name, header.architecture, header.context, header.layers) == ("tiny", "llama", 4096, 4)
    assert header.kv_width == 128
    assert header.chat_template


# --- the doctor ----------------------------------------------------------------------------------------------------


def test_the_doctor_measures(tiny: Path) -> None:
    report = doctor(tiny, ModelSettings(threads=1))
    assert report.measured is not None
    assert report.measured.tokens_per_s > 1
    assert 0 < report.memory_free <= report.memory
    assert {f.preset.name for f in report.fits} == set(PRESETS)
    assert report.problems == ()


def test_the_doctor_names_what_is_wrong(tmp_path: Path) -> None:
    report = doctor(tmp_path / "none.gguf", ModelSettings(threads=200))
    assert report.measured is None
    assert len(report.problems) == 2


def test_a_preset_too_large_does_not_fit(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    large = replace(PRESETS[NAME], bytes=10**15)
    monkeypatch.setitem(PRESETS, NAME, large)
    fits = {f.preset.name: f.fits for f in doctor(tiny, ModelSettings(threads=1)).fits}
    assert not fits[NAME]


@pytest.mark.parametrize(
    "value",
    [
        struct.pack("<I", 9) + struct.pack("<IQ", 9, 1) * 3000,  # a list of a list of a list
        struct.pack("<IIQ", 9, 10, (1 << 64) - 1),  # a list of more numbers than a file can hold
        struct.pack("<IIQ", 9, 8, 1 << 60),
        struct.pack("<IQ", 8, 1 << 62),
    ],
)
def test_a_hostile_header_is_one_line(tmp_path: Path, value: bytes) -> None:
    path = tmp_path / "bad.gguf"
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + struct.pack("<Q", 1) + b"k" + value)
    with pytest.raises(SettingsError, match="not a usable GGUF"):
        read_header(path)
