"""Reads what a GGUF says of itself, without llama.cpp and without its weights."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from copilot.errors import SettingsError

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_LONGEST = 16 * 1024 * 1024
_MOST = 65_536


@dataclass(frozen=True)
class Header:
    """What matters of a GGUF's metadata. `layers`, `width`, `kv_width` are 0 where the file does not say."""

    name: str
    architecture: str
    context: int
    layers: int
    kv_width: int
    tensors: int
    chat_template: bool
    bytes: int
    parts: int = 1


def read_header(path: Path) -> Header:
    """Check magic and version and read the metadata; SettingsError with one line for anything else."""
    try:
        with path.open("rb") as file:
            return _read(file, path.stat().st_size)
    except OSError as error:
        raise SettingsError(f"{path}: the model file cannot be read ({error.strerror}); correct model.path") from error
    except (ValueError, struct.error) as error:
        raise SettingsError(f"{path}: not a usable GGUF ({error}); fetch the file again or name another") from error


def _read(file: BinaryIO, size: int) -> Header:
    if file.read(4) != _MAGIC:
        raise ValueError("it does not begin with GGUF")
    version, tensors, pairs = _unpack(file, "<IQQ")
    if version not in _VERSIONS:
        raise ValueError(f"version {version} is unknown")
    if pairs > _MOST or not 0 < tensors <= _MOST:
        raise ValueError("its counts make no sense")
    values: dict[str, Any] = {}
    for _ in range(pairs):
        key = _string(file)
        (kind,) = _unpack(file, "<I")
        values[key] = _value(file, kind)
    architecture = str(values.get("general.architecture") or "")
    if not architecture:
        raise ValueError("its metadata names no architecture")

    def number(key: str) -> int:
        found = values.get(f"{architecture}.{key}", 0)
        return int(found) if isinstance(found, int | float) else 0

    heads = number("attention.head_count")
    head = number("attention.key_length") or (number("embedding_length") // heads if heads else 0)
    return Header(
        name=str(values.get("general.name") or ""),
        architecture=architecture,
        context=number("context_length"),
        layers=number("block_count"),
        kv_width=head * (number("attention.head_count_kv") or heads),
        tensors=tensors,
        chat_template=bool(values.get("tokenizer.chat_template")),
        bytes=size,
        parts=int(values.get("split.count") or 1),
    )


def _value(file: BinaryIO, kind: int) -> Any:
    """A value; arrays are skipped and give None."""
    if kind == _STRING:
        return _string(file)
    if kind == _ARRAY:
        inner, count = _unpack(file, "<IQ")
        _skip(file, inner, count)
        return None
    if kind not in _SCALARS:
        raise ValueError(f"metadata of unknown type {kind}")
    return _unpack(file, "<" + _SCALARS[kind])[0]


def _skip(file: BinaryIO, kind: int, count: int) -> None:
    if kind in _SCALARS:
        if count > _LONGEST:
            raise ValueError("a list in its metadata is too long")
        file.seek(struct.calcsize("<" + _SCALARS[kind]) * count, 1)
        return
    if kind != _STRING:  # llama.cpp knows no list of lists either
        raise ValueError(f"a list of unknown type {kind} in its metadata")
    for _ in range(count):
        _string(file)


def _string(file: BinaryIO) -> str:
    (length,) = _unpack(file, "<Q")
    if length > _LONGEST:
        raise ValueError("a text in its metadata is too long")
    data = file.read(length)
    if len(data) < length:
        raise ValueError("it ends within its metadata")
    return data.decode("utf-8", "replace")


def _unpack(file: BinaryIO, form: str) -> tuple[Any, ...]:
    data = file.read(struct.calcsize(form))
    if len(data) < struct.calcsize(form):
        raise ValueError("it ends within its metadata")
    return struct.unpack(form, data)
