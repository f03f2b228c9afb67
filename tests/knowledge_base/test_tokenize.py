"""How text is cut for the index and for questions."""

from knowledge_base.tokenize import Tokenizer


def test_figures_stay_whole_with_their_unit():
    grams = Tokenizer().grams("存1234567元，3.5.6元，11月22日，半年3.10%")
    assert {"1234567元", "5.6元", "11月22日", "3.10%"} <= set(grams)


def test_a_long_run_of_digits_is_one_number():
    """Tried again from each digit it would take a quarter of an hour."""
    assert Tokenizer().grams("3" * 200_000) == ["3" * 200_000]
