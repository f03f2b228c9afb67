"""Folds a text to one spelling, and remembers where every folded character came from.

Folding: NFKC, traditional to simplified (OpenCC's character table), lower case, zero-width, bidirectional and variation
characters removed, emoji and separators between Han characters dropped, look-alikes and split characters joined, long runs
of one Han character shortened. `Reading.span` maps a folded span to the original, so that a finding quotes what was written.
Tables load on first use, never at import.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

HAN = "一-鿿㐀-䶿"
_SOFT = "\ue000"  # stands for a dropped separator while folding
_LOOKALIKE = {"夲": "本", "卟": "不", "伓": "不", "芣": "不", "栤": "本", "褓": "保", "葆": "保", "堡": "堡"}
_SPLIT = {
    ("亻", "呆"): "保",
    ("禾", "急"): "稳",
    ("亻", "尔"): "你",
    ("贝", "兼"): "赚",
    ("禾", "口"): "和",
    ("亻", "木"): "休",
}
_SEPARATORS = frozenset(" \t\u3000*_-~^|·•・.—–―#+=/\\`丨℡※☆★●○◆◇■□▲△→←…'")
_QUOTES = {
    "「": "“", "『": "“", "」": "”", "』": "”", "﹁": "“", "﹂": "”", "〝": "“", "〞": "”",
    "‘": "“", "’": "”", "《": "《", "》": "》", "【": "[", "】": "]", "〔": "[", "〕": "]",
    "。": "。", "｡": "。", "､": "、",
}  # fmt: skip
_SINGLES = re.compile(rf"(?<![{HAN}])([{HAN}])[,、.:;\n/]+(?=[{HAN}](?![{HAN}]))")
_TRIPLE = re.compile(r"(.)\1\1")
_WORDS_BEFORE = re.compile(rf"[{HAN}]{{2,}}$")
_WORDS_AFTER = re.compile(rf"[{HAN}]{{2,}}")
_WHOLE = frozenset(
    [
        "保本",
        "保息",
        "保收",
        "保证",
        "本金",
        "本息",
        "稳赚",
        "刚兑",
        "兜底",
        "零风",
        "风险",
        "收益",
        "安全",
        "亏钱",
        "亏损",
        "亏本",
        "赔钱",
        "包赚",
        "必涨",
        "利息",
        "存款",
        "定期",
        "验证",
        "证码",
        "密码",
        "承诺",
        "担保",
        "返现",
        "返佣",
        "提成",
        "内幕",
        "内部",
        "私下",
        "微信",
        "赎回",
        "预期",
        "年化",
        "躺赚",
        "不亏",
        "不赔",
    ]
)
_BRACKETED = re.compile(rf"(?<=[{HAN}])[(\[<“\"]([{HAN}])[)\]>”\"]|[(\[<“\"]([{HAN}])[)\]>”\"](?=[{HAN}])")


@dataclass(frozen=True)
class Reading:
    """A text as read. `starts[i]`, `ends[i]` bound, in `raw`, what became `text[i]`; `soft` are places of dropped breaks."""

    raw: str
    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    soft: frozenset[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original span of `text[start:end]`; an empty span maps to the place before it."""
        if start >= len(self.text):
            return len(self.raw), len(self.raw)
        if end <= start:
            return self.starts[start], self.starts[start]
        return self.starts[start], self.ends[end - 1]

    def folded(self, start: int, end: int) -> tuple[int, int]:
        """The folded span that covers the original `raw[start:end]`."""
        inside = [i for i in range(len(self.text)) if self.starts[i] < end and self.ends[i] > start]
        if not inside:
            place = sum(1 for s in self.starts if s < start)
            return place, place
        return inside[0], inside[-1] + 1


@lru_cache(maxsize=1)
def _simplified() -> dict[str, str]:
    """OpenCC's traditional-to-simplified table for single characters, converted in one call."""
    import opencc

    # Extension A and the unified block; one character a line keeps phrases apart.
    characters = [chr(c) for c in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))]
    converted = opencc.OpenCC("t2s").convert("\n".join(characters)).split("\n")
    return {a: b for a, b in zip(characters, converted, strict=True) if a != b}


@lru_cache(maxsize=16384)
def fold_character(character: str) -> str:
    """What one character becomes: "" when dropped, a private mark when a separator, else its folded form."""
    if character == "\n":
        return "\n"
    if character in _QUOTES:
        return _QUOTES[character]
    code = ord(character)
    category = unicodedata.category(character)
    if category in ("Cf", "Cc", "Mn", "Me", "Co", "Cn", "Cs") or 0xFE00 <= code <= 0xFE0F:
        return " " if character in "\t\r" else ("\n" if character in "\x0b\x0c\x85" else "")
    if category in ("Zl", "Zp"):
        return "\n"
    folded = unicodedata.normalize("NFKC", character)
    if len(folded) > 1 and folded.startswith(" "):  # spacing accents
        return ""
    if category == "So" and not any(c.isalnum() for c in folded):
        return _SOFT
    if category == "Sk" and 0x1F3FB <= code <= 0x1F3FF:
        return ""
    if any(0xC0 <= ord(c) <= 0x24F for c in folded):
        folded = "".join(c for c in unicodedata.normalize("NFD", folded) if unicodedata.category(c) != "Mn")
    table = _simplified()
    return "".join(_LOOKALIKE.get(s, s) for c in folded for s in table.get(c, c)).lower()


