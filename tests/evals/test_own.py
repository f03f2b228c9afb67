"""A bank's own cases come in from a sheet whole or not at all, and every wrong row is named."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from copilot.errors import ContentError, InputError
from evals.own import KINDS, add, own_cases

CHINESE = {
    "intent": "文本,意图,次意图,状态,上文\n我那笔钱到期了咋弄,maturity_reinvest,liquidity_need,calm,\n",
    "guard": "话术,标签,检查项,产品类型,备注\n这款保本放心买,违规,G01,wealth,\n理财不是存款,合规,,,说明\n",
    "search": "问题,答案,上文\n几天到账,Q-002、Q-001,\n今天天气咋样,,\n",
    "line": "文本,意图,状态,可营销,须含,不得含,风险等级,姓名\n还能接着买吗,maturity_reinvest,calm,是,王姐;到期|几号,保本,C2,王姐\n",
}
ENGLISH = {
    "intent": "text,intent,secondary,state,history\n我那笔钱到期了咋弄,maturity_reinvest,liquidity_need,calm,\n",
    "guard": "text,label,checks,product_type,note\n这款保本放心买,forbidden,G01,wealth,\n理财不是存款,permitted,,,说明\n",
    "search": "query,gold,history\n几天到账,Q-002;Q-001,\n今天天气咋样,,\n",
    "line": "text,intent,state,selling,must,must_not,risk_level,name\n还能接着买吗,maturity_reinvest,calm,是,王姐;到期|几号,保本,C2,王姐\n",
}


def written(folder: Path, text: str, name: str = "cases.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("suite", KINDS)
def test_chinese_and_english_columns_mean_the_same(tmp_path: Path, suite: str) -> None:
    kept = tmp_path / "kept"
    added = add(written(tmp_path, CHINESE[suite]), suite, kept)
    assert (added.new, added.known) == (CHINESE[suite].count("\n") - 1, 0)
    again = add(written(tmp_path, ENGLISH[suite]), suite, kept)
    assert (again.new, again.known) == (0, added.new)
    cases = own_cases(kept)
    assert [(c.suite, c.split) for c in cases] == [(suite, "own")] * added.new


def test_a_sheet_and_json_lines_are_read_too(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["文本", "标签"])
    sheet.append(["保证不亏", "违规"])
    book.save(tmp_path / "cases.xlsx")
    add(tmp_path / "cases.xlsx", "guard", tmp_path)
    line = json.dumps({"text": "我们不承诺收益", "label": "permitted", "checks": []}, ensure_ascii=False)
    add(written(tmp_path, line, "cases.jsonl"), "guard", tmp_path / "more")
    assert [c.body.said.kind for c in own_cases(tmp_path)] == ["forbidden"]
    assert [c.body.said.kind for c in own_cases(tmp_path / "more")] == ["hard"]


def test_what_came_before_becomes_turns(tmp_path: Path) -> None:
    before = "经理：到期了您看\n客户：嗯\n好的"
    line = json.dumps({"文本": "那就接着放", "意图": "maturity_reinvest", "上文": before}, ensure_ascii=False)
    add(written(tmp_path, line, "a.jsonl"), "intent", tmp_path / "kept")
    (case,) = own_cases(tmp_path / "kept")
    assert [(t.role, t.text) for t in case.body.history] == [("advisor", "到期了您看"), ("customer", "嗯\n好的")]


def test_a_conversation_is_scored_on_what_its_row_asks(tmp_path: Path) -> None:
    add(written(tmp_path, "文本,须含,风险等级\n还能买吗,到期|几号；王姐,C2\n"), "line", tmp_path)
    (case,) = own_cases(tmp_path)
    expect = case.body.expect
    assert (expect.intent, expect.selling, expect.no_product_above) == ((), None, "C2")
    assert expect.must == (("到期", "几号"), ("王姐",))
    assert case.body.input.customer.risk_level == "C2"


@pytest.mark.parametrize(
    ("suite", "text", "what"),
    [
        ("intent", "文本,意图\n好,买买买\n", "cases.csv:2: 买买买 is no intent"),
        ("intent", "文本,意图,状态\n好,complaint,开心\n", "cases.csv:2: 开心 is no state"),
        ("intent", '文本,意图,上文\n好,complaint,"您好"\n', "begin each turn"),
        ("intent", "文本,意图\n,complaint\n", "文本: missing"),
        ("intent", "文本\n好\n", "no column 意图"),
        ("intent", "文本,意图,标签\n好,complaint,违规\n", "标签: no such column"),
        ("guard", "文本,标签\n好,也许\n", "neither 违规"),
        ("guard", "文本,标签,产品类型\n好,违规,彩票\n", "产品类型"),
        ("search", "问题,答案\n几天到账,Q-999\n", "no document Q-999"),
        ("line", "文本,风险等级\n好,C9\n", "risk_level"),
        ("line", "文本,状态\n好,开心\n", "no state"),
        ("line", "文本,可营销\n好,随便\n", "是"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_added(tmp_path: Path, suite: str, text: str, what: str) -> None:
    kept = tmp_path / "kept"
    with pytest.raises(InputError, match=what):
        add(written(tmp_path, text), suite, kept, lambda document: document == "Q-001")
    assert own_cases(kept) == []


def test_every_wrong_row_is_listed(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        add(written(tmp_path, "文本,标签\n一,违规\n二,甲\n三,乙\n"), "guard", tmp_path / "kept")
    assert "2 wrong rows" in str(caught.value)
    assert "cases.csv:3" in str(caught.value)
    assert "cases.csv:4" in str(caught.value)


def test_a_suite_without_own_cases_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="intent, guard, search, line"):
        add(written(tmp_path, "文本\n好\n"), "ledger", tmp_path)


@pytest.mark.parametrize("line", ["{", '{"text": ""}'])
def test_a_kept_line_that_was_spoilt_is_named(tmp_path: Path, line: str) -> None:
    add(written(tmp_path, CHINESE["intent"]), "intent", tmp_path)
    with (tmp_path / "intent.jsonl").open("a", encoding="utf-8") as handle:
        handle.write(line + "\n")
    with pytest.raises(ContentError, match=r"intent\.jsonl:2"):
        own_cases(tmp_path)
