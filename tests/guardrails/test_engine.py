import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.errors import ContentError, GuardError
from copilot.settings import GuardSettings, packaged
from copilot.types import GuardContext, Source
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
