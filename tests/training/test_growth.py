"""LightGBM's trees walk in the product as they do at home."""

from __future__ import annotations

import lightgbm
import numpy as np
import pytest

from training.growth import from_lightgbm


def test_lists_are_ordered_as_lightgbm_orders_them() -> None:
    random = np.random.default_rng(4)
    rows = random.normal(size=(600, 5)).astype(np.float32)
    wanted = (rows[:, 1] + rows[:, 3] * rows[:, 0] > 0.4).astype(int)
    settings = {"objective": "lambdarank", "num_leaves": 6, "min_data_in_leaf": 5, "verbosity": -1, "seed": 1}
    booster = lightgbm.train(settings, lightgbm.Dataset(rows, wanted, group=[20] * 30), 25)
    trees = from_lightgbm(booster.dump_model()["tree_info"])
    assert trees(rows) == pytest.approx(booster.predict(rows), abs=1e-4)


def test_a_tree_of_one_leaf_adds_its_number() -> None:
    trees = from_lightgbm([{"tree_structure": {"leaf_value": 0.25}}, {"tree_structure": {"leaf_value": 0.5}}])
    assert trees(np.zeros((2, 3), dtype=np.float32)) == pytest.approx([0.75, 0.75])


def test_another_kind_of_split_is_refused() -> None:
    split = {"decision_type": "==", "split_feature": 0, "threshold": "1||2"}
    with pytest.raises(ValueError, match="=="):
        from_lightgbm([{"tree_structure": split}])
