"""The search as a langchain retriever, for a bank's own chains. A question without an answer gives no document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from copilot.types import Customer, Kind, Passage, SearchResult, Turn


class PassageRetriever(BaseRetriever):
    """Gives the passages of `search` as documents: their text, and beside it id, document, title, span, score, kind and note.

    `k` bounds them; `history`, `kind`, `on` and `customer` may be given with a call, as `search` takes them.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    search: Callable[..., SearchResult]
    k: int = 6

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,
        k: int | None = None,
        history: Sequence[Turn] = (),
        kind: Kind | None = None,
        on: date | None = None,
        customer: Customer | None = None,
        **_: Any,
    ) -> list[Document]:
        found = self.search(query, history=history, top_k=k or self.k, kind=kind, on=on, customer=customer)
        return [_document(p) for p in found.passages] if found.found else []


def _document(passage: Passage) -> Document:
    beside = {
        "document": passage.document,
        "title": passage.title,
        "kind": passage.kind,
        "start": passage.start,
        "end": passage.end,
        "score": passage.score,
        "product": passage.product,
        "page": passage.page,
        "note": passage.note,
    }
    return Document(
        id=passage.id, page_content=passage.text, metadata={k: v for k, v in beside.items() if v is not None}
    )
