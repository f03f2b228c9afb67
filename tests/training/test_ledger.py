"""The ledger's training: markings load or are named, clauses carry their letters, a toy run gives a model that loads."""

from __future__ import annotations

import json

import pytest

from copilot.errors import ContentError
from copilot.spin.evidence import EvidenceModel
from training.train_ledger import Marking, examples, load_markings, train


def test_markings_come_from_talks_messages_and_clauses() -> None:
    found = load_markings()
    assert {m.author for m in found} >= {"everyday", "messages", "clauses"}
    assert all(q in m.text for m in found for quotes in m.quotes.values() for q in quotes)


def test_a_clause_carries_the_letter_of_the_quote_it_shares() -> None:
    marking = Marking("手头有二十万，怕亏", (), {"S": ("手头有二十万",), "P": ("怕亏",), "I": (), "N": ()}, "a", True)
    assert [e.letters for e in examples([marking])] == [(True, False, False, False), (False, True, False, False)]


@pytest.mark.parametrize("line", ["X我有二十万", "S", "S我有钱|怕亏"])
def test_a_bad_line_is_named(tmp_path, line: str) -> None:
    (tmp_path / "clauses.txt").write_text(f"S我有二十万\n{line}\n", encoding="utf-8")
    with pytest.raises(ContentError, match=r"clauses\.txt:2"):
        load_markings(folder=tmp_path)


def test_a_quote_that_was_not_said_is_named(tmp_path) -> None:
    row = {"text": "好", "before": "", "S": ["坏"], "P": [], "I": [], "N": []}
    (tmp_path / "messages.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    with pytest.raises(ContentError, match=r"messages\.jsonl:1"):
        load_markings(folder=tmp_path)


def test_a_toy_run_gives_a_model_that_loads(tmp_path) -> None:
    figures = train(tmp_path, toy=True)
    assert {"S_clause_f1", "P_clause_f1", "I_clause_f1", "N_clause_f1"} <= set(figures)
    EvidenceModel(tmp_path).load()
