"""Customer cards from a file: JSON lines of the command-line contract, or a table with a row a customer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from copilot.edges import CustomerIn, parse
from copilot.errors import InputError
from knowledge_base.cells import plain, read_day, read_items, read_number, read_whole
from knowledge_base.daily import find_product
from knowledge_base.sheets import TABLES, Columns, SheetRow, read_sheet

Card = dict[str, Any]


@dataclass(frozen=True)
class Cards:
    """The cards of a file that can be used, and a line for each wrong one."""

    good: tuple[Card, ...]
    wrong: tuple[str, ...]


def read_cards(path: Path, names: Mapping[str, str]) -> Cards:
    """The cards of a file. `names`: every name of a product → its id. InputError when the file as a whole cannot be read."""
    good: list[Card] = []
    wrong: list[str] = []
    if path.suffix.lower() in TABLES:
        sheet = read_sheet(path, COLUMNS)
        wrong += sheet.wrong
        made = [(row.where, partial(_told, row, names)) for row in sheet.rows]
    else:
        made = [(where, partial(_object, line)) for where, line in _lines(path)]
    for where, make in made:
        try:
            good.append(_checked(make()))
        except InputError as error:
            wrong.append(f"{where}: {error}")
    return Cards(tuple(good), tuple(wrong))


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    return ((f"{path.name}:{number}", line) for number, line in enumerate(lines, 1) if line.strip())


def _object(line: str) -> Card:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"not JSON: {error}") from error
    if not isinstance(data, dict):
        raise InputError("not a JSON object")
    return data


def _checked(data: Card) -> Card:
    card = parse(CustomerIn, data)
    if not card.name:
        raise InputError("name: a card needs a name")
    return card.model_dump(mode="json", exclude_defaults=True)


def _level(text: str) -> str:
    """`C2`, also from `C2（稳健型）`."""
    found = re.match(r"[Cc][1-5](?![0-9])", plain(text))
    return found[0].upper() if found else text


_READERS: Mapping[str, tuple[str, tuple[str, ...], Callable[[str], Any]]] = {
    "姓名": ("name", ("客户姓名", "客户", "name"), str),
    "风险等级": ("risk_level", ("风险承受能力", "风险级别", "risk level"), _level),
    "测评日": ("assessed_on", ("测评日期", "风险测评日期", "assessed on"), read_day),
    "年龄": ("age", ("age",), read_whole),
    "资产": ("aum", ("管理资产", "资产余额", "aum"), lambda text: float(read_number(text))),
    "标签": ("tags", ("客户标签", "tags"), read_items),
}
_HOLDINGS = "持仓"
COLUMNS = Columns(
    {**{name: others for name, (_, others, _) in _READERS.items()}, _HOLDINGS: ("持有产品", "holdings")},
    needed=("姓名",),
)


def _told(row: SheetRow, names: Mapping[str, str]) -> Card:
    card: Card = {}
    for name, (key, _, reader) in _READERS.items():
        if name in row.cells:
            try:
                card[key] = reader(row.cells[name])
            except InputError as error:
                raise InputError(f"{name}: {error}") from error
    if _HOLDINGS in row.cells:
        try:
            held = [item for item in re.split(r"[;；\n]", row.cells[_HOLDINGS]) if item.strip()]
            card["holdings"] = [_holding(item, names) for item in held]
        except InputError as error:
            raise InputError(f"{_HOLDINGS}: {error}") from error
    return card


def _holding(text: str, names: Mapping[str, str]) -> Card:
    """`名称|产品|金额|到期`; what is not known is left empty."""
    parts = [part.strip() for part in re.split(r"[|｜]", text)]
    if len(parts) > 4 or not parts[0]:
        raise InputError(f"{text.strip()} is no holding; write it like 稳健半年5月期|LJ-W-011|300000|2026-11-27")
    name, product, amount, maturity = (*parts, "", "", "", "")[:4]
    found: Card = {"name": name}
    if product:
        found["product"] = find_product(product, names)
    if amount:
        found["amount"] = float(read_number(amount))
    if maturity:
        found["maturity"] = read_day(maturity)
    return found
