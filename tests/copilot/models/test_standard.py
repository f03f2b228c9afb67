"""langchain's own tests of a chat model, on the embedded one."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_tests.integration_tests import ChatModelIntegrationTests
from langchain_tests.unit_tests import ChatModelUnitTests

from copilot.models.chat import LlamaChat
from copilot.models.process import Embedded


class TestUnit(ChatModelUnitTests):
    @pytest.fixture(autouse=True)
    def _file(self, tiny: Path) -> None:
        type(self).tiny = tiny

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return LlamaChat

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"embedded": Embedded(self.tiny)}


class TestIntegration(ChatModelIntegrationTests):
    @pytest.fixture(autouse=True)
    def _file(self, tiny: Path) -> Iterator[None]:
        """One process for every model made here; the model made by a test itself is closed after it."""
        type(self).tiny = tiny
        yield
        for made in [o for o in gc.get_objects() if isinstance(o, LlamaChat) and o.process.state != "stopped"]:
            if made.max_tokens == 10:
                made.close()

    @pytest.fixture
    def model(self, shared: LlamaChat) -> LlamaChat:
        return shared

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return LlamaChat

    @property
    def chat_model_params(self) -> dict[str, Any]:
        embedded = Embedded(self.tiny, timeout_s=60, first_token_timeout_s=60, ready_wait_s=30)
        return {"embedded": embedded, "max_tokens": 10}
