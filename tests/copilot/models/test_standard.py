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
    @pytest.fixture
    def model(self, shared: LlamaChat) -> Iterator[LlamaChat]:
        yield shared
        gc.collect()

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return LlamaChat

    @property
    def supported_usage_metadata_details(self) -> dict[str, list[str]]:
        return {"invoke": [], "stream": []}
