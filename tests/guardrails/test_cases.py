import pytest
import yaml

from guardrails.cases import as_examples, decided_cases
from tests.copilot.fakes import Memory
from tests.guardrails.recorded import sent


@pytest.fixture
def record():
    return Memory()


def test_released_texts_are_passes_and_rejected_ones_fails(record):
    first = sent(record, "后面还会涨", "approved")
    sent(record, "肯定涨，很稳", "rejected")
    sent(record, "再涨一点", "returned")
    sent(record, "等它涨")
    text = as_examples(decided_cases(record.entries))
    assert yaml.safe_load(text) == {
        "G04-market": {"fails": ["肯定涨，很稳"], "passes": ["后面还会涨"]},
        "G20-selling": {"fails": ["肯定涨，很稳"]},
    }
    assert f"    # case-{first.sequence}, 2026-11-22\n    - 后面还会涨\n" in text


def test_no_name_and_no_number_gets_into_an_example(record):
    sent(record, "王姐，会涨的，您尾号的卡6222020200112233445，手机13812345678", "approved")
    (case,) = decided_cases(record.entries)
    assert "王姐" not in case.text
    assert case.text.startswith("客户，会涨的")
    assert "13812345678" not in case.text
    assert "6222020200112233445" not in case.text
    assert "5678" in case.text


@pytest.mark.parametrize("text", ["涨：'好'", "涨 # 不是注释", "- 涨", "涨\n两行", "“涨”, {x: 1}", "涨" + "很长" * 300])
def test_whatever_was_written_stays_one_example(record, text):
    sent(record, text, "approved")
    assert yaml.safe_load(as_examples(decided_cases(record.entries)))["G04-market"]["passes"] == [text]


def test_the_same_text_decided_twice_is_one_example_with_both_cases(record):
    one, two = sent(record, "还会涨", "approved"), sent(record, "还会涨", "approved")
    text = as_examples(decided_cases(record.entries))
    assert text.count("- 还会涨") == 1
    assert f"# case-{one.sequence}, 2026-11-22; case-{two.sequence}, 2026-11-22" in text


def test_a_remark_stands_in_the_comment(record):
    sent(record, "还会涨", "rejected")
    text = as_examples(decided_cases(record.entries), lambda rule, case: f"{rule} {case.part}")
    assert "2026-11-22 (G04-market fails)\n" in text
