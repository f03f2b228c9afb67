"""The days a paper gives itself, and nothing where it is silent or speaks of another's."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from knowledge_base.ingest.intake import Taking, Wanted, seen, take_in
from knowledge_base.ingest.shelf import Shelf
from knowledge_base.ingest.stated import Stated, stated

NOW = datetime(2026, 11, 22, 10)


@pytest.mark.parametrize(
    ("text", "starts", "ends"),
    [
        ("第九条 本办法自2026年1月1日起施行。", "2026-01-01", None),
        ("本规定自 2026 年 3 月 15 日起正式实施，原规定同时废止。", "2026-03-15", None),
        ("该产品说明书自2026-02-01起生效。", "2026-02-01", None),
        ("生效日期：2026/4/1\n正文", "2026-04-01", None),
        ("- **施行日期**：2026年4月1日\n", "2026-04-01", None),
        ("| 生效日期 | 2026-04-01 |\n", "2026-04-01", None),
        ("本公告有效期至2026年12月31日。", None, "2026-12-31"),
        ("有效期：2026年1月1日至2026年12月31日\n", None, "2026-12-31"),
        ("生效日期：2026-01-01\n失效日期：2026-12-31\n", "2026-01-01", "2026-12-31"),
        ("《存款条例》自2015年5月1日起施行，本行据此制定。", None, None),
        ("本办法自2026年1月1日起施行。\n本办法自2027年1月1日起施行。", None, None),
        ("本办法自公布之日起施行。", None, None),
        ("生效日期：2026年2月30日\n", None, None),
        ("生效日期：2026-12-31\n失效日期：2026-01-01\n", None, None),
        ("客户可自2026年1月1日起申请办理。", None, None),
    ],
)
def test_days(text, starts, ends):
    found = stated(text)
    assert found == Stated(date.fromisoformat(starts) if starts else None, date.fromisoformat(ends) if ends else None)


@pytest.mark.parametrize(
    "text", ["\n" * 200_000, "生效日期：" + " " * 200_000, "失效日期" + "*" * 9 + " " * 200_000 + "无"]
)
def test_long_runs_of_nothing_say_nothing(text):
    """Tried again from each blank, each of these took the better part of an hour."""
    assert stated(text) == Stated()


def how(**wanted):
    return Taking(lambda _text: (), NOW, Wanted(**wanted))


def test_a_persons_word_goes_before_the_papers_unless_it_only_fills_silence(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("办法\n本办法自2026年1月1日起施行。\n", encoding="utf-8")
    day = date(2026, 6, 1)
    assert seen(path, "a.txt", how()).effective_from == date(2026, 1, 1)
    assert seen(path, "a.txt", how(starts=day)).effective_from == day
    filled = seen(path, "a.txt", how(starts=day, ends=date(2027, 1, 1), kind="market", silent_only=True))
    assert (filled.effective_from, filled.effective_to, filled.kind) == (date(2026, 1, 1), date(2027, 1, 1), "market")


def test_a_corrected_paper_that_names_its_day_again_begins_today(tmp_path):
    shelf, path = Shelf(tmp_path / "shelf"), tmp_path / "a.txt"
    for text in ("本办法自2026年1月1日起施行。起点一万。", "本办法自2026年1月1日起施行。起点一万元。"):
        path.write_text(text, encoding="utf-8")
        list(take_in(shelf, [path], how()))
    assert [(p.effective_from, p.effective_to) for p in shelf.papers()] == [
        (date(2026, 1, 1), date(2026, 11, 21)),
        (date(2026, 11, 22), None),
    ]


def test_a_rule_says_so_itself(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("第一条 甲。\n第二条 乙。\n第三条 丙。\n", encoding="utf-8")
    assert seen(path, "a.txt", how(kind="market", silent_only=True)).kind == "compliance"
    assert seen(path, "a.txt", how(kind="market")).kind == "market"
