"""Each recipe in seconds: it runs, what it writes loads where it will be used, and says something of the right form."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from copilot.drafting.grammar import build, conforms
from copilot.intent import IntentModel
from copilot.types import INTENTS
from knowledge_base.order import NAME, TREES
from training import data, train_drafter, train_embedder, train_intent, train_order
from training.drafter_data import fields_of, prompt_text, template
from training.manifest import file_hash

pytestmark = pytest.mark.model


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no network in tests")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(scope="module")
def drafter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drafter")
    train_drafter.train(folder, toy=True)
    return folder


def test_a_toy_drafter_loads_and_obeys_a_grammar(drafter: Path) -> None:
    from llama_cpp import Llama, LlamaGrammar

    model = Llama(str(drafter / "drafter.gguf"), n_ctx=512, n_threads=1, verbose=False)
    names = ["客户.称呼", "甲.期限"]
    answer = model.create_chat_completion(
        [{"role": "system", "content": "起草回复"}, {"role": "user", "content": "客户 你好"}],
        grammar=LlamaGrammar.from_string(build(names), verbose=False),
        max_tokens=24,
    )
    text = answer["choices"][0]["message"]["content"].strip("�")
    assert not text or conforms(text.rsplit("{", 1)[0] or "。", names)
    recorded = (drafter / "drafter.gguf.sha256").read_text().split()[0]
    assert recorded == file_hash(drafter / "drafter.gguf")


def test_llama_cpp_cuts_as_the_training_did(drafter: Path) -> None:
    from llama_cpp import Llama
    from tokenizers import Tokenizer

    model = Llama(str(drafter / "drafter.gguf"), vocab_only=True, verbose=False)
    tokenizer = Tokenizer.from_file(str(drafter / "tokenizer.json"))
    form = template()
    texts = [prompt_text(form, fields_of(r)) for r in data.load_replies()[:250]] + data.all_texts()[:250]
    different = [t for t in texts if model.tokenize(t.encode(), add_bos=False, special=True) != tokenizer.encode(t).ids]
    assert not different
    assert max(len(tokenizer.decode([i]).encode()) for i in range(tokenizer.get_vocab_size())) <= 24


def test_a_toy_classifier_serves(tmp_path: Path) -> None:
    train_intent.train(tmp_path, toy=True)
    model = IntentModel(tmp_path)
    guess = model.classify("我的钱到期了")
    assert guess.intent in INTENTS
    assert abs(sum(p for _, p in guess.ranked) - 1) < 1e-4
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["figures"]["n"] > 0
    assert manifest["data"] == data.data_hash()


def test_a_toy_embedder_loads_offline(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    train_embedder.train(tmp_path, toy=True)
    model = SentenceTransformer(str(tmp_path), device="cpu", local_files_only=True)
    same, homophone, other = model.encode(["赎回多久到账", "熟回多久到帐", "今天天气真好"])
    assert float(same @ homophone) > float(same @ other)


def test_a_toy_order_is_grown_from_authors_whom_embedder_and_index_have_not_met(tmp_path: Path) -> None:
    import numpy as np

    from copilot.reading.trees import trees_from

    embedder = tmp_path / "embedder"
    train_embedder.train(embedder, toy=True, without=frozenset({"laconic", "retired"}))
    note = train_order.train(tmp_path / "order", toy=True, halves=[(embedder, ("laconic",)), (embedder, ("retired",))])
    with np.load(tmp_path / "order" / TREES) as arrays:
        trees = trees_from(dict(arrays), NAME)
    assert len(trees.roots) == note["trees"]
    figures = note["figures"]
    assert isinstance(figures, dict)
    assert figures["n"] == note["questions"] > 5
    assert 0 < figures["first_look"] <= 1
