"""From pasted text to messages."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from copilot.pasted import heads
from copilot.pasted.asides import aside, media, quoted_lines, split_quote, unquoted
from copilot.pasted.heads import Head
from copilot.pasted.moments import day_of, moment_of
from copilot.pasted.values import Aside, Pasted, Quote, Said, Shape

ROLE_NAMES = ("客户", "我", "顾问", "customer", "client", "me", "advisor")
"""What an advisor writes before a line to say whose it is."""
_UNSEEN = re.compile(r"[\u200b-\u200f\u2060\ufeff]")
_SPACES = re.compile(r"[\u2000-\u200a\u3000\xa0\t]")
_Reader = Callable[[str, Collection[str]], Head | None]


def read_chat(text: str, now: datetime, known: Collection[str] = (), not_names: Collection[str] = ()) -> Pasted:
    """Read a paste. `known` are names of people here; `not_names` are words that a person said are none."""
    lines = [(n, line) for n, raw in enumerate(text.splitlines()) if (line := _clean(raw))]
    shape, reader, names = _shape([line for _, line in lines], {*known, *ROLE_NAMES}, not_names)
    chat, quoting = _Chat(shape, now), quoted_lines(lines)
    for n, line in lines:
        head = reader(line, names) if reader and n not in quoting else None
        if head is not None and head.name not in not_names:
            chat.begin(head, n, line)
        else:
            chat.go_on(line, n, n in quoting)
    return chat.done()


def _clean(line: str) -> str:
    return _SPACES.sub(" ", _UNSEEN.sub("", line)).strip()


def _shape(
    lines: list[str], known: Collection[str], not_names: Collection[str]
) -> tuple[Shape, _Reader | None, Collection[str]]:
    """How this paste names its speakers, what reads such a line, and the names it takes for sure."""

    def read(reader: _Reader, line: str) -> Head | None:
        head = reader(line, known)
        return head if head is not None and head.name not in not_names else None

    content = [line for line in lines if aside(line, ()) is None]
    stamped = [head for line in content if (head := read(heads.stamped, line))]
    if stamped and (read(heads.stamped, content[0]) or any(head.sure for head in stamped)):
        return "headed", heads.stamped, known
    if content and read(heads.alone, content[0]) and len(content) > 1:
        return "headed", heads.alone, known
    found = [head.name for line in content if (head := read(heads.inline, line))]
    if any(name in known for name in found if name.lower() not in ROLE_NAMES):
        return "inline", heads.inline, known
    if any(name.lower() in ROLE_NAMES for name in found):
        return "inline", _only(heads.inline), known
    repeated = {name for name in found if found.count(name) > 1}
    if repeated and content and (first := read(heads.inline, content[0])) and first.name in found:
        return "inline", heads.inline, known
    return "plain", None, known


def _only(reader: _Reader) -> _Reader:
    """A reader that takes no other names than those known: with 客户： and 我： written by hand, 问题： is no name."""

    def read(line: str, known: Collection[str]) -> Head | None:
        head = reader(line, known)
        return head if head is not None and (head.name in known or head.name.lower() in ROLE_NAMES) else None

    return read


@dataclass
class _Open:
    """The message being read; `undated` when its time came without a day."""

    speaker: str = ""
    at: datetime | None = None
    undated: bool = False
    head: tuple[int, str] | None = None
    lines: list[tuple[int, str]] = field(default_factory=list)


class _Chat:
    """Gathers messages and what stands aside, line after line."""

    def __init__(self, shape: Shape, now: datetime) -> None:
        self._shape, self._now = shape, now
        self._day: date | None = None
        self._at: datetime | None = None
        self._open = _Open()
        self._said: list[Said] = []
        self._asides: list[Aside] = []
        self._undated: set[int] = set()

    def begin(self, head: Head, n: int, line: str) -> None:
        """A line that says who speaks from here on."""
        self._close()
        at, undated = self._at, False
        if head.stamp is not None:
            self._day = day_of(head.stamp, self._now) or self._day
            at, undated = moment_of(head.stamp, self._day, self._now), self._day is None
        self._open = _Open(head.name, at, undated, (n, line))
        if head.words:
            self._open.lines.append((n, head.words))

    def go_on(self, line: str, n: int, joined: bool) -> None:
        """A line of the open message, or one that nobody said; `joined` when it belongs to a quotation above."""
        found = aside(line, {message.speaker for message in self._said} | {self._open.speaker})
        if found is not None and not joined:
            kept = _Open(self._open.speaker, self._open.at, self._open.undated)
            self._close()
            self._open = kept
            self._asides.append(Aside(found.kind, line, n, n))
            if found.stamp is not None:
                self._day = day_of(found.stamp, self._now) or self._day
                self._at = moment_of(found.stamp, self._day, self._now) or self._at
            return
        if self._shape == "plain" and self._open.lines and not joined:
            self._close()
            self._open = _Open()
        if self._shape == "plain":
            self._open.at = self._at
        self._open.lines.append((n, line))

    def done(self) -> Pasted:
        """All that was read."""
        self._close()
        for place in range(len(self._said) - 2, -1, -1):  # one after another: none is later than the next
            here, after = self._said[place], self._said[place + 1]
            if place in self._undated and here.at and after.at and here.at > after.at:
                self._said[place] = replace(here, at=here.at - timedelta(days=1))
        return Pasted(self._shape, tuple(self._said), tuple(self._asides))

    def _close(self) -> None:
        """Put the open message down."""
        held, self._open = self._open, _Open()
        if not held.lines:
            if held.head is not None:
                self._asides.append(Aside("empty", held.head[1], held.head[0], held.head[0]))
            return
        first = held.head[0] if held.head is not None else held.lines[0][0]
        lines = [line for _, line in held.lines]
        quote, taken = unquoted(lines)
        text = "\n".join(lines[taken:])
        if quote is None and (split := split_quote(text)) is not None:
            quote, text = split
        said = Said(held.speaker, text, held.at, first, held.lines[-1][0], quote, media(text))
        if held.undated:
            self._undated.add(len(self._said))
        self._said.append(said)


def quoted_of(pasted: Pasted) -> Pasted:
    """The chat with each quoted message that does not stand in it put before its reply: it was said, only not copied."""
    there = {_squeezed(message.text) for message in pasted.said}
    said: list[Said] = []
    for message in pasted.said:
        quote: Quote | None = message.quote
        if quote is not None and quote.speaker and _squeezed(quote.text) not in there:
            there.add(_squeezed(quote.text))
            said.append(Said(quote.speaker, quote.text, None, message.first, message.last))
        said.append(replace(message, quote=None))
    return replace(pasted, said=tuple(said))


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)
