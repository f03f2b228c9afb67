"""langchain's own tests of a chat model, on the embedded one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

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
        return {"embedded": Embedded(self.tiny, threads=1)}


class Kept(LlamaChat):
    """Remembers those a test makes for itself, to close them."""

    made: ClassVar[list[LlamaChat]] = []

    def model_post_init(self, context: Any, /) -> None:
        super().model_post_init(context)
        self.made.append(self)


class TestIntegration(ChatModelIntegrationTests):
    @pytest.fixture(autouse=True)
    def _file(self, tiny: Path) -> Iterator[None]:
        type(self).tiny = tiny
        yield
        while Kept.made:
            Kept.made.pop().close()

    @pytest.fixture
    def model(self, shared: LlamaChat) -> LlamaChat:
        return shared

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return Kept

    @property
    def chat_model_params(self) -> dict[str, Any]:
        embedded = Embedded(self.tiny, threads=1, timeout_s=60, first_token_timeout_s=60, ready_wait_s=30)
        return {"embedded": embedded, "max_tokens": 10}
