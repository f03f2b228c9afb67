"""Reads YAML with the line of every key, so that an error in content names file and line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from copilot.errors import ContentError

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TIMESTAMP = "tag:yaml.org,2002:timestamp"


class _Loader(_Base):  # type: ignore[misc]
    """YAML without its own idea of dates: the models read them, and name the line of a bad one."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
        for first, resolvers in _Base.yaml_implicit_resolvers.items()
    }


Place = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Source:
    """A parsed file, or one row of a sheet. `lines` maps a place such as ("faq", 3, "short") to its line, or finds that
    map when it is asked for; a row has none, its name is its place."""

    path: Path
    name: str
    data: Any
    lines: Mapping[Place, int] | Callable[[], Mapping[Place, int]]

    def where(self, *place: str | int) -> str:
        """`file:line` of a place, or of the nearest place above it."""
        lines = self.lines() if callable(self.lines) else self.lines
        while place and place not in lines:
            place = place[:-1]
        return f"{self.name}:{lines.get(place, 1)}" if lines else self.name

    def error(self, what: str, *place: str | int) -> ContentError:
        """An error at a place of this file."""
        return ContentError(self.where(*place), what)

    def parse(self, model: type[M]) -> M:
        """The file as one model; ContentError at the line of the first thing that does not fit."""
        if not isinstance(self.data, dict):
            raise self.error("expected keys and values")
        try:
            return model.model_validate(self.data)
        except ValidationError as error:
            first = error.errors()[0]
            place = tuple(p for p in first["loc"] if p != "[key]")
            key = next((str(p) for p in reversed(place) if isinstance(p, str)), "")
            raise self.error(f"{key}: {_say(first['type'], first['msg'])}", *place) from error


def _say(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "unknown key; correct or remove it"
    if kind == "missing":
        return "missing; add it"
    return message.removeprefix("Value error, ")


def read_source(path: Path, root: Path) -> Source:
    """Parse one file; ContentError names the line of bad YAML or of a key given twice."""
    name = str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ContentError(name, f"not UTF-8 at byte {error.start}") from error
    except OSError as error:
        raise ContentError(name, f"cannot be read: {error.strerror}") from error
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        lines: dict[Place, int] = {(): 1}
        if node is None:
            raise ContentError(f"{name}:1", "empty file")
        _walk(node, (), lines, name)
        data = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ContentError(f"{name}:{line}", f"not valid YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise ContentError(name, f"not valid YAML: {error}") from error
    finally:
        loader.dispose()
    return Source(path, name, data, lines)


def _walk(node: yaml.Node, place: Place, lines: dict[Place, int], name: str) -> None:
    """Note the line of every key and item; refuse a key given twice."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*place, str(key.value))
            if here in lines:
                raise ContentError(f"{name}:{key.start_mark.line + 1}", f"{key.value}: given twice")
            lines[here] = key.start_mark.line + 1
            _walk(value, here, lines, name)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            lines[(*place, index)] = item.start_mark.line + 1
            _walk(item, (*place, index), lines, name)
