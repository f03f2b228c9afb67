"""Trainers: the newest evaluation report and what the record counts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from copilot.errors import InputError
from ui.desk import Desk


@dataclass(frozen=True)
class Figure:
    """One figure of a report, with the number of cases behind it."""

    suite: str
    name: str
    value: float | str
    n: int


@dataclass(frozen=True)
class Report:
    """An evaluation report. `wrong` says what is the matter when the file cannot be read."""

    file: str
    figures: tuple[Figure, ...]
    wrong: str = ""


@dataclass(frozen=True)
class Counts:
    """What the record counts: proposals, candidates shown, texts released, those of them edited, held, referred."""

    proposals: int
    shown: int
    released: int
    edited: int
    held: int
    referred: int
    origins: tuple[tuple[str, int], ...] = ()


def counts(desk: Desk) -> Counts:
    """Counts over the whole record."""
    tally = {"proposal": 0, "candidate": 0, "release": 0, "held": 0, "referral": 0}
    edited, origins = 0, {"model": 0, "script": 0}
    for entry in desk.app.record.read(kinds=tuple(tally)):
        tally[entry.kind] += 1
        payload: Any = entry.payload or {}
        if entry.kind == "release":
            edited += bool(payload.get("edited"))
        elif entry.kind == "candidate" and payload:
            origin = payload["candidate"]["origin"]
            origins[origin] = origins.get(origin, 0) + 1
    return Counts(
        tally["proposal"],
        tally["candidate"],
        tally["release"],
        edited,
        tally["held"],
        tally["referral"],
        tuple(origins.items()),
    )


def reports(desk: Desk) -> tuple[Report, ...]:
    """The two newest reports of `<data>/reports`, newest first."""
    folder = desk.app.settings.data / "reports"
    files = sorted(folder.glob("[0-9]*.json"), key=lambda p: (p.stat().st_mtime, p.name), reverse=True)
    return tuple(_read(path) for path in files[:2])


def _read(path: Path) -> Report:
    try:
        figures = json.loads(path.read_text(encoding="utf-8"))["figures"]
        return Report(path.name, tuple(_figure(item) for item in figures))
    except (OSError, ValueError, TypeError, KeyError, InputError) as error:
        return Report(path.name, (), f"{type(error).__name__}: {error}")


def _figure(item: dict[str, Any]) -> Figure:
    value = item["value"]
    if not isinstance(value, (int, float, str)):
        raise InputError(f"a value is a number or a text, not {value!r}")
    shown = f"{value:.3f}" if isinstance(value, float) else value
    return Figure(str(item["suite"]), str(item["name"]).replace("_", " "), shown, int(item["n"]))
