"""For every test: libraries silent, data in a folder of its own, no host but this one, no deadline for a generated example."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings
from pytest_socket import enable_socket, socket_allow_hosts

from copilot.settings import OFFLINE

os.environ.update(OFFLINE)
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")
"""No generated example fails for being slow: a busy machine is no fault of the code."""


def pytest_collection_modifyitems(items):
    """Browser tests last: the browser's driver keeps an event loop in this thread that asyncio tests cannot share."""
    items.sort(key=lambda item: "browser" in item.path.parts)


@pytest.fixture(autouse=True)
def _only_this_machine():
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)
    yield
    enable_socket()


@pytest.fixture(autouse=True)
def _data_of_its_own(tmp_path, monkeypatch):
    if "ADVISOR_COPILOT_DATA" not in os.environ:
        monkeypatch.setenv("ADVISOR_COPILOT_DATA", str(tmp_path / "data"))
