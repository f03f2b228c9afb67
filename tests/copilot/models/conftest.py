from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from copilot.drafting.grammar import validate
from copilot.models.chat import LlamaChat
from copilot.models.process import Embedded

sys.path.insert(0, str(Path(__file__).parent))  # for `tiny`

from tiny import make_tiny


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model file."""
    return make_tiny(tmp_path_factory.mktemp("tiny") / "tiny.gguf")


@pytest.fixture(scope="session")
def shared(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaChat]:
    """One running model for tests that leave it as it was."""
    embedded = Embedded(
        tiny, log_dir=tmp_path_factory.mktemp("log"), threads=1, timeout_s=60, first_token_timeout_s=60, ready_wait_s=30
    )
    chat = LlamaChat(embedded=embedded, validate_grammar=validate, max_tokens=24)
    assert chat.wait_ready(60)
    yield chat
    chat.close()
