"""Trees as exported walk like scikit-learn's, and turns are judged by trees that never met their author."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier

from copilot.intent.opinion import STATES, Opinion
from copilot.intent.weighing import CANDIDATES, Weighing, beside_rows, candidates, weighing_from
from copilot.reading.trees import trees_from
from copilot.types import INTENTS
from training.data import Message
from training.growth import from_sklearn
from training.intent_trees import Growth, Turns, grow, second_shares, unseen

K = len(INTENTS)
RANDOM = np.random.default_rng(3)


def scored(n: int) -> Opinion:
    sizes = (K, K, len(STATES), 1)
    return Opinion(*(RANDOM.normal(size=(n, size)).astype(np.float32) for size in sizes))


def said(author: str, intent: str = "complaint", secondary: tuple[str, ...] = ()) -> Message:
    return Message(intent, secondary, "calm", "钱去哪了", (), author)


def test_exported_trees_walk_like_those_they_come_from() -> None:
    rows = RANDOM.normal(size=(400, 6)).astype(np.float32)
    wanted = rows[:, 0] * rows[:, 1] > 0
    model = GradientBoostingClassifier(n_estimators=20, max_depth=3, random_state=1).fit(rows, wanted)
    share = wanted.mean()
    base = np.array([np.log(share / (1 - share))])
    trees = from_sklearn([row[0].tree_ for row in model.estimators_], model.learning_rate, base)
    assert trees(rows) == pytest.approx(model.decision_function(rows), abs=1e-4)
    assert trees(rows[:1]) == pytest.approx(trees(rows)[:1])
    assert len(trees(rows[:0])) == 0


def test_a_question_with_one_answer_grows_nothing() -> None:
    rows = np.zeros((30, 2), dtype=np.float32)
    trees = Growth(5)(rows, np.zeros(30, dtype=bool))
    assert (trees(rows) < -5).all()


def test_trees_survive_saving() -> None:
    rows = RANDOM.normal(size=(300, 4)).astype(np.float32)
    trees = Growth(8)(rows, rows[:, 2] > 0.3)
    again = trees_from(trees.arrays("x"), "x")
    assert (again(rows) == trees(rows)).all()
    with pytest.raises(KeyError):
        trees_from(trees.arrays("x"), "y")


def test_the_first_label_is_no_candidate_for_the_second() -> None:
    scores = scored(50)
    labels = candidates(scores)
    assert labels.shape == (50, CANDIDATES)
    assert not (labels == scores.intent.argmax(1)[:, None]).any()
    assert beside_rows(scores, np.zeros((50, 2)), labels, np.zeros((K, K))).shape[0] == 50 * CANDIDATES


def test_what_often_goes_together_has_the_larger_share() -> None:
    told = [said("a", "complaint", ("fee_inquiry",))] * 9 + [said("a", "complaint", ("market_view",))]
    shares = second_shares(told)[INTENTS.index("complaint")]
    assert shares[INTENTS.index("fee_inquiry")] > shares[INTENTS.index("market_view")] > shares.min()


def test_trouble_that_two_scores_tell_only_together_is_learnt_and_serves() -> None:
    scores = scored(800)
    silent = (scores.intent[:, 0] > 0) & (scores.state[:, 1] > 0)
    turns = Turns([said(f"a{i % 8}") for i in range(800)], scores, silent)
    for found in (unseen(turns, 60), grow(turns, 60)(scores, turns.extent)):
        bar = np.quantile(found.trouble[~silent, 0], 0.95)
        assert (found.trouble[silent, 0] > bar).mean() > 0.6


def test_a_weighing_is_saved_and_read_again() -> None:
    turns = Turns(
        [said(f"a{i % 4}", secondary=("fee_inquiry",) if i % 3 else ()) for i in range(200)],
        scored(200),
        RANDOM.random(200) > 0.7,
    )
    weighing = grow(turns, 6)
    again: Weighing = weighing_from(weighing.arrays())
    one = replace(
        turns.scores, **{name: getattr(turns.scores, name)[:1] for name in ("intent", "meant", "state", "trouble")}
    )
    assert again(one, turns.extent[:1]).trouble == pytest.approx(weighing(turns.scores, turns.extent).trouble[:1])
    assert (again(turns.scores, turns.extent).meant <= 1).all()
