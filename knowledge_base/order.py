"""The order of the best passages, by small trees that weigh together what speaks for each of them (LambdaMART).

The first look adds up. The trees have learnt what a sum cannot say: that the second answer stands near the first and is told
together with it, how much a product counts where none is named, that a short question is to be read by its ways of asking.
They put in order only what the first look found, and say nothing of whether it answers.
"""

from __future__ import annotations

from functools import cached_property
from io import BytesIO
from pathlib import Path

import numpy as np

from copilot.bundle import demand_whole
from copilot.errors import SettingsError
from copilot.reading.trees import Trees, trees_from
from copilot.sealed import Sealed
from knowledge_base.second import Second, signs

NOTE, TREES, NAME = "order.json", "trees.npz", "order"
_FIX = "restore the folder from the release, or make it with `python -m training.train_order`"


class Order:
    """Puts the passages of a first look in order. The file loads at the first question."""

    def __init__(self, folder: Path) -> None:
        """SettingsError when the bundled folder is not as released."""
        demand_whole(folder)
        self.folder = folder

    def __call__(self, look: Second) -> list[int]:
        """The passages' numbers, best first."""
        return [int(i) for i in np.argsort(-self._trees(signs(look)), kind="stable")]

    @cached_property
    def _trees(self) -> Trees:
        sealed = Sealed(self.folder, NOTE, _FIX)
        with np.load(BytesIO(sealed.read(TREES)), allow_pickle=False) as arrays:
            kept = {name: arrays[name] for name in arrays.files}
        try:
            return trees_from(kept, NAME)
        except KeyError as error:
            raise SettingsError(f"{self.folder / TREES}: made by another version; {_FIX}") from error
