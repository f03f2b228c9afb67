"""Tables: what a file may be, and what it must not do to us."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copilot.errors import InputError
from knowledge_base import tables
from knowledge_base.tables import Table, check_packed, decoded, read_tables

FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def book(tmp_path: Path) -> Callable[..., Path]:
    """A workbook with the given rows in one sheet."""

    def make(*rows: tuple[object, ...], sheet: str = "净值") -> Path:
        made = openpyxl.Workbook()
        page = made.active
        page.title = sheet
        for row in rows:
            page.append(row)
        path = tmp_path / "t.xlsx"
        made.save(path)
        return path

    return make


def formatted(path: Path, **formats: str) -> Path:
    made = openpyxl.load_workbook(path)
    for place, form in formats.items():
        made.active[place].number_format = form
    made.save(path)
    return path


def rewritten(path: Path, name: str, change: Callable[[bytes], bytes]) -> Path:
    """The packed file with one of its parts changed."""
    with zipfile.ZipFile(path) as packed:
        parts = {entry: packed.read(entry) for entry in packed.namelist()}
    with zipfile.ZipFile(path, "w") as packed:
        for entry, body in parts.items():
            packed.writestr(entry, change(body) if entry == name else body)
    return path


def outcome(path: Path) -> tuple[tuple[Table, ...], str]:
    """The tables, or why the file is refused."""
    try:
        return read_tables(path), ""
    except InputError as error:
        return (), str(error)


def cells(found: tuple[Table, ...]) -> list[tuple[str, ...]]:
    return [line.cells for table in found for line in table.lines]


class TestText:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
    def test_every_usual_encoding(self, tmp_path, encoding):
        path = tmp_path / "t.csv"
        path.write_bytes("产品,净值\n周周澜,1.0186\n".encode(encoding))
        assert cells(read_tables(path)) == [("产品", "净值"), ("周周澜", "1.0186")]

    @pytest.mark.parametrize("separator", [",", ";", "\t"])
    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_every_usual_separator_and_line_end(self, tmp_path, separator, end):
        path = tmp_path / "t.csv"
        path.write_bytes(end.join(["a" + separator + "b", '"1,2"' + separator + '"x ""y"""']).encode())
        assert cells(read_tables(path)) == [("a", "b"), ("1,2", 'x "y"')]

    def test_lines_keep_their_numbers_over_gaps_and_broken_cells(self, tmp_path):
        path = tmp_path / "t.csv"
        path.write_text('a,b\n\n , \n"1\n2",3\n4,\n', encoding="utf-8")
        assert [(line.number, line.cells) for line in read_tables(path)[0].lines] == [
            (1, ("a", "b")),
            (5, ("1\n2", "3")),
            (6, ("4",)),
        ]

    def test_a_cell_too_long_is_cut_and_a_row_too_wide_ends(self, tmp_path):
        path = tmp_path / "t.csv"
        path.write_text("长" * 30_000 + ",b" * 500, encoding="utf-8")
        (row,) = cells(read_tables(path))
        assert (len(row[0]), len(row)) == (20_000, 400)

    @pytest.mark.parametrize("raw", [b"\xff\xff\xff\x00", b"a,b\x00c\n", b"\xff\xfe\x00"])
    def test_what_is_no_text_is_refused(self, tmp_path, raw):
        path = tmp_path / "t.csv"
        path.write_bytes(raw)
        with pytest.raises(InputError, match=r"t\.csv: .*save it as UTF-8"):
            read_tables(path)

    def test_a_cell_without_end_is_named_with_its_line(self, tmp_path):
        (tmp_path / "t.csv").write_text('a,b\n"' + "x" * 10_000_001, encoding="utf-8")
        with pytest.raises(InputError, match=r"t\.csv:2: not a csv row"):
            read_tables(tmp_path / "t.csv")

    def test_an_empty_file_is_an_empty_table(self, tmp_path):
        (tmp_path / "t.csv").write_text("")
        assert read_tables(tmp_path / "t.csv") == (Table("", ()),)


