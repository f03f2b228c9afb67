"""Runs on disk: a folder each with `results.jsonl` (docs/evals.md), written a line a case, so that a stopped run can go on."""

from __future__ import annotations

import fcntl
import json
import os
import platform
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from copilot.errors import ContentError, InputError
from copilot.settings import Settings, packaged
from copilot.wiring import App
from evals.figures import SEED, Figure, figure_json
from evals.rows import Case, Row

FORMAT = 1
RESULTS = "results.jsonl"
CASES_OF = "cases of "
"""Begins the provenance that says which cases of a suite were asked."""
_SECRET = frozenset(("api_key", "url", "base_url"))
_MAY_DIFFER = frozenset(("fallback", "machine"))
"""What of the provenance may change between the two halves of a run."""


@dataclass(frozen=True)
class Header:
    """The first line of a run: what is measured, of what, where and when."""

    run: str
    at: str
    suites: tuple[str, ...]
    own: bool
    provenance: Mapping[str, str]

    def continues(self, other: Header) -> bool:
        """Whether rows under `other` are rows of this run too."""
        mine, theirs = ({k: v for k, v in h.provenance.items() if k not in _MAY_DIFFER} for h in (self, other))
        return (self.suites, self.own, mine) == (other.suites, other.own, theirs)


@dataclass(frozen=True)
class Run:
    """A run as it stands on disk; without figures while it is not finished."""

    path: Path
    header: Header
    rows: tuple[Row, ...] = ()
    figures: tuple[Figure, ...] = ()
    finished: bool = False

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.path.parent.name

    def of(self, suite: str) -> list[Row]:
        """The rows of a suite."""
        return [row for row in self.rows if row.suite == suite]


def provenance(app: App, cases: Sequence[Case]) -> dict[str, str]:
    """All that a figure may depend on: versions, settings that differ from the defaults, cases, seed, code, machine."""
    made = {k: str(v) for k, v in asdict(app.line.provenance()).items()}
    suites = dict.fromkeys(c.suite for c in cases)
    weakened = ", ".join(app.guard.ruleset.weakened)
    return made | {
        **({"statutory rules weakened": weakened} if weakened else {}),
        **{f"setting {key}": value for key, value in changed(app.settings)},
        **{f"{CASES_OF}{suite}": _hash(c.id for c in cases if c.suite == suite) for suite in suites},
        "seed": str(SEED),
        "commit": commit(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
    }


def _hash(ids: Iterable[str]) -> str:
    return sha256("\n".join(ids).encode()).hexdigest()[:16]


def changed(settings: Settings) -> Iterator[tuple[str, str]]:
    """Settings that differ from the defaults, secrets and addresses only named; the data folder decides nothing."""

    def walk(values: Mapping[str, Any], before: str) -> Iterator[tuple[str, str]]:
        for key, value in values.items():
            if isinstance(value, dict):
                yield from walk(value, f"{before}{key}.")
            else:
                yield f"{before}{key}", "(set)" if key in _SECRET else json.dumps(value, ensure_ascii=False)

    return walk(settings.model_dump(mode="json", exclude_defaults=True, exclude={"data"}), "")


def commit() -> str:
    """The commit of a checkout, marked when it was changed since; empty when installed otherwise."""
    root = packaged("evals").parent
    if not (root / ".git").exists():
        return ""
    try:
        asked = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
        return subprocess.run(asked, cwd=root, capture_output=True, text=True, timeout=20, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def begin(folder: Path, header: Header) -> Run:
    """A new run's folder with its header."""
    path = folder / header.run / RESULTS
    try:
        path.parent.mkdir(parents=True)
    except FileExistsError as error:
        raise InputError(f"a run {header.run} has just begun in another process; try again in a moment") from error
    run = Run(path, header)
    append(run, {"line": "run", "format": FORMAT, **asdict(header)})
    return run


def unfinished(folder: Path, header: Header) -> Run | None:
    """The newest run, when it was stopped and this one would go on where it ended."""
    found = paths(folder)
    run = read(found[-1]) if found else None
    return run if run and not run.finished and header.continues(run.header) else None


@contextmanager
def held(run: Run) -> Iterator[Run]:
    """The run as it stands, while this process alone writes it, without a line that a stop cut off; InputError when another writes."""
    with run.path.open("a", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise InputError(
                f"run {run.name} goes on in another process; wait for it, or begin another with --fresh"
            ) from error
        handle.truncate(len(_whole(run.path.read_bytes())))
        yield read(run.path)


def append(run: Run, line: Mapping[str, Any]) -> None:
    """One more line, on disk before the next case is asked."""
    with run.path.open("a", encoding="utf-8") as handle:
        handle.write(json.dumps(line, ensure_ascii=False) + "\n")


def finish(run: Run, rows: Sequence[Row], figures: Sequence[Figure]) -> Run:
    """The figures, and the line that says nothing is missing."""
    for figure in figures:
        append(run, figure_json(figure))
    append(run, {"line": "end", "at": datetime.now().isoformat(timespec="seconds"), "cases": len(rows)})
    return replace(run, rows=tuple(rows), figures=tuple(figures), finished=True)


def paths(folder: Path) -> list[Path]:
    """Results files, oldest first."""
    return sorted(folder.glob(f"[0-9]*/{RESULTS}"))


def named(folder: Path, name: str) -> Run:
    """A run by the name of its folder, by any path to it, or by `newest` and `before` (the one before)."""
    found = [read(p) for p in paths(folder)] if name in ("newest", "before") else []
    if found:
        done = [run for run in found if run.finished]
        place = 1 if name == "newest" else 2
        if len(done) >= place:
            return done[-place]
    for path in (folder / name / RESULTS, Path(name) / RESULTS, Path(name)):
        if path.is_file():
            return read(path)
    known = ", ".join(p.parent.name for p in paths(folder)[-5:])
    raise InputError(f"no run {name}; the last are {known}" if known else "no run yet; run `advisor-copilot eval run`")


def read(path: Path, *, rows: bool = True) -> Run:
    """A results file, without its cases where only the figures are wanted. A line that is cut off at the end is passed over, anything else that is wrong is named."""
    whole = _whole(path.read_bytes())
    header: Header | None = None
    cases, figures, finished = [], [], False
    for number, text in enumerate(whole.decode("utf-8").splitlines(), 1):
        if not rows and text.startswith('{"line": "case"'):
            continue
        try:
            line = json.loads(text)
            kind = line.pop("line")
            if kind == "run":
                header = _header(line)
            elif kind == "case":
                cases.append(Row(**line))
            elif kind == "figure":
                figures.append(Figure(**line))
            elif kind == "end":
                finished = True
            else:
                raise ValueError(f"{kind!r} is no kind of line")
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ContentError(f"{path.parent.name}/{path.name}:{number}", f"not a line of results: {error}") from error
    if header is None:
        raise ContentError(f"{path.parent.name}/{path.name}", "does not begin with its run; remove the folder")
    return Run(path, header, tuple(cases), tuple(figures), finished)


def _whole(data: bytes) -> bytes:
    return data[: data.rfind(b"\n") + 1]


def _header(line: dict[str, Any]) -> Header:
    if line.pop("format") != FORMAT:
        raise ValueError("written in another format; run it again")
    return Header(**line | {"suites": tuple(line["suites"])})
