"""Tables as files bring them: csv and xlsx as rows of text, each row with its place. Nothing in a cell is evaluated."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from copilot.errors import InputError

LARGEST = 50_000_000
"""Bytes of a file that is read."""
_UNPACKED = 400_000_000
"""Bytes a packed file may grow to: more is a bomb, or no table for this machine."""
_CELL = 20_000
"""Characters of a cell; a longer one is cut."""
_WIDEST = 400
"""Columns of a row; what stands further right is left out."""
_LONGEST = 1_048_576
"""Rows of a sheet, as many as Excel has. One that claims a later place would be led up to by as many empty ones."""
_PERCENT = re.compile(r"[0#?](?:\.(0*)[#?]*)?\s*%")
_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
"""What a number format shows as it stands."""
_MACROS = re.compile(r"vbaProject\.bin$|/macrosheets/", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """One row: its number in the file, from 1, and its cells without blanks around them."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """One sheet of a file, "" for csv. Empty rows are left out."""

    sheet: str
    lines: tuple[Line, ...]


def read_tables(path: Path) -> tuple[Table, ...]:
    """The tables of a csv or xlsx file. InputError, in one line, for what is no such file, too large, locked or has macros."""
    check_size(path)
    if path.suffix.lower() == ".xlsx":
        return _workbook(path)
    if path.suffix.lower() in (".csv", ".tsv"):
        return (Table("", tuple(_filled(_separated(decoded(path), path.name)))),)
    raise InputError(f"{path.name}: not a table this can read; save it as .xlsx or .csv")


def check_size(path: Path) -> None:
    """InputError for a file that is not there or too large to read."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise InputError(f"{path.name}: cannot be read ({error.strerror})") from error
    if not path.is_file():
        raise InputError(f"{path.name}: is no file; give one")
    if size > LARGEST:
        raise InputError(f"{path.name}: larger than {LARGEST // 1_000_000} MB; split it")


def decoded(path: Path) -> str:
    """A text file's characters: UTF-8, UTF-16 with its mark, else GB 18030. InputError when none of them fits."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path.name}: cannot be read ({error.strerror})") from error
    names = ("utf-16",) if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for name in names:
        try:
            text = raw.decode(name)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text
    raise InputError(f"{path.name}: neither UTF-8 nor GB 18030 text; save it as UTF-8")


def check_packed(path: Path) -> None:
    """InputError for an Office file that is broken, locked, has macros, or unpacks to more than this machine should hold."""
    try:
        with zipfile.ZipFile(path) as packed:
            inside = packed.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        what = "protected by a password or no Office file" if _is_compound(path) else "broken"
        raise InputError(f"{path.name}: {what}; save it again without a password") from error
    if sum(entry.file_size for entry in inside) > _UNPACKED:
        raise InputError(f"{path.name}: unpacks to more than {_UNPACKED // 1_000_000} MB; it was not opened")
    if any(_MACROS.search(entry.filename) for entry in inside):
        raise InputError(f"{path.name}: holds macros; save it without them")


def _is_compound(path: Path) -> bool:
    """Whether it is an old or encrypted Office file."""
    try:
        with path.open("rb") as file:
            return file.read(8) == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    except OSError:
        return False


def _separated(text: str, name: str) -> Iterator[Line]:
    head = text[:4096]
    separator = max(",\t;", key=head.split("\n", 1)[0].count)
    csv.field_size_limit(10_000_000)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for row in reader:
            yield Line(reader.line_num, tuple(_trimmed(cell) for cell in row[:_WIDEST]))
    except csv.Error as error:
        raise InputError(f"{name}:{reader.line_num}: not a csv row ({error})") from error


def _workbook(path: Path) -> tuple[Table, ...]:
    check_packed(path)
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            return tuple(
                Table(sheet.title, tuple(_filled(_sheet(sheet))))
                for sheet in book.worksheets
                if sheet.title is not None
            )
        finally:
            book.close()
    except InputError:
        raise
    except Exception as error:  # whatever a damaged file makes its reader raise, it is that file's fault
        raise InputError(
            f"{path.name}: cannot be read as a workbook ({type(error).__name__}); save it again"
        ) from error


def _sheet(sheet: Any) -> Iterator[Line]:
    sheet.reset_dimensions()  # a file may claim to be smaller than it is: its last rows would be lost
    for number, row in enumerate(sheet.iter_rows(max_row=_LONGEST, max_col=_WIDEST), 1):
        if any(cell.value is not None for cell in row):
            yield Line(number, tuple(_trimmed(_in_cell(cell)) for cell in row))


def _in_cell(cell: Any) -> str:
    value = cell.value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        share = _PERCENT.search(_LITERAL.sub("", str(cell.number_format).split(";", 1)[0]))
        if share:
            return _percent(value, len(share[1] or ""))
    return _shown(value)


def _percent(value: float, decimals: int) -> str:
    """0.0152 → 1.52%: at least the decimals of the cell's format, and none of its own rounded away."""
    digits = f"{round(value * 100, 10):.10f}".rstrip("0")
    whole, _, rest = digits.partition(".")
    rest = rest.ljust(decimals, "0")
    return f"{whole}.{rest}%" if rest else f"{whole}%"


def _filled(lines: Iterator[Line]) -> Iterator[Line]:
    """Rows that hold something, without the empty cells at their right end."""
    for line in lines:
        cells = line.cells
        while cells and not cells[-1]:
            cells = cells[:-1]
        if cells:
            yield Line(line.number, cells)


def _trimmed(cell: str) -> str:
    return cell.strip()[:_CELL]


def _shown(value: object) -> str:
    """A cell's value as a person would write it: days as ISO, whole numbers without a point."""
    match value:
        case None:
            return ""
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return value.isoformat(" ", "minutes")
        case date():
            return value.isoformat()
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case float():
            return f"{value:.10g}"
    return str(value)
