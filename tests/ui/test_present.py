"""HTML: everything escaped, every word in both languages."""

from __future__ import annotations

import string
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from fake_app import NOW
from hypothesis import given
from hypothesis import strategies as st

from copilot.drafting.labels import INTENT_ZH, MOVE_ZH, STATE_ZH, TONE_ZH
from copilot.records.conversations import StoredMessage
from copilot.types import (
    Commitment,
    Customer,
    Evidence,
    Finding,
    Holding,
    Ledger,
    LifeEvent,
    Understanding,
    Verdict,
)
from ui import labels
from ui.handlers.views import Editing, Row
from ui.present import advisor as present
from ui.present import talks
from ui.present.base import button, finding_items, fingerprint, marked, safe
from ui.present.case import difference
from ui.present.typeset import typeset
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
    html = talks.chat(ZH, [StoredMessage("customer", text, NOW)], None)
    assert set(read(html).tags) <= {"div", "p", "br"}
    assert len(html.splitlines()) == 1  # a blank line would end the raw block and let Markdown in


@given(ANY_TEXT, ANY_TEXT)
def test_names_and_last_messages_are_escaped_too(name, last):
    html = talks.rows(ZH, [Row("abc", name, last, NOW, True, NOW)], NOW)
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


def test_what_she_left_open_and_took_back_is_shown_and_escaped():
    ledger = Ledger(
        S=(Evidence("12万", 2),),
        withdrawn=(Evidence("<b>20万", 0),),
        open=(Commitment("明天问下老公", 2, "老公", "2026-11-25"),),
    )
    found = Understanding("maturity_reinvest", 0.9, (), (), (), "calm", True, ledger)
    shown = present.ledger(ZH, found)
    assert "待她答复" in shown
    assert "明天问下老公" in shown
    assert "2026-11-25" in shown
    assert "&lt;b&gt;20万" in shown
    assert "待她答复" not in present.ledger(ZH, replace(found, ledger=Ledger()))


def test_a_finding_says_in_english_what_its_check_forbids_beside_the_rules_own_line_and_basis():
    finding = Finding("r", "G21", "review", 0, 2, "最好", "绝对化用语,请删去", "广告法第9条;广告法第25条")
    verdict = Verdict("review", (finding,), (), "v12")
    shown = {words.language: read(finding_items(words, verdict, 9, acts=True)).words for words in (ZH, EN)}
    assert any("No absolute or unproven terms such as best, first or leading." in line for line in shown["en"])
    for told in shown.values():
        assert any("绝对化用语，请删去" in line for line in told)
        assert any("广告法第9条；广告法第25条" in line for line in told)
    assert not any("No absolute" in line for line in shown["zh"])
    (said,) = [line for line in shown["en"] if "绝对化用语，请删去" in line]
    assert "The rule:" in said  # on an English page what is Chinese is said to be the rule's own line


def test_what_is_wrong_can_be_put_right_with_one_button_and_is_only_told_where_nothing_may_be_changed():
    finding = Finding("r", "G01", "block", 2, 4, "保本", "不得承诺", "办法", "不保证<b>本金", "理财有风险")
    verdict = Verdict("block", (finding,), (), "v12")
    acts, told = (finding_items(ZH, verdict, 9, acts=may) for may in (True, False))
    assert all(f"do-{act}-0" in acts for act in ("fix", "add", "goto"))
    assert "do-" not in told
    for html in (acts, told):
        assert "不保证&lt;b&gt;本金" in html
        assert "理财有风险" in html


def test_the_number_of_findings_stands_beside_the_verdict():
    """On a low screen not all of them are in sight."""
    one = Finding("r", "G01", "block", 0, 2, "保本", "不得承诺", "办法")
    many = Editing("保本保本", None, None, Verdict("block", (one, one, one)), False, True)
    assert "3 处" in present.verdict_line(ZH, many)
    assert "3 found" in present.verdict_line(EN, many)
    assert "1 处" not in present.verdict_line(ZH, replace(many, verdict=Verdict("block", (one,))))


def test_a_row_says_how_long_she_waits_and_what_was_not_read():
    waits = Row("a", "王姐", "在吗", NOW, False, NOW - timedelta(minutes=75))
    answered = Row("b", "赵叔", "好的", NOW - timedelta(minutes=3), False)
    shown = talks.rows(ZH, [waits, answered], NOW, {"b": 2})
    first, second = shown.split("do-open-b")
    assert "等1小时15分" in first
    assert "notice-count" not in first
    assert "等" not in second
    assert ">2</span>" in second
    assert "waits 1 h 15 min" in talks.rows(EN, [waits], NOW)


def test_the_card_at_a_glance_says_what_matures_first_and_whether_the_assessment_holds():
    today = NOW.date()
    card = Customer(
        "王姐",
        "C2",
        today - timedelta(days=30),
        tags=("怕<亏",),
        holdings=(
            Holding("定期", amount=2e5, maturity=today + timedelta(days=90)),
            Holding("稳健半年", None, "R2", 3e5, today + timedelta(days=4)),
            Holding("零钱澜"),
        ),
        events=(LifeEvent(today - timedelta(days=400), "旧事"), LifeEvent(today, "女儿考上大学")),
    )
    shown = talks.card_facts(ZH, card, today, 365)
    assert shown.index("稳健半年") < shown.index("定期") < shown.index("零钱澜")
    assert "还有 4 天" in shown
    assert "有效" in shown
    assert shown.index("女儿考上大学") < shown.index("旧事")
    assert "怕&lt;亏" in shown
    late = talks.card_facts(EN, replace(card, assessed_on=today - timedelta(days=400)), today, 365)
    assert "is-warn" in late
    assert "expired" in late
    assert "not assessed" in talks.card_facts(EN, Customer("王姐"), today, 365)
    assert talks.card_facts(ZH, None, today, 365) == ""
    assert "稳健半年 30万" in talks.card_line(ZH, card)


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("盈亏由客户承担,请如实说明", "盈亏由客户承担，请如实说明"),
        ("准则(2023);基金规定", "准则（2023）；基金规定"),
        ("命中(语气未定:可以不理)", "命中（语气未定：可以不理）"),
        ("与被拦的“买吧,保本”相同,疑似改写", "与被拦的“买吧,保本”相同，疑似改写"),
        ("疑似指令:「a(b)客户,」", "疑似指令：「a(b)客户,」"),
        ("R2 1,000.5 (a, b): c?", "R2 1,000.5 (a, b): c?"),
        ("客户,65岁", "客户，65岁"),
    ],
)
def test_chinese_is_printed_with_chinese_marks_and_quoted_words_stay(typed, printed):
    assert typeset(typed) == printed
    assert typeset(printed) == printed
