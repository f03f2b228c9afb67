"""Lines that other programs send: each is answered in its place, whatever it holds."""

from __future__ import annotations

import io
import json
import time
from datetime import datetime

import pytest

from copilot.cli import lines
from copilot.edges import CheckIn, ClassifyIn, SearchIn, parse
from copilot.errors import InputError


def answers(*given, handle=lambda data: {"fine": True}):
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="utf-8")
    bad = lines.run([f"{line}\n" for line in given], out, handle)
    out.flush()
    told = [json.loads(line, parse_constant=pytest.fail) for line in raw.getvalue().decode("utf-8").splitlines()]
    assert len(told) == len(given)
    assert bad == sum("error" in answer for answer in told)
    return told


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('{"id": 1, "text": NaN}', "NaN is no number"),
        ('{"id": -Infinity}', "-Infinity is no number"),
        ('{"id": 1e999}', "larger than any number"),
        (f'{{"id": {"9" * 5000}}}', "more than 400 digits"),
        (f'{{"id": 0.{"9" * 5000}e{"9" * 50}}}', "larger than any number"),
        ('{"id": 1, "text": "a", "text": "b"}', "given twice"),
        ('{"history": [{"role": "customer", "role": "advisor"}]}', "given twice"),
        ("[" * 100_000, "nested too deep"),
        ('{"id": 1', "not JSON"),
        ("\x00", "not JSON"),
        ("[1]", "not a JSON object"),
    ],
)
def test_what_is_no_plain_json_is_refused_and_the_rest_goes_on(line, why):
    refused, fine = answers(line, '{"id": 2}')
    assert why in refused["error"]
    assert len(refused["error"]) < 200
    assert fine["fine"] is True


def test_half_a_surrogate_pair_goes_back_as_it_came():
    (answer,) = answers(r'{"id": "\ud800长"}')
    assert answer["id"] == "\ud800长"


def test_an_id_of_any_depth_is_given_back_or_refused():
    for depth in range(200, 1100):
        (answer,) = answers('{"id": ' + "[" * depth + "]" * depth + "}")
        assert answer.get("fine") or "nested too deep" in answer["error"]


def test_a_fault_of_the_product_costs_one_line_and_leaves_its_place_in_the_log(caplog):
    def handle(data):
        if data["id"] == 1:
            raise ZeroDivisionError("王姐的身份证")
        return {"fine": True}

    failed, fine = answers('{"id": 1}', '{"id": 2}', handle=handle)
    assert (failed["id"], fine["id"]) == (1, 2)
    assert failed["error"].startswith(lines.FAULT)
    assert "ZeroDivisionError" in failed["error"]
    assert "ZeroDivisionError at test_lines.py:" in caplog.text
    assert "王姐" not in caplog.text


def test_an_answer_that_is_no_json_is_a_fault():
    (failed,) = answers('{"id": 1}', handle=lambda data: {"score": float("inf")})
    assert failed["id"] == 1
    assert failed["error"].startswith(lines.FAULT)


@pytest.mark.parametrize("year", ["0001", "1899", "2200", "9999"])
def test_a_day_no_person_means_is_refused(year):
    with pytest.raises(InputError, match=r"at: .*between 1900 and 2199"):
        parse(ClassifyIn, {"text": "明天", "at": f"{year}-12-31T23:59:59"})
    with pytest.raises(InputError, match=r"on: .*between 1900 and 2199"):
        parse(SearchIn, {"query": "明天", "on": f"{year}-12-31"})


@pytest.mark.parametrize("at", [1763776800, "1763776800", "2025-11-22T02:00:00Z", "2025-11-22 02:00:00+08:00"])
def test_a_moment_never_brings_a_time_zone(at):
    assert parse(ClassifyIn, {"text": "明天", "at": at}).at.tzinfo is None


def test_a_number_of_seconds_is_told_by_the_clock_here_and_a_written_hour_as_it_stands(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    try:
        assert parse(ClassifyIn, {"text": "明天", "at": 1795194000}).at == datetime(2026, 11, 21, 1)
        assert parse(ClassifyIn, {"text": "明天", "at": "2026-11-20T17:00:00+08:00"}).at == datetime(2026, 11, 20, 17)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_an_amount_is_a_number():
    with pytest.raises(InputError, match=r"customer\.aum"):
        parse(CheckIn, {"text": "x", "customer": {"aum": "inf"}})


def test_an_error_repeats_no_more_than_it_must():
    with pytest.raises(InputError) as unknown:
        parse(CheckIn, {"text": "x", "k\n" * 5000: 1})
    with pytest.raises(InputError) as product:
        parse(CheckIn, {"text": "x", "products": ["p" * 5000]}).context(lambda _id: None)
    for error in (unknown, product):
        assert len(str(error.value)) < 200
        assert len(str(error.value).splitlines()) == 1
