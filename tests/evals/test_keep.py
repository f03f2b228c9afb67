"""What came through is kept once, and asked again."""

from __future__ import annotations

from pathlib import Path

from evals.attacks import breaks
from evals.keep import keep
from evals.rows import Row


def row(text: str, broke: int = 1, group: str = "text") -> Row:
    shown = {
        "kind": "evasion",
        "check": "G01",
        "context": "w",
        "before": "",
        "text": text,
        "dress": "wide",
        "seed": "s",
    }
    return Row("redteam", text, "development", group, {"broke": broke}, not broke, 1.0, shown)


def test_breaks_are_kept_once(tmp_path: Path) -> None:
    path = tmp_path / "attack_breaks.jsonl"
    rows = [row("一"), row("二", group="adaptive"), row("三", 0), row("四", group="lure"), row("五", group="kept")]
    assert keep(rows, path) == 2
    assert [(b.text, b.dress) for b in breaks(path)] == [("一", "wide"), ("二", "wide")]
    assert keep([*rows, row("六")], path) == 1
    assert [b.text for b in breaks(path)] == ["一", "二", "六"]
