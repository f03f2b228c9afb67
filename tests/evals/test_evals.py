"""Cases load or are named; figures are what their definitions say."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from copilot.errors import ContentError
from evals.cases import conversations, guard_cases, intent_cases
from evals.figures import Figure, Outcome, percentile, share, wilson
from evals.run import Report, as_json, as_markdown, table
from evals.scorers import SCORERS
from evals.suites import calibration_error, macro_f1


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
    path = tmp_path / "turns.tsv"
    path.write_text("intent\tsecondary\tstate\ttext\thistory\nnonsense\t\tcalm\t你好\t\n", encoding="utf-8")
    with pytest.raises(ContentError, match="nonsense"):
        intent_cases(path)


def test_history_is_read_as_turns(tmp_path):
    path = tmp_path / "turns.tsv"
    text = "intent\tsecondary\tstate\ttext\thistory\nmarket_view\tcomplaint\tcalm\t涨⏎跌\tA:您好⏎C:在⏎吗\n"
    path.write_text(text, encoding="utf-8")
    (case,) = intent_cases(path)
    assert case.text == "涨\n跌"
    assert [(t.role, t.text) for t in case.history] == [("advisor", "您好"), ("customer", "在\n吗")]


def test_wilson_holds_the_share_and_never_leaves_nought_to_one():
    low, high = wilson(9, 10)
    assert low == pytest.approx(0.5958, abs=1e-3)
    assert high == pytest.approx(0.9821, abs=1e-3)
    assert wilson(0, 10)[0] == pytest.approx(0, abs=1e-12)
    assert wilson(0, 0) == (0.0, 1.0)


def test_macro_f1_is_the_mean_over_labels_that_occur():
    assert macro_f1({("complaint", "complaint"): 2, ("market_view", "complaint"): 2}) == pytest.approx((2 / 3) / 2)


def test_calibration_error_is_the_gap_between_said_and_seen():
    assert calibration_error([(0.9, True)] * 9 + [(0.9, False)]) == pytest.approx(0.0)
    assert calibration_error([(0.9, False)] * 10) == pytest.approx(0.9)


def test_percentile_is_nearest_rank():
    assert percentile(range(1, 101), 95) == 95


def test_a_report_shows_every_figure_with_its_n_and_every_failure():
    outcome = Outcome((share("guard", "recall", 9, 10), Figure("guard", "p99", 1.5, 7, unit="ms")), ({"id": "x"},))
    report = Report(datetime(2026, 11, 22), {"model": "m"}, {"guard": outcome})
    page = as_markdown(report)
    assert "| guard | recall | 0.900 | 10 |" in page
    assert "1 cases to read" in page
    assert json.loads(json.dumps(as_json(report)))["figures"][1]["unit"] == "ms"
    assert table(report.figures).count("\n") == 3


def test_scorers_are_named_for_what_they_ask():
    assert all(name == scorer.__name__ and scorer.__doc__ for name, scorer in SCORERS.items())
