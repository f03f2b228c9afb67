"""Every rule proves itself: tests are made from its own examples."""

import pytest

from guardrails.loading import CHECKS, load_rules

RULES = load_rules().rules
FAILS = [pytest.param(r, e, id=f"{r.id}:{e.text[:14]}") for r in RULES for e in r.fails]
PASSES = [pytest.param(r, e, id=f"{r.id}:{e.text[:14]}") for r in RULES for e in r.passes]


@pytest.mark.parametrize(("rule", "example"), FAILS)
def test_caught(guard, rule, example):
    found = [f.severity for f in guard.check(example.text, example.context).findings if f.rule == rule.id]
    assert found
    assert rule.severity == "warn" or set(found) != {"warn"}, "held only by the classifier"


@pytest.mark.parametrize(("rule", "example"), PASSES)
def test_left_alone(guard, rule, example):
    found = guard.check(example.text, example.context).findings
    assert rule.id not in {f.rule for f in found}


def test_every_check_has_a_rule():
    assert {r.check for r in RULES} == set(CHECKS)


def test_no_basis_claims_to_be_verified():
    assert {r.basis_status for r in RULES} == {"secondary"}
