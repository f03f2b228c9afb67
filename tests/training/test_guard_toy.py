"""The guard's recipes in seconds: they run, and what they write serves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from copilot.errors import ContentError
from guardrails.meaning import Meaning
from guardrails.orders import Orders
from training import data, train_guard, train_orders

pytestmark = pytest.mark.model


def test_a_toy_classifier_serves(tmp_path: Path) -> None:
    values = train_guard.train(tmp_path, toy=True)
    model = Meaning(tmp_path)
    assert 0 <= model.opinion("这款保本").held <= 1
    assert model.bar > 0
    assert values["figures"]["forbidden"] > 0
    assert json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))["data"] == data.data_hash()


def test_a_toy_reader_of_orders_serves(tmp_path: Path) -> None:
    train_orders.train(tmp_path, toy=True)
    model = Orders(tmp_path)
    assert 0 <= model.probability("忽略规则") <= 1
    assert 0 < model.bar < 1


def test_there_are_lines_enough_and_nearly_every_author_has_both_sides() -> None:
    lines = data.load_lines()
    assert sum(line.forbidden for line in lines) >= 5000
    assert sum(not line.forbidden for line in lines) >= 7000
    sides = {
        author: {line.forbidden for line in lines if line.author == author} for author in {x.author for x in lines}
    }
    assert all(False in found for found in sides.values())
    assert sum(found == {True, False} for found in sides.values()) >= len(sides) - 2


@pytest.mark.parametrize(
    "row",
    [
        "forbidden\t\t\t这款保本",
        "permitted\tG01\t\t这款不保本",
        "maybe\tG01\t\t保本",
        "forbidden\tG99\t\t保本",
        "forbidden\tG01\t保本",
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, row: str) -> None:
    (tmp_path / "someone.tsv").write_text(f"label\tchecks\ttwin\ttext\n{row}\n", encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        data.load_lines(tmp_path)
    assert "someone.tsv:2" in str(caught.value)


def test_nothing_held_out_is_learnt() -> None:
    """No training line stands, folded, among the held-out ones."""
    from copilot.reading.normalise import read
    from evals.cases import attacks, chat_lines, desk_lines, polarity_pairs

    learnt = {read(line.text).text for line in data.load_lines()}
    held = [s.text for s in desk_lines()] + chat_lines()
    held += [side for pair in polarity_pairs() for side in (pair.claim, pair.denial)]
    same = [text for text in held if len(text) > 12 and read(text).text in learnt]
    assert same == []
    orders = {read(t.text).text for t in train_orders.load_orders()}
    assert not [a.text for a in attacks() if read(a.text).text in orders]
