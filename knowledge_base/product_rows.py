"""Products from a sheet, one a row: its own columns are the typed values, a column a fact, 说明 what is told at length.

A fact that follows from a typed value may be left out and is written from it; so may a typed value that its fact tells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from copilot.errors import ContentError, InputError
from knowledge_base.calendar import day as short_day
from knowledge_base.calendar import full_day, moment
from knowledge_base.cells import plain, read_day, read_flag, read_items, read_moment, read_number, read_whole
from knowledge_base.checks import Owners, Placed, check_product, claim_names
from knowledge_base.fields import PRODUCT_FIELDS, RISK_NAMES, STATUS_WORDS
from knowledge_base.load import Content
from knowledge_base.schema import ProductEntry
from knowledge_base.sheets import Columns, SheetRow, read_sheet
from knowledge_base.source import Source
from knowledge_base.telling import NET_VALUE, RATE, WEEK_YIELD, day_in, tell

SECTION = "说明"
_FIRST_TITLE = "产品概览"
"""Of a section without a title."""
_TYPES = {
    "理财": "wealth",
    "现金管理": "cash",
    "存款": "deposit",
    "结构性存款": "structured_deposit",
    "储蓄国债": "treasury",
    "国债": "treasury",
    "基金": "fund",
    "保险": "insurance",
    "黄金": "gold",
    "养老金": "pension",
    "其他": "other",
}
_TYPED: Mapping[str, tuple[tuple[str, ...], Callable[[str], Any]]] = {
    "id": (("编号", "产品编号"), str),
    "name": (("产品名称", "简称", "产品简称"), str),
    "full_name": (("全称", "产品全称"), str),
    "aliases": (("别名", "别称"), read_items),
    "code": (("代码", "产品代码", "登记编码"), str),
    "type": (("品类", "产品大类"), lambda text: _TYPES.get(text, text)),
    "subtype": (("子类", "细类"), str),
    "issuer": (("发行人", "发行机构", "管理人"), str),
    "agency": (("代销", "是否代销"), read_flag),
    "risk_level": (("风险级别",), str),
    "status": (("销售状态",), str),
    "version": (("版本",), read_whole),
    "effective_from": (("生效日", "生效日期"), read_day),
    "effective_to": (("失效日", "失效日期"), read_day),
    "sale_from": (("开售日", "募集开始"), read_day),
    "sale_to": (("截止时间", "募集结束"), read_moment),
    "value_date": (("起息日", "成立日"), read_day),
    "maturity_date": (("到期日期",), read_day),
    "term_days": (("期限天数",), read_whole),
    "minimum": (("起购金额", "起存金额"), read_number),
    "tags": (("标签",), read_items),
    "disclosure": (("须告知", "风险揭示"), str),
}
"""Each typed value with its other spellings and how it is read."""
_BENCHMARK = {
    "benchmark.text": ("业绩比较基准",),
    "benchmark.reason": ("基准选择原因",),
    "benchmark.basis": ("基准测算依据",),
    "benchmark.method": ("基准测算方法",),
}
_AS_OF = "as_of"
COLUMNS = Columns(
    {
        **{name: spellings for name, (spellings, _) in _TYPED.items()},
        **_BENCHMARK,
        _AS_OF: ("数据日期", "净值日期"),
        **{name: () for name in PRODUCT_FIELDS},
        SECTION: (),
    },
    families=frozenset({SECTION}),
    needed=("id",),
)
_FIXED_TERM = ("deposit", "structured_deposit", "treasury")
"""Kinds whose days are a term; elsewhere they may be the shortest holding, which the bank tells in its own words."""
_BARE = re.compile(r"[-0-9.,]+%?")
_LEAST = {
    "deposit": "起存",
    "structured_deposit": "起存",
    **dict.fromkeys(("wealth", "cash", "fund", "gold", "treasury"), "起购"),
}
"""How the least amount is called; an insurance tells none, and what a pension product is at heart only the bank knows."""
_NOT_EXPECTED = "（不是预期收益率，也不是收益承诺）"


@dataclass(frozen=True)
class ProductRows:
    """The products of a sheet that can be taken over, those the catalogue already has so, and a line for each wrong row."""

    entries: tuple[ProductEntry, ...]
    unchanged: tuple[str, ...]
    wrong: tuple[str, ...]


def read_products(path: Path, content: Content) -> ProductRows:
    """The products of a sheet, each checked by itself and against the rest of the content. InputError when the file as a whole cannot be read."""
    sheet = read_sheet(path, COLUMNS)
    known = {entry.id: entry for entry in content.products}
    others = {d.id for d in content.documents} - set(known)
    wrong: dict[str, str] = {}
    placed: dict[str, Placed[ProductEntry]] = {}
    for row in sheet.rows:
        try:
            item = _product(path, row)
            if item.entry.id in others:
                raise InputError(f"id {item.entry.id} is already that of another document")
            if item.entry.id in placed:
                raise InputError(f"id {item.entry.id} stands already at {placed[item.entry.id].source.name}")
            placed[item.entry.id] = item
        except (InputError, ContentError) as error:
            wrong[row.where] = _what(error)
    wrong |= _drop_rivals(placed, content.products)
    same = {identity for identity, item in placed.items() if known.get(identity) == item.entry}
    return ProductRows(
        tuple(item.entry for identity, item in placed.items() if identity not in same),
        tuple(identity for identity in placed if identity in same),
        (*sheet.wrong, *(f"{where}: {what}" for where, what in wrong.items())),
    )


def _drop_rivals(placed: dict[str, Placed[ProductEntry]], products: Sequence[ProductEntry]) -> dict[str, str]:
    """Take out the rows that claim another product's name. What they would have replaced stays, with its names: so again, until all agree."""
    wrong: dict[str, str] = {}
    while True:
        owner: Owners = {}
        for entry in products:
            if entry.id not in placed:
                claim_names(Placed(entry, Source(Path(), "the catalogue", {}, {}), ()), owner)
        rivals: dict[str, str] = {}
        for identity, item in placed.items():
            try:
                claim_names(item, owner)
            except ContentError as error:
                rivals[identity] = error.what
        for identity, what in rivals.items():
            wrong[placed.pop(identity).source.name] = what
        if not rivals:
            return wrong


