"""What a pasted chat consists of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

AsideKind = Literal["time", "recalled", "system", "empty"]
"""Lines that are no message: a time between messages, a withdrawn message, the program's own words, a head without a text."""
Shape = Literal["headed", "inline", "plain"]
"""Who speaks stands on a line of its own, before the words, or nowhere."""


@dataclass(frozen=True)
class Quote:
    """The earlier message that a reply quotes."""

    speaker: str
    text: str


@dataclass(frozen=True)
class Said:
    """One message. `first` and `last` are its lines in the paste; `speaker` is "" where the paste names nobody."""

    speaker: str
    text: str
    at: datetime | None
    first: int
    last: int
    quote: Quote | None = None
    media: bool = False
    """Whether only a placeholder was copied, such as [图片]."""


@dataclass(frozen=True)
class Aside:
    """Lines that are no message, kept so that a person can see that nothing is lost."""

    kind: AsideKind
    text: str
    first: int
    last: int


@dataclass(frozen=True)
class Pasted:
    """A chat as it was read."""

    shape: Shape
    said: tuple[Said, ...]
    asides: tuple[Aside, ...]

    @property
    def speakers(self) -> tuple[str, ...]:
        """Who speaks, in order of appearance; "" for words that nobody is named for."""
        return tuple(dict.fromkeys(message.speaker for message in self.said))
