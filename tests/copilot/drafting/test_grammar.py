"""The grammar of a request: what it admits, what it refuses, and that nothing else reaches the model."""

from __future__ import annotations

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.drafting.grammar import EMOJI, HAN_NUMERALS, LATIN, PUNCTUATION, build, conforms, validate, written
from copilot.errors import GrammarError

NAMES = ["甲.名称", "甲.期限", "客户.称呼", "问.答"]
han = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=6)


def han_class(grammar: str) -> re.Pattern[str]:
    inner = re.search(r"text ::= \[([^\]]+)\]", grammar).group(1)
    return re.compile("[" + inner + "]")


@pytest.mark.parametrize("char", list("0123456789０３％%‰①Ⅳ½²") + list(HAN_NUMERALS))
def test_no_numeral_of_any_script_is_in_the_class_of_text(char):
    grammar = build(NAMES)
    assert not han_class(grammar).match(char)
    assert char not in PUNCTUATION + EMOJI + "".join(LATIN)


@pytest.mark.parametrize("char", list("一两十百千万您好钱"))
def test_ordinary_words_may_be_written(char):
    assert han_class(build(NAMES)).match(char)


def test_only_the_references_at_hand_are_offered():
    grammar = build(NAMES)
    assert all(field in grammar for field in ('"期限"', '"名称"', '"称呼"', '"答"'))
    assert '"到账"' not in grammar
    assert "ref" not in build([])


@given(st.lists(st.tuples(han.map(lambda s: s[:2]), han), max_size=40))
def test_every_grammar_of_ours_is_accepted_by_our_validator(pairs):
    names = [f"{a}.{b}" for a, b in pairs]
    assert validate(build(names))


@pytest.mark.parametrize("name", ["甲", "甲.期限}", "a.b", "甲.3", '甲."', "甲.期限\nroot ::= [0-9]", "", "甲.期限)"])
def test_a_name_that_is_not_one_is_refused(name):
    with pytest.raises(GrammarError):
        build([name])


@pytest.mark.parametrize(
    "grammar",
    [
        "",
        "root ::= [0-9]+\nevil ::= [a]\n",
        "root ::= (text\n",
        'root ::= "unclosed\n',
        "root ::= [unclosed\n",
        "text ::= [a]\n",
        "root ::= text+\n",
        "root ::= [a]\nroot ::= [b]\n",
        "root ::= [a]\n" * 2000,
        '{"type": "object"}',
    ],
)
def test_nothing_but_our_own_form_reaches_the_model(grammar):
    with pytest.raises(GrammarError):
        validate(grammar)


@given(st.text(max_size=200))
def test_the_validator_never_fails_otherwise(text):
    with contextlib.suppress(GrammarError):
        assert validate(text) == text


@pytest.mark.parametrize(
    ("template", "good"),
    [
        ("{客户.称呼}，{甲.名称}是{甲.期限}的。", True),
        ("在APP里就能看。", True),
        ("{甲.到账}就到。", False),
        ("大概3天。", False),
        ("大概三天。", False),
        ("年化３％。", False),
        ("{甲.期限", False),
        ("", False),
        ("你好<b>", False),
        ("call me", False),
    ],
)
def test_a_server_without_grammars_is_held_to_the_same_form(template, good):
    assert conforms(template, NAMES) is good


def test_written_is_what_the_model_wrote_itself():
    assert written("{客户.称呼}，好的。") == "，好的。"
