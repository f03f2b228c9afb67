"""The bank's own texts as a langchain vector store: langchain's own tests, and what several readers and writers see."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from langchain_core.documents import Document
from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.vectorstores import VectorStore
from langchain_tests.integration_tests import VectorStoreIntegrationTests

from copilot.errors import IndexMissing, InputError
from copilot.settings import Settings
from knowledge_base.embed import load_embedder
from knowledge_base.textstore import OwnEmbeddings, TextStore


class TestTextStore(VectorStoreIntegrationTests):
    """langchain-tests' standard behaviour, sync and async."""

    @pytest.fixture
    def vectorstore(self, tmp_path: Path) -> VectorStore:
        return TextStore(tmp_path / "texts", self.get_embeddings())


TEXTS = ["理财赎回以后几天到账", "信用卡逾期会上征信吗", "黄金积存怎么提金条"]


@pytest.fixture(scope="module")
def embeddings() -> OwnEmbeddings:
    embedder = load_embedder(Settings().embedder_dir)
    if embedder is None:
        pytest.skip("no bundled embedder")
    return OwnEmbeddings(embedder)


@pytest.fixture
def store(tmp_path: Path, embeddings: OwnEmbeddings) -> TextStore:
    kinds = [{"kind": "redeem", "pages": [1, 2]}, {"kind": "card"}, {"kind": "gold"}]
    return TextStore.from_texts(TEXTS, embeddings, kinds, ids=["a", "b", "c"], folder=tmp_path / "texts")


def test_the_nearest_by_meaning_comes_first_with_its_cosine(store: TextStore, embeddings: OwnEmbeddings):
    (first, score), (_, second) = store.similarity_search_with_score("赎回的钱什么时候能到", k=2)
    assert (first.id, first.metadata) == ("a", {"kind": "redeem", "pages": [1, 2]})
    assert 1 >= score > second
    vector = embeddings.embed_query(TEXTS[1])
    assert [d.id for d in store.similarity_search_by_vector(vector, k=1)] == ["b"]
    assert store.similarity_search_with_relevance_scores(TEXTS[1], k=1)[0][1] == pytest.approx(1, abs=1e-4)


def test_a_filter_holds(store: TextStore):
    assert [d.id for d in store.similarity_search("赎回几天到账", filter={"kind": "gold"})] == ["c"]
    assert store.similarity_search("赎回几天到账", filter={"kind": "none"}) == []


def test_different_texts_are_chosen_before_the_same_once_more(store: TextStore):
    store.add_texts([TEXTS[0] + "呢"], ids=["d"])
    chosen = store.max_marginal_relevance_search(TEXTS[0], k=2, lambda_mult=0.1)
    assert {d.id for d in chosen} != {"a", "d"}
    assert [d.id for d in store.as_retriever(search_kwargs={"k": 1}).invoke(TEXTS[2])] == ["c"]


def test_everything_goes_when_no_id_is_given(store: TextStore):
    assert store.delete()
    assert store.similarity_search(TEXTS[0]) == []
    assert store.get_by_ids(["a"]) == []


def test_another_reader_sees_a_change_at_its_next_question(store: TextStore, embeddings: OwnEmbeddings, tmp_path: Path):
    other = TextStore(tmp_path / "texts", embeddings)
    assert [d.id for d in other.get_by_ids(["c", "x", "a"])] == ["c", "a"]
    store.delete(["a"])
    store.add_documents([Document(id="a", page_content="存单可以转让吗")])
    assert other.get_by_ids(["a"])[0].page_content == "存单可以转让吗"
    store.add_texts(["x"])
    assert len(list((tmp_path / "texts").glob("build-*/chroma"))) == 2, "the live one, and the one still read"


def test_writers_at_once_lose_nothing(tmp_path: Path):
    def add(number: int) -> None:
        TextStore(tmp_path, DeterministicFakeEmbedding(size=6)).add_texts([f"text {number}"], ids=[str(number)])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(8)))
    found = TextStore(tmp_path, DeterministicFakeEmbedding(size=6)).get_by_ids([str(n) for n in range(8)])
    assert [d.page_content for d in found] == [f"text {n}" for n in range(8)]


def test_a_change_that_fails_leaves_the_texts(store: TextStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("shutil.copytree", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space"):
        store.add_texts(["x"])
    monkeypatch.undo()
    assert len(store.get_by_ids(["a", "b", "c"])) == 3
    assert not list((tmp_path / "texts").glob("draft-*"))


def test_another_embedder_is_refused(store: TextStore, tmp_path: Path):
    with pytest.raises(InputError, match="another embedder"):
        TextStore(tmp_path / "texts", DeterministicFakeEmbedding(size=6)).similarity_search("x")
    assert store.similarity_search("赎回几天到账")


def test_a_damaged_store_is_named(store: TextStore, embeddings: OwnEmbeddings, tmp_path: Path):
    next((tmp_path / "texts").glob("build-*/made-by.txt")).unlink()
    with pytest.raises(IndexMissing, match="add the texts again"):
        TextStore(tmp_path / "texts", embeddings).similarity_search("x")


@pytest.mark.parametrize("more", [{"metadatas": [{}]}, {"ids": ["1"]}])
def test_one_of_each_for_a_text(store: TextStore, more: dict[str, list[object]]):
    with pytest.raises(InputError, match="one of each"):
        store.add_texts(["x", "y"], **more)
    assert store.add_texts([]) == []


def test_a_store_needs_a_place(embeddings: OwnEmbeddings):
    with pytest.raises(InputError, match="folder"):
        TextStore.from_texts(["x"], embeddings)
