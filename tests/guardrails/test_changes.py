import pytest

from copilot.errors import ContentError, InputError
from copilot.settings import GuardSettings
from guardrails.changes import compare, rules_of
from tests.rulefolder import loaded, rule, written


def test_added_removed_and_changed_rules_are_told_apart(tmp_path):
    old = loaded(tmp_path / "old", rule(), rule("G02-gone"), rule("G03-same"))
    new = loaded(tmp_path / "new", rule(severity="review"), rule("G03-same"), rule("G04-new"))
    found = compare(old, new)
    assert [r.id for r in found.added] == ["G04-new"]
    assert [r.id for r in found.removed] == ["G02-gone"]
    assert [(c.id, [f.name for f in c.fields]) for c in found.changed] == [("G01-capital", ["severity"])]
    assert found.changed[0].fields[0].old == ("block",)
    assert found.changed[0].fields[0].new == ("review",)


def test_every_field_that_differs_is_named_with_its_lines(tmp_path):
    old = loaded(tmp_path / "old", rule(patterns=["保本", "保息"]))
    new = loaded(tmp_path / "new", rule(patterns=["保息", "刚兑"], message="不得这样说", unless=["存款"]))
    (change,) = compare(old, new).changed
    fields = {f.name: f for f in change.fields}
    assert set(fields) == {"patterns", "message", "unless"}
    assert fields["patterns"].removed == ("保本",)
    assert fields["patterns"].added == ("刚兑",)
    assert fields["unless"].old == ()


def test_the_order_of_patterns_is_no_change(tmp_path):
    old = loaded(tmp_path / "old", rule(patterns=["保本", "保息"]))
    new = loaded(tmp_path / "new", rule(patterns=["保息", "保本"]))
    assert compare(old, new).changed == ()


def test_a_word_list_that_changed_changes_the_rules_that_use_it(tmp_path):
    both = rule(patterns=["<sure>不<loss>", "保本"]), rule("G02-other", patterns=["稳赚"])
    old = loaded(tmp_path / "old", *both)
    new = loaded(tmp_path / "new", *both, words={"sure": ["绝对"], "loss": ["亏", "赔"]})
    (change,) = compare(old, new).changed
    assert change.id == "G01-capital"
    assert [(f.name, f.new) for f in change.fields] == [("words behind the patterns", ("<sure>不<loss>",))]


def test_another_folder_is_read_under_the_banks_own_settings(tmp_path):
    folder = written(tmp_path, rule(), rule("G02-other"))
    own = GuardSettings(
        off=("G02-other", "G99-elsewhere"),
        severity={"G01-capital": "warn", "G98-elsewhere": "block"},
        one_to_one_is_marketing=False,
    )
    found = rules_of(folder, own)
    assert found.off == ("G02-other",)
    assert {r.id: r.severity for r in found.rules} == {"G01-capital": "warn", "G02-other": "block"}
    assert found.milder == ("G01-capital",)
    assert found.one_to_one_is_marketing is False


def test_what_is_no_folder_of_rules_is_said(tmp_path):
    with pytest.raises(InputError, match="nowhere: not a folder"):
        rules_of(tmp_path / "nowhere", GuardSettings())
    (tmp_path / "empty").mkdir()
    with pytest.raises(ContentError, match="no rule files"):
        rules_of(tmp_path / "empty", GuardSettings())
