"""A process of its own: answers come back, errors in words, and its end is not ours."""

from __future__ import annotations

import os
import threading
import time

import pytest

from copilot.errors import ContentError, InputError
from knowledge_base.apart import Apart, Ended


def job(what, value=None):
    """Runs in the other process."""
    match what:
        case "pid":
            return os.getpid()
        case "refuse":
            raise ContentError("a.md:3", "wrong")
        case "break":
            raise ValueError("odd")
        case "die":
            os._exit(9)
        case "sleep":
            time.sleep(value)
        case "eat":
            return len(bytearray(value))
    return value


@pytest.fixture
def apart():
    made = Apart(job, memory=2_000_000_000, seconds=20)
    yield made
    made.close()


def test_it_answers_from_another_process_that_stays(apart):
    first = apart("pid")
    assert first != os.getpid()
    assert apart("pid") == first
    assert apart("echo", {"a": (1, 2)}) == {"a": (1, 2)}


def test_what_is_refused_comes_back_in_its_words_and_the_rest_as_a_failure(apart):
    with pytest.raises(InputError, match=r"a\.md:3: wrong"):
        apart("refuse")
    with pytest.raises(Ended, match="ValueError: odd"):
        apart("break")
    with pytest.raises(Ended, match="MemoryError"):
        apart("eat", 3_000_000_000)
    assert apart("echo", 1) == 1


def test_its_death_is_told_and_the_next_call_starts_another(apart):
    with pytest.raises(Ended, match="process ended"):
        apart("die")
    assert apart("echo", 1) == 1


def test_what_takes_too_long_is_ended():
    apart = Apart(job, seconds=0.5)
    with pytest.raises(Ended, match="no answer"):
        apart("sleep", 60)
    apart.close()


def test_closing_ends_what_runs(apart):
    apart("pid")
    threading.Timer(0.3, apart.close).start()
    with pytest.raises(Ended):
        apart("sleep", 60)
    with pytest.raises(Ended, match="closed"):
        apart("echo", 1)
