"""Near-duplicates between what models are taught on and what they are measured on: `python -m evals.leaks`.

Two texts are alike when their sets of four-character pieces, folded and without punctuation, have a Jaccard index of at least 0.8.
Only texts of at least twelve characters count, and only those mostly Chinese: labels and dates are the same everywhere. Pairs are found by prefix filtering (R. Bayardo et al. 2007): two sets that are so alike
share a piece among the rarest few of each.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from copilot.reading.normalise import fold_character
from copilot.settings import packaged
from evals.cases import CASES
from evals.lock import held

GRAM, SHORTEST, ALIKE = 4, 12, 0.8
ALLOWED = packaged("evals", "leaks_allowed.txt")
"""Training texts that anyone would write, a line each."""
_ENDINGS = (".tsv", ".jsonl", ".txt")
_HAN = re.compile(r"[\u3400-\u9fff]")
_TURN = re.compile(r"(?:^|⏎)[AC][:：]")


@dataclass(frozen=True)
class Text:
    """A text, where it stands, and its pieces."""

    where: str
    raw: str
    grams: frozenset[str]


@dataclass(frozen=True)
class Leak:
    """A training text that stands, nearly word for word, among the held-out ones."""

    taught: Text
    held: Text
    alike: float

    def __str__(self) -> str:
        return f"{self.taught.where} is {self.alike:.2f} like {self.held.where}: {self.taught.raw[:60]}"


def folded(text: str) -> str:
    """What is compared: characters folded, letters and figures alone."""
    return "".join(c for c in "".join(map(fold_character, text)).lower() if c.isalnum())


def texts(paths: Iterable[Path]) -> Iterator[Text]:
    """Every text of at least twelve characters in tables, JSON lines and plain lists, whatever their columns are called."""
    for path in paths:
        if path.suffix not in _ENDINGS:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for raw in _strings(path, line):
                plain = folded(raw)
                if len(plain) >= SHORTEST and 2 * len(_HAN.findall(plain)) > len(plain):
                    grams = frozenset(plain[i : i + GRAM] for i in range(len(plain) - GRAM + 1))
                    yield Text(f"{path.name}:{number}", raw, grams)


def _strings(path: Path, line: str) -> Iterator[str]:
    if path.suffix == ".jsonl":
        yield from _inside(json.loads(line)) if line.strip() else ()
    else:
        for cell in line.split("\t"):
            yield from _TURN.split(cell) if _TURN.match(cell) else (cell,)


def _inside(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for item in value:
                yield from _inside(item)
        case dict():
            for item in value.values():
                yield from _inside(item)


def alike(taught: Sequence[Text], held_out: Sequence[Text]) -> Iterator[Leak]:
    """Pairs at least that alike."""
    often = Counter(g for text in (*taught, *held_out) for g in text.grams)
    index: dict[str, list[Text]] = defaultdict(list)
    for text in held_out:
        for gram in _rarest(text, often):
            index[gram].append(text)
    for text in taught:
        near = {id(other): other for gram in _rarest(text, often) for other in index.get(gram, ())}
        for other in near.values():
            shared = len(text.grams & other.grams)
            likeness = shared / (len(text.grams) + len(other.grams) - shared)
            if likeness >= ALIKE:
                yield Leak(text, other, likeness)


def _rarest(text: Text, often: Counter[str]) -> list[str]:
    size = len(text.grams)
    return sorted(text.grams, key=lambda g: (often[g], g))[: size - math.ceil(ALIKE * size) + 1]


def allowed(path: Path = ALLOWED) -> frozenset[str]:
    """Folded texts that may stand on both sides."""
    return frozenset(folded(line) for line in path.read_text(encoding="utf-8").splitlines() if line[:1] != "#")


def leaks(training: Path | None = None, cases: Path = CASES) -> list[Leak]:
    """What leaked from held-out cases into training data, or the other way."""
    taught = texts(sorted(p for p in (training or packaged("training")).rglob("*") if p.is_file()))
    fine = allowed()
    return [x for x in alike(list(taught), list(texts(held(cases)))) if folded(x.taught.raw) not in fine]


def main() -> int:
    """Print what leaked, a line each; 1 when anything did."""
    found = leaks()
    for leak in found:
        print(leak)
    print(f"{len(found)} leaks", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
