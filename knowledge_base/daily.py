"""Reads the day's values from a file: what each product's net value, yield, rate, arrival and fees are, told as the catalogue tells them.

Only these five. Net value and seven-day yield are new every day, a rate is new when the bank sets one, and arrival and fees change
by an announcement that touches nothing else of the product. Status follows from the product's dates and decides what may be
pitched; a benchmark stands with its reason, basis and method: both change with the product itself, by `import products`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from copilot.errors import InputError
from copilot.reading.normalise import read
from knowledge_base.cells import read_day
from knowledge_base.checks import spoken_names
from knowledge_base.schema import ProductEntry
from knowledge_base.sheets import Columns, SheetRow, read_sheet
from knowledge_base.telling import ARRIVAL, FEES, NET_VALUE, RATE, WEEK_YIELD, tell
from knowledge_base.values import DailyValue, ValueFile, Values

FIELDS: Mapping[str, tuple[str, ...]] = {
    NET_VALUE: ("单位净值", "最新净值", "nav", "net value"),
    WEEK_YIELD: ("七日年化收益率", "7日年化", "7日年化收益率", "yield 7d"),
    RATE: ("年利率", "执行利率", "rate"),
    ARRIVAL: ("到账时间", "arrival"),
    FEES: ("费率", "fees"),
}
"""The fields that may change from day to day, each with its other spellings."""
COLUMNS = Columns(
    {
        "产品": ("产品代码", "产品编号", "产品名称", "代码", "product", "id", "code"),
        "日期": ("净值日期", "估值日期", "生效日期", "date", "as of"),
        "字段": ("项目", "指标", "field"),
        "值": ("数值", "内容", "value"),
        **FIELDS,
    },
    needed=("产品", "日期"),
)
_TYPES: Mapping[str, tuple[str, ...]] = {
    NET_VALUE: ("wealth", "fund", "pension"),
    WEEK_YIELD: ("cash", "fund"),
    RATE: ("deposit", "structured_deposit", "treasury"),
    ARRIVAL: ("wealth", "cash", "fund", "gold"),
    FEES: ("wealth", "cash", "fund", "gold"),
}
"""Kinds of product that may come to have a field which they do not tell yet."""


@dataclass(frozen=True)
class Given:
    """A value as a file gives it, with its place there."""

    where: str
    value: DailyValue


@dataclass(frozen=True)
class Day:
    """What a file holds: the values that can be used, and a line for each row that cannot."""

    given: tuple[Given, ...]
    wrong: tuple[str, ...]


@dataclass(frozen=True)
class Settled:
    """What an import would change: values of a new day, values of a known day put right, how many were known, and what is refused."""

    added: tuple[DailyValue, ...]
    corrected: tuple[DailyValue, ...]
    known: int
    wrong: tuple[str, ...]


def read_day_values(path: Path, products: Sequence[ProductEntry], today: date) -> Day:
    """The values of a file, checked one by one against the catalogue. InputError when the file as a whole cannot be read."""
    sheet = read_sheet(path, COLUMNS)
    entries = {entry.id: entry for entry in products}
    names = names_of(products)
    given: list[Given] = []
    wrong = list(sheet.wrong)
    for row in sheet.rows:
        try:
            entry = entries[find_product(row.need("产品"), names)]
            on = _day(row, today)
            told = [(name, _worded(name, value, on, entry)) for name, value in _told(row).items()]
        except InputError as error:
            wrong.append(f"{row.where}: {error}")
            continue
        given += [Given(row.where, DailyValue(entry.id, name, on, value)) for name, value in told]
    return Day(tuple(given), tuple(wrong))


def names_of(products: Iterable[ProductEntry]) -> dict[str, str]:
    """Every id, code, name and alias, folded, with the product's id."""
    found: dict[str, str] = {}
    for entry in products:
        for name, _ in spoken_names(entry):
            found[read(name).text] = entry.id
    return found | {read(entry.id).text: entry.id for entry in products}


def find_product(word: str, names: Mapping[str, str]) -> str:
    """The id of the product that a cell names."""
    found = names.get(read(word).text)
    if found is None:
        raise InputError(f"{word} is no product of the catalogue; give its id, code, name or alias")
    return found


def _day(row: SheetRow, today: date) -> date:
    on = read_day(row.need("日期"))
    if on > today:
        raise InputError(f"{on} lies in the future")
    return on


