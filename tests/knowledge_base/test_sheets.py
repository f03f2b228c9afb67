"""Rows by column name, and what stands in a cell."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copilot.errors import InputError
from knowledge_base.cells import plain, read_day, read_flag, read_items, read_moment, read_number, read_whole
from knowledge_base.sheets import Columns, Sheet, read_sheet

COLUMNS = Columns({"产品": ("代码", "product"), "值": ("value",), "说明": ()}, frozenset({"说明"}), ("产品",))
FUZZ = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def sheet(tmp_path: Path, text: str, name: str = "t.csv") -> Sheet:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_sheet(path, COLUMNS)


def told(found: Sheet) -> list[tuple[str, dict[str, str]]]:
    return [(row.where, dict(row.cells)) for row in found.rows]


class TestTables:
    def test_rows_by_any_spelling_of_a_column(self, tmp_path):
        found = sheet(tmp_path, "Product, ＶＡＬＵＥ ,说明：费用,说明\n甲,1,少,短\n乙,,,\n")
        assert told(found) == [
            ("t.csv:2", {"产品": "甲", "值": "1", "说明:费用": "少", "说明": "短"}),
            ("t.csv:3", {"产品": "乙"}),
        ]

    def test_a_books_rows_know_their_sheet(self, tmp_path):
        made = openpyxl.Workbook()
        made.active.title = "理财"
        for row in (("代码", "值"), (970316, 1.5), (None, None), ("乙", "x")):
            made.active.append(row)
        made.save(tmp_path / "t.xlsx")
        assert told(read_sheet(tmp_path / "t.xlsx", COLUMNS)) == [
            ("t.xlsx:理财!2", {"产品": "970316", "值": "1.5"}),
            ("t.xlsx:理财!4", {"产品": "乙", "值": "x"}),
        ]

    @pytest.mark.parametrize(
        ("text", "what"),
        [
            ("产品,颜色\n甲,红\n", r"t\.csv:1: 颜色: no such column; the columns are 产品 值 说明 说明:…"),
            ("产品,代码\n甲,乙\n", r"t\.csv:1: 代码: the second column for 产品"),
            ("值\n1\n", r"t\.csv:1: no column 产品"),
            ("产品,说明：\n甲,x\n", r"说明：: no such column"),
            ("产品,值\n", "holds no rows"),
            ("", "holds no rows"),
        ],
    )
    def test_a_wrong_header_is_the_whole_files_fault(self, tmp_path, text, what):
        with pytest.raises(InputError, match=what):
            sheet(tmp_path, text)

    @pytest.mark.parametrize(
        ("row", "what"),
        [
            ("甲,1,2", "more cells than columns"),
            ("甲,#N/A", "值 is #N/A: its formula failed"),
            ("甲,a\x07b", r"值 holds a character that cannot be shown \(U\+0007\)"),
        ],
    )
    def test_a_wrong_row_is_named_and_the_rest_goes_on(self, tmp_path, row, what):
        found = sheet(tmp_path, f"产品,值\n{row}\n乙,2\n")
        assert told(found) == [("t.csv:3", {"产品": "乙", "值": "2"})]
        assert len(found.wrong) == 1
        assert what.replace("\\", "") in found.wrong[0]
        assert found.wrong[0].startswith("t.csv:2: ")

    def test_a_cell_under_no_name_is_wrong(self, tmp_path):
        found = sheet(tmp_path, "产品,,值\n甲,x,1\n乙,,2\n")
        assert [row.cells["产品"] for row in found.rows] == ["乙"]

    def test_another_kind_of_file(self, tmp_path):
        with pytest.raises(InputError, match=r"save it as \.csv, \.tsv, \.xlsx, \.json"):
            sheet(tmp_path, "x", "t.txt")

    def test_a_cell_that_must_be_filled(self, tmp_path):
        (row,) = sheet(tmp_path, "产品,值\n甲,\n").rows
        assert row.need("产品") == "甲"
        with pytest.raises(InputError, match="值: missing"):
            row.need("值")


class TestObjects:
    def test_a_list_keeps_figures_as_written_and_knows_its_lines(self, tmp_path):
        text = (
            '[\n {"产品": "甲", "value": 1.0200},\n\n {"代码": 970316, "值": null,\n  "说明:费用": ["a", 2, true]}\n]\n'
        )
        assert told(sheet(tmp_path, text, "t.json")) == [
            ("t.json:2", {"产品": "甲", "值": "1.0200"}),
            ("t.json:4", {"产品": "970316", "说明:费用": "a；2；true"}),
        ]

    def test_an_object_a_line(self, tmp_path):
        text = '{"产品": "甲"}\n\nnot json\n[1]\n{"颜色": 1}\n{"产品": "a", "代码": "b"}\n{"产品": 1, "产品": 2}\n{"产品": {"x": 1}}\n{"产品": NaN}\n{"产品": "\\ud800"}\n{"产品": "乙"}\n'
        found = sheet(tmp_path, text, "t.jsonl")
        assert [where for where, _ in told(found)] == ["t.jsonl:1", "t.jsonl:11"]
        assert [line.split(": ", 1)[0] for line in found.wrong] == [f"t.jsonl:{n}" for n in range(3, 11)]
        for line, what in zip(
            found.wrong,
            (
                "not a JSON object",
                "not a JSON object",
                "no such column",
                "second value",
                "given twice",
                "an object cannot",
                "NaN",
                "U+D800",
            ),
            strict=True,
        ):
            assert what in line

    @pytest.mark.parametrize(
        "text",
        [
            '[{"产品": "甲"}',
            '[{"产品": "甲"} {"产品": "乙"}]',
            '[{"产品": }]',
            "[1,, 2]",
            '[{"产品": "甲"}] x',
            "[",
            "[" * 100_000,
        ],
    )
    def test_a_broken_list_is_the_whole_files_fault(self, tmp_path, text):
        with pytest.raises(InputError, match=r"t\.json.*not JSON"):
            sheet(tmp_path, text, "t.json")

    def test_a_line_nested_too_deep_is_wrong(self, tmp_path):
        found = sheet(tmp_path, '{"产品":' + "[" * 200_000 + "\n", "t.jsonl")
        assert "t.jsonl:1: not a JSON object" in found.wrong[0]

    @pytest.mark.parametrize("text", ["", "[]", " \n"])
    def test_nothing(self, tmp_path, text):
        with pytest.raises(InputError, match="holds no rows"):
            sheet(tmp_path, text, "t.json")

    @FUZZ
    @given(
        data=st.recursive(
            st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["产品", "值", "说明:a", "x"]), inner, max_size=3)
            ),
            max_leaves=12,
        ),
        cut=st.integers(0, 40),
    )
    def test_no_json_is_worse_than_refused(self, tmp_path, data, cut):
        for text in (json.dumps(data, ensure_ascii=False), json.dumps([data])[: -cut or None]):
            path = tmp_path / "f.json"
            path.write_bytes(text.encode("utf-8", "surrogatepass"))
            try:
                found = read_sheet(path, COLUMNS)
            except InputError:
                continue
            for row in found.rows:
                assert all(cell.encode() for cell in row.cells.values())


class TestCells:
    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("1,000,000", "1000000"),
            ("１，２３４．５", "1234.5"),
            ("30万", "300000"),
            ("１.５ 亿元", "150000000"),
            ("800元", "800"),
            ("-0.5", "-0.5"),
            ("1.0200", "1.0200"),
        ],
    )
    def test_numbers(self, text, number):
        assert read_number(text) == Decimal(number)

    @pytest.mark.parametrize("text", ["", "1,00", "1.2.3", "一百", "1e5", "١٢", "1%", "inf", "1,0000", "9" * 40])
    def test_no_numbers(self, text):
        with pytest.raises(InputError, match="is no number"):
            read_number(text)

    def test_whole_numbers(self):
        assert read_whole("182.0") == 182
        with pytest.raises(InputError, match="no whole number"):
            read_whole("1.5")

    @pytest.mark.parametrize(
        "text",
        ["2026-11-20", "2026/11/20", "2026.11.20", "20261120", "2026年11月20日", "２０２６-11-20", "2026-11-20 00:00"],
    )
    def test_days(self, text):
        assert read_day(text) == date(2026, 11, 20)

    @pytest.mark.parametrize(
        "text", ["", "2026-13-01", "2026-02-30", "11-20", "20/11/2026", "46346", "2026-11/20", "0000-01-01"]
    )
    def test_no_days(self, text):
        with pytest.raises(InputError, match="day"):
            read_day(text)

    @pytest.mark.parametrize(
        "text", ["2026-11-28 17:00", "2026-11-28T17:00:00", "2026年11月28日17:00", "2026/11/28 １７：００"]
    )
    def test_moments(self, text):
        assert read_moment(text) == datetime(2026, 11, 28, 17)

    @pytest.mark.parametrize("text", ["2026-11-28", "2026-11-28 25:00", "17:00", "2026-11-28 17:60"])
    def test_no_moments(self, text):
        with pytest.raises(InputError):
            read_moment(text)

    def test_flags_and_items(self):
        assert [read_flag(t) for t in ("是", "TRUE", "0", "否")] == [True, True, False, False]
        with pytest.raises(InputError, match="neither"):
            read_flag("也许")
        assert read_items("固收、每日开放; 7天；、") == ("固收", "每日开放", "7天")

    def test_words_stay_as_they_stand(self):
        assert plain("年利率１．０５％，按月（每月）付：是") == "年利率1.05%，按月（每月）付：是"

    @FUZZ
    @given(text=st.text(max_size=20))
    def test_no_text_is_worse_than_refused(self, text):
        for reader in (read_number, read_whole, read_day, read_moment, read_flag):
            try:
                reader(text)
            except InputError:
                continue

    @FUZZ
    @given(on=st.dates(date(1000, 1, 1)))
    def test_every_day_reads_back(self, on):
        assert (
            read_day(on.isoformat())
            == read_day(on.strftime("%Y%m%d"))
            == read_day(f"{on.year}年{on.month}月{on.day}日")
            == on
        )