def is_han(character: str) -> bool:
    """Whether a character is Han, in the blocks the folding knows."""
    return "一" <= character <= "鿿" or "㐀" <= character <= "䶿"


class _Folder:
    """Collects folded characters with their places."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.soft: set[int] = set()
        self.pending: list[tuple[str, int]] = []
        self.breaks: list[int] = []

    def add(self, character: str, at: int) -> None:
        """Append one folded character that came from `raw[at]`."""
        out = self.out
        if self.pending:
            self.flush(is_han(character))
        if out:
            joined = _SPLIT.get((out[-1], character))
            if joined is not None:
                out[-1] = joined
                self.ends[-1] = at + 1
                return
            if len(out) >= 3 and out[-1] == character == out[-2] == out[-3] and is_han(character):
                self.ends[-1] = at + 1
                return
        out.append(character)
        self.starts.append(at)
        self.ends.append(at + 1)

    def flush(self, before_han: bool) -> None:
        """Settle separators held back: dropped between Han characters, else kept."""
        pending, self.pending = self.pending, []
        after_han = not self.out or is_han(self.out[-1])
        if after_han and before_han:
            if self.out:
                self.soft.add(len(self.out))
                if all(character == " " for character, _ in pending):
                    self.breaks.append(len(self.out))
                    self.out.append(",")
                    self.starts.append(pending[0][1])
                    self.ends.append(pending[-1][1] + 1)
            return
        for character, at in pending:
            if character == _SOFT:
                self.soft.add(len(self.out))
                continue
            if character == " " and (not self.out or self.out[-1] in " \n"):
                continue
            self.out.append(character)
            self.starts.append(at)
            self.ends.append(at + 1)


def _without(reading: Reading, drop: set[int]) -> Reading:
    """The reading without the folded characters at `drop`."""
    keep = [i for i in range(len(reading.text)) if i not in drop]
    place = {old: new for new, old in enumerate(keep)}
    soft = frozenset(place[s] for s in reading.soft if s in place)
    return Reading(
        reading.raw,
        "".join(reading.text[i] for i in keep),
        tuple(reading.starts[i] for i in keep),
        tuple(reading.ends[i] for i in keep),
        soft,
    )


@lru_cache(maxsize=1)
def _plain_letters() -> frozenset[str]:
    """Folded characters that need no second look: Han characters that are no half of a split one, digits, commas."""
    halves = {second for _, second in _SPLIT}
    return frozenset(chr(c) for c in range(0x4E00, 0xA000) if chr(c) not in halves) | frozenset("0123456789,。?!:;、")


@lru_cache(maxsize=64)
def read(text: str) -> Reading:
    """Fold a text. Every folded character knows its original place."""
    folder = _Folder()
    out, starts, ends, pending = folder.out, folder.starts, folder.ends, folder.pending
    last, plain = "", _plain_letters()
    for at, character in enumerate(text):
        folded = fold_character(character)
        if folded != last and folded in plain and not pending:  # the usual case, kept short
            out.append(folded)
            starts.append(at)
            ends.append(at + 1)
            last = folded
            continue
        last = ""
        if not folded:
            continue
        if folded == _SOFT or (len(folded) == 1 and folded in _SEPARATORS):
            pending.append((folded if folded != "\u3000" else " ", at))
            continue
        for piece in folded:
            folder.add(piece, at)
        pending = folder.pending
    if folder.pending:
        folder.flush(before_han=False)
    reading = Reading(text, "".join(folder.out), tuple(folder.starts), tuple(folder.ends), frozenset(folder.soft))
    if folder.breaks:
        reading = _settle(reading, folder.breaks)
    return _rejoin(_shorten(reading))


def _settle(reading: Reading, breaks: Sequence[int]) -> Reading:
    """Blanks between Han characters stand for a comma between two parts of speech and for nothing inside a word (保 本)."""
    text = reading.text
    drop = set()
    for at in breaks:
        before, after = _WORDS_BEFORE.search(text, max(0, at - 8), at), _WORDS_AFTER.match(text, at + 1, at + 9)
        long = before and after and len(before.group()) + len(after.group()) >= 6
        if not long or text[at - 1] + text[at + 1] in _WHOLE:
            drop.add(at)
    return _without(reading, drop) if drop else reading


def _shorten(reading: Reading) -> Reading:
    """Runs of four or more of one Han character (already capped) and of three become one."""
    text = reading.text
    if not _TRIPLE.search(text):
        return reading
    drop = {
        i
        for i in range(2, len(text))
        for i in ((i - 1, i) if text[i] == text[i - 1] == text[i - 2] and is_han(text[i]) else ())
    }
    if not drop:
        return reading
    ends = list(reading.ends)
    for i in sorted(drop, reverse=True):
        ends[i - 1] = max(ends[i - 1], ends[i])
    return _without(Reading(reading.raw, text, reading.starts, tuple(ends), reading.soft), drop)


def _rejoin(reading: Reading) -> Reading:
    """Characters set apart one by one (保,本,保,息 or 保(本)) come together."""
    drop: set[int] = set()
    for found in _SINGLES.finditer(reading.text):
        drop.update(range(found.end(1), found.end()))
    for found in _BRACKETED.finditer(reading.text):
        drop.update((found.start(), found.end() - 1))
    return _without(reading, drop) if drop else reading
