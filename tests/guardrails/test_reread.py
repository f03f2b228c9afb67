from copilot.types import Finding, GuardContext, Verdict
from guardrails.reread import Text, examples, gained, lost, reread
from tests.rulefolder import engine, loaded, rule

SAID = [Text("scripts", "S-1", "这款保本"), Text("scripts", "S-2", "很稳的"), Text("faq", "Q-1", "您好")]


def test_a_text_turns_when_the_other_rules_judge_it_otherwise(tmp_path):
    old = engine(tmp_path / "old", rule())
    new = engine(tmp_path / "new", rule("G02-other", patterns=["很稳"], severity="review"))
    found = list(reread(SAID, new, old))
    assert [(r.text.name, r.was, r.now.outcome, r.turned) for r in found] == [
        ("S-1", "block", "pass", True),
        ("S-2", "pass", "review", True),
        ("Q-1", "pass", "pass", False),
    ]
    assert (gained(found[1]), lost(found[1])) == (("G02-other",), ())
    assert (gained(found[0]), lost(found[0])) == ((), ("G01-capital",))


def test_the_same_verdict_on_other_rules_is_a_shift(tmp_path):
    old = engine(tmp_path / "old", rule())
    new = engine(tmp_path / "new", rule("G02-other"))
    (found,) = reread(SAID[:1], new, old)
    assert (found.turned, found.shifted) == (False, True)


def test_a_released_text_is_compared_with_its_own_verdict_and_an_approved_one_with_a_pass(tmp_path):
    before = Verdict("review", (Finding("G09-x", "G09", "review", 0, 1, "这", "", ""),))
    texts = [Text("records", "entry 1", "这款保本", GuardContext(), before), SAID[0], SAID[2]]
    first, second, third = reread(texts, engine(tmp_path))
    assert (first.was, first.now.outcome, first.turned) == ("review", "block", True)
    assert lost(first) == ("G09-x",)
    assert (second.was, second.turned) == (None, True)
    assert (third.was, third.turned) == (None, False)


def test_progress_is_told_text_by_text(tmp_path):
    told = []
    list(reread(SAID, engine(tmp_path), progress=lambda done, total: told.append((done, total))))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_examples_of_both_sets_are_read_once_each(tmp_path):
    old = loaded(tmp_path / "old", rule())
    context = {"text": "这款保本", "product_type": "fund"}
    new = loaded(tmp_path / "new", rule(fails=["这款保本", context, "包您保本"]))
    assert [t.text for t in examples(old, new)] == ["这款保本", "这款不保本", "这款保本", "包您保本"]
