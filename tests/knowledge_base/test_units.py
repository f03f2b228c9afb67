"""Each passage's score by its text and by its cues."""

from __future__ import annotations

import numpy as np
import pytest

from copilot.types import Kind
from knowledge_base.fuse import WEIGHTS
from knowledge_base.rows import Row
from knowledge_base.units import Cues, Kinds


def test_a_passage_counts_by_its_text_and_by_its_best_cue() -> None:
    rows = [Row(0, "a", False), Row(1, "b", False), Row(1, "c", True), Row(1, "d", True), Row(2, "e", False)]
    cues = Cues(rows)
    text, asked = cues.sides(np.array([0.1, 0.9, 0.2, 0.3, 0.5], dtype=np.float32))
    assert text.tolist() == pytest.approx([0.1, 0.9, 0.5])
    assert asked.tolist() == pytest.approx([0.1, 0.3, 0.5])
    assert (len(cues), cues.rows(1).tolist(), cues.rows(2).tolist()) == (3, [1, 2, 3], [4])


def test_without_any_cue_both_are_the_text() -> None:
    text, asked = Cues([Row(0, "a", False), Row(1, "b", False)]).sides(np.array([0.1, 0.9], dtype=np.float32))
    assert text.tolist() == asked.tolist() == pytest.approx([0.1, 0.9])


def test_scripts_are_hidden_unless_asked_for() -> None:
    told: list[Kind] = ["faq", "script", "product", "document"]
    kinds = Kinds(told, np.array([False, False, False, True]), WEIGHTS)
    assert kinds.hidden(None).tolist() == [False, True, False, False]
    assert kinds.hidden("script").tolist() == [True, False, True, True]
    assert kinds.gain.tolist() == pytest.approx([0, 0, WEIGHTS.product + WEIGHTS.unlinked, WEIGHTS.paper])
