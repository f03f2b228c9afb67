import csv
import io

import pytest

from copilot.errors import InputError
from guardrails.reread import Text
from guardrails.wecom import EVERYDAY, NAME_LENGTH, as_csv, lexicon, literals, titles_of, word_rules
from tests.rulefolder import loaded, rule


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("保本(?:保息|付息)?", {"保本", "保本保息", "保本付息"}),
        ("稳赚不[赔亏]", {"稳赚不赔", "稳赚不亏"}),
        ("(?:刚兑|兜底|(?<!不)保本)", {"刚兑", "兜底"}),
        ("保证[^。]{0,8}?本金", set()),
        ("(?<!不)保本", set()),
        ("保本(?!浮动)", set()),
        ("保底[0-9一二三]", set()),
        ("七点[一二三]往上", set()),
        ("[^不]保本", set()),
        ("保+本", set()),
        ("^保本$", set()),
    ],
)
def test_only_what_is_plain_is_read_off_a_pattern(written, words):
    assert literals(written) == words


def everything(word, check):
    return True


def made(tmp_path, *rules, held=everything, everyday=(), permitted=()):
    return lexicon(loaded(tmp_path, *rules).rules, held, everyday, permitted)


def test_words_come_from_block_rules_their_lists_and_their_sounds(tmp_path):
    found = made(
        tmp_path,
        rule(patterns=["<sure>不<loss>"], sounds=["刚兑"]),
        rule("G02-other", severity="review", patterns=["稳赚"]),
    )
    assert found.words == {"G01": ("一定不亏", "一定不赔", "刚兑", "绝对不亏", "绝对不赔")}


def test_everyday_words_fragments_and_what_the_guard_lets_pass_stay_out(tmp_path):
    patterns = ["保证|利息|绝对|亏|,保本|vip保本|" + "长" * 21]
    found = made(tmp_path, rule(patterns=patterns), held=lambda word, check: word != "vip保本", everyday={"绝对"})
    assert {"保证", "利息"} <= EVERYDAY
    assert found.words == {}
    assert found.left_out == ()
    assert made(tmp_path, rule(patterns=patterns), everyday=()).words == {"G01": ("vip保本",)}
    assert made(tmp_path, rule(patterns=["拍胸脯|vip保本"]), everyday={"拍胸脯"}).words == {"G01": ("vip保本",)}
    assert made(tmp_path, rule(patterns=["拍胸脯"])).words == {"G01": ("拍胸脯",)}


def test_the_guard_is_asked_with_the_check_of_the_rule(tmp_path):
    asked = []
    made(tmp_path, rule(patterns=["刚兑"]), held=lambda word, check: asked.append((word, check)))
    assert asked == [("刚兑", "G01")]


def test_a_word_of_an_approved_text_is_left_out_and_named_with_the_text(tmp_path):
    permitted = [Text("faq", "Q-1", "您好"), Text("scripts", "S-9", "这款不保💰本，也不刚兌")]
    found = made(tmp_path, rule(patterns=["保本", "刚兑", "稳赚"]), permitted=permitted)
    assert found.words == {"G01": ("稳赚",)}
    assert {(left.word, left.text) for left in found.left_out} == {("保本", "S-9"), ("刚兑", "S-9")}


def test_a_word_stands_once_and_not_beside_a_part_of_itself(tmp_path):
    found = made(tmp_path, rule(patterns=["稳赚(?:不赔)?"]), rule("G02-other", patterns=["稳赚", "一直稳赚", "包涨"]))
    assert found.words == {"G01": ("稳赚",), "G02": ("包涨",)}


def test_the_longer_word_stays_where_the_shorter_is_left_out(tmp_path):
    found = made(tmp_path, rule(patterns=["保本(?:保息)?"]), permitted=[Text("faq", "Q-1", "不保本")])
    assert found.words == {"G01": ("保本保息",)}


def test_words_are_parted_into_rules_of_the_size_wecom_takes(tmp_path):
    words = {"G01": [f"词语{n}" for n in range(5)], "G02": ["稳赚"]}
    rules = word_rules(words, {"G01": "承诺" * 20, "G02": "暗示"}, per_rule=2)
    assert [len(r.words) for r in rules] == [2, 2, 1, 1]
    assert [word for r in rules for word in r.words] == [*words["G01"], "稳赚"]
    assert len({r.name for r in rules}) == 4
    assert all(len(r.name) <= NAME_LENGTH for r in rules)
    assert rules[-1].name == "G02 暗示"


def test_limits_that_cannot_hold_are_refused():
    with pytest.raises(InputError, match="5 words need 3 WeCom rules of at most 2 words, and only 2 are allowed"):
        word_rules({"G01": [f"词{n}" for n in range(5)]}, {}, per_rule=2, most=2)


def test_the_table_has_three_columns(tmp_path):
    rules = loaded(tmp_path, rule())
    text = as_csv(word_rules({"G01": ["保本保息", "刚兑"]}, titles_of(rules)))
    assert list(csv.reader(io.StringIO(text))) == [
        ["规则名称", "检查", "敏感词"],
        ["G01 承诺保本", "G01", "保本保息、刚兑"],
    ]