def _what(error: InputError | ContentError) -> str:
    return error.what if isinstance(error, ContentError) else str(error)


def _product(path: Path, row: SheetRow) -> Placed[ProductEntry]:
    data = _typed(row.cells)
    facts = {name: row.cells[name] for name in PRODUCT_FIELDS if name in row.cells}
    _typed_from_facts(data, facts)
    _facts_from_typed(data, facts)
    if set(_BENCHMARK) & set(row.cells):
        data["benchmark"] = {name.split(".")[1]: row.cells[name] for name in _BENCHMARK if name in row.cells}
        if "benchmark.text" in row.cells:
            facts.setdefault("基准", row.cells["benchmark.text"] + _NOT_EXPECTED)
    data["as_of"] = _days(row.cells, facts)
    data["facts"] = {name: facts[name] for name in PRODUCT_FIELDS if name in facts}
    data["sections"] = [
        {"title": name.partition(":")[2] or _FIRST_TITLE, "text": text}
        for name, text in row.cells.items()
        if name.partition(":")[0] == SECTION
    ]
    if not data["sections"]:
        raise InputError(f"{SECTION}: missing; tell at least one section of the product")
    source = Source(path, row.where, data, {})
    placed = Placed(source.parse(ProductEntry), source, ())
    check_product(placed)
    return placed


def _typed(cells: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, (_, reader) in _TYPED.items():
        if name in cells:
            try:
                found[name] = reader(cells[name])
            except InputError as error:
                raise InputError(f"{name}: {error}") from error
    return found


def _typed_from_facts(data: dict[str, Any], facts: dict[str, str]) -> None:
    """What a bank's own table writes under the fact's name: R2, 2027-06-01, 182天, 10000."""
    if "名称" in facts:
        data.setdefault("name", facts["名称"])
    level = re.match(r"R[1-5]", plain(facts.get("风险等级", "")))
    if level:
        data.setdefault("risk_level", level[0])
        if level[0] == plain(facts["风险等级"]):
            del facts["风险等级"]
    for fact, typed, reader in (
        ("截止", "sale_to", read_moment),
        ("起息", "value_date", read_day),
        ("到期日", "maturity_date", read_day),
    ):
        value = _if_read(reader, facts.get(fact))
        if value is not None:
            data.setdefault(typed, value)
            del facts[fact]
    term = re.fullmatch(r"([0-9]{1,5})天", plain(facts.get("期限", "")))
    if term:
        data.setdefault("term_days", int(term[1]))
    for fact in ("起购", "起存"):
        least = _if_read(read_number, facts.get(fact))
        if least is not None:
            data.setdefault("minimum", least)
            facts[fact] = _money(least)
    if "状态" in facts and "status" not in data:
        words = [(status, STATUS_WORDS[status]) for status in ("closed", "matured", "upcoming", "on_sale")]
        data["status"] = next((s for s, said in words if any(w in facts["状态"] for w in said)), "on_sale")


def _if_read(reader: Callable[[str], Any], text: str | None) -> Any:
    try:
        return reader(text) if text is not None else None
    except InputError:
        return None


def _facts_from_typed(data: Mapping[str, Any], facts: dict[str, str]) -> None:
    """The facts that typed values make, as `checks` expects them. How a product closed only the bank knows."""
    kind, status, least = data.get("type"), data.get("status", "on_sale"), data.get("minimum")
    selling = status == "on_sale"
    made: dict[str, str | None] = {
        "名称": data.get("name"),
        "风险等级": f"{level}（{RISK_NAMES[level]}）" if (level := data.get("risk_level")) in RISK_NAMES else None,
        "期限": f"{days}天"
        if (days := data.get("term_days")) and ("maturity_date" in data or kind in _FIXED_TERM)
        else None,
        "截止": moment(data["sale_to"]) if "sale_to" in data and selling else None,
        "起息": short_day(data["value_date"]) if "value_date" in data and selling else None,
        "到期日": full_day(data["maturity_date"]) if "maturity_date" in data else None,
        "状态": STATUS_WORDS[status][0] if status in STATUS_WORDS and status != "closed" else None,
    }
    if least is not None and kind in _LEAST and not {"起购", "起存"} & set(facts):
        made[_LEAST[kind]] = _money(least)
    for name, value in made.items():
        if value is not None:
            facts.setdefault(name, value)


def _money(yuan: Decimal) -> str:
    scaled, unit = (yuan / 10_000, "万元") if yuan >= 10_000 else (yuan, "元")
    return f"{scaled:f}".rstrip("0").rstrip(".") + unit if "." in f"{scaled:f}" else f"{scaled:f}{unit}"


def _days(cells: Mapping[str, str], facts: dict[str, str]) -> dict[str, date]:
    """The day of each dated fact, which its words may name themselves; a bare figure is put into words."""
    told: dict[str, date] = {}
    for name in (NET_VALUE, WEEK_YIELD, RATE):
        if name not in facts:
            continue
        on = read_day(cells[_AS_OF]) if _AS_OF in cells else day_in(facts[name])
        if on is None and name != RATE:
            raise InputError(f"{name} without its day; fill the column {_AS_OF}")
        if _BARE.fullmatch(plain(facts[name])):
            facts[name] = tell(name, facts[name], on or date.min)
        if on is not None:
            told[name] = on
    return told
