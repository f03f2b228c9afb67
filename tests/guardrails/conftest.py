import pytest

from copilot.settings import GuardSettings
from guardrails.engine import Engine
from guardrails.loading import load_rules


@pytest.fixture(scope="session")
def guard() -> Engine:
    return Engine(load_rules(GuardSettings()))
