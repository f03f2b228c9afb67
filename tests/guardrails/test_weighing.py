import pytest

from guardrails.weighing import spoken, weigh


@pytest.mark.parametrize(
    ("sign", "words"),
    [
        ("保本", "“保本”"),
        (" 保", "“ 保”"),
        ("\t保证", "保证"),
        ("\t¬保证", "保证 (denied)"),
        ("\t?保证", "保证 (asked)"),
        ("\t¬?保证", "保证 (denied, asked)"),
        ("\t?", "?"),
        ("一定\t赚", "一定 + 赚"),
    ],
)
def test_a_sign_is_told_in_words(sign, words):
    assert spoken(sign) == words


def test_the_piece_that_weighs_most_is_taken_apart(guard):
    meaning = guard.meaning
    risky, kind = "这款产品闭眼买就行,绝对亏不了您的钱。", "今天天气很好,祝您生活愉快。"
    filler = kind * 30
    weighed = weigh(meaning, filler + risky)
    assert risky in weighed.piece
    assert weighed.probability == meaning.opinion(weighed.piece).held
    assert weighed.probability > meaning.opinion(filler[:300]).held
    assert (weighed.bar, weighed.sentence_bar) == (meaning.bar, meaning.sentence_bar)
    assert len(weighed.signs) == 10
    assert [abs(s.adds) for s in weighed.signs] == sorted((abs(s.adds) for s in weighed.signs), reverse=True)


def test_an_empty_text_weighs_nothing(guard):
    assert weigh(guard.meaning, "").probability == 0
