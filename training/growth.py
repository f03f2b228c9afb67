"""Grown trees in the form the product walks them (`copilot/reading/trees.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from copilot.reading.trees import Trees


@dataclass
class Nodes:
    """Nodes of several trees, one after the other."""

    feature: list[int] = field(default_factory=list)
    bar: list[float] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    right: list[int] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    roots: list[int] = field(default_factory=list)

    def add(self, feature: int = -1, bar: float = 0.0, value: float = 0.0) -> int:
        """The place of a new node; a leaf unless `feature` and, later, its sides are given."""
        self.feature.append(feature)
        self.bar.append(bar)
        self.left.append(0)
        self.right.append(0)
        self.value.append(value)
        return len(self.feature) - 1

    def trees(self, base: float = 0.0) -> Trees:
        """As the product walks them."""
        return Trees(
            np.array(self.feature, dtype=np.int16),
            np.array(self.bar, dtype=np.float32),
            np.array(self.left, dtype=np.int32),
            np.array(self.right, dtype=np.int32),
            np.array(self.value, dtype=np.float32),
            np.array(self.roots, dtype=np.int32),
            np.array([base], dtype=np.float32),
        )


def from_lightgbm(told: Sequence[Mapping[str, Any]]) -> Trees:
    """`told` is `tree_info` of a booster's `dump_model()`; only splits by `<=` without missing numbers."""
    nodes = Nodes()
    for tree in told:
        nodes.roots.append(len(nodes.feature))
        _grown(nodes, tree["tree_structure"])
    return nodes.trees()


def _grown(nodes: Nodes, node: Mapping[str, Any]) -> int:
    if "leaf_value" in node and "split_feature" not in node:
        return nodes.add(value=float(node["leaf_value"]))
    if node["decision_type"] != "<=":
        raise ValueError(f"a split by {node['decision_type']} is not walked")
    place = nodes.add(int(node["split_feature"]), float(node["threshold"]))
    nodes.left[place] = _grown(nodes, node["left_child"])
    nodes.right[place] = _grown(nodes, node["right_child"])
    return place


def from_sklearn(trees: Sequence[Any], step: float, base: np.ndarray) -> Trees:
    """scikit-learn's trees as the runtime walks them; with none, one leaf that adds nothing."""
    if not trees:
        nothing = np.zeros(1, dtype=np.int32)
        return Trees(nothing - 1, np.zeros(1), nothing, nothing, np.zeros(1), nothing, base)
    parts: list[list[np.ndarray]] = [[] for _ in range(5)]
    roots, size = [], 0
    for tree in trees:
        leaf = tree.children_left < 0
        found = (
            np.where(leaf, -1, tree.feature),
            tree.threshold,
            np.where(leaf, 0, tree.children_left + size),
            np.where(leaf, 0, tree.children_right + size),
            np.where(leaf, tree.value[:, 0, 0] * step, 0.0),
        )
        for part, more in zip(parts, found, strict=True):
            part.append(more)
        roots.append(size)
        size += len(leaf)
    feature, bar, left, right, value = (np.concatenate(part) for part in parts)
    return Trees(
        feature.astype(np.int16),
        bar.astype(np.float32),
        left.astype(np.int32),
        right.astype(np.int32),
        value.astype(np.float32),
        np.array(roots, dtype=np.int32),
        base,
    )
