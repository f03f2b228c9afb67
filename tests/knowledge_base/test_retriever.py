"""The retriever passes langchain's own tests, and keeps the search's word on what it does not know."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_tests.integration_tests import RetrieversIntegrationTests

from copilot.settings import Settings
from copilot.types import SearchResult
from knowledge_base.library import load_library
from knowledge_base.retriever import PassageRetriever
from knowledge_base.search import Search, open_search


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> Search:
    settings = Settings(data=tmp_path_factory.mktemp("retriever"))
    return open_search(settings, load_library(settings.content_dir))


class TestPassageRetriever(RetrieversIntegrationTests):
    """langchain-tests' standard behaviour."""

    @pytest.fixture(autouse=True)
    def _given(self, search: Search) -> None:
        self._search = search

    @property
    def retriever_constructor(self) -> type[PassageRetriever]:
        return PassageRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"search": self._search}

    @property
    def retriever_query_example(self) -> str:
        return "理财到期了钱会自动回到卡里吗"


def test_a_document_carries_its_place(search: Search) -> None:
    best = PassageRetriever(search=search).invoke("理财到期了钱会自动回到卡里吗")[0]
    assert best.id.startswith(best.metadata["document"])
    text = search.library.text(best.metadata["document"])
    assert text[best.metadata["start"] : best.metadata["end"]] == best.page_content


def test_what_is_not_known_gives_nothing() -> None:
    assert PassageRetriever(search=lambda *_, **__: SearchResult(False, ())).invoke("今天天气") == []
