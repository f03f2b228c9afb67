"""Rows by column name, from csv, xlsx and json. What a column may be called is told by whoever reads; every row knows its place."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from copilot.errors import InputError
from knowledge_base.tables import Table, check_size, decoded, read_tables

TABLES = (".csv", ".tsv", ".xlsx")
"""Endings of tables."""
OBJECTS = (".json", ".jsonl", ".ndjson")
"""Endings of files of objects."""
_BROKEN = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!)")
"""What a sheet shows where its formula failed."""
_BLANK = re.compile(r"[ \t\r\n]*")
_SIGNS = "\t\n\r"


@dataclass(frozen=True)
class Columns:
    """The columns there are: each name with its other spellings. A column of a `family` may come often, as 说明:费用; a `needed` one must be there."""

    spellings: Mapping[str, Sequence[str]]
    families: frozenset[str] = frozenset()
    needed: tuple[str, ...] = ()

    def name(self, header: str) -> str:
        """The column that a header means; InputError, with the columns there are, for none of them."""
        meant = self._meant.get(_folded(header))
        if meant is not None:
            return meant
        family, colon, title = header.replace("：", ":").partition(":")
        if colon and title.strip() and _folded(family) in map(_folded, self.families):
            return f"{family.strip()}:{title.strip()}"
        known = " ".join([*self.spellings, *(f"{family}:…" for family in sorted(self.families))])
        raise InputError(f"{header}: no such column; the columns are {known}")

    @cached_property
    def _meant(self) -> dict[str, str]:
        return {_folded(word): name for name, others in self.spellings.items() for word in (name, *others)}


@dataclass(frozen=True)
class SheetRow:
    """A row: where it stands and what is written under each column; empty cells are left out."""

    where: str
    cells: Mapping[str, str]

    def need(self, name: str) -> str:
        """A cell that must be filled."""
        if name not in self.cells:
            raise InputError(f"{name}: missing")
        return self.cells[name]


@dataclass(frozen=True)
class Sheet:
    """The rows of a file, and those that could not be read: a line each, with its place."""

    rows: tuple[SheetRow, ...]
    wrong: tuple[str, ...]


def read_sheet(path: Path, columns: Columns) -> Sheet:
    """The rows of a file. InputError when the file as a whole cannot be read: its form, its header, an unknown column."""
    ending = path.suffix.lower()
    if ending in TABLES:
        found = [row for table in read_tables(path) for row in _of_table(path, table, columns)]
    elif ending in OBJECTS:
        found = list(_of_objects(path, columns))
    else:
        raise InputError(f"{path.name}: cannot be read as rows; save it as {', '.join([*TABLES, *OBJECTS])}")
    if not found:
        raise InputError(f"{path.name}: holds no rows")
    return Sheet(tuple(r for r in found if isinstance(r, SheetRow)), tuple(r for r in found if isinstance(r, str)))


def _of_table(path: Path, table: Table, columns: Columns) -> Iterator[SheetRow | str]:
    if not table.lines:
        return
    place = f"{path.name}:{table.sheet}!" if table.sheet else f"{path.name}:"
    head, *body = table.lines
    try:
        names = [columns.name(cell) if cell else "" for cell in head.cells]
        for number, name in enumerate(names):
            if name and name in names[:number]:
                raise InputError(f"{head.cells[number]}: the second column for {name}; remove one")
        for name in columns.needed:
            if name not in names:
                raise InputError(f"no column {name}; the first row must hold the columns' names")
    except InputError as error:
        raise InputError(f"{place}{head.number}: {error}") from error
    for line in body:
        where = f"{place}{line.number}"
        try:
            named = dict(zip(names, line.cells, strict=False))
            if len(line.cells) > len(names) or named.get(""):
                raise InputError("more cells than columns; is a comma unquoted?")
            yield SheetRow(where, {name: _sound(name, cell) for name, cell in named.items() if cell})
        except InputError as error:
            yield f"{where}: {error}"


def _of_objects(path: Path, columns: Columns) -> Iterator[SheetRow | str]:
    check_size(path)
    for number, item in _items(path, decoded(path)):
        where = f"{path.name}:{number}"
        try:
            if isinstance(item, InputError):
                raise item
            yield SheetRow(where, _cells(item, columns))
        except InputError as error:
            yield f"{where}: {error}"


def _items(path: Path, text: str) -> Iterator[tuple[int, Any]]:
    """The objects of a list, or of lines, each with its line; an InputError in the place of a line that is none."""
    start = _BLANK.match(text).end()  # type: ignore[union-attr]  # matches nothing at worst
    if text[start : start + 1] == "[":
        yield from _listed(path, text, start + 1)
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield number, _DECODER.decode(line.strip())
            except (ValueError, RecursionError) as error:
                yield number, InputError(f"not a JSON object ({_said(error)})")


def _listed(path: Path, text: str, at: int) -> Iterator[tuple[int, Any]]:
    line, counted = 1, 0

    def skip(start: int) -> int:
        return _BLANK.match(text, start).end()  # type: ignore[union-attr]

    at = skip(at)
    while text[at : at + 1] != "]":
        line, counted = line + text.count("\n", counted, at), at
        try:
            item, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{path.name}:{line}: not JSON ({_said(error)})") from error
        yield line, item
        at = skip(end)
        if text[at : at + 1] == ",":
            at = skip(at + 1)
        elif text[at : at + 1] != "]":
            raise InputError(f"{path.name}:{line}: not JSON (the list does not go on after this object)")
    if skip(at + 1) != len(text):
        raise InputError(f"{path.name}: not JSON (something follows the list)")


def _said(error: Exception) -> str:
    return "nested too deep" if isinstance(error, RecursionError) else str(error)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"{key}: given twice")
        found[key] = value
    return found


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number")


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_float=str, parse_int=str, parse_constant=_no_number)
"""Numbers stay as they are written: 1.0200 keeps its zeros."""


def _cells(item: Any, columns: Columns) -> dict[str, str]:
    if not isinstance(item, dict):
        raise InputError("not a JSON object")
    found: dict[str, str] = {}
    for key, value in item.items():
        name = columns.name(key)
        if name in found:
            raise InputError(f"{key}: the second value for {name}; remove one")
        text = _text(key, value)
        if text:
            found[name] = _sound(name, text)
    return found


def _text(key: str, value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case str():
            return value.strip()
        case list():
            return "；".join(text for text in (_text(key, v) for v in value if not isinstance(v, list)) if text)
    raise InputError(f"{key}: an object cannot stand here; write text or a list of texts")


def _sound(name: str, cell: str) -> str:
    """The cell, unless a formula failed in it or it holds signs that no one can see."""
    if _BROKEN.fullmatch(cell):
        raise InputError(f"{name} is {cell}: its formula failed")
    for sign in cell:
        if sign not in _SIGNS and unicodedata.category(sign) in ("Cc", "Cs"):
            raise InputError(f"{name} holds a character that cannot be shown (U+{ord(sign):04X})")
    return cell


def _folded(header: str) -> str:
    """A header without what people vary: width, case, blanks, underscores, hidden marks."""
    plain = unicodedata.normalize("NFKC", header).casefold()
    return "".join(c for c in plain if c not in "_- " and not c.isspace() and unicodedata.category(c) != "Cf")
