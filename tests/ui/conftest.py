from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from fake_app import FakeApp

from copilot.records import User
from ui.desk import Desk


@pytest.fixture
def app(tmp_path: Path) -> FakeApp:
    return FakeApp(tmp_path).people()


@pytest.fixture
def desk(app: FakeApp) -> Desk:
    return Desk(app)


@pytest.fixture
def li() -> User:
    return User("li", "advisor", "李经理")


@pytest.fixture
def chen() -> User:
    return User("chen", "compliance", "陈合规")
