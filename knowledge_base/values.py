"""The bank's daily values beside the content, so that a new net value asks for no new index.

values.json holds every value ever imported, in the order it came. A product's values make one document, `V-<product id>`,
a line a value. It only grows: a citation of last month opens on the same words today.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from secrets import token_hex
from typing import Any

from copilot.errors import ContentError, InputError
from copilot.types import Fact
from knowledge_base.fields import PRODUCT_FIELDS

FORM = 1
"""Of the file; changes when it does."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class DailyValue:
    """What a product's field was on a day, in the words in which it is told."""

    product: str
    field: str
    on: date
    value: str


@dataclass(frozen=True, eq=False)
class Values:
    """All values known at one time. `facts`: product → field → its facts, the oldest day first."""

    recorded: tuple[DailyValue, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Mapping[str, tuple[Fact, ...]]] = field(default_factory=dict)

    def told(self, product: str, on: date) -> dict[str, Fact]:
        """The newest fact of each field that is not of a later day."""
        found: dict[str, Fact] = {}
        for name, facts in self.facts.get(product, {}).items():
            fact = next((f for f in reversed(facts) if f.as_of is not None and f.as_of <= on), None)
            if fact is not None:
                found[name] = fact
        return found


NOTHING = Values()


def document_of(product: str) -> str:
    """The id of the document that a product's values make."""
    return f"V-{product}"


def product_of(document: str) -> str:
    """The product whose values a document holds, "" for any other document."""
    return document.removeprefix("V-") if document.startswith("V-") else ""


def values_of(recorded: Sequence[DailyValue]) -> Values:
    """The values with their documents. The product's name is left out of them: it may change, and every span with it."""
    parts: dict[str, list[str]] = {}
    sizes: dict[str, int] = {}
    facts: dict[str, dict[str, list[Fact]]] = {}
    for item in recorded:
        title = f"{item.product} 每日数据\n"
        lines = parts.setdefault(item.product, [title])
        lead = f"{item.on.isoformat()} {item.field}："
        start = sizes.get(item.product, len(title)) + len(lead)
        end = start + len(item.value)
        lines.append(f"{lead}{item.value}\n")
        sizes[item.product] = end + 1
        fact = Fact(item.field, item.value, document_of(item.product), start, end, item.product, as_of=item.on)
        facts.setdefault(item.product, {}).setdefault(item.field, []).append(fact)
    return Values(
        tuple(recorded),
        {document_of(product): "".join(lines) for product, lines in parts.items()},
        {
            product: {name: tuple(sorted(found, key=lambda f: f.as_of or date.min)) for name, found in fields.items()}
            for product, fields in facts.items()
        },
    )


class ValueFile:
    """values.json: looked at by every process that answers, written by an import."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[object, Values] | None = None

    def look(self) -> Values:
        """The values as the file now has them. A file that breaks while it is in use leaves the last good values; broken from the first, it is a ContentError."""
        stamp = self._stamp()
        seen = self._seen
        if seen is not None and seen[0] == stamp:
            return seen[1]
        try:
            values = self.read()
        except ContentError as error:
            if seen is None:
                raise
            _log.warning("%s; the values read before are kept", error)
            values = seen[1]
        self._seen = (stamp, values)
        return values

    def read(self) -> Values:
        """The values in the file, none when there is no file; ContentError when it is damaged."""
        try:
            return values_of(_parsed(json.loads(self.path.read_text(encoding="utf-8"))))
        except FileNotFoundError:
            return NOTHING
        except OSError as error:
            raise ContentError(str(self.path), f"cannot be read: {error.strerror}") from error
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise ContentError(
                str(self.path),
                f"damaged ({error}); bring it back from a backup, or remove it and import the values again",
            ) from error

    @contextmanager
    def changing(self) -> Iterator[Callable[[Sequence[DailyValue]], None]]:
        """Alone with the file: gives what appends to it. InputError when it cannot be written, and nothing is changed."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.with_name(f"{self.path.name}.lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield lambda new: self._write((*self.read().recorded, *new))
        except OSError as error:
            raise InputError(f"{self.path}: cannot be written ({error.strerror}); nothing was changed") from error

    def _write(self, recorded: Sequence[DailyValue]) -> None:
        """Seen by a reader whole or not at all."""
        rows = [[v.product, v.field, v.on.isoformat(), v.value] for v in recorded]
        lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        fresh = self.path.with_name(f"{self.path.name}.{token_hex(4)}")
        try:
            with fresh.open("w", encoding="utf-8") as out:
                out.write(f'{{"form": {FORM}, "values": [\n{lines}\n]}}\n')
                out.flush()
                os.fsync(out.fileno())
            fresh.replace(self.path)
        finally:
            fresh.unlink(missing_ok=True)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _stamp(self) -> object:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino


def _parsed(data: Any) -> tuple[DailyValue, ...]:
    if not isinstance(data, dict) or data.get("form") != FORM:
        raise ValueError(f"not of form {FORM}")
    found = []
    for product, name, on, value in data["values"]:
        if not all(isinstance(part, str) for part in (product, name, on, value)) or name not in PRODUCT_FIELDS:
            raise ValueError(f"{name} of {product} is no value")
        found.append(DailyValue(product, name, date.fromisoformat(on), value))
    return tuple(found)
