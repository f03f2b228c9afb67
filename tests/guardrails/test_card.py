import pytest

from copilot.errors import InputError
from guardrails.card import card, find, logic_name, nearest, summary
from guardrails.loading import load_rules
from tests.rulefolder import loaded, rule


@pytest.fixture
def rules(tmp_path):
    scope = {"not_types": ["deposit"], "marketing": True}
    example = {"text": "保本的", "product_type": "wealth", "customer": {"name": "王姐", "risk_level": "C2"}}
    return loaded(
        tmp_path,
        rule(scope=scope, unless=["不保"], fails=["这款保本", example]),
        rule("G02-implied", patterns=["稳"], fails=["很稳"], passes=["还好"]),
        off=("G02-implied",),
        severity={"G01-capital": "review"},
    )


def test_a_card_holds_what_the_file_says_and_nothing_empty(rules):
    told = card(rules.rules[0])
    assert told["patterns"] == ("保本(?:保息)?",)
    assert told["scope"] == ("not_types: deposit", "marketing: yes")
    assert told["unless"] == ("不保",)
    assert told["in force"] == ("2021-06-27 → …",)
    assert "logic" not in told
    assert "replacement" not in told


def test_an_example_tells_what_it_is_read_with(rules):
    plain, with_context = card(rules.rules[0])["fails"]
    assert plain == "这款保本"
    assert with_context.startswith("保本的  {")
    assert '"product_type": "wealth"' in with_context
    assert '"name": "王姐"' in with_context
    assert "holdings" not in with_context


def test_the_list_says_what_is_off_and_what_was_made_milder(rules):
    first, second = (summary(r, rules) for r in rules.rules)
    assert (first["on"], first["milder"], first["severity"]) == (True, True, "review")
    assert (second["on"], second["milder"]) == (False, False)
    assert first["in_force"] == {"from": "2021-06-27", "to": None}


def test_a_rule_is_found_whatever_the_case_of_its_letters(rules):
    assert find(rules, " g01-CAPITAL ").id == "G01-capital"


def test_an_unknown_rule_names_the_nearest(rules):
    with pytest.raises(InputError, match=r"G01-captial.*G01-capital"):
        find(rules, "G01-captial")
    assert nearest(rules, "g02") == ("G02-implied",)
    assert nearest(rules, "???") == ("G01-capital", "G02-implied")


def test_logic_is_called_by_the_name_a_rule_file_uses():
    by_id = {r.id: r for r in load_rules().rules}
    assert logic_name(by_id["G05-ungrounded"]) == "ungrounded_figure"
    assert logic_name(by_id["G15-secrets"]) == ""
