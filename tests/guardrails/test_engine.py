import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.errors import ContentError, GuardError
from copilot.settings import GuardSettings, packaged
from copilot.types import GuardContext, Source, Turn
from guardrails.catalogue import render
from guardrails.engine import Engine
from guardrails.loading import load_rules

PIECES = [
    "保本",
    "稳赚",
    "不",
    "您",
    "💰",
    "​",
    "3.5%",
    "三个点",
    "保 本",
    "保證",
    " ",
    "\n",
    "ｂａｏ",
    "ben",
    ",",
    "。",
    "“",
    "”",
    "6222021234567890128",
    "密码",
    "\U000e0041",
    "‮",
]
ENGINE = Engine(load_rules())


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=6)), max_size=25).map("".join))
def test_quotes_are_exact_whatever_the_text(text):
    verdict = ENGINE.check(text, GuardContext(sources=(Source("年化2%"),)))
    for finding in verdict.findings:
        assert finding.quote == text[finding.start : finding.end]
        assert 0 <= finding.start <= finding.end <= len(text)


def test_the_quote_is_what_was_written():
    text = "您看,保💰 本的!"
    quotes = {f.quote for f in ENGINE.check(text, GuardContext()).findings}
    assert "保💰 本" in quotes


def test_all_findings_are_reported():
    checks = {
        f.check
        for f in ENGINE.check("保本,送一桶油的,买满20万送一桶油,验证码发我,问卷我帮您填好了", GuardContext()).findings
    }
    assert {"G01", "G16", "G15", "G14"} <= checks


def test_a_text_without_a_stop_is_read_to_its_end():
    """Ten thousand claims in one clause took five minutes while each was weighed against all of it."""
    text = "保本" * 10_000
    found = [f for f in ENGINE.check(text, GuardContext()).findings if f.rule == "G01-capital"]
    assert len(found) == 10_000
    assert {f.quote for f in found} == {"保本"}


def test_of_more_hits_than_a_message_can_hold_the_rest_stand_unweighed():
    denied = ENGINE.check("不保本，" * 300, GuardContext())
    assert [f.rule for f in denied.findings].count("G01-capital") == 100
    assert denied.outcome == "block"


def test_a_homophone_alone_is_a_review():
    (finding,) = [f for f in ENGINE.check("这款稳转的", GuardContext()).findings if f.check == "G01"]
    assert finding.severity == "review"


def test_missing_records_are_named():
    assert {"G05", "G12", "G13"} <= set(ENGINE.check("这款年化3%,很适合您", GuardContext()).not_checked)


def test_a_failing_rule_holds_the_text():
    def broken(_):
        raise RuntimeError("boom")

    ruleset = load_rules()
    rule = dataclasses.replace(ruleset.rules[0], logic=broken)
    with pytest.raises(GuardError, match="boom"):
        Engine(dataclasses.replace(ruleset, rules=(rule,))).check("早上好", GuardContext())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- id: G01-x\n  chek: G01\n", "chek|Field required|check"),
        ("- id: [", "not valid YAML"),
        ("a: 1\n", "expected a list"),
        (
            "- {id: G01-x, check: G01, severity: block, title: {zh: a, en: a}, message: abcd, basis: b, patterns: ['<nolist>'], fails: [a], passes: [b]}\n",
            "no word list",
        ),
        (
            "- {id: G01-x, check: G01, severity: block, title: {zh: a, en: a}, message: abcd, basis: b, patterns: ['(保'], fails: [a], passes: [b]}\n",
            "pattern",
        ),
        (
            "- {id: G01-x, check: G01, severity: block, title: {zh: a, en: a}, message: abcd, basis: b, logic: nope, fails: [a], passes: [b]}\n",
            "no logic",
        ),
    ],
)
def test_a_broken_file_stops_loading(tmp_path, text, expected):
    (tmp_path / "bad.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ContentError, match=expected) as caught:
        load_rules(GuardSettings(rules=tmp_path))
    assert "bad.yaml" in caught.value.where


def test_switching_a_rule_off_changes_the_version_and_is_named():
    ruleset = load_rules(GuardSettings(off=("G01-capital",)))
    assert ruleset.version != load_rules().version
    assert ruleset.statutory_off == ("G01-capital",)
    assert "G01-capital" not in {f.rule for f in Engine(ruleset).check("这款保本", GuardContext()).findings}


def test_an_unknown_rule_cannot_be_switched_off():
    with pytest.raises(ContentError, match="no rule named"):
        load_rules(GuardSettings(off=("G99-x",)))


def test_the_catalogue_names_every_rule():
    ruleset = load_rules()
    page = render(ruleset)
    assert all(rule.id in page for rule in ruleset.rules)
    assert packaged("guardrails", "rules").is_dir()


def _after(sent):
    return GuardContext(history=(Turn("customer", "靠谱吗"), Turn("advisor", sent)))


def test_words_split_over_two_messages_are_read_together():
    (finding,) = [f for f in ENGINE.check("本的,您放心", _after("这款绝对保")).findings if f.check == "G01"]
    assert finding.quote == "本"
    assert "连读" in finding.reason


def test_the_message_before_does_not_taint_this_one():
    assert ENGINE.check("好的,明天见", _after("这款绝对保本")).findings == ()
    answered = GuardContext(history=(Turn("advisor", "这款绝对保"), Turn("customer", "嗯")))
    assert ENGINE.check("本周三见", answered).findings == ()


def test_a_bank_may_make_a_rule_harder_or_milder_and_the_report_says_so():
    milder = load_rules(GuardSettings(severity={"G01-capital": "warn"}))
    assert milder.weakened == ("G01-capital (warn)",)
    assert milder.version != load_rules().version
    assert Engine(milder).check("这款保本", GuardContext()).releasable
    harder = load_rules(GuardSettings(severity={"G21-absolute": "block"}))
    assert harder.weakened == ()
    with pytest.raises(ContentError, match="no rule named"):
        load_rules(GuardSettings(severity={"G99-x": "warn"}))


def test_a_broken_rule_is_named_with_line_and_column(tmp_path):
    (tmp_path / "own.yaml").write_text("- id: G01-x\n  check: G01\n  severity: loud\n", encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        load_rules(GuardSettings(rules=tmp_path))
    assert caught.value.where.endswith("own.yaml:3:3")


def test_an_assessment_lasts_as_long_as_the_bank_says():
    from datetime import date, datetime

    from copilot.types import Customer

    customer = Customer(name="王姐", risk_level="C3", assessed_on=date(2026, 1, 1))
    context = GuardContext(customer=customer, at=datetime(2026, 11, 22), product_type="wealth")
    text = "这款理财很适合您,推荐您买一点,理财有风险,盈亏自负"
    expired = {f.rule for f in Engine(load_rules(), valid_days=180).check(text, context).findings}
    assert "G13-assessment" in expired
    assert "G13-assessment" not in {f.rule for f in ENGINE.check(text, context).findings}
