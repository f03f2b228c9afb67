"""Which entries answer together: where one of them is found, the others are likely wanted too.

Told by questions that several entries answer: those of `asked/*.tsv`, and of `together.tsv`, whose header is `gold` and whose
lines hold the ids of entries that answer one question. A pair told more than once counts more. What is linked to the best
passages is lifted; nothing is found by its links alone.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import permutations
from pathlib import Path

import numpy as np
import numpy.typing as npt

from copilot.errors import ContentError
from knowledge_base.asked import HOLIDAY
from knowledge_base.embed import Vectors

FILE, HEADER = "together.tsv", "gold"
_SHARP = 10.0
"""How much more the best passages count than those below them."""
_SURE = 3
"""Questions from which a pair is as sure as it gets."""

Groups = tuple[tuple[str, ...], ...]


def read_together(folder: Path, known: Collection[str]) -> Groups:
    """The groups of a content folder's file, () without one; ContentError with file and line for a wrong one."""
    path = folder / FILE
    if not path.is_file():
        return ()
    try:
        header, *lines = path.read_text(encoding="utf-8").splitlines() or [""]
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError(FILE, f"cannot be read as UTF-8 ({error})") from error
    if header.strip() != HEADER:
        raise ContentError(f"{FILE}:1", f"expected the header {HEADER}")
    return tuple(_group(line, f"{FILE}:{number}", known) for number, line in enumerate(lines, 2))


def _group(line: str, where: str, known: Collection[str]) -> tuple[str, ...]:
    ids = tuple(one.strip() for one in line.split(","))
    if len(set(ids)) < 2 or len(set(ids)) < len(ids):
        raise ContentError(where, "expected at least two ids, each once, separated by commas")
    for one in ids:
        if one not in known and not one.startswith(HOLIDAY):
            raise ContentError(where, f"{one} is no document of this content")
    return ids


class Together:
    """For each document the passages of those that answer together with it, and how surely they do."""

    def __init__(
        self, groups: Iterable[Sequence[str]], units_of: Mapping[str, Sequence[int]], products: Collection[str] = ()
    ) -> None:
        """`units_of` gives the numbers of a document's passages. Two `products` are not linked: which is meant, the question says."""
        told: dict[str, Counter[str]] = {}
        for group in groups:
            for one, other in permutations(dict.fromkeys(group), 2):
                if not (one in products and other in products):
                    told.setdefault(one, Counter())[other] += 1
        self._links: dict[str, tuple[npt.NDArray[np.int64], Vectors]] = {}
        for one, others in told.items():
            pairs = [(unit, _sure(times)) for other, times in others.items() for unit in units_of.get(other, ())]
            units, surely = np.array([u for u, _ in pairs], dtype=np.int64), [s for _, s in pairs]
            self._links[one] = (units, np.array(surely, dtype=np.float32))

    def lift(self, scores: Vectors, best: Sequence[tuple[str, float]], weight: float) -> None:
        """Lift what answers together with the best (document, score), where anything else spoke for it too."""
        if not best:
            return
        shares = np.exp([_SHARP * (score - best[0][1]) for _, score in best])
        added = np.zeros_like(scores)
        for (document, _), share in zip(best, shares / shares.sum(), strict=True):
            if document in self._links:
                units, surely = self._links[document]
                added[units] += np.float32(weight * share) * surely
        scores += added * (scores > 0)

    def between(self, documents: Sequence[str], units: npt.NDArray[np.int64]) -> Vectors:
        """How surely each passage answers together with each other's document; passages × documents."""
        found = np.zeros((len(units), len(documents)), dtype=np.float32)
        for column, document in enumerate(documents):
            linked, surely = self._links.get(document, (None, None))
            if linked is not None and surely is not None:
                same = units[:, None] == linked[None, :]
                found[:, column] = (same * surely[None, :]).sum(1)
        return found


def _sure(times: int) -> float:
    return min(1.0, math.log1p(times) / math.log1p(_SURE))
