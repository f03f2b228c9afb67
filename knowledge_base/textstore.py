"""A bank's own texts for its own chains, as a langchain vector store: Chroma in this process, with the product's embedder.

Every change is a new generation beside the live one (`generations.py`): two processes that wrote one Chroma folder would lose
texts silently. A reader sees the change at its next question. What is kept here is the chain's own and is never found by the
desk: that takes papers that were screened, dated and recorded (`advisor-copilot import documents`).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from threading import RLock
from typing import Any
from uuid import uuid4

from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import VectorStore
from langchain_core.vectorstores.utils import maximal_marginal_relevance

from copilot.errors import IndexMissing, InputError
from knowledge_base.embed import Embedder
from knowledge_base.generations import Generations, Live
from knowledge_base.store import Opened, changing, open_collection

_CHROMA, _MADE_BY = "chroma", "made-by.txt"
_WHOLE = "_metadata"
"""A text's metadata as it was given; beside it stand its plain values, by which texts are filtered."""
_PLAIN = (str, int, float, bool)
_FETCHED = 20


class OwnEmbeddings(Embeddings):
    """The product's embedder as langchain knows embeddings; `version` tells whether a store was made with it."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.version = embedder.version

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """A unit vector a text."""
        return self._embedder.encode(texts).tolist()  # type: ignore[no-any-return]

    def embed_query(self, text: str) -> list[float]:
        """The same for a question."""
        return self.embed_documents([text])[0]


class TextStore(VectorStore):
    """Texts under `folder`, by meaning. Safe with several threads and processes; scores are cosines."""

    def __init__(self, folder: Path, embedding: Embeddings) -> None:
        self._embedding = embedding
        self._made_by = str(getattr(embedding, "version", ""))
        self._generations = Generations(folder, "add the texts again")
        self._lock = RLock()
        self._live: Live | None = None
        self._open: Opened | None = None

    @property
    def embeddings(self) -> Embeddings:
        """What the texts are embedded with."""
        return self._embedding

    def add_texts(
        self,
        texts: Iterable[str],
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **_: Any,
    ) -> list[str]:
        """Add texts, or replace those whose ids are there already; their ids, made where none is given."""
        given = list(texts)
        beside = metadatas if metadatas is not None else [{} for _ in given]
        wanted: Sequence[str | None] = ids or [None] * len(given)
        named = [known or str(uuid4()) for known in wanted]
        if not len(given) == len(beside) == len(named):
            raise InputError(
                f"{len(given)} texts, {len(beside)} metadata, {len(named)} ids: give one of each for a text"
            )
        if not given:
            return []
        rows = dict(zip(named, zip(given, beside, self._embedding.embed_documents(given), strict=True), strict=True))

        def put(collection: Any) -> None:
            collection.upsert(
                ids=list(rows),
                documents=[text for text, _, _ in rows.values()],
                metadatas=[_kept(metadata) for _, metadata, _ in rows.values()],
                embeddings=[vector for _, _, vector in rows.values()],
            )

        self._change(put)
        return named

    def delete(self, ids: list[str] | None = None, **_: Any) -> bool:
        """Take texts out, all of them when no id is given; ids that are not there are passed over."""
        known = self._now()
        if known is None:
            return True
        gone = ids if ids is not None else known.collection.get(include=[])["ids"]
        if gone:
            self._change(lambda collection: collection.delete(ids=list(dict.fromkeys(gone))))
        return True

    def get_by_ids(self, ids: Sequence[str], /) -> list[Document]:
        """The texts of these ids, in their order, without those that are not there."""
        known = self._now()
        if known is None or not ids:
            return []
        kept = known.collection.get(ids=list(dict.fromkeys(ids)), include=["documents", "metadatas"])
        parts = zip(kept["ids"], kept["documents"], kept["metadatas"], strict=True)
        found = {identity: _document(identity, text, metadata) for identity, text, metadata in parts}
        return [found[one] for one in ids if one in found]

    def similarity_search(
        self, query: str, k: int = 4, *, filter: dict[str, Any] | None = None, **_: Any
    ) -> list[Document]:
        """The `k` nearest texts; `filter` as Chroma takes it, over metadata of one value."""
        return [document for document, _ in self.similarity_search_with_score(query, k, filter=filter)]

    def similarity_search_with_score(
        self, query: str, k: int = 4, *, filter: dict[str, Any] | None = None, **_: Any
    ) -> list[tuple[Document, float]]:
        """The same, each with its cosine."""
        vector = self._embedding.embed_query(query)
        return [(document, score) for document, score, _ in self._near(vector, k, filter)]

    def similarity_search_by_vector(
        self, embedding: list[float], k: int = 4, *, filter: dict[str, Any] | None = None, **_: Any
    ) -> list[Document]:
        """The `k` texts nearest to a vector."""
        return [document for document, _, _ in self._near(embedding, k, filter)]

    def max_marginal_relevance_search(
        self,
        query: str,
        k: int = 4,
        fetch_k: int = _FETCHED,
        lambda_mult: float = 0.5,
        *,
        filter: dict[str, Any] | None = None,
        **_: Any,
    ) -> list[Document]:
        """`k` of the `fetch_k` nearest texts that say different things."""
        import numpy as np

        vector = self._embedding.embed_query(query)
        near = self._near(vector, fetch_k, filter)
        chosen = maximal_marginal_relevance(np.asarray(vector), [v for _, _, v in near], lambda_mult, k) if near else []
        return [near[i][0] for i in chosen]

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings,
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        folder: Path | None = None,
        **_: Any,
    ) -> TextStore:
        """A store under `folder` with these texts in it."""
        if folder is None:
            raise InputError("give `folder`, where the texts are kept")
        store = cls(folder, embedding)
        store.add_texts(texts, metadatas, ids=ids)
        return store

    def _select_relevance_score_fn(self) -> Callable[[float], float]:
        return lambda cosine: min(1.0, max(0.0, cosine))

    def _near(
        self, vector: list[float], k: int, where: dict[str, Any] | None
    ) -> list[tuple[Document, float, list[float]]]:
        known = self._now()
        n = min(k, known.collection.count()) if known is not None else 0
        if known is None or n < 1:
            return []
        parts = ["documents", "metadatas", "distances", "embeddings"]
        found = known.collection.query(query_embeddings=[vector], n_results=n, where=where or None, include=parts)
        rows = zip(found["ids"][0], *(found[part][0] for part in parts), strict=True)
        return [(_document(i, text, metadata), 1.0 - float(far), list(near)) for i, text, metadata, far, near in rows]

    def _change(self, what: Callable[[Any], object]) -> None:
        with self._lock, self._generations.only_writer():
            before = self._held()
            with self._generations.fresh("texts") as draft:
                if before is not None:
                    shutil.copytree(before.folder / _CHROMA, draft / _CHROMA)
                (draft / _MADE_BY).write_text(self._made_by, encoding="utf-8")
                with changing(draft / _CHROMA) as collection:
                    what(collection)

    def _now(self) -> Opened | None:
        """The live texts, opened again when they have changed."""
        with self._lock:
            live = self._held()
            if live is not None and self._open is None:
                self._open = open_collection(live.folder / _CHROMA)
            return self._open

    def _held(self) -> Live | None:
        """The live generation, which nobody removes while it is ours; None before the first text."""
        if self._live is None or self._live.folder.name != self._generations.current():
            if not self._generations.current():
                return None
            live = self._generations.live()
            self._check(live)
            if self._live is not None:
                self._live.lock.close()
            self._live, self._open = live, None
        return self._live

    def _check(self, live: Live) -> None:
        try:
            made_by = (live.folder / _MADE_BY).read_text(encoding="utf-8")
        except OSError as error:
            live.lock.close()
            raise IndexMissing(f"{live.folder}: cannot be read ({error.strerror}); add the texts again") from error
        if made_by != self._made_by:
            live.lock.close()
            raise InputError(f"{live.folder.parent}: made with another embedder; add the texts again in a new folder")


def _kept(metadata: dict[str, Any]) -> dict[str, Any]:
    plain = {key: value for key, value in metadata.items() if isinstance(value, _PLAIN)}
    return {**plain, _WHOLE: json.dumps(metadata, ensure_ascii=False)}


def _document(identity: str, text: str, metadata: dict[str, Any]) -> Document:
    """A text as it was given."""
    return Document(id=identity, page_content=text, metadata=json.loads(metadata[_WHOLE]))
