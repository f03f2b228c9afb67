"""Model files: those known by name, fetching one on a person's word, and choosing one.

Nothing here runs by itself: a download happens only when a person asks for it by name.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx

from copilot.errors import InputError, SettingsError
from copilot.models.gguf import Header, read_header
from copilot.models.hashing import record, sha256_of

HUB = "https://huggingface.co"
CHOICE = "model.json"
Progress = Callable[[int, int], None]
"""Called with bytes so far and bytes in all."""

_ATTEMPTS = 5
_SPARE = 256 * 1024 * 1024
"""Bytes left free on the disk beside the file."""
_TIMEOUT = httpx.Timeout(30.0, connect=10.0)


@dataclass(frozen=True)
class Preset:
    """A published GGUF. `bytes` is about its size, `active` about what is read for one token (less with experts)."""

    name: str
    repo: str
    file: str
    bytes: int
    licence: str
    note: str
    active: int = 0

    @property
    def read_per_token(self) -> int:
        """Bytes read from memory for one token."""
        return self.active or self.bytes


_MB = 1_000_000
PRESETS: dict[str, Preset] = {
    p.name: p
    for p in (
        Preset(
            "qwen3-0.6b", "Qwen/Qwen3-0.6B-GGUF", "Qwen3-0.6B-Q8_0.gguf", 639 * _MB, "Apache-2.0", "tries things out"
        ),
        Preset("qwen3-1.7b", "Qwen/Qwen3-1.7B-GGUF", "Qwen3-1.7B-Q8_0.gguf", 1_834 * _MB, "Apache-2.0", "a laptop"),
        Preset(
            "qwen3-4b", "Qwen/Qwen3-4B-GGUF", "Qwen3-4B-Q4_K_M.gguf", 2_497 * _MB, "Apache-2.0", "8 cores, or any GPU"
        ),
        Preset("qwen3-8b", "Qwen/Qwen3-8B-GGUF", "Qwen3-8B-Q4_K_M.gguf", 5_028 * _MB, "Apache-2.0", "a GPU of 8 GB"),
        Preset(
            "qwen3-14b", "Qwen/Qwen3-14B-GGUF", "Qwen3-14B-Q4_K_M.gguf", 9_002 * _MB, "Apache-2.0", "a GPU of 12 GB"
        ),
        Preset(
            "qwen3-30b-a3b",
            "Qwen/Qwen3-30B-A3B-GGUF",
            "Qwen3-30B-A3B-Q4_K_M.gguf",
            18_557 * _MB,
            "Apache-2.0",
            "24 GB of memory; a tenth of it is read for a token",
            2_000 * _MB,
        ),
        Preset(
            "qwen2.5-1.5b",
            "Qwen/Qwen2.5-1.5B-Instruct-GGUF",
            "qwen2.5-1.5b-instruct-q4_k_m.gguf",
            1_117 * _MB,
            "Apache-2.0",
            "the smallest that writes fair Chinese without thinking",
        ),
        Preset(
            "internlm2.5-7b",
            "internlm/internlm2_5-7b-chat-gguf",
            "internlm2_5-7b-chat-q4_k_m.gguf",
            4_714 * _MB,
            "Apache-2.0 code; see its licence for the weights",
            "a GPU of 8 GB",
        ),
        Preset(
            "granite-3.3-8b",
            "ibm-granite/granite-3.3-8b-instruct-GGUF",
            "granite-3.3-8b-instruct-Q4_K_M.gguf",
            4_943 * _MB,
            "Apache-2.0",
            "a GPU of 8 GB",
        ),
    )
}


@dataclass(frozen=True)
class Chosen:
    """The model a person chose, as kept in the data folder."""

    path: str
    sha256: str
    name: str = ""


@dataclass(frozen=True)
class Published:
    """What a hub says of a file."""

    url: str
    sha256: str
    bytes: int


# --- choosing ------------------------------------------------------------------------------------------------------


def use(path: Path, data_dir: Path) -> Chosen:
    """Check a GGUF and record it with its hash in the data folder; the next start loads it.

    SettingsError for a file that is no usable GGUF.
    """
    path = path.expanduser().resolve()
    header = usable(path)
    chosen = Chosen(str(path), sha256_of(path), header.name or path.stem)
    data_dir.mkdir(parents=True, exist_ok=True)
    part = data_dir / f"{CHOICE}.part"
    part.write_text(json.dumps(asdict(chosen), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    part.replace(data_dir / CHOICE)
    return chosen


def usable(path: Path) -> Header:
    """The header of a file a chat can be had with; SettingsError otherwise."""
    header = read_header(path)
    if header.parts > 1:
        raise SettingsError(f"{path}: one of {header.parts} parts; join them with `llama-gguf-split --merge` first")
    if not header.chat_template:
        raise SettingsError(f"{path}: has no chat template; choose an instruct or chat model")
    return header


def chosen(data_dir: Path) -> Chosen | None:
    """The model chosen with `use`, None when the bundled one is. SettingsError for a broken record."""
    note = data_dir / CHOICE
    if not note.is_file():
        return None
    try:
        return Chosen(**json.loads(note.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise SettingsError(f"{note}: cannot be read; choose the model again with `model use`") from error


def forget(data_dir: Path) -> None:
    """Go back to the bundled model."""
    (data_dir / CHOICE).unlink(missing_ok=True)


# --- fetching ------------------------------------------------------------------------------------------------------


def get(name: str, mirror: str, dest: Path, progress: Progress | None = None) -> Path:
    """Fetch a preset from a hub, go on where an earlier try stopped, verify, and record its hash beside it.

    InputError for an unknown name; SettingsError in one line when the network, the disk or the file is at fault.
    """
    preset = PRESETS.get(name.lower())
    if preset is None:
        raise InputError(
            f"{name}: unknown model; known are {', '.join(PRESETS)}, or fetch a GGUF by hand and `model use` it"
        )
    try:
        dest.mkdir(parents=True, exist_ok=True)
        with httpx.Client(timeout=_TIMEOUT, trust_env=not _on_this_machine(mirror)) as client:
            published = _published(client, mirror.rstrip("/"), preset)
            return _fetch(client, published, dest / preset.file, progress)
    except httpx.HTTPError as error:
        raise SettingsError(
            f"{mirror}: cannot be reached ({type(error).__name__}); check the network, name another mirror, or bring "
            f"{preset.file} by hand and `model use` it"
        ) from error
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        what = "the disk is full; free some space and ask again" if full else f"cannot be written ({error.strerror})"
        raise SettingsError(f"{dest}: {what}") from error


def _fetch(client: httpx.Client, published: Published, final: Path, progress: Progress | None) -> Path:
    if final.is_file() and sha256_of(final) == published.sha256:
        record(final, published.sha256)
        return final
    part = final.with_name(f"{final.name}.{published.sha256[:12]}.part")
    have = part.stat().st_size if part.exists() else 0
    free = shutil.disk_usage(final.parent).free
    if published.bytes - have + _SPARE > free:
        raise SettingsError(
            f"{final.parent}: {published.bytes / 1e9:.1f} GB needed and {free / 1e9:.1f} GB free; free some space"
        )
    _download(client, published, part, progress)
    digest = sha256_of(part)
    if digest != published.sha256:
        part.unlink()
        raise SettingsError(
            f"{final.name}: SHA-256 of what came is {digest[:12]}…, published is {published.sha256[:12]}…; it was thrown "
            "away: ask again, or another mirror"
        )
    usable(part)
    os.replace(part, final)  # noqa: PTH105 - the name says that it is atomic
    record(final, digest)
    return final


def _download(client: httpx.Client, published: Published, part: Path, progress: Progress | None) -> None:
    """Write the part until it is whole, going on after a broken connection."""
    for attempt in range(_ATTEMPTS):
        have = part.stat().st_size if part.exists() else 0
        if have == published.bytes:
            return
        if have > published.bytes:
            part.unlink()
            have = 0
        try:
            _go_on(client, published, part, have, progress)
        except httpx.HTTPStatusError:
            raise
        except httpx.HTTPError:
            if attempt == _ATTEMPTS - 1:
                raise
    if part.stat().st_size != published.bytes:
        raise SettingsError(f"{published.url}: the connection keeps breaking off; ask again to go on where it stopped")


def _go_on(client: httpx.Client, published: Published, part: Path, have: int, progress: Progress | None) -> None:
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with client.stream("GET", published.url, headers=headers, follow_redirects=True) as response:
        response.raise_for_status()
        goes_on = response.status_code == 206 and response.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        done = have if goes_on else 0
        with part.open("ab" if goes_on else "wb") as file:
            for data in response.iter_raw():
                file.write(data)
                done += len(data)
                if progress is not None:
                    progress(done, published.bytes)


def _published(client: httpx.Client, mirror: str, preset: Preset) -> Published:
    """Hash and size as the hub publishes them, from the answer to HEAD or from the list of files."""
    url = f"{mirror}/{preset.repo}/resolve/main/{preset.file}"
    where = url
    for _ in range(4):
        answer = client.head(where, follow_redirects=False)
        digest = _digest(answer.headers.get("X-Linked-Etag") or answer.headers.get("ETag", ""))
        size = answer.headers.get("X-Linked-Size") or (
            "" if answer.is_redirect else answer.headers.get("Content-Length")
        )
        if digest and size:
            return Published(url, digest, int(size))
        moved = urljoin(where, answer.headers.get("Location", ""))
        if not answer.is_redirect or urlsplit(moved).netloc != urlsplit(where).netloc:
            break
        where = moved
    if answer.status_code in (401, 403, 404):
        raise SettingsError(f"{url}: the hub does not give this file (HTTP {answer.status_code}); name another mirror")
    for entry in _listing(client, mirror, preset):
        lfs = entry.get("lfs") if isinstance(entry, dict) and entry.get("path") == preset.file else None
        if isinstance(lfs, dict) and (digest := _digest(str(lfs.get("oid", "")))):
            return Published(url, digest, int(lfs["size"]))
    raise SettingsError(
        f"{url}: the hub publishes no SHA-256 for this file, so it was not fetched; name another mirror"
    )


def _listing(client: httpx.Client, mirror: str, preset: Preset) -> list[object]:
    answer = client.get(f"{mirror}/api/models/{preset.repo}/tree/main", follow_redirects=True)
    try:
        found = answer.json() if answer.is_success else []
    except ValueError:
        found = []
    return found if isinstance(found, list) else []


def _digest(etag: str) -> str:
    """The SHA-256 in an ETag, `""` when it is none."""
    text = etag.removeprefix("W/").strip('"').removeprefix("sha256:").lower()
    return text if len(text) == hashlib.sha256().digest_size * 2 and all(c in "0123456789abcdef" for c in text) else ""


def _on_this_machine(url: str) -> bool:
    return (urlsplit(url).hostname or "") in ("localhost", "127.0.0.1", "::1")
