"""One record for the tests, over each database it must work on."""

from __future__ import annotations

import os

import pytest

from copilot.records import RecordStore, open_database
from tests.copilot.records.servers import missing, programs, running


@pytest.fixture(scope="session")
def server():
    why = missing()
    if why:
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    with running(programs()) as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """The address of an empty database."""
    if request.param == "postgresql":
        return request.getfixturevalue("server").fresh()
    return f"sqlite:///{tmp_path / 'record.db'}"


@pytest.fixture
def engine(url):
    made = open_database(url)
    yield made
    made.dispose()


@pytest.fixture
def record(engine):
    return RecordStore(engine)
