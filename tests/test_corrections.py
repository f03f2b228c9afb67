"""What advisors chose, as the trainer gets it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from copilot.cli.commands import app
from copilot.lessons import HEADER, lessons
from copilot.records import RecordStore, open_database
from copilot.settings import load_settings
from copilot.types import Turn
from training.data import load_messages

AT = datetime(2026, 11, 22, 10, 2)


def told(intent: str, text: str = "那要扣多少\t呀\n急", secondary: tuple[str, ...] = ()) -> dict[str, object]:
    return {
        "proposal": 1,
        "text": text,
        "history": [{"role": "advisor", "text": "可以提前退出的\n有点费用", "at": None}],
        "state": "calm",
        "secondary": list(secondary),
        "guessed": "liquidity_need",
        "confidence": 0.4,
        "intent": intent,
        "version": "intent@x",
    }


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RecordStore:
    monkeypatch.setenv("ADVISOR_COPILOT_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    return RecordStore(open_database(load_settings().record_url))


def test_the_file_is_one_the_training_reads(record: RecordStore, tmp_path: Path) -> None:
    record.append("correction", "zhao", "c1", told("product_inquiry"), AT)
    record.append("correction", "zhao", "c1", told("fee_inquiry", secondary=("liquidity_need",)), AT)
    record.append("correction", "li", "c2", told("complaint", "你们怎么回事"), AT)
    gone = record.append("correction", "li", "c3", told("complaint", "另一句"), AT)
    record.redact(gone.sequence, "officer", "asked for")
    folder = tmp_path / "lessons"
    folder.mkdir()
    done = CliRunner().invoke(app, ["corrections", str(folder / "bank.tsv")])
    assert done.exit_code == 0, done.output
    first, second = load_messages(folder)
    assert (first.intent, first.secondary, first.text) == ("fee_inquiry", ("liquidity_need",), "那要扣多少 呀\n急")
    assert first.history == (Turn("advisor", "可以提前退出的\n有点费用"),)
    assert (second.intent, second.text, second.author) == ("complaint", "你们怎么回事", "bank")


def test_only_from_a_day_on(record: RecordStore, tmp_path: Path) -> None:
    record.append("correction", "zhao", "c1", told("fee_inquiry"), AT)
    done = CliRunner().invoke(app, ["corrections", "--since", "2026-11-23"])
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0] == "\t".join(HEADER)
    assert len([row for row in done.stdout.splitlines() if "fee_inquiry" in row]) == 0


def test_a_file_that_cannot_be_written_is_one_line(record: RecordStore, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["corrections", str(tmp_path / "no" / "file.tsv")])
    assert done.exit_code != 0
    assert "No such file" in str(done.exception)


def test_nothing_recorded_gives_no_rows() -> None:
    assert lessons([]) == []
