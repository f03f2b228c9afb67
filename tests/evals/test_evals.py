"""Cases load or are named; figures are what their definitions say."""

from __future__ import annotations

import pytest

from copilot.errors import ContentError
from evals.cases import conversations, guard_cases, intent_cases
from evals.figures import (
    Figure,
    calibration_error,
    calibration_terms,
    f1_terms,
    fold,
    macro_f1,
    percentile,
    ratio,
    share,
    slowest,
    wilson,
)
from evals.scorers import SCORERS


def test_the_shipped_cases_load():
    assert len(conversations()) == 40
    assert {c.expect.intent[0] for c in conversations()} >= {"complaint", "fraud_security", "maturity_reinvest"}
    labels = [c.label for c in guard_cases()]
    assert (labels.count("forbidden"), labels.count("permitted")) == (120, 120)
    assert len({c.intent for c in intent_cases()}) == 23


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("{", "not JSON"),
        ('{"id": "x", "text": "a", "label": "maybe"}', "label"),
        ('{"id": "x", "text": "a", "label": "permitted", "extra": 1}', "extra"),
    ],
)
def test_a_wrong_case_is_named_with_file_and_line(tmp_path, line, what):
    path = tmp_path / "cases.jsonl"
    path.write_text('{"id": "a", "text": "好", "label": "permitted"}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(ContentError, match=what) as caught:
        guard_cases(path)
    assert "cases.jsonl:2" in str(caught.value)


def test_a_wrong_label_is_named(tmp_path):
    path = tmp_path / "intent_heldout_turns.tsv"
    path.write_text("intent\tsecondary\tstate\ttext\thistory\nnonsense\t\tcalm\t你好\t\n", encoding="utf-8")
    with pytest.raises(ContentError, match="nonsense"):
        intent_cases(tmp_path)


def test_history_is_read_as_turns(tmp_path):
    path = tmp_path / "intent_heldout_turns.tsv"
    text = "intent\tsecondary\tstate\ttext\thistory\nmarket_view\tcomplaint\tcalm\t涨⏎跌\tA:您好⏎C:在⏎吗\n"
    path.write_text(text, encoding="utf-8")
    (case,) = intent_cases(tmp_path)
    assert case.text == "涨\n跌"
    assert [(t.role, t.text) for t in case.history] == [("advisor", "您好"), ("customer", "在\n吗")]


def test_wilson_holds_the_share_and_never_leaves_nought_to_one():
    low, high = wilson(9, 10)
    assert low == pytest.approx(0.5958, abs=1e-3)
    assert high == pytest.approx(0.9821, abs=1e-3)
    assert wilson(0, 10)[0] == pytest.approx(0, abs=1e-12)
    assert wilson(0, 0) == (0.0, 1.0)


def test_macro_f1_is_the_mean_over_labels_that_were_wanted():
    labels = ("calm", "grief", "fraud")
    said = [("calm", "calm")] * 3 + [("grief", "calm"), ("calm", "fraud")]
    parts = {str(i): f1_terms(wanted, got, labels) for i, (wanted, got) in enumerate(said)}
    (measure,) = fold("state", "macro_f1", parts, macro_f1)
    assert measure.value() == pytest.approx(0.375)


@pytest.mark.parametrize(("hits", "gap"), [(9, 0.0), (0, 0.9)])
def test_calibration_error_is_the_gap_between_said_and_seen(hits, gap):
    parts = {str(i): calibration_terms(0.9, i < hits) for i in range(10)}
    (measure,) = fold("intent", "calibration_error", parts, calibration_error)
    assert measure.value() == pytest.approx(gap)


def test_a_share_has_wilsons_interval_and_its_number_of_tries():
    (measure,) = share("guard", "recall", {str(i): i < 9 for i in range(10)})
    assert measure.figure() == Figure("guard", "recall", 0.9, 10, *wilson(9, 10))
    (clustered,) = ratio("line", "by_model", {"a": (2, 3), "b": (1, 1), "c": (0, 0)})
    assert (clustered.value(), clustered.n) == (0.75, 4)
    assert share("guard", "recall", {}) == []
    assert ratio("line", "x", {"a": (0, 0)}) == []


def test_the_slowest_of_twenty_lies_in_its_interval():
    (measure,) = slowest("line", "p95", {str(i): float(i) for i in range(1, 101)})
    figure = measure.figure()
    assert (figure.value, figure.unit) == (95, "ms")
    assert figure.low < 95 < figure.high


def test_percentile_is_nearest_rank():
    assert percentile(range(1, 101), 95) == 95


def test_scorers_are_named_for_what_they_ask():
    assert all(name == scorer.__name__ and scorer.__doc__ for name, scorer in SCORERS.items())
