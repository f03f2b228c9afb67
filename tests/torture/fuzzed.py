"""Fuzzing as rows: texts, papers and lines nobody would write, tried by `tests.torture.fuzz`."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.torture.fuzz import lines
from tests.torture.row import Row, busy, counted

_GUIDED = 0.1
"""Share of a full run that atheris chooses, where it is installed: watching the branches makes an input several times as slow."""
_FULL = 10_000
"""Inputs from which a run is a full one."""
TEXTS = {"reading": 1.0}
GUARD = {"guard": 1.0}
PAPERS = {
    "papers.txt": 0.16,
    "papers.md": 0.18,
    "papers.html": 0.22,
    "papers.csv": 0.14,
    "papers.docx": 0.12,
    "papers.xlsx": 0.12,
    "papers.pdf": 0.06,
}
LINES = {"lines.check": 0.4, "lines.classify": 0.15, "lines.search": 0.2, "lines.draft": 0.25}
WORKED = {"check": 0.4, "classify": 0.4, "search": 0.175, "draft": 0.025}


def reading(folder: Path, tries: int, seed: int) -> Row:
    """Hostile texts, normalised and read."""
    return fuzzed(
        folder, tries, seed, TEXTS, "hostile texts normalised, and read for figures, names, chats and private data"
    )


def guard(folder: Path, tries: int, seed: int) -> Row:
    """Hostile texts through the whole guard."""
    return fuzzed(folder, tries, seed, GUARD, "hostile texts through the guard, every quote where it says")


def papers(folder: Path, tries: int, seed: int) -> Row:
    """Damaged papers of every kind."""
    return fuzzed(folder, tries, seed, PAPERS, "damaged papers (txt, md, html, csv, docx, xlsx, pdf) taken in")


def hostile_lines(folder: Path, tries: int, seed: int) -> Row:
    """Hostile lines, read and checked."""
    return fuzzed(folder, tries, seed, LINES, "hostile lines for the four commands, read and checked")


def fuzzed(folder: Path, tries: int, seed: int, shares: Mapping[str, float], what: str) -> Row:
    """So many inputs, shared among targets; a fault, a hang or too much memory fails."""
    guided = round(tries * _GUIDED) if tries >= _FULL and importlib.util.find_spec("atheris") is not None else 0
    found = []
    for name, share in shares.items() if guided else ():
        found += _driven(folder / "guided", {name: guided * share}, seed, "--guided")
    found += _driven(folder / "blind", {name: (tries - guided) * share for name, share in shares.items()}, seed)
    tried = sum(one["tried"] for one in found)
    assert tried >= tries * 0.99, (tried, tries)
    outcomes = sum((Counter(one["outcomes"]) for one in found), Counter[str]())
    slowest, peak = max(one["slowest"] for one in found), max(one["peak"] for one in found)
    told = f"{counted(outcomes)}; no fault; the slowest {slowest:.1f} s, at most {peak:.0f} MB ({busy()})"
    if guided:
        version = importlib.metadata.version("atheris")
        told += f"; {guided:,} of them chosen by the branches they reach (atheris {version})"
    return Row(what, tried, told, None, seed)


def _driven(folder: Path, shares: Mapping[str, float], seed: int, *how: str) -> list[dict[str, Any]]:
    """One process that tries so many inputs of each target: what came of each."""
    asked = [f"{name}={max(2, round(many))}" for name, many in shares.items()]
    command = [sys.executable, "-m", "tests.torture.fuzz.drive", *asked, f"--seed={seed}", f"--folder={folder}", *how]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{asked}: {done.returncode}: {done.stderr[-3000:]}"
    found: list[dict[str, Any]] = [
        json.loads((folder / name / "count.json").read_text(encoding="utf-8")) for name in shares
    ]
    faults = {name: one["faults"] for name, one in zip(shares, found, strict=True) if one["faults"]}
    assert not faults, json.dumps(faults, ensure_ascii=False, indent=1)
    return found


def worked(folder: Path, tries: int, seed: int) -> Row:
    """Hostile lines through real processes: each answered in its place, and the exit code is 0. In short only `check` runs."""
    shares = WORKED if tries >= 1000 else {"check": 1.0}
    outcomes, tried = Counter[str](), 0
    for command, share in shares.items():
        given = _lines(command, max(2, round(tries * share)), seed)
        settings = {"ADVISOR_COPILOT_DATA": str(folder / "data"), "ADVISOR_COPILOT_MODEL__KIND": "scripted"}
        done = subprocess.run(
            [sys.executable, "-m", "copilot.cli", command],
            input=b"\n".join(given),
            capture_output=True,
            env={**os.environ, **settings},
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        asked = [line for line in given if line.decode("utf-8", "replace").strip()]
        told = done.stdout.decode("utf-8").split("\n")[:-1]
        assert len(told) == len(asked), (command, len(told), len(asked))
        outcomes.update(lines.judged(line, answer) for line, answer in zip(asked, told, strict=True))
        tried += len(asked)
    told = f"{counted(outcomes)}; each in its place, exit code 0"
    return Row(f"hostile lines through the commands ({', '.join(shares)})", tried, told, None, seed)


def _lines(command: str, many: int, seed: int) -> list[bytes]:
    seeds = lines.seeds(command, Path())
    chance = random.Random(f"{seed} {command}")
    made = (lines.mutate(chance.choice(seeds), chance, seeds) for _ in range(many - len(seeds)))
    return [*seeds, *(line.replace(b"\n", b" ") for line in made)]
