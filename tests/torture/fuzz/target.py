"""What is fuzzed: its seeds, how they are changed, and what takes them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Take = Callable[[bytes], str]
"""An input → what came of it, in a word. Anything it raises is a fault."""


class Fault(Exception):
    """The product answered, and not as it must."""


@dataclass(frozen=True)
class Target:
    """Something that takes input. `open` is called in the process that tries it, with a folder of its own."""

    seeds: Callable[[Path], Sequence[bytes]]
    mutate: Callable[[bytes, random.Random, Sequence[bytes]], bytes]
    open: Callable[[Path], Take]
    watched: Sequence[str]
    """Packages whose branches guide the choice of inputs, where atheris is installed."""
    memory: int = 2_000_000_000
    seconds: float = 30.0
    longest: int = 120_000


def targets() -> Mapping[str, Target]:
    """Every target by name."""
    from tests.torture.fuzz import lines, papers, texts

    return {**texts.TARGETS, **papers.TARGETS, **lines.TARGETS}
