"""G35 by meaning: does a text give the system orders? A small linear model over the signs of messages, documents and fields.

It is trained on attacks written by people against harmless texts that look like them. What it finds is kept from the model
and told to the advisor; what it misses meets the fence of the prompt, the grammar and the guard over the output.
"""

from __future__ import annotations

import math
from functools import cached_property, lru_cache
from pathlib import Path

from copilot.reading.normalise import read
from copilot.settings import packaged
from guardrails.signs import Files, Lexicon, plain, signs

NOTE, WEIGHTS = "orders.json", "orders.npz"
LONGEST = 400
_FIX = "restore the folder from the release, or run `make train-guard`"


class Orders:
    """Tells how likely a text gives the system orders; files load at the first text."""

    def __init__(self, folder: Path) -> None:
        self._files = Files(folder, NOTE, _FIX)

    @property
    def bar(self) -> float:
        """The probability from which a text is quarantined."""
        return float(self._files.note["bar"])

    def probability(self, text: str) -> float:
        """How likely a text, as it was written, gives orders: of its parts the likeliest."""
        folded = plain(read(text).text)
        parts = [folded[start : start + LONGEST] for start in range(0, len(folded), LONGEST)]
        scale, bias = float(self._files.note["scale"]), float(self._files.note["bias"])
        scores = [scale * float(self._lexicon.score(signs(part))) + bias for part in parts if part.strip()]
        return max((1 / (1 + math.exp(-max(-30.0, min(30.0, score)))) for score in scores), default=0.0)

    def load(self) -> None:
        """Read the files now, so that a broken one stops the start. SettingsError names it."""
        _ = self.bar, self._lexicon

    @cached_property
    def _lexicon(self) -> Lexicon:
        return Lexicon(self._files.arrays(WEIGHTS), "orders")


@lru_cache(maxsize=1)
def bundled() -> Orders:
    """The bundled model."""
    return Orders(packaged("copilot", "bundled", "guard"))
