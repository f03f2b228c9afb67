"""The signs a linear classifier of ours sees in a text, and what they weigh.

Character n-grams; words marked when a negation stands before them in their clause or a question ends it (S. Das, M. Chen
2001), so that 保证 and 不保证 are two things; and pairs of words of one clause. Training and serving read signs here, so that
they cannot differ.
"""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from copilot.errors import SettingsError

LONGEST_GRAM = 4
_REACH = 5
"""How many words of its clause a word is paired with."""
CLAUSE = re.compile(r"([^,。.!?;:\n~…]+)([,。.!?;:\n~…]*)")
_NEGATOR = re.compile("不|没|无|别|莫|冇|唔|勿|未|非|禁|拒|难|谁敢|哪|怎么可能|咋")
_DIGIT = re.compile(r"\d")


def plain(text: str) -> str:
    """A folded text as the classifier reads it: every digit a zero, so that no figure is learnt by heart."""
    return _DIGIT.sub("0", text)


def marked(text: str) -> str:
    """A plain text with its ends marked, as its n-grams are taken."""
    return f" {text} ".replace("\n", " ")


def grams(text: str) -> Iterator[str]:
    """Character n-grams of one to four, the ends marked."""
    whole = marked(text)
    for size in range(1, LONGEST_GRAM + 1):
        for start in range(len(whole) - size + 1):
            yield whole[start : start + size]


def at_the_ends(text: str) -> Iterator[str]:
    """Those of them that hold a mark."""
    whole = marked(text)
    for size in range(1, min(LONGEST_GRAM, len(whole)) + 1):
        yield whole[:size]
        if size < len(whole):
            yield whole[-size:]


def words(text: str) -> Iterator[str]:
    """Words with their negation and question marks, and pairs of words of one clause."""
    for clause in CLAUSE.finditer(text):
        yield from clause_signs(clause[1], "?" in clause[2])


def is_worded(sign: str) -> bool:
    """Whether a sign is a word or a pair of words rather than an n-gram."""
    return "\t" in sign


def clause_signs(clause: str, asked: bool) -> Iterator[str]:
    """The same of one clause without its marks; `asked` when a question mark follows."""
    import rjieba

    found: list[str] = [w for w in rjieba.cut(clause, False) if not w.isspace()]
    if not found:
        return
    mark = "?" if asked or found[-1] in ("吗", "么", "呢", "伐") else ""
    negated = False
    for at, word in enumerate(found):
        yield f"\t{'¬' if negated else ''}{mark}{word}"
        if _NEGATOR.search(word):
            negated = not negated
        for other in found[at + 1 : at + 1 + _REACH]:
            yield f"{word}\t{other}"


def signs(text: str) -> Counter[str]:
    """Everything the classifier sees of a plain text, with how often; the two kinds of sign have different forms."""
    counted = Counter(grams(text))
    counted.update(words(text))
    return counted


class Lexicon:
    """Known signs with their rarity, and one or more weights each: `<name>_signs`, `<name>_idf`, `<name>` of saved arrays."""

    def __init__(self, arrays: Mapping[str, np.ndarray], name: str) -> None:
        known = bytes(arrays[f"{name}_signs"]).decode("utf-8").split("\n")
        self.names: Sequence[str] = known
        self.worded = np.array([is_worded(sign) for sign in known], dtype=bool)
        self.idf = arrays[f"{name}_idf"].astype(np.float32)
        self.weights = arrays[name]

    @cached_property
    def place(self) -> dict[str, int]:
        """The row of each sign."""
        return {sign: i for i, sign in enumerate(self.names)}

    def weighed(self, counted: Mapping[str, int]) -> tuple[np.ndarray, np.ndarray]:
        """Rows of the known signs, in order, and their TF-IDF values, of length one together for each kind of sign."""
        place = self.place.get
        known = [(row, n) for sign, n in counted.items() if (row := place(sign)) is not None]
        if not known:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
        pairs = np.array(known, dtype=np.int64)
        rows = pairs[:, 0]
        values: np.ndarray = (1 + np.log(pairs[:, 1].astype(np.float32))) * self.idf[rows]
        worded = self.worded[rows]
        for kind in (worded, ~worded):
            length = float(np.linalg.norm(values[kind]))
            if length:
                values[kind] /= length
        return rows, values

    def known(self, counted: Mapping[str, int]) -> list[str]:
        """The known signs, in the order of `weighed`."""
        return [sign for sign in counted if sign in self.place]

    def score(self, counted: Mapping[str, int]) -> np.ndarray:
        """The weighed sum: a number, or one for each column of the weights."""
        rows, values = self.weighed(counted)
        found: np.ndarray = values @ self.weights[rows].astype(np.float32)
        return found


class Files:
    """A folder of a small model: a note in JSON and arrays, their hashes checked; read at first use."""

    def __init__(self, folder: Path, note: str, fix: str) -> None:
        self.folder, self._name, self._fix = folder, note, fix

    @cached_property
    def note(self) -> dict[str, Any]:
        """The note. SettingsError when it is missing or no note."""
        path = self.folder / self._name
        try:
            return dict(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise SettingsError(f"{path}: missing or broken ({type(error).__name__}); {self._fix}") from error

    def hash(self, name: str) -> str:
        """The recorded hash of a file, or empty."""
        return str(self.note.get("sha256", {}).get(name, ""))

    def arrays(self, name: str) -> dict[str, np.ndarray]:
        """The arrays of a file. SettingsError when it cannot be read or is not the recorded one."""
        path = self.folder / name
        try:
            data = path.read_bytes()
        except OSError as error:
            raise SettingsError(f"{path}: cannot be read ({type(error).__name__}); {self._fix}") from error
        if sha256(data).hexdigest() != self.hash(name):
            raise SettingsError(f"{path}: does not match its recorded hash; {self._fix}")
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return {key: arrays[key] for key in arrays.files}