class TestBook:
    def test_values_as_a_person_writes_them(self, book):
        path = book(("x", 1, 2.0, 0.1 + 0.2, True, None, date(2026, 11, 20), datetime(2026, 11, 28, 17), time(9, 30)))
        assert cells(read_tables(path)) == [
            ("x", "1", "2", "0.3", "True", "", "2026-11-20", "2026-11-28 17:00", "09:30:00")
        ]

    @pytest.mark.parametrize(
        ("value", "form", "shown"),
        [
            (0.0152, "0.00%", "1.52%"),
            (0.015, "0.00%", "1.50%"),
            (0.01523, "0.00%", "1.523%"),
            (0.0152, "0%", "1.52%"),
            (1, "0%", "100%"),
            (0, "0.00%", "0.00%"),
            (-0.0003, "0.00%;[Red]-0.00%", "-0.03%"),
            (0.0152, "0.0#%", "1.52%"),
            (0.07, "[Blue]0.0%", "7.0%"),
            (0.29, "0%", "29%"),
            (1.0234, '0.0000"%"', "1.0234"),
            (1.5, r"0.00\%", "1.5"),
            (1.5, "0.00", "1.5"),
            (1.5, "0.00;-0.00%", "1.5"),
            (1.5, '"100%"0.00', "1.5"),
            (0.5, '0"分"%', "50%"),
        ],
    )
    def test_a_percent_cell_reads_as_it_is_meant(self, book, value, form, shown):
        assert cells(read_tables(formatted(book((value,)), A1=form))) == [(shown,)]

    def test_a_failed_formula_is_told_and_one_never_computed_is_empty(self, book):
        assert cells(read_tables(book(("a", "#N/A"), ("b", "=1+1")))) == [("a", "#N/A"), ("b",)]

    def test_sheets_keep_their_names_and_rows_their_numbers(self, tmp_path):
        made = openpyxl.Workbook()
        made.active.title = "理财"
        made.active["A3"] = "x"
        made.create_sheet("空")
        made.create_sheet("存款")["B1"] = "y"
        made.save(tmp_path / "t.xlsx")
        found = read_tables(tmp_path / "t.xlsx")
        assert [(t.sheet, [(line.number, line.cells) for line in t.lines]) for t in found] == [
            ("理财", [(3, ("x",))]),
            ("空", []),
            ("存款", [(1, ("", "y"))]),
        ]

    def test_a_sheet_that_claims_to_be_small_is_read_whole(self, book):
        path = rewritten(
            book(("a",), ("b",), ("c",)),
            "xl/worksheets/sheet1.xml",
            lambda body: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', body),
        )
        assert cells(read_tables(path)) == [("a",), ("b",), ("c",)]

    def test_a_value_in_the_last_row_of_all_costs_little(self, tmp_path):
        made = openpyxl.Workbook()
        made.active["A1"], made.active["A60000"] = "a", "z"
        made.save(tmp_path / "t.xlsx")
        (table,) = read_tables(tmp_path / "t.xlsx")
        assert [line.number for line in table.lines] == [1, 60_000]


