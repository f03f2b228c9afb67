"""Boosted regression trees at run time: arrays of nodes, walked for many rows and all trees at once. No scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np


@dataclass(frozen=True)
class Trees:
    """Nodes of all trees in one list; a row goes left where its `feature` is at most `bar`.

    `feature` is -1 at a leaf, `left` and `right` are places in the list, `roots` where each tree begins, `value` what a
    leaf adds, `base` the one number everything is added to.
    """

    feature: np.ndarray
    bar: np.ndarray
    left: np.ndarray
    right: np.ndarray
    value: np.ndarray
    roots: np.ndarray
    base: np.ndarray

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        """The score (a log-odds) of each row; n × features → n."""
        at = np.broadcast_to(self.roots, (len(rows), len(self.roots)))
        line = np.arange(len(rows))[:, None]
        while True:
            feature = self.feature[at]
            inner = feature >= 0
            if not inner.any():
                return np.asarray(self.value[at].sum(axis=1) + self.base[0])
            left = rows[line, np.maximum(feature, 0)] <= self.bar[at]
            at = np.where(inner, np.where(left, self.left[at], self.right[at]), at)

    def arrays(self, name: str) -> dict[str, np.ndarray]:
        """The arrays as saved, each under `<name>_<field>`."""
        return {f"{name}_{field.name}": getattr(self, field.name) for field in fields(self)}


def trees_from(arrays: Mapping[str, np.ndarray], name: str) -> Trees:
    """Trees as saved. KeyError where an array is missing."""
    return Trees(**{field.name: arrays[f"{name}_{field.name}"] for field in fields(Trees)})
