from guardrails.proof import prove
from tests.rulefolder import engine, rule


def test_rules_that_keep_their_word_prove_themselves(tmp_path):
    proof = prove(engine(tmp_path, rule(), rule("G02-other", patterns=["稳赚"], fails=["稳赚的"], passes=["赚"])))
    assert (proof.rules, proof.examples, proof.failures) == (2, 4, ())


def test_a_failure_says_what_failed_and_the_line_it_stands_in(tmp_path):
    broken = rule("G02-other", patterns=["稳赚"], fails=["稳赚的", "赚定了"], passes=["就是稳赚", "还好"])
    missed, found = prove(engine(tmp_path, rule(), broken)).failures
    assert (missed.part, missed.text, missed.what) == ("fails", "赚定了", "G02-other does not find")
    assert (found.part, found.text, found.what) == ("passes", "就是稳赚", "G02-other finds")
    lines = (tmp_path / "rules.yaml").read_text(encoding="utf-8").splitlines()
    for failure in (missed, found):
        path, line = failure.where.rsplit(":", 1)
        assert path == str(tmp_path / "rules.yaml")
        assert failure.text in lines[int(line) - 1]


def test_another_rule_that_finds_the_example_does_not_prove_it(tmp_path):
    shadow = rule("G02-other", patterns=["刚兑"], fails=["这款保本"], passes=["还好"])
    (failure,) = prove(engine(tmp_path, rule(), shadow)).failures
    assert failure.rule == "G02-other"


def test_a_rule_that_is_off_is_not_asked(tmp_path):
    broken = rule("G02-other", patterns=["稳赚"], fails=["没有"], passes=["还好"])
    assert prove(engine(tmp_path, rule(), broken, off=("G02-other",))).failures == ()
