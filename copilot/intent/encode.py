"""From a message and its history to what the classifier reads: characters with their sounds, and character n-grams.

Training and serving encode here, so that they cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from copilot.reading.normalise import fold_character
from copilot.types import Turn

PAD, UNKNOWN, START, BREAK, MASK = range(5)
SPECIALS = 5
MESSAGE, ADVISOR, BEFORE = 112, 40, 24
"""Characters read of the message, of the advisor's last turn and of the customer's turn before that."""
LENGTH = MESSAGE + ADVISOR + BEFORE + 4
_HEAD = 48


@dataclass(frozen=True)
class Encoded:
    """Parallel rows: character, sound and segment ids."""

    chars: list[int]
    sounds: list[int]
    segments: list[int]


@dataclass(frozen=True)
class Alphabet:
    """Known characters and sounds; the ids below `SPECIALS` are kept for marks."""

    chars: Mapping[str, int]
    sounds: Mapping[str, int]
    sound_of: Mapping[str, str]

    def char(self, character: str) -> int:
        """The id of a character."""
        return self.chars.get(character, UNKNOWN)

    def sound(self, character: str) -> int:
        """The id of a character's sound; known for many characters that are not."""
        return self.sounds.get(self.sound_of.get(character, ""), UNKNOWN)


def fold(text: str) -> str:
    """One spelling a character: simplified, lower case, every digit 0, spaces as they are, emoji kept."""
    out = []
    for character in text:
        folded = fold_character(character)
        if folded == "\ue000":
            folded = character
        out.append("0" if folded.isdigit() else folded)
    return "".join(out).strip()


def clip(text: str, size: int) -> str:
    """Head and tail of a long text: the wish stands at either end."""
    if len(text) <= size:
        return text
    head = min(_HEAD, size // 2)
    return text[:head] + text[head - size :]


def context(history: Sequence[Turn]) -> tuple[str, str]:
    """The advisor's last turn, and what the customer said before it."""
    advisor = next((i for i in range(len(history) - 1, -1, -1) if history[i].role == "advisor"), None)
    if advisor is None:
        said = next((t.text for t in reversed(history) if t.role == "customer"), "")
        return "", fold(said)
    before = next((t.text for t in reversed(history[:advisor]) if t.role == "customer"), "")
    return fold(history[advisor].text), fold(before)


def encode(alphabet: Alphabet, text: str, history: Sequence[Turn] = ()) -> Encoded:
    """Ids of a message and what came before it."""
    advisor, before = context(history)
    chars, sounds, segments = [START], [START], [0]
    for segment, (part, size) in enumerate(((fold(text), MESSAGE), (advisor, ADVISOR), (before, BEFORE))):
        if segment and not part:
            continue
        piece = clip(part, size) if segment == 0 else part[-size:]
        for character in piece:
            chars.append(alphabet.char(character))
            sounds.append(alphabet.sound(character))
            segments.append(segment)
        chars.append(BREAK)
        sounds.append(BREAK)
        segments.append(segment)
    return Encoded(chars, sounds, segments)


def grams(text: str, history: Sequence[Turn] = ()) -> list[str]:
    """Character n-grams of one to four of the message, and of one and two of the advisor's last turn, marked."""
    advisor, _ = context(history)
    return [*_grams(f" {clip(fold(text), MESSAGE)} ", 4), *("‹" + g for g in _grams(advisor[-ADVISOR:], 2))]


def _grams(text: str, longest: int) -> Iterator[str]:
    for size in range(1, longest + 1):
        for start in range(len(text) - size + 1):
            yield text[start : start + size]
