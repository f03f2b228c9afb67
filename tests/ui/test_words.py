"""The words of the desk: no key said twice, every check and every reason named in both languages."""

from __future__ import annotations

import ast
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

import copilot.spin.moves as moves
import ui.text
from evals.suites import SUITES
from guardrails.loading import load_rules
from ui import labels
from ui.present.typeset import typeset
from ui.text import Words

HAN = re.compile(r"[\u4e00-\u9fff]")
HALF = re.compile(r"[\u4e00-\u9fff][,;:?!()]|[,;:?!()][\u4e00-\u9fff]")
FOLDER = Path(ui.text.__file__).parent


PAGES = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in ("__init__", "figures", "guard"))


def keys(page: str) -> list[str]:
    tree = ast.parse((FOLDER / f"{page}.py").read_text(encoding="utf-8"))
    found = [key for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys]
    return [key.value for key in found if isinstance(key, ast.Constant)]


def test_every_word_stands_in_one_place():
    counted = Counter(key for page in PAGES for key in keys(page))
    assert [key for key, n in counted.items() if n > 1] == []
    assert set(counted) == set(ui.text.TEXT)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_check_of_the_rules_has_a_name(language):
    words = Words(language)
    checks = {rule.check for rule in load_rules().rules}
    assert [c for c in sorted(checks) if labels.check(words, c) == c] == []


def test_what_every_check_forbids_is_said_in_english_alone():
    checks = {rule.check for rule in load_rules().rules}
    told = [labels.forbidden(Words("en"), c) for c in sorted(checks)]
    assert len(told) == 37
    assert all(20 < len(line) < 130 and line.endswith(".") and not HAN.search(line) for line in told)
    assert {labels.forbidden(Words("zh"), c) for c in checks} == {""}


def test_chinese_stands_with_chinese_marks():
    """What a rule's author typed is printed so; what the desk says itself is written so."""
    rules = load_rules().rules
    printed = [typeset(line) for rule in rules for line in (rule.message, rule.basis)]
    assert any(typeset(rule.message) != rule.message for rule in rules)
    assert [line for line in (*printed, *(zh for zh, _ in ui.text.TEXT.values())) if HALF.search(line)] == []


def test_every_reason_of_a_move_is_told_in_english():
    tree = ast.parse(Path(moves.__file__).read_text(encoding="utf-8"))
    said = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    reasons = {s for s in said if HAN.search(s) and re.fullmatch(r"[\u4e00-\u9fff0-9，。：、]{8,}", s)}
    assert len(reasons) > 20
    assert [r for r in sorted(reasons) if HAN.search(labels.reason(Words("en"), r))] == []


def test_every_reason_that_is_planned_anywhere_is_told_in_english():
    """Not only those of the moves: a drafter that finds nothing plans a move of its own."""
    said = set()
    for path in Path(moves.__file__).parents[1].rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "PlannedMove":
                given = [*call.args[1:], *(k.value for k in call.keywords if k.arg == "reason")]
                said |= {
                    n.value
                    for a in given
                    for n in ast.walk(a)
                    if isinstance(n, ast.Constant) and HAN.search(str(n.value))
                }
    assert len(said) > 2
    assert [r for r in sorted(said) if HAN.search(labels.reason(Words("en"), r))] == []


def test_a_reason_nobody_translated_is_told_as_it_is():
    assert labels.reason(Words("en"), "别的理由") == "别的理由"


def test_suites_and_figures_are_told_in_the_page_s_language():
    zh, en = Words("zh"), Words("en")
    assert all(HAN.search(labels.suite(zh, s)) and not HAN.search(labels.suite(en, s)) for s in SUITES)
    assert labels.figure(zh, "development_recall@5_code") == "开发集 前 5 召回 代码"
    assert labels.figure(zh, "false_alarms_G12") == "误报 G12 超出风险等级"
    assert labels.figure(zh, "brand_new") == "brand new"
    assert labels.figure(en, "accuracy_first") == "accuracy first"


def test_the_two_languages_of_a_word_take_the_same_values():
    fields = {key: [set(re.findall(r"{(\w+)}", told)) for told in pair] for key, pair in ui.text.TEXT.items()}
    assert [key for key, found in fields.items() if any(a != b for a, b in pairwise(found))] == []
