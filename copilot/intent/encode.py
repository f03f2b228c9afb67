"""From a message and its history to what the classifier reads: four views of its characters, words, sounds and talk before.

Training and serving read here, so that they cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType

from copilot.reading.sounds import readings_of
from copilot.reading.spelling import fold
from copilot.types import Turn

MESSAGE, ADVISOR = 112, 40
"""Characters read of the message and of the advisor's last turn."""
EARLIER = 4
"""The customer's earlier turns that are read."""
VIEWS: Mapping[str, float] = MappingProxyType({"gram": 1.0, "word": 0.6, "sound": 0.4, "before": 0.6})
"""The views and how much each may say, chosen on authors kept out of training."""
_HEAD = 48
_REACH = 4
"""Words that may lie between the two of a pair."""
_HAN = ("一", "鿿")


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


def views(text: str, history: Sequence[Turn] = ()) -> dict[str, list[str]]:
    """The signs of a message under each name of `VIEWS`; no sign stands in two views."""
    said = _one_line(clip(fold(text), MESSAGE))
    advisor, before = (_one_line(part) for part in context(history))
    return {
        "gram": [*_grams(f" {said} ", 4), *("‹" + g for g in _grams(advisor[-ADVISOR:], 2))],
        "word": _worded(_words(said)),
        "sound": _heard(said),
        "before": _told_before(advisor, before, history),
    }


def _one_line(text: str) -> str:
    return text.replace("\n", "⏎")


def _grams(text: str, longest: int) -> Iterator[str]:
    for size in range(1, longest + 1):
        for start in range(len(text) - size + 1):
            yield text[start : start + size]


def _words(text: str) -> list[str]:
    import rjieba

    return [w for w in rjieba.cut(text) if w.strip()]


def _worded(words: Sequence[str]) -> list[str]:
    """Words, neighbours, and pairs with up to three words between them."""
    near = [f"w2:{a}_{b}" for a, b in pairwise(words)]
    far = [f"s2:{w}_{v}" for i, w in enumerate(words) for v in words[i + 2 : i + 1 + _REACH]]
    return [*(f"w:{w}" for w in words), *near, *far]


def _heard(text: str) -> list[str]:
    """Runs of two to four syllables: what a slip of the ear or of the keyboard leaves."""
    sounds = [readings_of(c)[0] if _HAN[0] <= c <= _HAN[1] and readings_of(c) else c for c in text]
    return [f"~{'|'.join(sounds[i : i + n])}" for n in (2, 3, 4) for i in range(len(sounds) - n + 1)]


def _told_before(advisor: str, before: str, history: Sequence[Turn]) -> list[str]:
    """Words of the advisor's last turn, of the customer's before it, of all her earlier ones and of her first."""
    hers = [clip(fold(t.text), MESSAGE) for t in history if t.role == "customer"]
    found = ["hist" if history else "nohist"]
    found += [f"hw:{w}" for w in _words(advisor[-MESSAGE:])] + [f"hb:{w}" for w in _words(clip(before, MESSAGE))]
    found += [f"o:{w}" for turn in hers[-EARLIER:] for w in _words(turn)]
    return found + ([f"f:{w}" for w in _words(hers[0])] if hers else [])
