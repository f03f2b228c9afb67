"""Words of replies: common ones say little, and those said only to who said them first give another's life away."""

from __future__ import annotations

from copilot.drafting.vocabulary import LOOSE, Vocabulary, talk, vocabulary_of

TOLD = [
    ("装修的钱先留出来，利率我查了发您。", "装修要用钱，利率多少"),
    ("装修款几时要付，您说个日子。", "年后装修"),
    ("利率我查了再报给您。", "三年存多少"),
    ("利率每天公布，您看哪一档。", "存一年"),
    ("利率这就发您。", "存两年呢"),
]


def told():
    return vocabulary_of((reply, talk(said)) for reply, said in TOLD)


def test_a_word_said_only_to_who_said_it_is_tied_and_one_said_to_anybody_is_not():
    found = told()
    assert found.tie("装修") > 0.4
    assert found.tie("利率") == 0.0
    assert found.tie("没人说过") == 0.0


def test_a_word_seen_once_is_tied_less_than_one_seen_often():
    once = vocabulary_of([("装修先放放。", talk("装修"))])
    assert 0 < once.tie("装修") < told().tie("装修")


def test_ties_stand_only_above_what_is_anybodys():
    assert all(tie > LOOSE for tie in told().ties.values())
    assert Vocabulary().tie("装修") == 0.0


def test_a_rare_word_weighs_more_than_a_common_one():
    many = vocabulary_of([("利率我查。", talk("")), *(("利率我查。", talk("")) for _ in range(30))])
    assert many.weight("利率") == 0.0
    assert told().weight("利率") < told().weight("从没有过") == 1.0


def test_references_are_no_words():
    assert not vocabulary_of([("{客户.称呼}，{问.答}", talk(""))] * 2).counts
