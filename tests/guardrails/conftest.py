import pytest

from copilot.settings import Settings
from guardrails.engine import Engine
from guardrails.loading import load_rules
from guardrails.meaning import Meaning


@pytest.fixture(scope="session")
def guard() -> Engine:
    settings = Settings()
    return Engine(load_rules(settings.guard), meaning=Meaning(settings.guard_dir))
