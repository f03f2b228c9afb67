"""HTML: everything escaped, every word in both languages."""

from __future__ import annotations

import string
from html.parser import HTMLParser

import pytest
from fake_app import NOW
from hypothesis import given
from hypothesis import strategies as st

from copilot.drafting.labels import INTENT_ZH, MOVE_ZH, STATE_ZH, TONE_ZH
from copilot.records.conversations import StoredMessage
from copilot.types import Finding, Verdict
from ui import labels
from ui.handlers.views import Editing, Row
from ui.present import advisor as present
from ui.present.base import button, fingerprint, marked, safe
from ui.present.compliance import difference
from ui.text import TEXT, Words

ZH, EN = Words("zh"), Words("en")
ANY_TEXT = st.text(max_size=60) | st.text(alphabet="<>&\"'`$*_[](){}\n\r\t 保本a\u2028\u0085", max_size=60)


class Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tags, self.words = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data):
        self.words.append(data)


def read(html):
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


@given(ANY_TEXT)
def test_no_text_makes_a_tag_or_a_second_line(text):
    html = present.chat(ZH, [StoredMessage("customer", text, NOW)], None)
    assert set(read(html).tags) <= {"div", "p", "br"}
    assert len(html.splitlines()) == 1  # a blank line would end the raw block and let Markdown in


@given(ANY_TEXT, ANY_TEXT)
def test_names_and_last_messages_are_escaped_too(name, last):
    html = present.rows(ZH, [Row("abc", name, last, NOW, True, True)], NOW)
    assert set(read(html).tags) <= {"div", "span", "b", "br", "button"}


@given(st.text(alphabet="保本<b>&a", max_size=30), st.integers(0, 30), st.integers(0, 30), st.integers(0, 5))
def test_marks_change_no_letter(text, start, length, offset):
    finding = Finding("r", "G01", "block", start, start + length, "", "<why>", "")
    assert "".join(read(marked(text, [finding], offset)).words) == text


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_difference_keeps_both_texts(before, after):
    assert set(read(difference(ZH, before, after)).tags) <= {"del", "ins", "br"}


@pytest.mark.parametrize("act", ["a b", "x'", "", "<", "a.b"])
def test_an_action_is_plain_letters(act):
    with pytest.raises(ValueError, match="an action"):
        button("", act, "x")


def test_line_breaks_are_kept_and_control_characters_go():
    assert safe("a\r\nb\rc\u2028d\x00e") == "a<br>b<br>c d e"


def test_every_word_is_there_in_both_languages_with_the_same_fields():
    fields = {key: [{f for _, f, _, _ in string.Formatter().parse(t) if f} for t in both] for key, both in TEXT.items()}
    assert [key for key, (zh, en) in TEXT.items() if not zh or not en] == []
    assert [key for key, (zh, en) in fields.items() if zh != en] == []


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        (INTENT_ZH, labels.INTENT_EN),
        (MOVE_ZH, labels.MOVE_EN),
        (STATE_ZH, labels.STATE_EN),
        (TONE_ZH, labels.TONE_EN),
    ],
)
def test_every_label_has_an_english_name(zh, en):
    assert set(zh) == set(en)


def test_the_verdict_says_which_text_it_is_about():
    html = present.verdict_line(EN, Editing("王姐", None, None, Verdict("pass"), False, True))
    assert f"fp-{fingerprint('王姐')}" in html
    assert "gate-open" in html
    assert fingerprint("") == "811c9dc5"


def test_a_held_text_never_opens_the_gate():
    for outcome in ("review", "block"):
        assert "gate-shut" in present.verdict_line(ZH, Editing("x", None, None, Verdict(outcome), False, True))
    assert "gate-shut" in present.verdict_line(ZH, Editing("x", None, None, Verdict("pass"), True, True))
    assert "gate-shut" in present.verdict_line(ZH, Editing("x", None, None, None, False, True, "guard"))


def test_a_wrong_field_is_named_and_no_foreign_line_is_shown():
    html = present.failed(ZH, "input", "assessed_on: Input should be a valid date")
    assert "测评日期" in html
    assert "Input" not in html
