"""Signs by number are the signs, of a whole text and of each of its sentences."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.meaning import sentences
from guardrails.numbered import Numbered, Vocabulary, count, scores
from guardrails.signs import Lexicon, plain, signs

LEARNT = ("这款不保本,您放心吗?", "这款保本。您放心吧!", "年化3.85%\n明天上午来网点,好不好呢")
NAMES = sorted(set().union(*map(signs, LEARNT)))
VOCABULARY = Vocabulary(NAMES)

texts = st.one_of(
    st.lists(st.sampled_from([*LEARNT, "这款", "保本", "不", "吗", "?", "。", ",", "\n", " ", "1", "甲"]), max_size=8).map("".join),
    st.text(max_size=30),
).map(plain)  # fmt: skip


@given(texts)
def test_every_stretch_has_its_signs_as_often_as_they_stand_there(text: str) -> None:
    numbered = Numbered(text, VOCABULARY)
    for start, end in [(0, len(text)), *sentences(text)]:
        wanted = {sign: often for sign, often in signs(text[start:end]).items() if sign in NAMES}
        assert Counter(NAMES[n] for n in numbered.of(start, end)) == wanted


def test_all_at_once_they_weigh_what_they_weigh_one_by_one() -> None:
    draw = np.random.default_rng(3)
    known = NAMES[::2]
    arrays = {
        "x_signs": np.frombuffer("\n".join(known).encode(), dtype=np.uint8),
        "x_idf": draw.uniform(1, 5, len(known)).astype(np.float16),
        "x": draw.normal(size=(len(known), 3)).astype(np.float32),
    }
    lexicon = Lexicon(arrays, "x")
    rows = np.array([lexicon.place.get(name, -1) for name in NAMES])
    asked = [*map(plain, LEARNT), "甲乙", "保本"]
    counts = count([Numbered(text, VOCABULARY).of(0, len(text)) for text in asked], len(NAMES))
    one_by_one = [lexicon.score(signs(text)) for text in asked]
    assert scores(lexicon, rows, counts) == pytest.approx(np.array(one_by_one), abs=1e-5)
