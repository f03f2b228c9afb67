"""People's verdicts on what was heard, and the weights fitted to them."""

from __future__ import annotations

import numpy as np
import pytest

from copilot.drafting.hearing import SIGNS
from training.hearings import SCORES, _rated, _rates, _weigh, load_marks


def test_every_marked_turn_is_a_turn_that_was_written(tmp_path):
    marks = load_marks()
    assert len(marks) > 13_000
    assert {m.verdict for m in marks} == {0, 1, 2}
    with np.load(SCORES) as arrays:
        assert len(arrays["known"]) == len(arrays["topics"]) == len(arrays["shares"]) == len(marks)
    bad = tmp_path / "marks.tsv"
    bad.write_text("occasion\tverdict\tauthor\ttext\nO-101\t2\tnobody\t没有这句\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"marks\.tsv:2: no such turn of nobody"):
        load_marks(bad)


def table(rows: int = 400) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Hearings right where her wish is likely; O-2 is heard wrongly whatever she wants."""
    rng = np.random.default_rng(1)
    found = np.zeros((rows, len(SIGNS)))
    found[:, 0] = rng.normal(0, 2, rows)
    names = ["O-2" if k % 4 == 0 else "O-1" for k in range(rows)]
    right = (found[:, 0] > 0) & np.array([name == "O-1" for name in names])
    return found, right, names


def test_what_is_heard_wrongly_is_believed_less():
    found, right, names = table()
    rates = _rates(names, found, right)
    assert rates.rate("O-2") < 0 < rates.rate("O-1")
    assert rates.rate("O-404") == 0
    weights, offset = _weigh(_rated(found, names, right, rates), right)
    likely = np.zeros(len(SIGNS))
    likely[0] = 3.0
    share = {}
    for name in ("O-1", "O-2"):
        likely[-1] = rates.rate(name)
        share[name] = 1 / (1 + np.exp(-(weights @ likely + offset)))
    assert share["O-1"] > 0.9
    assert share["O-2"] < 0.5


def test_a_verdict_does_not_foretell_itself():
    found, right, names = table()
    names[0] = "O-3"
    rates = _rates(names, found, right)
    assert _rated(found, names, right, rates)[0, -1] == pytest.approx(0)
