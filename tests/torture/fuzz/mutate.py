"""Changes that know nothing of what they change: bytes, pieces and lines."""

from __future__ import annotations

import random
from collections.abc import Sequence

LENGTHS = (0, 1, 2, 7, 255, 256, 4095, 65_536)
_TEXTS = (
    "\x00", "\ufeff", "\ud800", "\udfff", "\u202e", "\u200b", "\U000e0041", "👨‍👩‍👧", "é", "ﷺ", "㍿", "①", "１２", "١٢", "\r", "\r\n",
    "\n\n", "\t", "\x0b\x0c\x85", "\u2028", "9" * 400, "-1", "1e999", "NaN", "2147483648", "18446744073709551616", "0000-00-00",
    "9999年12月31日", "第一条", "第" * 300 + "条", "（一）", "亿" * 60, "百分之" * 30, "|", "| --- |", "#" * 40, "```", "，", "：", '"', "'",
)  # fmt: skip
NASTY = (
    *(text.encode("utf-8", "surrogatepass") for text in _TEXTS),
    b"\xff", b"\xfe\xff", b"\xff\xfe", b"\x80", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x81\x30\x81",
)  # fmt: skip
"""Pieces that readers stumble over, whatever they read."""


def changed(data: bytes, chance: random.Random, others: Sequence[bytes], words: Sequence[bytes] = ()) -> bytes:
    """One to six changes, of bytes, pieces or lines; `words` are those of the format."""
    for _ in range(1 + int(chance.expovariate(0.7))):
        data = chance.choice(_WAYS)(data, chance, others, words)
    return data


def flipped(data: bytes, chance: random.Random, many: int = 8) -> bytes:
    """Some bits the other way round."""
    kept = bytearray(data)
    for _ in range(chance.randint(1, many) if kept else 0):
        kept[chance.randrange(len(kept))] ^= 1 << chance.randrange(8)
    return bytes(kept)


def cut(data: bytes, chance: random.Random) -> bytes:
    """The end gone."""
    return data[: chance.randrange(len(data) + 1)]


def _flip(data: bytes, chance: random.Random, _others: Sequence[bytes], _words: Sequence[bytes]) -> bytes:
    return flipped(data, chance)


def _cut(data: bytes, chance: random.Random, _others: Sequence[bytes], _words: Sequence[bytes]) -> bytes:
    return cut(data, chance)


def _span(data: bytes, chance: random.Random) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + int(chance.expovariate(1 / 24)))


def _drop(data: bytes, chance: random.Random, _others: Sequence[bytes], _words: Sequence[bytes]) -> bytes:
    start, end = _span(data, chance)
    return data[:start] + data[end:]


def _repeat(data: bytes, chance: random.Random, _others: Sequence[bytes], _words: Sequence[bytes]) -> bytes:
    start, end = _span(data, chance)
    times = chance.choice((2, 3, 50)) if chance.random() < 0.9 else 2000
    return data[:start] + data[start:end] * times + data[end:]


def _insert(data: bytes, chance: random.Random, _others: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    start, end = _span(data, chance)
    pieces = words if words and chance.random() < 0.6 else NASTY
    return data[:start] + chance.choice(pieces) + data[start if chance.random() < 0.5 else end :]


def _splice(data: bytes, chance: random.Random, others: Sequence[bytes], _words: Sequence[bytes]) -> bytes:
    other = chance.choice(others) if others else data
    start, end = _span(other, chance)
    at = chance.randrange(len(data) + 1)
    return data[:at] + (other[start:end] if chance.random() < 0.5 else other[start:])


def _lines(data: bytes, chance: random.Random, _others: Sequence[bytes], _words: Sequence[bytes]) -> bytes:
    lines = data.split(b"\n")
    a, b = chance.randrange(len(lines)), chance.randrange(len(lines))
    match chance.randrange(4):
        case 0:
            lines[a], lines[b] = lines[b], lines[a]
        case 1:
            lines.insert(a, lines[b])
        case 2:
            del lines[a]
        case _:
            lines[a] = lines[a] + lines[b]
    return b"\n".join(lines)


def _long(data: bytes, chance: random.Random, _others: Sequence[bytes], _words: Sequence[bytes]) -> bytes:
    start, end = _span(data, chance)
    piece = data[start:end][:8] or b"x"
    return data[:start] + piece * (chance.choice(LENGTHS) // len(piece)) + data[end:]


_WAYS = (_flip, _flip, _cut, _drop, _repeat, _insert, _insert, _insert, _splice, _lines, _long)