class TestRefused:
    def test_too_large(self, tmp_path, monkeypatch):
        monkeypatch.setattr(tables, "LARGEST", 2_000_000)
        (tmp_path / "t.csv").write_bytes(b"a" * 2_000_001)
        with pytest.raises(InputError, match=r"t\.csv: larger than 2 MB; split it"):
            read_tables(tmp_path / "t.csv")

    @pytest.mark.parametrize("name", ["nothing.csv", "nothing.xlsx"])
    def test_not_there(self, tmp_path, name):
        with pytest.raises(InputError, match=rf"{name}: cannot be read \(No such file"):
            read_tables(tmp_path / name)

    @pytest.mark.parametrize("name", ["t.csv", "t.xlsx"])
    def test_a_folder(self, tmp_path, name):
        (tmp_path / name).mkdir()
        with pytest.raises(InputError, match=name):
            read_tables(tmp_path / name)

    @pytest.mark.parametrize("name", ["t.xls", "t.xlsm", "t.pdf", "t"])
    def test_another_kind(self, tmp_path, name):
        (tmp_path / name).write_text("x")
        with pytest.raises(InputError, match=r"save it as \.xlsx or \.csv"):
            read_tables(tmp_path / name)

    def test_a_bomb_is_not_opened(self, book, monkeypatch):
        path = book(("a",))
        with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("xl/media/big.bin", b"\0" * 3_000_000)
        assert path.stat().st_size < 100_000
        monkeypatch.setattr(tables, "_UNPACKED", 2_000_000)
        with pytest.raises(InputError, match="unpacks to more than 2 MB"):
            read_tables(path)

    def test_a_password(self, tmp_path):
        path = tmp_path / "t.xlsx"
        path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504)
        with pytest.raises(InputError, match="protected by a password"):
            read_tables(path)

    @pytest.mark.parametrize("name", ["xl/vbaProject.bin", "xl/macrosheets/sheet1.xml", "XL/VBAPROJECT.BIN"])
    def test_macros(self, book, name):
        path = book(("a",))
        with zipfile.ZipFile(path, "a") as packed:
            packed.writestr(name, b"x")
        with pytest.raises(InputError, match="holds macros"):
            check_packed(path)

    def test_a_file_cut_off(self, book):
        path = book(*[("a", number) for number in range(500)])
        path.write_bytes(path.read_bytes()[:-200])
        with pytest.raises(InputError, match="broken; save it again"):
            read_tables(path)

    @pytest.mark.parametrize("name", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml"])
    @pytest.mark.parametrize("body", [b"", b"<a", b"<x/>"])
    def test_a_part_spoiled_within(self, book, name, body):
        path = rewritten(book(("a",)), name, lambda _: body)
        found, said = outcome(path)
        assert cells(found) == []
        assert "\n" not in said

    def test_no_entity_is_expanded(self, book):
        bomb = b'<!DOCTYPE x [<!ENTITY a "AAAA"><!ENTITY b "&a;&a;&a;">]>'
        path = rewritten(
            book(("word",)),
            "xl/worksheets/sheet1.xml",
            lambda body: body.replace(b"<worksheet", bomb + b"<worksheet", 1).replace(b"<v>0</v>", b"<v>&b;</v>"),
        )
        found, _ = outcome(path)
        assert "AAAA" not in str(cells(found))


class TestFuzz:
    @FUZZ
    @given(raw=st.binary(max_size=400))
    def test_no_bytes_are_worse_than_refused(self, tmp_path, raw):
        for name in ("f.csv", "f.tsv", "f.xlsx"):
            path = tmp_path / name
            path.write_bytes(raw)
            found, said = outcome(path)
            assert "\n" not in said
            assert all(line.cells and line.cells[-1] for table in found for line in table.lines)

    @FUZZ
    @given(text=st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"), max_size=80))
    def test_text_comes_back_as_written(self, tmp_path, text):
        path = tmp_path / "f.txt"
        path.write_text(text, encoding="utf-8", newline="")
        assert decoded(path) == text.removeprefix("\ufeff")


def test_a_row_that_claims_a_place_beyond_any_sheet_is_left_out(tmp_path):
    """It was led up to by as many empty rows: the reader worked until it was stopped."""
    path = tmp_path / "far.xlsx"
    book = openpyxl.Workbook()
    for row in (("网点", "额度"), ("城东", 5), ("城西", 6)):
        book.active.append(row)
    book.save(path)
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b'<row r="3"', b'<row r="99999999999"').replace(b'r="A3"', b'r="A99999999999"')
    with zipfile.ZipFile(path, "w") as new:
        for name, data in parts.items():
            new.writestr(name, data)
    (table,) = read_tables(path)
    assert [line.cells for line in table.lines] == [("网点", "额度"), ("城东", "5")]
