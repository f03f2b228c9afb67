"""The log: one line a record, no words of an error."""

from __future__ import annotations

import io
import logging

import pytest

from copilot.logs import OneLine

SECRET = "我卡里有三百万，手机13800138000"


@pytest.fixture
def written():
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(OneLine())
    logger = logging.getLogger("tests.logs")
    logger.addHandler(handler)
    logger.propagate = False
    yield logger, out
    logger.removeHandler(handler)
    logger.propagate = True


@pytest.mark.parametrize("broken", ["\n", "\r\n", "\u2028", "\x85", "\x1b[31m", "\x00", "\x0b"])
def test_no_name_forges_a_line(written, broken):
    logger, out = written
    logger.warning("no suggestion for %s", f"c-1{broken}2026-11-22 10:00:00,000 WARNING root all is well")
    assert len(out.getvalue().splitlines()) == 1
    assert broken not in out.getvalue().rstrip("\n")


def test_an_error_is_told_by_its_kind_and_place_and_not_by_its_words(written):
    logger, out = written
    try:
        try:
            int(SECRET)
        except ValueError as error:
            raise KeyError(SECRET) from error
    except KeyError:
        logger.exception("no suggestion for %s", "c-1")
    line = out.getvalue()
    assert "KeyError at test_logs.py" in line
    assert "三百万" not in line
    assert "13800138000" not in line
    assert len(line.splitlines()) == 1


def test_a_record_has_an_end(written):
    logger, out = written
    logger.warning("x" * 100_000)
    assert len(out.getvalue()) < 2100
