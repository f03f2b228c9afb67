"""What is taken over from the build before."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knowledge_base.reuse import plan


@pytest.fixture
def before(tmp_path: Path) -> Path:
    made = plan(["甲", "乙", "甲", "丙", "丁", "戊"], None)
    made.rows.save(tmp_path)
    return tmp_path


def test_from_nothing_each_text_is_made_once() -> None:
    made = plan(["甲", "乙", "甲"], None)
    assert list(made.fresh) == [0, 1]
    assert made.places.tolist() == [0, 1, 0]
    assert made.rows.numbers.tolist() == [0, 1, 0]
    assert made.added.tolist() == [0, 1]
    assert (made.before, len(made.gone)) == (None, 0)


def test_only_new_texts_are_made(before: Path) -> None:
    made = plan(["己", "甲", "乙", "丙", "丁", "己"], before)
    assert made.before == before
    assert list(made.fresh) == [0]
    assert made.places.tolist() == [6, 0, 1, 3, 4, 6]
    assert made.rows.numbers.tolist() == [5, 0, 1, 2, 3, 5]
    assert (made.added.tolist(), made.gone.tolist()) == ([5], [4])


def test_a_number_is_never_given_to_another_text(before: Path, tmp_path: Path) -> None:
    second = plan(["甲", "乙", "丙", "丁", "己"], before)
    second.rows.save(tmp_path)
    third = plan(["甲", "乙", "丙", "丁", "己", "庚"], tmp_path)
    assert third.rows.numbers.tolist() == [0, 1, 2, 3, 5, 6]


def test_when_too_much_is_gone_all_is_made_anew(before: Path) -> None:
    made = plan(["甲", "己"], before)
    assert made.before is None
    assert (list(made.fresh), len(made.gone)) == ([0, 1], 0)


def test_nothing_new_makes_nothing(before: Path) -> None:
    made = plan(["甲", "乙", "丙", "丁", "戊"], before)
    assert (list(made.fresh), made.added.tolist(), made.gone.tolist()) == ([], [], [])
    assert np.array_equal(made.places, [0, 1, 3, 4, 5])
