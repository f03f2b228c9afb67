"""A bank's own cases: taken in from a sheet row by row, kept as JSON lines under `<data>/cases`, run beside the shipped ones."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from copilot.errors import ContentError, InputError
from copilot.types import INTENTS
from evals.cases import ConversationCase, GuardCase, IntentCase, SearchCase
from evals.guarding import own as guard_own
from evals.listening import STATES
from evals.rows import Case, hashed
from evals.searching import asked
from evals.suites import intent_turns
from knowledge_base.cells import read_day, read_flag, read_items
from knowledge_base.sheets import Columns, SheetRow, read_sheet

_ROLES = {
    "客户": "customer",
    "customer": "customer",
    "c": "customer",
    "经理": "advisor",
    "advisor": "advisor",
    "a": "advisor",
}
_TURN = re.compile(r"(客户|经理|customer|advisor|C|A)\s*[:：]", re.IGNORECASE)
_LABELS = {"违规": "forbidden", "forbidden": "forbidden", "合规": "permitted", "permitted": "permitted"}
_TEXT, _INTENT, _STATE, _BEFORE, _NOTE = "文本", "意图", "状态", "上文", "备注"
_SPELLINGS: Mapping[str, tuple[str, ...]] = {
    _TEXT: ("text", "message", "消息", "话术", "问题", "query", "question"),
    _INTENT: ("intent",),
    "次意图": ("secondary",),
    _STATE: ("state",),
    _BEFORE: ("history", "对话"),
    "标签": ("label", "结论"),
    "检查项": ("checks", "check"),
    "产品类型": ("product_type", "product type"),
    "答案": ("gold", "answers", "documents", "文档"),
    "可营销": ("selling",),
    "须含": ("must",),
    "不得含": ("must_not", "must not"),
    "姓名": ("name", "客户姓名"),
    "风险等级": ("risk_level", "risk level"),
    "测评日": ("assessed_on", "assessed on"),
    _NOTE: ("note", "reason"),
}


@dataclass(frozen=True)
class _Kind:
    """A suite that takes a bank's cases: its columns, and how a row becomes one."""

    columns: tuple[str, ...]
    needed: tuple[str, ...]
    model: type[BaseModel]
    data: Callable[[SheetRow], dict[str, Any]]

    def table(self) -> Columns:
        return Columns({name: _SPELLINGS[name] for name in self.columns}, needed=self.needed)


@dataclass(frozen=True)
class Added:
    """What `add` did."""

    path: Path
    new: int
    known: int


def add(file: Path, suite: str, folder: Path, known_document: Callable[[str], bool] = lambda _: True) -> Added:
    """Take in the cases of a file; InputError lists every wrong row, and then nothing is taken in."""
    kind = _kind(suite)
    sheet = read_sheet(file, kind.table())
    wrong, lines = list(sheet.wrong), []
    for row in sheet.rows:
        try:
            data = kind.data(row)
            case = _checked(kind.model, data)
            unknown = [d for d in getattr(case, "gold", ()) if not known_document(d)]
            if unknown:
                raise InputError(f"答案: no document {', '.join(unknown)} in the knowledge base")
            lines.append(json.dumps(data, ensure_ascii=False, default=str))
        except InputError as error:
            wrong.append(f"{row.where}: {error}")
    if wrong:
        raise InputError(f"{file.name}: {len(wrong)} wrong rows, nothing was added\n" + "\n".join(wrong))
    return keep(suite, lines, folder)


def put(suite: str, data: Mapping[str, Any], folder: Path) -> Added:
    """Take in one case as plain values; InputError when it is none."""
    _checked(_kind(suite).model, data)
    return keep(suite, [json.dumps(dict(data), ensure_ascii=False, default=str)], folder)


def keep(suite: str, lines: Sequence[str], folder: Path) -> Added:
    """Add lines to a suite's own cases, each once."""
    path = folder / f"{suite}.jsonl"
    before = set(path.read_text(encoding="utf-8").splitlines()) if path.is_file() else set()
    new = [line for line in dict.fromkeys(lines) if line not in before]
    folder.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as handle:
        handle.writelines(f"{line}\n" for line in new)
    return Added(path, len(new), len(lines) - len(new))


def own_cases(folder: Path) -> list[Case]:
    """All cases that were taken in; ContentError names a line that no longer is one."""
    found: list[Case] = []
    for suite in KINDS:
        found += _as_cases(suite, list(_kept(folder / f"{suite}.jsonl", _kind(suite).model)))
    return found


def _as_cases(suite: str, kept: Sequence[Any]) -> list[Case]:
    if suite == "intent":
        return intent_turns(kept, "own")
    if suite == "guard":
        return guard_own(kept)
    if suite == "search":
        return asked(kept, "own")
    return [Case("line", case.id, "own", case) for case in kept]