def _told(row: SheetRow) -> dict[str, str]:
    """Field → what is written: the row's own columns, or the one field it names."""
    wide = {name: row.cells[name] for name in FIELDS if name in row.cells}
    if "字段" not in row.cells and "值" not in row.cells:
        if not wide:
            raise InputError(f"no value; fill one of {' '.join(FIELDS)}")
        return wide
    if wide:
        raise InputError("either 字段 and 值, or a column a field")
    return {_field(row.need("字段")): row.need("值")}


def _field(word: str) -> str:
    try:
        return Columns(FIELDS).name(word)
    except InputError as error:
        raise InputError(f"{word} does not change from day to day; {' '.join(FIELDS)} do") from error


def _worded(name: str, value: str, on: date, entry: ProductEntry) -> str:
    if name not in entry.facts and entry.type not in _TYPES[name]:
        raise InputError(f"{entry.name} has no {name}")
    return tell(name, value, on, entry.facts.get(name))


def settle(given: Sequence[Given], values: Values, products: Sequence[ProductEntry]) -> Settled:
    """What of a file is news, given what is known. A row with an older day than the newest known is refused, a known value passed over."""
    entries = {entry.id: entry for entry in products}
    known = {(v.product, v.field, v.on): v.value for v in values.recorded}
    newest: dict[tuple[str, str], date] = {}
    for product, name, on in known:
        newest[product, name] = max(on, newest.get((product, name), on))
    wrong = _contradictions(given)
    rows: dict[str, list[DailyValue]] = {}
    for item in sorted(given, key=lambda g: g.value.on):
        rows.setdefault(item.where, []).append(item.value)
    added: list[DailyValue] = []
    corrected: list[DailyValue] = []
    passed = 0
    for where, row in rows.items():
        if where in wrong:
            continue
        news = [(v, before) for v in row if (before := _before(v, known, entries[v.product])) != v.value]
        for value, _ in news:
            latest = max(newest.get((value.product, value.field), date.min), _published(entries[value.product], value))
            if value.on < latest:
                what = f"{value.field} of {value.product} on {value.on}"
                wrong[where] = f"{what} is older than what is there ({latest})"
        if where in wrong:
            continue
        passed += len(row) - len(news)
        for value, before in news:
            (added if before is None else corrected).append(value)
            known[value.product, value.field, value.on] = value.value
    return Settled(tuple(added), tuple(corrected), passed, tuple(f"{where}: {what}" for where, what in wrong.items()))


def _before(value: DailyValue, known: Mapping[tuple[str, str, date], str], entry: ProductEntry) -> str | None:
    """What is told of that very day so far."""
    told = known.get((value.product, value.field, value.on))
    if told is None and entry.as_of.get(value.field) == value.on:
        return entry.facts.get(value.field)
    return told


def _published(entry: ProductEntry, value: DailyValue) -> date:
    """The day of the catalogue's own value; one that does not hold yet is in nobody's way."""
    if value.field not in entry.facts:
        return date.min
    own = entry.as_of.get(value.field, entry.effective_from)
    return own if value.field in entry.as_of or own <= value.on else date.min


def _contradictions(given: Sequence[Given]) -> dict[str, str]:
    """Rows that give one field of one product differently for one day: which is right, the file does not say."""
    places: dict[tuple[str, str, date], list[Given]] = {}
    for item in given:
        places.setdefault((item.value.product, item.value.field, item.value.on), []).append(item)
    found: dict[str, str] = {}
    for (product, name, on), items in places.items():
        if len({item.value.value for item in items}) > 1:
            for item in items:
                other = next(i.where for i in items if i.value.value != item.value.value)
                found[item.where] = f"{name} of {product} on {on} is given differently in {other}"
    return found


def import_values(
    path: Path, products: Sequence[ProductEntry], file: ValueFile, today: date, *, dry_run: bool = False
) -> Settled:
    """Add a file's values to those known; what changed, and every row that was refused."""
    day = read_day_values(path, products, today)
    if dry_run:
        settled = settle(day.given, file.read(), products)
    else:
        with file.changing() as append:
            settled = settle(day.given, file.read(), products)
            if settled.added or settled.corrected:
                append((*settled.added, *settled.corrected))
    return replace(settled, wrong=(*day.wrong, *settled.wrong))
