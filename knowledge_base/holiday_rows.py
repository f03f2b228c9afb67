"""The calendar from a sheet, one holiday a row. All of it or nothing: a calendar with a hole is worse than none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from copilot.errors import ContentError, InputError
from knowledge_base.cells import read_day, read_items, read_moment
from knowledge_base.checks import Placed, check_holiday
from knowledge_base.schema import CalendarFile, HolidayEntry
from knowledge_base.sheets import Columns, SheetRow, read_sheet
from knowledge_base.source import Source


def _workdays(text: str) -> tuple[date, ...]:
    return tuple(read_day(item) for item in read_items(text))


_READERS: Mapping[str, tuple[tuple[str, ...], Callable[[str], Any]]] = {
    "name": (("假期", "节日", "名称"), str),
    "off_from": (("休市开始", "放假开始", "开始"), read_day),
    "off_to": (("休市结束", "放假结束", "结束"), read_day),
    "workdays": (("调休上班", "调休", "补班"), _workdays),
    "last_subscription": (("最后申购", "节前最后申购"), read_moment),
    "resume": (("恢复交易", "恢复"), read_day),
    "note": (("说明", "备注"), str),
}
COLUMNS = Columns(
    {name: spellings for name, (spellings, _) in _READERS.items()},
    needed=("name", "off_from", "off_to", "last_subscription", "resume"),
)


@dataclass(frozen=True)
class HolidayRows:
    """The calendar of a sheet, and a line for each wrong row; with one of those it is not to be used."""

    calendar: CalendarFile
    wrong: tuple[str, ...]


def read_holidays(path: Path) -> HolidayRows:
    """The holidays of a sheet, each checked. InputError when the file as a whole cannot be read."""
    sheet = read_sheet(path, COLUMNS)
    wrong = list(sheet.wrong)
    found: list[Placed[HolidayEntry]] = []
    for row in sheet.rows:
        try:
            item = _holiday(path, row)
            for other in found:
                if other.entry.off_from <= item.entry.off_to and item.entry.off_from <= other.entry.off_to:
                    raise InputError(f"{item.entry.name} lies over {other.entry.name} ({other.source.name})")
            found.append(item)
        except (InputError, ContentError) as error:
            wrong.append(f"{row.where}: {error.what if isinstance(error, ContentError) else error}")
    ordered = sorted((item.entry for item in found), key=lambda entry: entry.off_from)
    return HolidayRows(CalendarFile(holidays=tuple(ordered)), tuple(wrong))


def _holiday(path: Path, row: SheetRow) -> Placed[HolidayEntry]:
    data: dict[str, Any] = {}
    for name, (_, reader) in _READERS.items():
        if name in row.cells:
            try:
                data[name] = reader(row.cells[name])
            except InputError as error:
                raise InputError(f"{name}: {error}") from error
    source = Source(path, row.where, data, {})
    placed = Placed(source.parse(HolidayEntry), source, ())
    check_holiday(placed)
    return placed