def _kept(path: Path, model: type[BaseModel]) -> Iterator[BaseModel]:
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    for number, line in enumerate(lines, 1):
        try:
            yield _checked(model, json.loads(line))
        except (InputError, ValueError) as error:
            raise ContentError(f"{path.name}:{number}", f"{error}; correct the line or remove it") from error


def _kind(suite: str) -> _Kind:
    if suite not in KINDS:
        raise InputError(f"no own cases for {suite}; they can be brought for {', '.join(KINDS)}")
    return KINDS[suite]


def _checked(model: type[BaseModel], data: Mapping[str, Any]) -> BaseModel:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _intent(row: SheetRow) -> dict[str, Any]:
    data = {
        "text": row.need(_TEXT),
        "intent": _label(row.need(_INTENT)),
        "secondary": [_label(s) for s in _items(row, "次意图")],
        "history": _history(row),
    }
    return data | ({"state": _person(row.cells[_STATE])} if _STATE in row.cells else {})


def _label(text: str) -> str:
    if text not in INTENTS:
        raise InputError(f"{text} is no intent; there are {', '.join(INTENTS)}")
    return text


def _person(text: str) -> str:
    if text not in STATES:
        raise InputError(f"{text} is no state; there are {', '.join(STATES)}")
    return text


def _guard(row: SheetRow) -> dict[str, Any]:
    label = _LABELS.get(row.need("标签").lower())
    if label is None:
        raise InputError(f"标签: {row.cells['标签']} is neither 违规 (forbidden) nor 合规 (permitted)")
    data = {"text": row.need(_TEXT), "label": label, "checks": _items(row, "检查项"), "note": row.cells.get(_NOTE, "")}
    data |= {"product_type": row.cells["产品类型"]} if "产品类型" in row.cells else {}
    case = data | {"id": hashed("own", data["text"])}
    try:
        GuardCase.model_validate(case).request()
    except ValidationError as error:
        raise InputError(f"产品类型: {error.errors()[0]['msg']}") from error
    return case


def _search(row: SheetRow) -> dict[str, Any]:
    return {
        "batch": "own",
        "slice": "message",
        "query": row.need(_TEXT),
        "gold": _items(row, "答案"),
        "history": _history(row),
    }


def _line(row: SheetRow) -> dict[str, Any]:
    cells = row.cells
    level = cells.get("风险等级")
    customer = {"name": cells.get("姓名", "客户"), **({"risk_level": level} if level else {})}
    customer |= {"assessed_on": str(read_day(cells["测评日"]))} if "测评日" in cells else {}
    expect = {
        "intent": [_label(i) for i in _items(row, _INTENT)],
        "state": [_person(s) for s in _items(row, _STATE)],
        "selling": read_flag(cells["可营销"]) if "可营销" in cells else None,
        "must": [group.split("|") for group in _items(row, "须含")],
        "must_not": _items(row, "不得含"),
        "documents_any": _items(row, "答案"),
        "no_product_above": level,
    }
    asked_for = {"message": row.need(_TEXT), "history": _history(row), "customer": customer}
    name = hashed("own", asked_for["message"], asked_for["history"], customer)
    return {"id": name, "author": "own", "reason": cells.get(_NOTE, ""), "input": asked_for, "expect": expect}


def _items(row: SheetRow, column: str) -> list[str]:
    return list(read_items(row.cells.get(column, "")))


def _history(row: SheetRow) -> list[dict[str, str]]:
    """`客户：…` and `经理：…`, one turn a line."""
    found: list[dict[str, str]] = []
    for line in row.cells.get(_BEFORE, "").splitlines():
        mark = _TURN.match(line.strip())
        if mark:
            found.append({"role": _ROLES[mark[1].lower()], "text": line.strip()[mark.end() :].strip()})
        elif found and line.strip():
            found[-1]["text"] += f"\n{line.strip()}"
        elif line.strip():
            raise InputError(f"{_BEFORE}: begin each turn with 客户： or 经理：")
    return found


KINDS: Mapping[str, _Kind] = {
    "intent": _Kind((_TEXT, _INTENT, "次意图", _STATE, _BEFORE), (_TEXT, _INTENT), IntentCase, _intent),
    "guard": _Kind((_TEXT, "标签", "检查项", "产品类型", _NOTE), (_TEXT, "标签"), GuardCase, _guard),
    "search": _Kind((_TEXT, "答案", _BEFORE), (_TEXT,), SearchCase, _search),
    "line": _Kind(
        (_TEXT, _BEFORE, _INTENT, _STATE, "可营销", "须含", "不得含", "答案", "姓名", "风险等级", "测评日", _NOTE),
        (_TEXT,),
        ConversationCase,
        _line,
    ),
}
"""The suites that take a bank's own cases."""
