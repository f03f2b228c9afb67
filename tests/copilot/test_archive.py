"""The record searched and taken out: by whom, for whom, in what words, under which rule, on which days."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime

import pytest

from copilot.archive import Archive, Wanted, as_csv
from copilot.errors import AccessDenied, InputError
from copilot.records import RecordStore, User, open_database

CHEN, LI = User("chen", "compliance", "陈合规"), User("li", "advisor", "李经理")


def finding(rule):
    return {"rule": rule, "check": rule[:3], "severity": "warn", "start": 0, "end": 1, "quote": "x", "reason": "r"}


@pytest.fixture
def archive(tmp_path):
    record = RecordStore(open_database(f"sqlite:///{tmp_path / 'r.db'}"))
    for day, (actor, name, kind, text, rule) in enumerate(
        (
            ("li", "王姐", "release", "到期后自动回款", ""),
            ("li", "赵叔", "held", '=保本"的', "G01-capital"),
            ("wang", "王姐", "referral", "100%好", "G21-best"),
        ),
        1,
    ):
        at = datetime(2026, 11, day, 9)
        opening = record.append("proposal", actor, f"c{day}", {"customer": {"name": name}}, at)
        verdict = {"outcome": "pass", "findings": [finding(rule)] if rule else []}
        told = {"proposal": opening.sequence, "text": text, "disclosure": None, "verdict": verdict}
        record.append(kind, actor, f"c{day}", told, at)
    return Archive(record)


@pytest.mark.parametrize(
    ("wanted", "texts"),
    [
        (Wanted(), ["100%好", '=保本"的', "到期后自动回款"]),
        (Wanted(text='本"'), ['=保本"的']),
        (Wanted(text="0%"), ["100%好"]),
        (Wanted(text="_"), []),
        (Wanted(text="outcome"), []),
        (Wanted(customer="王姐"), ["100%好", "到期后自动回款"]),
        (Wanted(customer="王姐", advisor="li"), ["到期后自动回款"]),
        (Wanted(rule="G01"), ['=保本"的']),
        (Wanted(rule="G21-best"), ["100%好"]),
        (Wanted(rule="G2"), []),
        (Wanted(kind="held"), ['=保本"的']),
        (Wanted(since=date(2026, 11, 2), until=date(2026, 11, 2)), ['=保本"的']),
    ],
)
def test_each_condition_finds_what_it_should(archive, wanted, texts):
    assert [f.text for f in archive.find(CHEN, wanted)] == texts


def test_only_compliance_searches_everybodys_texts(archive):
    with pytest.raises(AccessDenied):
        archive.find(LI, Wanted())
    with pytest.raises(AccessDenied):
        archive.export(LI, Wanted(), "csv", datetime(2026, 11, 22))
    assert archive.record.read(kinds=("export",)) == []


@pytest.mark.parametrize("wanted", [Wanted(kind="proposal"), Wanted(since=date(2026, 2, 1), until=date(2026, 1, 1))])
def test_what_cannot_be_looked_for_is_said(archive, wanted):
    with pytest.raises(InputError):
        archive.find(CHEN, wanted)


def test_what_is_taken_out_is_noted_and_can_be_read(archive):
    told = archive.export(CHEN, Wanted(rule="G01"), "json", datetime(2026, 11, 22))
    (item,) = json.loads(told)
    assert (item["customer"], item["rules"]) == ("赵叔", ["G01-capital"])
    (noted,) = archive.record.read(kinds=("export",))
    assert noted.actor == "chen"
    assert noted.payload == {"wanted": {"rule": "G01"}, "form": "json", "texts": 1}
    with pytest.raises(InputError):
        archive.export(CHEN, Wanted(), "pdf", datetime(2026, 11, 22))


def test_no_cell_is_a_formula(archive):
    rows = list(csv.DictReader(io.StringIO(as_csv(list(archive.find(CHEN, Wanted(kind="held")))))))
    assert rows[0]["text"] == "'=保本\"的"


def test_a_redacted_text_is_not_found(archive):
    held = next(iter(archive.find(CHEN, Wanted(kind="held"))))
    archive.record.redact(held.entry, "root", "erasure")
    assert len(list(archive.find(CHEN, Wanted()))) == 2
